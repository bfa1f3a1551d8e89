package reach

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// CutOff returns the policy to edit when the policies of a workload certainly
// admit no connection from its pods to any of the endpoints although they let
// the pods out to others; else nil. Pods that nothing lets out are cut off on
// purpose.
func (e *Engine) CutOff(w *graph.Workload, to []int, ports netset.Ports) *graph.Policy {
	policy := e.graph.Isolating(w, networkingv1.PolicyTypeEgress)
	number, ok := e.Number(w)
	if policy == nil || !ok || !w.Enforceable() || w.Holder().IsUnknown(w.PathTo("spec", "hostNetwork")...) ||
		!e.EgressBlocked(number, to, ports) || !e.graph.LetsOut(w) {
		return nil
	}
	return policy
}

// EgressBlocked reports whether the policies of one endpoint certainly admit no
// connection from it to any of the others, whatever those admit. Its own number
// among them does not count. It is false when there is no other, and where a
// rule denies: more rules that admit would not help.
func (e *Engine) EgressBlocked(from int, to []int, ports netset.Ports) bool {
	asked := 0
	for _, t := range to {
		if t == from {
			continue
		}
		asked++
		// Between is cheap, and what it admits is not blocked.
		if !e.Between(from, t).Possible.Intersect(ports).IsEmpty() || !e.egressBlocked(from, t, ports) {
			return false
		}
	}
	return asked > 0
}

func (e *Engine) egressBlocked(from, to int, ports netset.Ports) bool {
	a := e.Ask(from, to, ports)
	return a.Verdict == Blocked && len(a.Hops) > 0 && a.Hops[0].Direction == Egress && a.Hops[0].Verdict == model.No &&
		!slices.ContainsFunc(a.Hops[0].Decisions, func(d Decision) bool { return d.Denies })
}
