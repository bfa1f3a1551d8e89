package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// bounds are the ports of which something is certain, and those of which it may
// be true. The first are among the second.
type bounds struct{ certain, possible netset.PortsID }

func everything() bounds { return bounds{netset.EveryPorts, netset.EveryPorts} }

func (e *Engine) union(a, b bounds) bounds {
	return bounds{e.ports.Union(a.certain, b.certain), e.ports.Union(a.possible, b.possible)}
}

func (e *Engine) intersect(a, b bounds) bounds {
	return bounds{e.ports.Intersect(a.certain, b.certain), e.ports.Intersect(a.possible, b.possible)}
}

// subtract takes from the certain what may be in b, and from the possible what
// certainly is.
func (e *Engine) subtract(a, b bounds) bounds {
	return bounds{e.ports.Subtract(a.certain, b.possible), e.ports.Subtract(a.possible, b.certain)}
}

// pair returns the ports that the first class may use to the second: what both
// sides admit.
func (e *Engine) pair(from, to int32) bounds {
	s, d := e.classes.At(int(from)), e.classes.At(int(to))
	out := e.side(Egress, s, d, d)
	if out.possible == netset.NoPorts {
		return bounds{}
	}
	return e.intersect(out, e.side(Ingress, d, s, d))
}

// side returns the ports that the policies of one direction admit between
// their subject and its peer. Ports are those of the receiver.
func (e *Engine) side(d Direction, subject, peer, receiver *class) bounds {
	out := e.later(d, subject, peer, receiver)
	if rules := subject.rules[d][adminTier]; len(rules) > 0 {
		first := e.ordered(rules, peer, receiver)
		out = e.union(first.accepted, e.subtract(out, first.denied))
	}
	// A pod on the node's network is certain to reach, and on some plugins to
	// be reached by, the pods of its own node, and where it runs is not known.
	if peer.host {
		out.possible = netset.EveryPorts
	}
	return out
}

// later returns what the tiers after the first admit.
func (e *Engine) later(d Direction, subject, peer, receiver *class) bounds {
	rules := &subject.rules[d]
	out := everything()
	if subject.isolated[d] != model.Yes && len(rules[baselineTier]) > 0 {
		out = e.subtract(out, e.ordered(rules[baselineTier], peer, receiver).denied)
	}
	return e.isolation(subject.isolated[d], rules[policyTier], peer, receiver, out)
}

// isolation returns what the policies that isolate admit; open is what is
// admitted where none does.
func (e *Engine) isolation(isolated model.Tri, rules []entry, peer, receiver *class, open bounds) bounds {
	var accepted, denied bounds
	for _, n := range rules {
		r := e.rules.At(int(n.id))
		switch {
		case r.action == deny:
			denied = e.union(denied, e.named(n, peer, receiver))
		case isolated != model.No:
			accepted = e.union(accepted, e.named(n, peer, receiver))
		}
	}
	switch isolated {
	case model.Yes:
		open = accepted
	case model.Unknown:
		open = bounds{e.ports.Intersect(accepted.certain, open.certain), e.ports.Union(accepted.possible, open.possible)}
	case model.No:
	}
	return e.subtract(open, denied)
}

// outcome is what rules of one tier do to ports. What is certain of one action
// is not possible of another.
type outcome struct{ accepted, denied, passed bounds }

// ordered asks rules one after the other, until one decides. Policies of equal
// priority have no order.
func (e *Engine) ordered(rules []entry, peer, receiver *class) outcome {
	var out outcome
	for left := netset.EveryPorts; len(rules) > 0 && left != netset.NoPorts; {
		n := e.equalPriority(rules)
		step, taken := e.unordered(rules[:n], peer, receiver, left)
		out = e.add(out, e.contested(step, out))
		left = e.ports.Subtract(left, taken)
		rules = rules[n:]
	}
	return out
}

// equalPriority counts the rules at the head of a list whose policies have one
// priority.
func (e *Engine) equalPriority(rules []entry) int {
	first := e.rules.At(int(rules[0].id)).policy.priority
	n := slices.IndexFunc(rules, func(x entry) bool { return e.rules.At(int(x.id)).policy.priority != first })
	if n < 0 {
		return len(rules)
	}
	return n
}

// unordered asks policies of equal priority: what one of them decides is
// certain only where no other may decide otherwise. taken are the ports that
// one of them certainly decides.
func (e *Engine) unordered(rules []entry, peer, receiver *class, left netset.PortsID) (all outcome, taken netset.PortsID) {
	for len(rules) > 0 {
		first := e.rules.At(int(rules[0].id)).policy
		n := slices.IndexFunc(rules, func(x entry) bool { return e.rules.At(int(x.id)).policy != first })
		if n < 0 {
			n = len(rules)
		}
		one, took := e.sequence(rules[:n], peer, receiver, left)
		all = e.add(e.contested(all, one), e.contested(one, all))
		taken = e.ports.Union(taken, took)
		rules = rules[n:]
	}
	return all, taken
}

func (e *Engine) add(a, b outcome) outcome {
	return outcome{e.union(a.accepted, b.accepted), e.union(a.denied, b.denied), e.union(a.passed, b.passed)}
}

// contested takes from the certain of a what b may decide otherwise.
func (e *Engine) contested(a, b outcome) outcome {
	uncertain := func(x bounds, others ...bounds) bounds {
		for _, o := range others {
			x.certain = e.ports.Subtract(x.certain, o.possible)
		}
		return x
	}
	return outcome{
		uncertain(a.accepted, b.denied, b.passed),
		uncertain(a.denied, b.accepted, b.passed),
		uncertain(a.passed, b.accepted, b.denied),
	}
}

// sequence asks the rules of one policy in their order. A rule that certainly
// decides does so only where no earlier one may have decided otherwise.
func (e *Engine) sequence(rules []entry, peer, receiver *class, left netset.PortsID) (out outcome, taken netset.PortsID) {
	for _, n := range rules {
		ports := e.named(n, peer, receiver)
		hit := bounds{e.ports.Intersect(ports.certain, left), e.ports.Intersect(ports.possible, left)}
		var one outcome
		switch e.rules.At(int(n.id)).action {
		case accept:
			one.accepted = hit
		case deny:
			one.denied = hit
		case pass:
			one.passed = hit
		}
		out = e.add(out, e.contested(one, out))
		taken = e.ports.Union(taken, hit.certain)
		left = e.ports.Subtract(left, hit.certain)
	}
	return out, taken
}

// named returns the ports of a rule, if it names the endpoints of a class.
func (e *Engine) named(n entry, peer, receiver *class) bounds {
	r := e.rules.At(int(n.id))
	matches := e.matches(r, peer)
	if matches == model.No {
		return bounds{}
	}
	out := e.resolved[r.ports][receiver.table]
	if matches != model.Yes || !n.certain {
		out.certain = netset.NoPorts
	}
	return out
}

// matches answers whether a rule names the endpoints of a class.
func (e *Engine) matches(r *rule, peer *class) model.Tri {
	answer := model.No
	for _, id := range r.peers {
		n, found := slices.BinarySearchFunc(peer.peers, id, func(x entry, id int32) int { return int(x.id) - int(id) })
		switch {
		case !found:
		case peer.peers[n].certain:
			return model.Yes
		default:
			answer = model.Unknown
		}
	}
	return answer
}
