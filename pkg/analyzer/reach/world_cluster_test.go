package reach_test

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// addClusterPolicies adds policies with tiers, of all kinds, none with the
// priority of another.
func (w *world) addClusterPolicies() {
	for i := range w.r.IntN(4) {
		spec := model.ClusterNetworkPolicySpec{Priority: int32(i*7 + w.r.IntN(7)), Subject: w.clusterPods()} //nolint:gosec // small
		kinds := []model.GroupKind{
			model.KindAdminNetworkPolicy, model.KindClusterNetworkPolicy, model.KindAWSClusterNetworkPolicy, model.KindBaselineAdminNetworkPolicy,
		}
		gk := kinds[w.r.IntN(len(kinds))]
		name, tier := fmt.Sprintf("cnp%d", i), w.one("Admin", "Baseline")
		actions := []string{"Accept", "Deny", "Pass"}
		switch gk {
		case model.KindAdminNetworkPolicy:
			tier, actions[0] = "Admin", "Allow"
		case model.KindBaselineAdminNetworkPolicy:
			if i > 0 {
				continue // there is one of them
			}
			name, tier, actions, spec.Priority = "default", "Baseline", []string{"Allow", "Deny"}, 0
		case model.KindAWSClusterNetworkPolicy:
			tier, spec.Tier = "Admin", "Admin" // its Baseline is in doubt beside other policies
		default:
			spec.Tier = tier
		}
		for range w.r.IntN(4) {
			spec.Ingress = append(spec.Ingress, w.clusterRule(gk, false, actions))
			spec.Egress = append(spec.Egress, w.clusterRule(gk, true, actions))
		}
		w.oracle.cluster = append(w.oracle.cluster, clusterOracle{tier, spec})
		w.add(gk, &model.ClusterNetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}, "", name)
	}
}

func (w *world) clusterPods() model.ClusterNetworkPolicyPods {
	if w.r.IntN(2) == 0 {
		return model.ClusterNetworkPolicyPods{Namespaces: &model.ClusterNetworkPolicyNamespaces{LabelSelector: *w.selector("env")}}
	}
	return model.ClusterNetworkPolicyPods{Pods: &model.NamespacedPods{NamespaceSelector: w.selector("env"), PodSelector: *w.selector("app")}}
}

func (w *world) clusterRule(gk model.GroupKind, egress bool, actions []string) model.ClusterNetworkPolicyRule {
	r := model.ClusterNetworkPolicyRule{Action: actions[w.r.IntN(len(actions))]}
	var peers []model.ClusterNetworkPolicyPeer
	kinds := 3 // of ports: addresses have no names
	for range 1 + w.r.IntN(2) {
		p := model.ClusterNetworkPolicyPeer{ClusterNetworkPolicyPods: w.clusterPods()}
		if egress && w.r.IntN(3) == 0 {
			p = model.ClusterNetworkPolicyPeer{Networks: []string{w.one("0.0.0.0/0", "10.0.0.0/24", "10.0.0.8/29", "192.0.2.0/24", "::/0")}}
			if gk != model.KindAWSClusterNetworkPolicy {
				kinds = 2
			}
		}
		peers = append(peers, p)
	}
	r.From = peers
	if egress {
		r.From, r.To = nil, peers
	}
	for range w.r.IntN(3) {
		if gk == model.KindClusterNetworkPolicy {
			r.Protocols = append(r.Protocols, w.clusterProtocol(kinds+2))
			continue
		}
		r.Ports = append(r.Ports, w.clusterPort(kinds))
	}
	return r
}

func (w *world) clusterPort(kinds int) model.ClusterNetworkPolicyPort {
	protocol := w.one("TCP", "UDP", "SCTP")
	switch w.r.IntN(kinds) {
	case 2:
		return model.ClusterNetworkPolicyPort{NamedPort: w.one("http", "dns", "absent")}
	case 1:
		return model.ClusterNetworkPolicyPort{PortRange: &model.ProtocolPorts{Protocol: protocol, Start: 80, End: 443}}
	default:
		return model.ClusterNetworkPolicyPort{PortNumber: &model.ProtocolPort{Protocol: protocol, Port: testPorts[w.r.IntN(len(testPorts))]}}
	}
}

func (w *world) clusterProtocol(kinds int) model.ClusterNetworkPolicyProtocol {
	port := &model.DestinationPorts{DestinationPort: &model.PortOrRange{Number: testPorts[w.r.IntN(len(testPorts))]}}
	switch w.r.IntN(kinds) {
	case 4:
		return model.ClusterNetworkPolicyProtocol{DestinationNamedPort: w.one("http", "dns", "absent")}
	case 1:
		return model.ClusterNetworkPolicyProtocol{TCP: &model.DestinationPorts{}}
	case 2:
		return model.ClusterNetworkPolicyProtocol{UDP: port}
	case 3:
		return model.ClusterNetworkPolicyProtocol{SCTP: &model.DestinationPorts{DestinationPort: &model.PortOrRange{Range: &model.ProtocolPorts{Start: 1, End: 81}}}}
	default:
		return model.ClusterNetworkPolicyProtocol{TCP: port}
	}
}

// addCilium adds policies of Cilium, and an engine that judges blocks of
// addresses by them.
func (w *world) addCilium(namespaces []string) {
	w.add(model.KindDaemonSet, &appsv1.DaemonSet{}, "kube-system", "calico-node")
	for i := range w.r.IntN(3) {
		rule := model.CiliumRule{EndpointSelector: w.ciliumSelector(namespaces)}
		for range w.r.IntN(3) {
			rule.Ingress = append(rule.Ingress, w.ciliumRule(namespaces, false))
		}
		if w.r.IntN(3) == 0 {
			rule.IngressDeny = append(rule.IngressDeny, w.ciliumRule(namespaces, false))
			rule.EgressDeny = append(rule.EgressDeny, w.ciliumRule(namespaces, true))
		}
		for range w.r.IntN(3) {
			rule.Egress = append(rule.Egress, w.ciliumRule(namespaces, true))
		}
		if w.r.IntN(3) == 0 {
			deny := w.r.IntN(2) == 0
			rule.EnableDefaultDeny.Egress = &deny
		}
		object := &model.CiliumNetworkPolicy{Spec: &rule}
		if w.r.IntN(2) == 0 {
			object.Spec, object.Specs = nil, []model.CiliumRule{rule}
		}
		gk, namespace := model.KindCiliumClusterwideNetworkPolicy, ""
		if w.r.IntN(2) == 0 {
			gk, namespace = model.KindCiliumNetworkPolicy, namespaces[w.r.IntN(len(namespaces))]
		}
		w.oracle.cilium = append(w.oracle.cilium, ciliumOracle{namespace, rule})
		w.add(gk, object, namespace, fmt.Sprintf("cilium%d", i))
	}
}

func (w *world) ciliumSelector(namespaces []string) *metav1.LabelSelector {
	labels := map[string]string{}
	if w.r.IntN(2) == 0 {
		labels[w.one("app", "k8s:app")] = w.one("a", "b")
	}
	switch w.r.IntN(4) {
	case 0:
		labels["k8s:io.kubernetes.pod.namespace"] = namespaces[w.r.IntN(len(namespaces))]
	case 1:
		labels["io.cilium.k8s.namespace.labels.env"] = w.one("prod", "dev")
	}
	return &metav1.LabelSelector{MatchLabels: labels}
}

func (w *world) ciliumRule(namespaces []string, egress bool) model.CiliumDirectionRule {
	var r model.CiliumDirectionRule
	endpoints, cidrs, entities := &r.FromEndpoints, &r.FromCIDRSet, &r.FromEntities
	if egress {
		endpoints, cidrs, entities = &r.ToEndpoints, &r.ToCIDRSet, &r.ToEntities
	}
	switch w.r.IntN(5) {
	case 0:
		*cidrs = []model.CiliumCIDR{{CIDR: "0.0.0.0/0", Except: []string{"192.0.2.0/24"}}}
	case 1:
		*entities = []string{w.one("all", "world")}
	case 2: // ports only
	case 3:
		*endpoints = []metav1.LabelSelector{}
	default:
		*endpoints = []metav1.LabelSelector{*w.ciliumSelector(namespaces)}
	}
	numbers := []string{"0", "80", "443", "http"}
	if egress {
		numbers = numbers[:3] // versions differ on names
	}
	for range w.r.IntN(3) {
		var list model.CiliumPortRule
		for range w.r.IntN(4) {
			list.Ports = append(list.Ports, model.CiliumPort{Port: w.one(numbers...), Protocol: w.one("", "ANY", "TCP", "UDP")})
		}
		r.ToPorts = append(r.ToPorts, list)
	}
	return r
}
