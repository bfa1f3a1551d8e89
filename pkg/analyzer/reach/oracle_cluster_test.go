package reach_test

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// clusterOracle is a policy with a tier. spec is read as its API says.
type clusterOracle struct {
	tier string
	spec model.ClusterNetworkPolicySpec
}

// tier asks the policies of a tier by their priority, and their rules in their
// order. It returns accept, deny, or nothing when the next tier decides.
func (o oracle) tier(name string, subject, peer, receiver node, direction networkingv1.PolicyType, protocol corev1.Protocol, port int32) string {
	policies := slices.Clone(o.cluster)
	slices.SortStableFunc(policies, func(a, b clusterOracle) int { return cmp.Compare(a.spec.Priority, b.spec.Priority) })
	for _, p := range policies {
		if p.tier != name || !o.clusterPods(p.spec.Subject, subject) {
			continue
		}
		rules := p.spec.Ingress
		if direction == networkingv1.PolicyTypeEgress {
			rules = p.spec.Egress
		}
		for _, r := range rules {
			if !o.clusterPeer(slices.Concat(r.From, r.To), peer) || !clusterPort(r, receiver, protocol, port) {
				continue
			}
			return map[string]string{"Accept": "accept", "Allow": "accept", "Deny": "deny", "Pass": ""}[r.Action]
		}
	}
	return ""
}

func (o oracle) clusterPods(p model.ClusterNetworkPolicyPods, n node) bool {
	if n.pod == nil {
		return false
	}
	if p.Pods != nil {
		return selects(p.Pods.NamespaceSelector, o.namespaces[n.pod.Namespace]) && selects(&p.Pods.PodSelector, n.pod.Labels)
	}
	return selects(&p.Namespaces.LabelSelector, o.namespaces[n.pod.Namespace])
}

func (o oracle) clusterPeer(peers []model.ClusterNetworkPolicyPeer, n node) bool {
	return slices.ContainsFunc(peers, func(p model.ClusterNetworkPolicyPeer) bool {
		if len(p.Networks) > 0 {
			return slices.ContainsFunc(p.Networks, func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(n.address) })
		}
		return o.clusterPods(p.ClusterNetworkPolicyPods, n)
	})
}

func clusterPort(r model.ClusterNetworkPolicyRule, receiver node, protocol corev1.Protocol, port int32) bool {
	named := func(name string) bool { return receiver.pod != nil && hasPort(receiver.pod, name, protocol, port) }
	for _, p := range r.Ports {
		switch {
		case p.PortNumber != nil && p.PortNumber.Protocol == string(protocol) && p.PortNumber.Port == port:
			return true
		case p.PortRange != nil && p.PortRange.Protocol == string(protocol) && p.PortRange.Start <= port && port <= p.PortRange.End:
			return true
		case p.NamedPort != "" && named(p.NamedPort):
			return true
		}
	}
	for _, p := range r.Protocols {
		d := map[corev1.Protocol]*model.DestinationPorts{"TCP": p.TCP, "UDP": p.UDP, "SCTP": p.SCTP}[protocol]
		switch {
		case p.DestinationNamedPort != "" && named(p.DestinationNamedPort):
			return true
		case d == nil:
		case d.DestinationPort == nil:
			return true
		case d.DestinationPort.Number == port:
			return true
		case d.DestinationPort.Range != nil && d.DestinationPort.Range.Start <= port && port <= d.DestinationPort.Range.End:
			return true
		}
	}
	return len(r.Ports)+len(r.Protocols) == 0
}

// ciliumOracle is a policy of Cilium; namespace is empty for a clusterwide one.
type ciliumOracle struct {
	namespace string
	rule      model.CiliumRule
}

// ciliumSays: whether policies of Cilium isolate, admit and deny.
func (o oracle) ciliumSays(subject, peer, receiver node, direction networkingv1.PolicyType, protocol corev1.Protocol, port int32) (isolated, admitted, denied bool) {
	for _, p := range o.cilium {
		labels := maps.Clone(p.rule.EndpointSelector.MatchLabels)
		if p.namespace != "" {
			delete(labels, "k8s:io.kubernetes.pod.namespace") // it is overwritten
		}
		if !o.ciliumPod(p.namespace, labels, subject) || p.namespace != "" && subject.pod.Namespace != p.namespace {
			continue
		}
		allow, refuse, written := p.rule.Ingress, p.rule.IngressDeny, p.rule.EnableDefaultDeny.Ingress
		if direction == networkingv1.PolicyTypeEgress {
			allow, refuse, written = p.rule.Egress, p.rule.EgressDeny, p.rule.EnableDefaultDeny.Egress
		}
		if len(allow)+len(refuse) > 0 && (written == nil || *written) {
			isolated = true
		}
		names := func(r model.CiliumDirectionRule) bool {
			return o.ciliumPeer(p.namespace, r, peer) && ciliumPort(r, receiver, protocol, port)
		}
		admitted = admitted || slices.ContainsFunc(allow, names)
		denied = denied || slices.ContainsFunc(refuse, names)
	}
	return isolated, admitted, denied
}

func (o oracle) ciliumPod(own string, labels map[string]string, n node) bool {
	if n.pod == nil {
		return false
	}
	inOwn := true
	for key, value := range labels {
		key = strings.TrimPrefix(key, "k8s:")
		got := n.pod.Labels[key]
		if key == "io.kubernetes.pod.namespace" {
			got, inOwn = n.pod.Namespace, false
		}
		if name, ok := strings.CutPrefix(key, "io.cilium.k8s.namespace.labels."); ok {
			got, inOwn = o.namespaces[n.pod.Namespace][name], false
		}
		if got != value {
			return false
		}
	}
	return !inOwn || own == "" || own == n.pod.Namespace
}

func (o oracle) ciliumPeer(own string, r model.CiliumDirectionRule, n node) bool {
	endpoints, cidrs := slices.Concat(r.FromEndpoints, r.ToEndpoints), slices.Concat(r.FromCIDRSet, r.ToCIDRSet)
	entities := slices.Concat(r.FromEntities, r.ToEntities)
	if len(endpoints)+len(cidrs)+len(entities) == 0 && r.FromEndpoints == nil && r.ToEndpoints == nil {
		return len(r.ToPorts) > 0
	}
	for _, s := range endpoints {
		if o.ciliumPod(own, s.MatchLabels, n) {
			return true
		}
	}
	for _, entity := range entities {
		if entity == "all" || entity == "world" && n.pod == nil {
			return true
		}
	}
	return n.pod == nil && slices.ContainsFunc(cidrs, func(s model.CiliumCIDR) bool {
		return netip.MustParsePrefix(s.CIDR).Contains(n.address) && !slices.ContainsFunc(s.Except, func(text string) bool {
			return netip.MustParsePrefix(text).Contains(n.address)
		})
	})
}

func ciliumPort(r model.CiliumDirectionRule, receiver node, protocol corev1.Protocol, port int32) bool {
	for _, list := range r.ToPorts {
		for _, p := range list.Ports {
			if p.Protocol != "" && p.Protocol != "ANY" && p.Protocol != string(protocol) {
				continue
			}
			number := map[string]int32{"0": 0, "80": 80, "443": 443, "8080": 8080}
			first, numeric := number[p.Port]
			switch {
			case !numeric && receiver.pod != nil && hasPort(receiver.pod, p.Port, protocol, port):
				return true
			case numeric && (first == 0 || first == port || first <= port && port <= p.EndPort):
				return true
			}
		}
	}
	return len(r.ToPorts) == 0
}
