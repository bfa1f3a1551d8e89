package reach

import (
	"slices"

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
	// every policy that denies, isolates or may do so. None means that no
	// policy concerns the connection.
	Decisions []Decision
	// PoliciesMissing is set when the input does not show all policies of the
	// pods, so that more or less may be admitted.
	PoliciesMissing bool
}

// Decision is what one policy says: it admits a connection, does not admit it,
// or cannot be decided.
type Decision struct {
	Policy graph.Object
	// At leads to the rule, or to the part of the policy that isolates.
	At      model.Path
	Verdict model.Tri
	// Denies is set when a rule refuses the connection, which a NetworkPolicy
	// never does: it only does not admit.
	Denies bool
	// Why says what keeps the verdict from Yes; empty when it is Yes.
	Why string
}

// Reasons of decisions.
const (
	deniedByRule = "the rule denies it"
	wrongPort    = "a rule names the peer, but not the port"
	noPeer       = "no rule names the peer"
)

// asked is one side of a question.
type asked struct {
	direction               Direction
	subject, peer, receiver *class
	ports                   netset.Ports
}

// hop explains one side.
func (e *Engine) hop(direction Direction, subject, peer, receiver int, ports netset.Ports) Hop {
	q := asked{direction, e.class(subject), e.class(peer), e.class(receiver), ports}
	admitted := e.side(direction, q.subject, q.peer, q.receiver)
	out := Hop{Endpoint: e.endpoints.At(subject), Direction: direction, Verdict: model.Unknown}
	switch {
	case !e.ports.Ports(admitted.certain).Intersect(ports).IsEmpty():
		out.Verdict = model.Yes
	case e.ports.Ports(admitted.possible).Intersect(ports).IsEmpty():
		out.Verdict = model.No
	}
	for _, d := range e.explanations(q, out.Endpoint) {
		// What admits explains an open side alone, and what is denied elsewhere
		// no closed one.
		if out.Verdict == model.Unknown || out.Verdict == d.Verdict || out.Verdict == model.No && d.Verdict == model.Unknown {
			out.Decisions = append(out.Decisions, d)
		}
	}
	return out
}

func (e *Engine) class(endpoint int) *class { return e.classes.At(int(e.classOf.At(endpoint))) }

// explanations walks the tiers as side does, as long as ports are left.
func (e *Engine) explanations(q asked, end Endpoint) []Decision {
	out, left := e.inOrder(q, adminTier)
	if q.ports = left; left.IsEmpty() {
		return out
	}
	isolated := q.subject.isolated[q.direction]
	for _, n := range q.subject.rules[q.direction][policyTier] {
		// A policy that does not isolate admits where another one does.
		if r := e.rules.At(int(n.id)); r.action == deny || isolated != model.No && r.policy.isolates[q.direction] == model.No {
			if d, ports := e.decision(n, q); !ports.IsEmpty() {
				out = append(out, d)
			}
		}
	}
	for _, p := range e.isolating(end, q.direction) {
		out = append(out, e.admission(p, end, q)...)
	}
	if isolated != model.Yes {
		last, _ := e.inOrder(q, baselineTier)
		out = append(out, last...)
	}
	return out
}

// inOrder are the rules of a tier that decide, or may decide, and the ports on
// which the next tier has a say.
func (e *Engine) inOrder(q asked, t tier) (out []Decision, left netset.Ports) {
	left = q.ports
	var passed netset.Ports
	for rules := q.subject.rules[q.direction][t]; len(rules) > 0; {
		n := e.equalPriority(rules)
		q.ports = left
		decisions, taken, skipped := e.alike(rules[:n], q)
		out = append(out, decisions...)
		left, passed = left.Subtract(taken), passed.Union(skipped)
		rules = rules[n:]
	}
	return out, left.Union(passed)
}

// alike are the decisions of policies of equal priority, the ports that one of
// them certainly decides, and those that one of them passes.
func (e *Engine) alike(rules []entry, q asked) (out []Decision, taken, passed netset.Ports) {
	actions := map[action]bool{}
	all := q.ports
	for i, n := range rules {
		r := e.rules.At(int(n.id))
		if i > 0 && e.rules.At(int(rules[i-1].id)).policy != r.policy {
			q.ports = all
		}
		d, ports := e.decision(n, q)
		if ports.IsEmpty() {
			continue
		}
		certain := e.ports.Ports(e.named(n, q.peer, q.receiver).certain).Intersect(q.ports)
		q.ports, taken = q.ports.Subtract(certain), taken.Union(certain)
		actions[r.action] = true
		if r.action == pass {
			passed = passed.Union(certain)
			if d.Verdict != model.Unknown {
				continue // the next tier decides
			}
		}
		out = append(out, d)
	}
	if len(actions) > 1 && e.severalPolicies(rules) {
		for i := range out {
			out[i].Verdict, out[i].Why = model.Unknown, "another policy of the same priority decides otherwise"
		}
	}
	return out, taken, passed
}

func (e *Engine) severalPolicies(rules []entry) bool {
	return e.rules.At(int(rules[0].id)).policy != e.rules.At(int(rules[len(rules)-1].id)).policy
}

// isolating are the policies that isolate, or may isolate, the endpoint.
func (e *Engine) isolating(end Endpoint, direction Direction) []*policy {
	if end.hostNetwork() {
		return nil
	}
	var out []*policy
	own, _ := e.policies.Get(end.Workload.Ref().Namespace)
	for _, p := range slices.Concat(own, e.wide) {
		if p.isolates[direction] != model.No && p.selects(e.graph, end.Workload) != model.No {
			out = append(out, p)
		}
	}
	return out
}

// uncertainty says why it is not certain that a policy isolates the pods;
// nothing when it is.
func (p *policy) uncertainty(g *graph.Graph, d Direction, w *graph.Workload) string {
	switch {
	case p.fault != "":
		return p.fault
	case p.isolates[d] == model.Unknown:
		return "whether the policy isolates for " + d.String() + " is not known"
	case p.selects(g, w) == model.Unknown:
		return "whether the policy selects the pods is not known"
	default:
		return ""
	}
}

// admission are the rules of a policy that isolates which admit or may admit;
// when there is none, one decision that says why the policy does not admit.
func (e *Engine) admission(p *policy, end Endpoint, q asked) []Decision {
	var out []Decision
	none := Decision{
		Policy: p.object, At: p.section(q.direction),
		Verdict: model.No, Why: "it has no " + q.direction.String() + " rule",
	}
	for _, n := range q.subject.rules[q.direction][policyTier] {
		if r := e.rules.At(int(n.id)); r.policy != p || r.action == deny {
			continue
		}
		d, ports := e.decision(n, q)
		switch {
		case !ports.IsEmpty():
			out = append(out, d)
		case none.Why != wrongPort:
			none.Why = noPeer
			if d.Why == wrongPort { // comes nearest
				none = d
			}
		}
	}
	if len(out) == 0 {
		out = []Decision{none}
	}
	if doubt := p.uncertainty(e.graph, q.direction, end.Workload); doubt != "" {
		for i := range out {
			out[i].Verdict, out[i].Why = model.Unknown, doubt
		}
	}
	return out
}

// decision says what one rule does to the ports asked for, and which of them it
// may concern.
func (e *Engine) decision(n entry, q asked) (Decision, netset.Ports) {
	r := e.rules.At(int(n.id))
	out := Decision{Policy: r.policy.object, At: r.path(), Verdict: model.No, Denies: r.action == deny}
	matches := e.matches(r, q.peer)
	if matches == model.No {
		return out, netset.Ports{}
	}
	sides := e.resolved[r.ports][q.receiver.table]
	concerned := e.ports.Ports(sides.possible).Intersect(q.ports)
	switch {
	case concerned.IsEmpty():
		out.Why = wrongPort
	case r.policy.fault != "":
		out.Verdict, out.Why = model.Unknown, r.policy.fault
	case matches == model.Unknown:
		out.Verdict, out.Why = model.Unknown, "whether the rule names the peer is not known"
	case !n.certain && r.policy.yields:
		out.Verdict, out.Why = model.Unknown, "whether it is for pods that another policy isolates in one direction is not known"
	case !n.certain:
		out.Verdict, out.Why = model.Unknown, "whether the policy selects the pods is not known"
	case e.ports.Ports(sides.certain).Intersect(q.ports).IsEmpty():
		out.Verdict, out.Why = model.Unknown, "the port that the rule names is not known"
	case out.Denies:
		out.Why = deniedByRule
	default:
		out.Verdict = model.Yes
	}
	return out, concerned
}
