package reach

import (
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Override is a rule of a NetworkPolicy that a denial leaves without effect: one
// of its peers may not talk, on any of the rule's ports.
type Override struct {
	Policy    *graph.Policy
	Direction Direction
	// Index is the place among the rules of the direction, At leads there.
	Index int
	At    model.Path
	// From and To are a pair of workloads that the rule names, Ports what it
	// admits between them.
	From, To Endpoint
	Ports    netset.Ports
}

// Bounds of the search. A rule that names more classes than that is no promise
// to any of them.
const (
	maxSubjects = 4
	maxPeers    = 64
)

// Overridden returns the rules of NetworkPolicies that a denial leaves without
// effect. Only rules count whose peers are all selectors that choose, and the
// pods that they name must all be known and all be denied: a guardrail across a
// wide rule overrides no promise. Peers that answer for the cluster's names are
// left out.
func (e *Engine) Overridden(d Denial) []Override {
	search := search{e, d, e.DNS()}
	var out []Override
	for _, direction := range []Direction{Ingress, Egress} {
		concerned := e.namedFor(d.rule)
		if direction == d.Direction {
			concerned = e.subjectsOf(d.rule, direction, adminTier)
		}
		subjects := e.ruled(direction, concerned)
		for _, number := range slices.Sorted(maps.Keys(subjects)) {
			if !e.promises(number, direction) {
				continue
			}
			if o, ok := search.override(number, direction, subjects[number]); ok {
				out = append(out, o)
			}
		}
	}
	return out
}

// ruled are the rules of the second tier that certainly apply to some of the
// classes, each with the first of them.
func (e *Engine) ruled(d Direction, classes []int32) map[int32][]int32 {
	out := map[int32][]int32{}
	for _, c := range classes {
		for _, n := range e.classes.At(int(c)).rules[d][policyTier] {
			if n.certain && len(out[n.id]) < maxSubjects {
				out[n.id] = append(out[n.id], c)
			}
		}
	}
	return out
}

// namedFor are the classes that a rule certainly names.
func (e *Engine) namedFor(rule int32) []int32 {
	var out []int32
	for _, c := range e.index().all {
		if e.matches(e.rules.At(int(rule)), e.classes.At(int(c))) == model.Yes {
			out = append(out, c)
		}
	}
	return out
}

// promises reports whether a rule is one of a NetworkPolicy that names its peers
// by selectors that choose.
func (e *Engine) promises(number int32, d Direction) bool {
	r := e.rules.At(int(number))
	p, ok := r.policy.object.(*graph.Policy)
	if !ok || p.Ref().GroupKind() != model.KindNetworkPolicy || r.policy.fault != "" {
		return false
	}
	list := p.Rules(d.PolicyType())
	if r.index >= len(list) || len(list[r.index].Peers) == 0 {
		return false
	}
	return !slices.ContainsFunc(list[r.index].Peers, func(peer networkingv1.NetworkPolicyPeer) bool {
		own := peer.NamespaceSelector == nil && peer.PodSelector != nil
		return peer.IPBlock != nil || !own && graph.SelectorOf(peer.NamespaceSelector).Empty() && graph.SelectorOf(peer.PodSelector).Empty()
	})
}

// search looks for rules that a denial overrides. names are the endpoints that
// answer for the cluster's names.
type search struct {
	*Engine
	denial Denial
	names  []int
}

// override looks for a subject of a rule and a peer of it of which all pods are
// denied.
func (e search) override(number int32, direction Direction, subjects []int32) (Override, bool) {
	r := e.rules.At(int(number))
	for _, s := range subjects {
		if e.obscured(e.sample(s)) {
			continue
		}
		for _, id := range r.peers {
			peers := e.index().peerClasses[id]
			open := func(p int32) bool { return !e.refused(r, direction, s, p) }
			if e.known(id, peers) && !slices.ContainsFunc(peers, open) {
				return e.overrideOf(r, direction, s, peers[0]), true
			}
		}
	}
	return Override{}, false
}

// known reports whether all members of peers are certain, few, and not there to
// answer for the cluster's names.
func (e search) known(id int32, classes []int32) bool {
	if len(classes) == 0 || len(classes) > maxPeers {
		return false
	}
	return !slices.ContainsFunc(classes, func(c int32) bool {
		x := e.classes.At(int(c))
		return !slices.Contains(x.peers, entry{id, true}) || slices.ContainsFunc(x.members, func(m int32) bool {
			return slices.Contains(e.names, int(m)) || e.obscured(e.endpoints.At(int(m)))
		})
	})
}

// between are a sender and a receiver, when the subject is on the side of d: two
// different ones where the peer has another than the subject's.
func (e search) between(d Direction, subject, peer int32) (from, to int) {
	one, other := e.classes.At(int(subject)).sample, e.classes.At(int(peer)).members[0]
	if members := e.classes.At(int(peer)).members; other == one && len(members) > 1 {
		other = members[1]
	}
	if d == Ingress {
		return int(other), int(one)
	}
	return int(one), int(other)
}

// refused reports whether a denial keeps the peer and the subject of a rule
// apart on all ports of the rule. A pod always reaches itself.
func (e search) refused(r *rule, direction Direction, subject, peer int32) bool {
	from, to := e.between(direction, subject, peer)
	ports := e.admittedBy(r, to)
	if ports.IsEmpty() || from == to && e.endpoints.At(from).single() {
		return false
	}
	if e.denial.Direction == Ingress {
		return e.decides(e.denial, to, from, to, ports)
	}
	return e.decides(e.denial, from, to, to, ports)
}

// admittedBy are the ports that a rule certainly names on a receiver.
func (e *Engine) admittedBy(r *rule, receiver int) netset.Ports {
	return e.ports.Ports(e.resolved[r.ports][e.class(receiver).table].certain)
}

func (e search) overrideOf(r *rule, direction Direction, subject, peer int32) Override {
	from, to := e.between(direction, subject, peer)
	policy, _ := r.policy.object.(*graph.Policy)
	return Override{
		Policy: policy, Direction: direction, Index: r.index, At: r.path(),
		From: e.endpoints.At(from), To: e.endpoints.At(to), Ports: e.admittedBy(r, to),
	}
}
