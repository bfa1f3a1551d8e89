package reachdiff

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// hops are one side of a connection in both states.
type hops [2]reach.Hop

// causes are the lines that open or close a connection of two units.
func (w *walk) causes(e effect, from, to unit) []Cause {
	ports := w.ports.Ports(e.ports)
	decisive := w.decisive(e, from, to, ports)
	if len(decisive) == 0 {
		// Each side refuses some of the ports. One of them refuses the first.
		decisive = w.decisive(e, from, to, first(ports))
	}
	var out []Cause
	for _, h := range decisive {
		if e.opened {
			out = append(out, w.opens(h)...)
		} else {
			out = append(out, w.closes(h)...)
		}
	}
	return out
}

// decisive are the sides that refuse all of the ports in the state in which the
// connection is closed.
func (w *walk) decisive(e effect, from, to unit, ports netset.Ports) []hops {
	var answers [2]reach.Answer
	for s := range answers {
		answers[s] = w.sides[s].engine.Ask(int(from.at[s]), int(to.at[s]), ports)
	}
	closed := New
	if e.opened {
		closed = Old
	}
	var out []hops
	for i, h := range answers[closed].Hops {
		if h.Verdict == model.No {
			out = append(out, hops{answers[Old].Hops[i], answers[New].Hops[i]})
		}
	}
	return out
}

// first is the lowest port of the first protocol.
func first(ports netset.Ports) netset.Ports {
	for _, p := range netset.Protocols() {
		if list := ports.Intervals(p); len(list) > 0 {
			return netset.PortRange(p, list[0].First, list[0].First)
		}
	}
	return ports
}

// opens names the rules that admit or, where nothing isolates any more, what
// did.
func (w *walk) opens(h hops) []Cause {
	out := causesOf(New, h[New].Decisions, model.Yes, func(reach.Decision) string { return "admits it" })
	if len(out) > 0 {
		return out
	}
	pods := h[New].Endpoint.Workload
	if pods.HostNetwork() {
		return []Cause{{
			State: New, Resource: pods.Holder(), At: pods.PathTo("spec", "hostNetwork"),
			Why: "the pods use the node's network, which no policy protects",
		}}
	}
	return causesOf(Old, h[Old].Decisions, model.No, func(d reach.Decision) string {
		return was(d) + ", and " + w.fate(d.Policy, pods, h[Old].Direction)
	})
}

func was(d reach.Decision) string {
	if d.Denies {
		return "denied it"
	}
	return "isolated the pods"
}

// fate says what the new state made of a policy that isolated the pods, or
// denied the connection.
func (w *walk) fate(p graph.Object, pods *graph.Workload, direction reach.Direction) string {
	found := w.sides[New].graph.Lookup(p.Ref())
	now, ok := found.(*graph.Policy)
	kind := networkingv1.PolicyTypeIngress
	if direction == reach.Egress {
		kind = networkingv1.PolicyTypeEgress
	}
	switch {
	case found == nil:
		return "is gone"
	case !ok:
		return "does so no more"
	case now.Selects(pods) == model.No:
		return "selects them no more"
	case now.Isolates(kind) == model.No:
		return "isolates for " + direction.String() + " no more"
	default:
		return "does so no more"
	}
}

// closes names the policies that isolate now, after the rules that admitted.
func (w *walk) closes(h hops) []Cause {
	out := causesOf(Old, h[Old].Decisions, model.Yes, func(d reach.Decision) string {
		if w.sides[New].graph.Lookup(d.Policy.Ref()) == nil {
			return "admitted it, and the policy is gone"
		}
		return "admitted it"
	})
	isolates := func(d reach.Decision) string {
		if d.Denies {
			return "denies it"
		}
		return "isolates the pods: " + d.Why
	}
	now := h[New].Decisions
	own := slices.DeleteFunc(slices.Clone(now), func(d reach.Decision) bool {
		return !slices.ContainsFunc(out, func(c Cause) bool { return c.Resource.Ref == d.Policy.Ref() })
	})
	// Of many policies that isolate, the one that admitted is the one to look at.
	if len(own) > 0 {
		now = own
	}
	return append(out, causesOf(New, now, model.No, isolates)...)
}

func causesOf(s State, decisions []reach.Decision, verdict model.Tri, why func(reach.Decision) string) []Cause {
	var out []Cause
	for _, d := range decisions {
		if d.Verdict == verdict {
			out = append(out, Cause{State: s, Resource: d.Policy.Resource(), At: d.At, Why: why(d)})
		}
	}
	return out
}
