package graph

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// LetsOut reports whether some policy of the workload may admit a connection
// from its pods to something else, whether or not the input shows what. Pods
// that nothing lets out are cut off on purpose.
func (g *Graph) LetsOut(w *Workload) bool {
	for _, p := range g.PoliciesOf(w) {
		if p.Egress == model.No {
			continue
		}
		if p.resource.IsUnknown("spec", "egress") {
			return true
		}
		for _, rule := range p.spec.Egress {
			if len(rule.To) == 0 || g.namesOthers(w, rule.To) {
				return true
			}
		}
	}
	return false
}

// namesOthers reports whether one of the peers names more than the workload.
func (g *Graph) namesOthers(w *Workload, peers []networkingv1.NetworkPolicyPeer) bool {
	for _, peer := range peers {
		if peer.NamespaceSelector != nil || peer.PodSelector == nil {
			return true
		}
		yes, maybe := g.Matching(w.Ref().Namespace, SelectorOf(peer.PodSelector))
		if len(maybe) > 0 || len(yes) != 1 || yes[0] != w {
			return true
		}
	}
	return false
}

// Isolating returns the first policy that isolates the pods in a direction and
// has rules, as this is where one more belongs, else the first that isolates;
// nil when none certainly does.
func (g *Graph) Isolating(w *Workload, direction networkingv1.PolicyType) *Policy {
	var first *Policy
	for _, p := range g.PoliciesOf(w) {
		switch {
		case p.Isolates(direction) != model.Yes:
		case len(p.rules(direction)) > 0:
			return p
		case first == nil:
			first = p
		}
	}
	return first
}
