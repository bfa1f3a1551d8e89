package reach

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Verdict is the answer to whether a connection can be made.
type Verdict string

// The verdicts.
const (
	Open    Verdict = "open"
	Blocked Verdict = "blocked"
	// NotKnown is the verdict where the input does not decide. An answer then
	// names what is missing.
	NotKnown Verdict = "unknown"
)

// Answer says whether an endpoint can talk to another, and why.
type Answer struct {
	From, To Endpoint
	// Asked are the ports that were asked for.
	Asked   netset.Ports
	Verdict Verdict
	// Through are the objects on the way to the pods, in their order.
	Through []Step
	// Connection is what is admitted of the ports that were asked for.
	Connection Connection
	// Hops are the egress of From and the ingress of To, as far as they are
	// pods.
	Hops []Hop
	// Reasons explain what no single hop does: why the verdict is unknown, or
	// blocked although both sides admit something.
	Reasons []string
}

// Ask answers whether an endpoint can talk to another on some of the ports.
func (e *Engine) Ask(from, to int, ports netset.Ports) Answer {
	c := e.Between(from, to)
	c = Connection{c.Certain.Intersect(ports), c.Possible.Intersect(ports)}
	out := Answer{From: e.endpoints.At(from), To: e.endpoints.At(to), Asked: ports, Connection: c, Verdict: NotKnown}
	switch {
	case out.From.Workload == nil && out.To.Workload == nil:
		out.Reasons = []string{"both ends lie outside the cluster"}
		return out
	case !c.Certain.IsEmpty():
		out.Verdict = Open
	case c.Possible.IsEmpty():
		out.Verdict = Blocked
	}
	if from == to && out.From.single() {
		out.Reasons = []string{"a pod always reaches itself"}
		return out
	}
	if out.From.Workload != nil {
		out.Hops = append(out.Hops, e.hop(Egress, from, to, to, ports))
	}
	if out.To.Workload != nil {
		out.Hops = append(out.Hops, e.hop(Ingress, to, from, to, ports))
	}
	out.explain()
	out.doubt(e.graph.Snapshot())
	return out
}

// explain adds the reasons that lie between the hops.
func (a *Answer) explain() {
	admitted := 0
	for _, h := range a.Hops {
		peer := a.To
		if h.Direction == Ingress {
			peer = a.From
		}
		if h.Verdict == model.Unknown && peer.hostNetwork() {
			a.addReason(fmt.Sprintf("%s may share a node with %s, and a pod and its own node reach each other", h.Endpoint, peer))
		}
		if h.Verdict == model.Yes {
			admitted++
		}
	}
	switch closed := slices.ContainsFunc(a.Hops, func(h Hop) bool { return h.Verdict == model.No }); {
	case a.Verdict == Open || closed:
	case a.Verdict == Blocked:
		a.addReason("the two sides admit no common port")
	case admitted == len(a.Hops):
		a.addReason("whether the two sides admit a common port is not known")
	}
}

// doubt takes a verdict back that policies which the input does not show may
// change. Policies add up: they isolate what is open and admit what is
// isolated, each on its own side. One known side that does not admit is enough.
func (a *Answer) doubt(s *model.Snapshot) {
	var unknown []string
	refused := false
	for i := range a.Hops {
		h := &a.Hops[i]
		if h.Endpoint.hostNetwork() {
			continue
		}
		if why := missingPolicies(s, h.Endpoint.Workload.Ref().Namespace); why != "" {
			h.PoliciesMissing = true
			unknown = append(unknown, why)
			continue
		}
		refused = refused || h.Verdict == model.No
	}
	if refused || len(unknown) == 0 {
		return
	}
	a.Verdict = NotKnown
	for _, why := range unknown {
		a.addReason(why)
	}
}

// missingPolicies says why the policies of a namespace are not known; nothing
// when they are. A policy that cannot be evaluated counts also where the input
// is declared complete.
func missingPolicies(s *model.Snapshot, namespace string) string {
	if opaque, ok := s.Obscured(model.Policies, namespace); ok {
		return opaque.Why
	}
	if s.Knows(model.Policies, namespace) == model.NotKnown {
		return fmt.Sprintf("the input does not show the policies of namespace %q", namespace)
	}
	return ""
}

func (a *Answer) addReason(why string) {
	if !slices.Contains(a.Reasons, why) {
		a.Reasons = append(a.Reasons, why)
	}
}

// Admitting are the decisions of one side that admit a connection; none unless
// the side certainly admits it.
func (a Answer) Admitting(d Direction) []Decision {
	for _, h := range a.Hops {
		if h.Direction == d && h.Verdict == model.Yes {
			return slices.DeleteFunc(slices.Clone(h.Decisions), func(x Decision) bool { return x.Verdict != model.Yes })
		}
	}
	return nil
}
