package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Denial is a rule of the first tier that denies.
type Denial struct {
	Policy    graph.Object
	Direction Direction
	// Index is the place among the rules of the direction, At leads there.
	Index int
	At    model.Path
	rule  int32
}

// Denials returns the rules of a policy that deny before any NetworkPolicy is
// asked, in the order of the file; none for a policy that may not be in force.
func (e *Engine) Denials(p graph.Object) []Denial {
	var out []Denial
	for i, r := range e.rules.All() {
		if r == nil || r.policy.object != p || r.policy.tier != adminTier || r.policy.fault != "" || r.action != deny {
			continue
		}
		d := Egress
		if slices.Equal(r.section, r.policy.section(Ingress)) {
			d = Ingress
		}
		out = append(out, Denial{p, d, r.index, r.path(), int32(i)}) //nolint:gosec // rules are far fewer than 2^31
	}
	return out
}

// Deprived returns the workloads, by their number in Endpoints, that a denial
// for egress keeps from every one of the endpoints on these ports, although
// they certainly may talk to others. Where policies are set aside that might
// come first nothing is certain.
func (e *Engine) Deprived(d Denial, of []int, ports netset.Ports) []int {
	var out []int
	if d.Direction != Egress || len(of) == 0 {
		return nil
	}
	for _, c := range e.subjectsOf(d.rule, Egress, adminTier) {
		sample := int(e.classes.At(int(c)).sample)
		kept := !slices.ContainsFunc(of, func(to int) bool { return !e.decides(d, sample, to, to, ports) })
		if !kept || !e.talks(c, of) {
			continue
		}
		for _, m := range e.classes.At(int(c)).members {
			if end := e.endpoints.At(int(m)); !end.Assumed && !e.obscured(end) && !slices.Contains(of, int(m)) {
				out = append(out, int(m))
			}
		}
	}
	slices.Sort(out)
	return out
}

// subjectsOf are the classes that a rule certainly applies to.
func (e *Engine) subjectsOf(rule int32, d Direction, t tier) []int32 {
	var out []int32
	for _, c := range e.index().all {
		if slices.Contains(e.classes.At(int(c)).rules[d][t], entry{rule, true}) {
			out = append(out, c)
		}
	}
	return out
}

// decides reports whether a denial alone keeps its subject from the peer on all
// of these ports.
func (e *Engine) decides(d Denial, subject, peer, receiver int, ports netset.Ports) bool {
	if e.matches(e.rules.At(int(d.rule)), e.class(peer)) != model.Yes {
		return false
	}
	h := e.hop(d.Direction, subject, peer, receiver, ports)
	if h.Verdict != model.No {
		return false
	}
	return slices.ContainsFunc(h.Decisions, func(x Decision) bool {
		return x.Policy == d.Policy && x.Denies && x.Verdict == model.No && slices.Equal(x.At, d.At)
	})
}

// talks reports whether a class certainly may talk to anybody but these and
// itself. Pods of the same node do not count: what reaches them is no choice.
func (e *Engine) talks(from int32, but []int) bool {
	for _, to := range e.candidates(from) {
		c := e.classes.At(int(to))
		if to == from || c.host || slices.Contains(but, int(c.sample)) {
			continue
		}
		if e.pair(from, to).certain != netset.NoPorts {
			return true
		}
	}
	return false
}

// obscured reports whether policies of the endpoint's namespace are set aside.
func (e *Engine) obscured(end Endpoint) bool {
	_, ok := e.graph.Snapshot().Obscured(model.Policies, end.Workload.Ref().Namespace)
	return ok
}
