package graph

import (
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// SplitPeer are two neighbouring peers of a rule that name namespaces and pods
// apart, so that either is enough, where only both together name something.
type SplitPeer struct {
	Direction networkingv1.PolicyType
	// Namespaces and Pods lead to the two peers.
	Namespaces, Pods model.Path
	// Rule is the number of the rule.
	Rule int
	// Together are the workloads that one peer with both selectors would name.
	Together []*Workload
}

// SplitPeers returns the split peers of a policy whose podSelector, which alone
// asks for pods of the policy's own namespace, selects none there, while it
// does in the namespaces that the other peer selects.
func (g *Graph) SplitPeers(p *Policy) []SplitPeer {
	var out []SplitPeer
	for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
		field := "from"
		if direction == networkingv1.PolicyTypeEgress {
			field = "to"
		}
		for i, r := range p.Rules(direction) {
			for n := 1; n < len(r.Peers); n++ {
				s, ok := g.splitPeer(p, r.Path().Child(field), r.Peers, n)
				if ok {
					s.Direction, s.Rule = direction, i
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// splitPeer looks at the peers n-1 and n, in either order.
func (g *Graph) splitPeer(p *Policy, at model.Path, peers []networkingv1.NetworkPolicyPeer, n int) (SplitPeer, bool) {
	namespaces, pods := n-1, n
	if peers[namespaces].NamespaceSelector == nil {
		namespaces, pods = n, n-1
	}
	ns, pod := peers[namespaces], peers[pods]
	switch {
	case ns.NamespaceSelector == nil || ns.PodSelector != nil || ns.IPBlock != nil,
		pod.PodSelector == nil || pod.NamespaceSelector != nil || pod.IPBlock != nil,
		p.resource.IsUnknown(at...):
		return SplitPeer{}, false
	}
	selector := SelectorOf(pod.PodSelector)
	alone, near := g.podMatches(selector, []*Namespace{g.Namespace(p.Ref().Namespace)}, false)
	if selector.Empty() || alone != model.No || near != nil {
		return SplitPeer{}, false
	}
	together, _ := g.peerPods(p, at, networkingv1.NetworkPolicyPeer{NamespaceSelector: ns.NamespaceSelector, PodSelector: pod.PodSelector})
	return SplitPeer{
		Namespaces: at.Child(strconv.Itoa(namespaces)), Pods: at.Child(strconv.Itoa(pods)), Together: together,
	}, len(together) > 0
}
