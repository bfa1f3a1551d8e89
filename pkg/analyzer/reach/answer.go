package reach

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
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
	Verdict  Verdict
	// Connection is what is admitted of the ports that were asked for.
	Connection Connection
	// Hops are the egress of From and the ingress of To, as far as they are
	// pods.
	Hops []Hop
	// Doubts are reasons why the verdict is unknown that no single policy gives.
	Doubts []string
}

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
	// Why completes the sentence "the policy does not admit: …".
	Why string
}

// Ask answers whether an endpoint can talk to another on some of the ports.
func (e *Engine) Ask(from, to int, ports netset.Ports) Answer {
	c := e.Between(from, to)
	c = Connection{c.Certain.Intersect(ports), c.Possible.Intersect(ports)}
	out := Answer{From: e.endpoints[from], To: e.endpoints[to], Connection: c, Verdict: NotKnown}
	switch {
	case !c.Certain.IsEmpty():
		out.Verdict = Open
	case c.Possible.IsEmpty():
		out.Verdict = Blocked
	}
	if from == to && out.From.single() {
		return out
	}
	for _, side := range []struct {
		direction     Direction
		subject, peer int
	}{{Egress, from, to}, {Ingress, to, from}} {
		if e.endpoints[side.subject].Workload != nil {
			out.Hops = append(out.Hops, e.hop(side.direction, side.subject, side.peer, to, ports))
		}
	}
	out.doubt(e.graph)
	return out
}

// doubt takes a verdict back that policies which are not evaluated, or not in
// the input, may change.
func (a *Answer) doubt(g *graph.Graph) {
	seen := map[string]bool{}
	for _, end := range []Endpoint{a.From, a.To} {
		if end.Workload == nil || end.hostNetwork() {
			continue
		}
		namespace := end.Workload.Ref().Namespace
		for _, r := range g.OtherPolicies(namespace) {
			a.Verdict = NotKnown
			a.addDoubt(seen, fmt.Sprintf("%s is of a kind that is not evaluated", r.Ref))
		}
		if a.Verdict == Open && g.Snapshot().Knows(model.Policies, namespace) == model.NotKnown {
			a.Verdict = NotKnown
		}
		if a.Verdict == NotKnown && g.Snapshot().Knows(model.Policies, namespace) == model.NotKnown {
			a.addDoubt(seen, fmt.Sprintf("the input does not show the policies of namespace %q", namespace))
		}
	}
}

func (a *Answer) addDoubt(seen map[string]bool, why string) {
	if !seen[why] {
		seen[why] = true
		a.Doubts = append(a.Doubts, why)
	}
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
		for _, d := range e.decisions(policy, direction, s, p, r, ports) {
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
	var out []*graph.Policy
	for _, p := range e.graph.Namespace(end.Workload.Ref().Namespace).Policies {
		if p.Isolates(policyType(direction)) != model.No && p.Selects(end.Workload) != model.No {
			out = append(out, p)
		}
	}
	return out
}

// decisions are the rules of one policy that admit or may admit; when there is
// none, one decision that says why the policy does not admit.
func (e *Engine) decisions(policy *graph.Policy, direction Direction, s, p, r *class, ports netset.Ports) []Decision {
	var out []Decision
	why := "it has no " + direction.String() + " rule"
	at := model.Path{"spec", direction.String()}
	for _, n := range s.rules[direction] {
		rule := &e.rules[n.id]
		if rule.policy != policy {
			continue
		}
		d := e.decision(rule, n.certain, p, r, ports)
		switch {
		case d.Verdict != model.No:
			out = append(out, d)
		case d.Why == wrongPort:
			why, at = wrongPort, d.At // comes nearest
		case why != wrongPort:
			why = "no rule names the peer"
		}
	}
	if len(out) == 0 {
		out = []Decision{{Policy: policy, At: at, Verdict: model.No, Why: why}}
	}
	return out
}

const wrongPort = "a rule names the peer, but not the port"

func (e *Engine) decision(r *rule, certain bool, peer, receiver *class, ports netset.Ports) Decision {
	out := Decision{Policy: r.policy, At: r.path(), Verdict: model.No}
	matches := e.matches(r, peer)
	sides := e.resolved[r.ports][receiver.table]
	switch {
	case matches == model.No:
		return out
	case e.ports.Ports(sides.possible).Intersect(ports).IsEmpty():
		out.Why = wrongPort
	case !certain:
		out.Verdict, out.Why = model.Unknown, "whether the policy stands and selects the pods is not known"
	case matches == model.Unknown:
		out.Verdict, out.Why = model.Unknown, "whether the rule names the peer is not known"
	case e.ports.Ports(sides.certain).Intersect(ports).IsEmpty():
		out.Verdict, out.Why = model.Unknown, "the port that the rule names is not known"
	default:
		out.Verdict = model.Yes
	}
	return out
}
