package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// From calls yield for every endpoint to which the given one may say
// something, in the order of their numbers. It leaves out the endpoint itself
// and, for an address range, other ranges. Its cost follows what it yields.
func (e *Engine) From(from int, yield func(to int, c Connection) bool) {
	external := e.endpoints[from].Workload == nil
	for _, edge := range e.edges(e.classOf[from]) {
		if int(edge.to) == from || external && e.endpoints[edge.to].Workload == nil {
			continue
		}
		if !yield(int(edge.to), Connection{e.ports.Ports(edge.certain), e.ports.Ports(edge.possible)}) {
			return
		}
	}
}

// edge leads to an endpoint.
type edge struct {
	to                int32
	certain, possible netset.PortsID
}

// edges are what the endpoints of a class may reach, in the order of the
// endpoints' numbers.
func (e *Engine) edges(from int32) []edge {
	var out []edge
	for _, to := range e.candidates(from) {
		certain, possible := e.pair(from, to)
		if possible == netset.NoPorts {
			continue
		}
		for _, m := range e.classes[to].members {
			out = append(out, edge{m, certain, possible})
		}
	}
	slices.SortFunc(out, func(a, b edge) int { return int(a.to) - int(b.to) })
	return out
}

// candidates are the classes that a class may reach: those that its egress
// rules name when it is isolated, else those that are open and those whose
// ingress rules name it.
func (e *Engine) candidates(from int32) []int32 {
	s := &e.classes[from]
	var out []int32
	if s.isolated[Egress] == model.Yes {
		for _, r := range s.rules[Egress] {
			for _, p := range e.rules[r.id].peers {
				out = append(out, e.peerClasses[p]...)
			}
		}
		out = append(out, e.host...)
	} else {
		out = append(out, e.open...)
		for _, p := range s.peers {
			out = append(out, e.namedBy[p.id]...)
		}
	}
	if s.host { // may be the node of any pod
		for id := range e.classes {
			out = append(out, int32(id)) //nolint:gosec // no more classes than endpoints
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
