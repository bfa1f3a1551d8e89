package reach

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Hop is one side of a connection.
type Hop struct {
	Endpoint  Endpoint
	Direction Direction
	// Verdict is Yes when the side admits some of the ports asked for.
	Verdict model.Tri
	// Decisions are the rules that admit, when the verdict is Yes, and else
	// every policy that isolates or may isolate. None means that no policy
	// isolates the endpoint.
	Decisions []Decision
}

// Decision is what one policy says: a NetworkPolicy admits a connection, does
// not admit it, or cannot be decided; it never denies.
type Decision struct {
	Policy *graph.Policy
	// At leads to the rule, or to the part of the policy that isolates.
	At      model.Path
	Verdict model.Tri
	// Why says what keeps the verdict from Yes; empty when it is Yes.
	Why string
}

// hop explains one side.
func (e *Engine) hop(direction Direction, subject, peer, receiver int, ports netset.Ports) Hop {
	s, p, r := &e.classes[e.classOf[subject]], &e.classes[e.classOf[peer]], &e.classes[e.classOf[receiver]]
	certain, possible := e.side(direction, s, p, r)
	out := Hop{Endpoint: e.endpoints[subject], Direction: direction, Verdict: model.Unknown}
	switch {
	case !e.ports.Ports(certain).Intersect(ports).IsEmpty():
		out.Verdict = model.Yes
	case e.ports.Ports(possible).Intersect(ports).IsEmpty():
		out.Verdict = model.No
	}
	for _, policy := range e.isolating(e.endpoints[subject], direction) {
		doubt := uncertainty(policy, direction, e.endpoints[subject].Workload)
		for _, d := range e.decisions(policy, direction, doubt, s, p, r, ports) {
			if out.Verdict != model.Yes || d.Verdict == model.Yes {
				out.Decisions = append(out.Decisions, d)
			}
		}
	}
	return out
}

// isolating are the policies that isolate, or may isolate, the endpoint.
func (e *Engine) isolating(end Endpoint, direction Direction) []*graph.Policy {
	if end.hostNetwork() {
		return nil
	}
	namespace := e.graph.Namespace(end.Workload.Ref().Namespace)
	if namespace == nil {
		return nil
	}
	var out []*graph.Policy
	for _, p := range namespace.Policies {
		if p.Isolates(policyType(direction)) != model.No && p.Selects(end.Workload) != model.No {
			out = append(out, p)
		}
	}
	return out
}

// uncertainty says why it is not certain that a policy isolates the pods;
// nothing when it is.
func uncertainty(p *graph.Policy, d Direction, w *graph.Workload) string {
	if faults := Invalid(p); len(faults) > 0 {
		return "the API server refuses the policy, " + faults[0].Path.String() + ": " + faults[0].Why
	}
	switch {
	case p.Isolates(policyType(d)) == model.Unknown:
		return "whether the policy isolates for " + d.String() + " is not known"
	case p.Selects(w) == model.Unknown:
		return "whether the policy selects the pods is not known"
	default:
		return ""
	}
}

// decisions are the rules of one policy that admit or may admit; when there is
// none, one decision that says why the policy does not admit. doubt says why it
// is not certain that the policy isolates.
func (e *Engine) decisions(policy *graph.Policy, direction Direction, doubt string, s, p, r *class, ports netset.Ports) []Decision {
	var out []Decision
	none := Decision{
		Policy: policy, At: model.Path{"spec", direction.String()},
		Verdict: model.No, Why: "it has no " + direction.String() + " rule",
	}
	for _, n := range s.rules[direction] {
		rule := &e.rules[n.id]
		if rule.policy != policy {
			continue
		}
		d := e.decision(rule, p, r, ports)
		switch {
		case d.Verdict != model.No:
			out = append(out, d)
		case none.Why != wrongPort:
			none.Why = "no rule names the peer"
			if d.Why == wrongPort { // comes nearest
				none = d
			}
		}
	}
	if len(out) == 0 {
		out = []Decision{none}
	}
	if doubt != "" {
		for i := range out {
			out[i].Verdict, out[i].Why = model.Unknown, doubt
		}
	}
	return out
}

const wrongPort = "a rule names the peer, but not the port"

func (e *Engine) decision(r *rule, peer, receiver *class, ports netset.Ports) Decision {
	out := Decision{Policy: r.policy, At: r.path(), Verdict: model.No}
	matches := e.matches(r, peer)
	sides := e.resolved[r.ports][receiver.table]
	switch {
	case matches == model.No:
		return out
	case e.ports.Ports(sides.possible).Intersect(ports).IsEmpty():
		out.Why = wrongPort
	case matches == model.Unknown:
		out.Verdict, out.Why = model.Unknown, "whether the rule names the peer is not known"
	case e.ports.Ports(sides.certain).Intersect(ports).IsEmpty():
		out.Verdict, out.Why = model.Unknown, "the port that the rule names is not known"
	default:
		out.Verdict = model.Yes
	}
	return out
}
