package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Contest is a connection that two policies of one kind, tier and priority
// decide differently: which of them is asked first is not defined.
type Contest struct {
	Direction Direction
	// Mine and Theirs are the rules, the first of the policy asked for.
	Mine, Theirs Contestant
	// From and To are a pair that both rules name, Ports those on which they
	// differ.
	From, To Endpoint
	Ports    netset.Ports
}

// Contestant is one of the two rules.
type Contestant struct {
	Policy graph.Object
	// Index is the place among the rules of the direction, At leads there.
	Index int
	At    model.Path
	// Verb is accepts, denies or passes.
	Verb string
}

// Contests returns, for each policy that comes before this one by its
// reference, one connection that both decide differently, if there is any. All
// that it depends on is certain: which pods the policies select and name, what
// policies of a higher priority leave to them and, where one passes, what the
// later tiers do.
func (e *Engine) Contests(p graph.Object) []Contest {
	var mine *policy
	var rivals []*policy
	for _, x := range e.orderedPolicies() {
		switch {
		case x.object == p:
			mine = x
		case x.object.Ref().GroupKind() == p.Ref().GroupKind():
			rivals = append(rivals, x)
		}
	}
	if mine == nil {
		return nil
	}
	var out []Contest
	for _, x := range rivals {
		if x.tier != mine.tier || x.priority != mine.priority || x.object.Ref().Compare(p.Ref()) > 0 {
			continue
		}
		if c, ok := e.contest(mine, x); ok {
			out = append(out, c)
		}
	}
	return out
}

// orderedPolicies are the policies with rules in the tiers that have an order,
// and that are certainly in force.
func (e *Engine) orderedPolicies() []*policy {
	var out []*policy
	for _, r := range e.rules.All() {
		if r == nil {
			continue // of a policy that is gone
		}
		p := r.policy
		if p.tier != policyTier && p.fault == "" && (len(out) == 0 || out[len(out)-1] != p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *policy) int { return a.object.Ref().Compare(b.object.Ref()) })
	return slices.Compact(out)
}

// maxContested bounds the subjects that are looked at for each pair of policies
// whose rules differ. One is enough unless later tiers make the difference void.
const maxContested = 64

func (e *Engine) contest(mine, theirs *policy) (Contest, bool) {
	for _, d := range []Direction{Ingress, Egress} {
		looked, differing := 0, map[string][]int32{}
		for _, s := range e.index().all {
			subject := e.classes.At(int(s))
			rules := e.listsOf(subject.rules[d][mine.tier], mine, theirs)
			if rules == nil || e.notShown(subject) {
				continue
			}
			key := string(subjectKey(subject, d, mine.tier))
			peers, ok := differing[key]
			if !ok {
				peers = e.differ(duel{mine, theirs, rules, d, s, 0})
				differing[key] = peers
			}
			if c, ok := e.firstContest(duel{mine, theirs, rules, d, s, 0}, peers); ok {
				return c, true
			}
			if looked += min(len(peers), 1); looked == maxContested {
				break
			}
		}
	}
	return Contest{}, false
}

// differ are the peers of a subject about which the rules of the two policies
// say different things.
func (e *Engine) differ(d duel) []int32 {
	var out []int32
	for _, p := range e.index().all {
		d.peer = p
		if mine, theirs := e.said(d); e.ports.Union(e.opposed(mine, theirs), e.ports.Union(e.halfPassed(mine, theirs))) != netset.NoPorts {
			out = append(out, p)
		}
	}
	return out
}

func (e *Engine) firstContest(d duel, peers []int32) (Contest, bool) {
	for _, p := range peers {
		d.peer = p
		if c, ok := e.contestAt(d); ok {
			return c, true
		}
	}
	return Contest{}, false
}

// notShown reports whether the input does not show the pods of a class, or some
// of the policies for them.
func (e *Engine) notShown(c *class) bool {
	end := e.endpoints.At(int(c.sample))
	return end.Workload == nil || end.Assumed || e.obscured(end)
}

// subjectKey is equal for classes that the rules of a tier treat alike.
func subjectKey(c *class, d Direction, t tier) []byte {
	key := []byte{byte(c.isolated[d])}
	for i, list := range c.rules[d] {
		if tier(i) == t || t == baselineTier { //nolint:gosec // three tiers
			key = appendEntries(key, list)
		}
	}
	return append(key, byte(c.table), byte(c.table>>8), byte(c.table>>16))
}

// lists are the rules of one tier for a subject: those of a higher priority,
// and those of the two policies.
type lists struct{ before, mine, theirs []entry }

// listsOf finds the rules of two policies in a list; nil when it lacks one.
func (e *Engine) listsOf(list []entry, mine, theirs *policy) *lists {
	var out lists
	for _, n := range list {
		switch p := e.rules.At(int(n.id)).policy; {
		case p.priority < mine.priority:
			out.before = append(out.before, n)
		case p == mine:
			out.mine = append(out.mine, n)
		case p == theirs:
			out.theirs = append(out.theirs, n)
		}
	}
	if len(out.mine) == 0 || len(out.theirs) == 0 {
		return nil
	}
	return &out
}

// duel is a pair of classes before two policies.
type duel struct {
	mine, theirs  *policy
	rules         *lists
	direction     Direction
	subject, peer int32
}

// receiver is the class whose ports are meant.
func (e *Engine) receiver(d duel) *class {
	if d.direction == Egress {
		return e.classes.At(int(d.peer))
	}
	return e.classes.At(int(d.subject))
}

// said is what each of the two policies decides of what is certainly left to
// them.
func (e *Engine) said(d duel) (mine, theirs outcome) {
	peer, receiver := e.classes.At(int(d.peer)), e.receiver(d)
	first := e.ordered(d.rules.before, peer, receiver)
	left := e.subtract(e.leftTo(d, receiver), e.union(first.accepted, e.union(first.denied, first.passed)))
	mine, _ = e.sequence(d.rules.mine, peer, receiver, left.certain)
	theirs, _ = e.sequence(d.rules.theirs, peer, receiver, left.certain)
	return mine, theirs
}

func (e *Engine) contestAt(d duel) (Contest, bool) {
	subject, peer := e.classes.At(int(d.subject)), e.classes.At(int(d.peer))
	alone := d.subject == d.peer && len(subject.members) == 1 && e.endpoints.At(int(subject.sample)).single()
	if alone || peer.host || e.endpoints.At(int(peer.sample)).Assumed {
		return Contest{}, false
	}
	mine, theirs := e.said(d)
	ports := e.clash(d, mine, theirs)
	if ports == netset.NoPorts {
		return Contest{}, false
	}
	out := Contest{Direction: d.direction, From: e.endpoints.At(int(subject.sample)), To: e.endpoints.At(int(peer.sample))}
	if d.direction == Ingress {
		out.From, out.To = out.To, out.From
	}
	out.Mine, ports = e.contestant(d.rules.mine, peer, e.receiver(d), ports)
	out.Theirs, ports = e.contestant(d.rules.theirs, peer, e.receiver(d), ports)
	out.Ports = e.ports.Ports(ports)
	return out, true
}

// shown reports whether the input shows the NetworkPolicies for the subject.
func (e *Engine) shown(d duel) bool {
	namespace := e.endpoints.At(int(e.classes.At(int(d.subject)).sample)).Workload.Ref().Namespace
	return missingPolicies(e.graph.Snapshot(), namespace) == ""
}

// leftTo is what earlier tiers leave to that of the two policies. The last one
// is asked only where no NetworkPolicy isolates.
func (e *Engine) leftTo(d duel, receiver *class) bounds {
	subject, peer := e.classes.At(int(d.subject)), e.classes.At(int(d.peer))
	switch {
	case d.mine.tier == adminTier:
		return everything()
	case subject.isolated[d.direction] != model.No || !e.shown(d):
		return bounds{}
	default:
		first := e.ordered(subject.rules[d.direction][adminTier], peer, receiver)
		left := e.subtract(everything(), e.union(first.accepted, first.denied))
		return e.isolation(model.No, subject.rules[d.direction][policyTier], peer, receiver, left)
	}
}

// opposed are the ports that one of two policies accepts and the other denies.
func (e *Engine) opposed(a, b outcome) netset.PortsID {
	return e.ports.Union(e.both(a.accepted, b.denied), e.both(a.denied, b.accepted))
}

// halfPassed are the ports that one of two policies passes, and the other
// accepts or denies.
func (e *Engine) halfPassed(a, b outcome) (accepted, denied netset.PortsID) {
	return e.ports.Union(e.both(a.accepted, b.passed), e.both(a.passed, b.accepted)),
		e.ports.Union(e.both(a.denied, b.passed), e.both(a.passed, b.denied))
}

func (e *Engine) both(a, b bounds) netset.PortsID { return e.ports.Intersect(a.certain, b.certain) }

// clash are the ports on which it makes a difference which policy is asked.
func (e *Engine) clash(d duel, a, b outcome) netset.PortsID {
	out := e.opposed(a, b)
	accepted, denied := e.halfPassed(a, b)
	if out != netset.NoPorts || e.ports.Union(accepted, denied) == netset.NoPorts {
		return out
	}
	rest := everything() // a connection that the last tier leaves is open
	if d.mine.tier == adminTier {
		if !e.shown(d) {
			return netset.NoPorts
		}
		rest = e.later(d.direction, e.classes.At(int(d.subject)), e.classes.At(int(d.peer)), e.receiver(d))
	}
	return e.ports.Union(e.ports.Subtract(accepted, rest.possible), e.ports.Intersect(denied, rest.certain))
}

// contestant is the first of rules that names one of the ports, and those of
// them that it names.
func (e *Engine) contestant(rules []entry, peer, receiver *class, ports netset.PortsID) (Contestant, netset.PortsID) {
	for _, n := range rules {
		hit := e.ports.Intersect(e.named(n, peer, receiver).certain, ports)
		if hit == netset.NoPorts {
			continue
		}
		r := e.rules.At(int(n.id))
		verb := [...]string{accept: "accepts", deny: "denies", pass: "passes"}[r.action]
		return Contestant{r.policy.object, r.index, r.path(), verb}, hit
	}
	return Contestant{}, netset.NoPorts
}
