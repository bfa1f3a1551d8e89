package reach_test

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// oracle judges one packet at a time, straight from the comments of
// networking/v1. It knows no classes, no sets and no unknowns.
type oracle struct {
	namespaces map[string]map[string]string
	policies   []*networkingv1.NetworkPolicy
	// cluster are the policies with tiers, of different priorities.
	cluster []clusterOracle
	cilium  []ciliumOracle
}

// node is a pod, or an address outside the cluster when pod is nil.
type node struct {
	pod     *corev1.Pod
	address netip.Addr
}

func (o oracle) allowed(from, to node, protocol corev1.Protocol, port int32) bool {
	if from.pod != nil && from.pod == to.pod {
		return true
	}
	return o.admits(from, to, to, networkingv1.PolicyTypeEgress, protocol, port) &&
		o.admits(to, from, to, networkingv1.PolicyTypeIngress, protocol, port)
}

// admits asks the tiers one after the other.
func (o oracle) admits(subject, peer, receiver node, direction networkingv1.PolicyType, protocol corev1.Protocol, port int32) bool {
	if subject.pod == nil {
		return true
	}
	switch o.tier("Admin", subject, peer, receiver, direction, protocol, port) {
	case "accept":
		return true
	case "deny":
		return false
	}
	isolated, admitted := o.isolation(subject, peer, receiver, direction, protocol, port)
	also, granted, denied := o.ciliumSays(subject, peer, receiver, direction, protocol, port)
	switch {
	case denied:
		return false
	case isolated || also:
		return admitted || granted
	default:
		return o.tier("Baseline", subject, peer, receiver, direction, protocol, port) != "deny"
	}
}

// isolation is what the NetworkPolicies say.
func (o oracle) isolation(subject, peer, receiver node, direction networkingv1.PolicyType, protocol corev1.Protocol, port int32) (isolated, admitted bool) {
	for _, p := range o.policies {
		if subject.pod == nil || p.Namespace != subject.pod.Namespace || !selects(&p.Spec.PodSelector, subject.pod.Labels) {
			continue
		}
		types := p.Spec.PolicyTypes
		if len(types) == 0 {
			types = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
			if len(p.Spec.Egress) > 0 {
				types = append(types, networkingv1.PolicyTypeEgress)
			}
		}
		if !slices.Contains(types, direction) {
			continue
		}
		isolated = true
		if direction == networkingv1.PolicyTypeIngress {
			for _, r := range p.Spec.Ingress {
				if o.peerMatches(p.Namespace, r.From, peer) && portMatches(r.Ports, receiver, protocol, port) {
					return true, true
				}
			}
			continue
		}
		for _, r := range p.Spec.Egress {
			if o.peerMatches(p.Namespace, r.To, peer) && portMatches(r.Ports, receiver, protocol, port) {
				return true, true
			}
		}
	}
	return isolated, false
}

func (o oracle) peerMatches(own string, peers []networkingv1.NetworkPolicyPeer, n node) bool {
	if len(peers) == 0 {
		return true
	}
	for _, p := range peers {
		if p.IPBlock != nil {
			in := netip.MustParsePrefix(p.IPBlock.CIDR).Contains(n.address)
			for _, except := range p.IPBlock.Except {
				in = in && !netip.MustParsePrefix(except).Contains(n.address)
			}
			if in {
				return true
			}
			continue
		}
		if n.pod == nil {
			continue
		}
		inNamespace := n.pod.Namespace == own
		if p.NamespaceSelector != nil {
			inNamespace = selects(p.NamespaceSelector, o.namespaces[n.pod.Namespace])
		}
		if inNamespace && (p.PodSelector == nil || selects(p.PodSelector, n.pod.Labels)) {
			return true
		}
	}
	return false
}

func portMatches(ports []networkingv1.NetworkPolicyPort, receiver node, protocol corev1.Protocol, port int32) bool {
	if len(ports) == 0 {
		return true
	}
	for _, p := range ports {
		want := corev1.ProtocolTCP
		if p.Protocol != nil {
			want = *p.Protocol
		}
		if want != protocol {
			continue
		}
		switch {
		case p.Port == nil:
			return true
		case p.Port.Type == intstr.String:
			if receiver.pod != nil && hasPort(receiver.pod, p.Port.StrVal, protocol, port) {
				return true
			}
		case p.EndPort != nil:
			if p.Port.IntVal <= port && port <= *p.EndPort {
				return true
			}
		case p.Port.IntVal == port:
			return true
		}
	}
	return false
}

func hasPort(pod *corev1.Pod, name string, protocol corev1.Protocol, port int32) bool {
	for _, c := range pod.Spec.Containers {
		for _, p := range c.Ports {
			if p.Name == name && p.Protocol == protocol && p.ContainerPort == port {
				return true
			}
		}
	}
	return false
}

func selects(s *metav1.LabelSelector, set map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		panic(err)
	}
	return selector.Matches(labels.Set(set))
}
