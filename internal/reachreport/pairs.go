// Package reachreport writes answers about reachability. One file holds one
// kind of answer.
package reachreport

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// Pair is one line of all pairs: what an endpoint can certainly say to another.
type Pair struct{ From, To, Ports string }

// Pairs calls yield for every pair of endpoints with a connection that is
// certainly admitted, sorted by the names of both. An endpoint is never paired
// with itself. It returns how many pairs are left out, or shown with fewer
// ports, because the input does not decide them.
func Pairs(e *reach.Engine, yield func(Pair) error) (undecided int, err error) {
	p := newPairs(e)
	for _, from := range p.order {
		class := e.ClassOf(int(from))
		edges, known := p.edges[class]
		if !known {
			edges = p.sorted(e.Edges(class))
		}
		// The last member of a class needs them no more.
		if p.left[class]--; p.left[class] > 0 {
			p.edges[class] = edges
		} else {
			delete(p.edges, class)
		}
		for _, edge := range edges {
			if edge.To == from || p.names[edge.To] == p.names[from] {
				continue // one pod and itself, or two of one owner
			}
			if edge.Certain != edge.Possible {
				undecided++
			}
			if edge.Certain == netset.NoPorts {
				continue
			}
			next := Pair{p.names[from], p.names[edge.To], p.words(edge.Certain)}
			if p.repeated(next) {
				continue // pods of one owner that policies tell apart, but not here
			}
			if err := yield(next); err != nil {
				return undecided, err
			}
		}
	}
	return undecided, nil
}

type pairs struct {
	e     *reach.Engine
	names []string
	// order are the endpoints sorted by name, rank is the place of each.
	order, rank []int32
	edges       map[reach.Class][]reach.Edge
	left        []int
	ports       map[netset.PortsID]string
	// shared counts the endpoints of a name; seen are the pairs of those whose
	// name is not theirs alone.
	shared map[string]int
	seen   map[Pair]bool
}

func newPairs(e *reach.Engine) *pairs {
	n := e.Len()
	p := &pairs{
		e: e, names: make([]string, n), rank: make([]int32, n),
		edges: map[reach.Class][]reach.Edge{}, left: make([]int, e.Classes()), ports: map[netset.PortsID]string{},
		shared: map[string]int{}, seen: map[Pair]bool{},
	}
	for i, end := range e.Endpoints() {
		if end.Assumed {
			continue
		}
		p.names[i] = report.Printable(end.String())
		p.shared[p.names[i]]++
		p.order = append(p.order, int32(i)) //nolint:gosec // endpoints are far fewer than 2^31
		p.left[e.ClassOf(i)]++
	}
	slices.SortFunc(p.order, func(a, b int32) int { return strings.Compare(p.names[a], p.names[b]) })
	for place, i := range p.order {
		p.rank[i] = int32(place) //nolint:gosec // endpoints are far fewer than 2^31
	}
	return p
}

// repeated reports whether the pair was there before, which only endpoints with
// one name can cause.
func (p *pairs) repeated(next Pair) bool {
	if p.shared[next.From] < 2 && p.shared[next.To] < 2 {
		return false
	}
	before := p.seen[next]
	p.seen[next] = true
	return before
}

func (p *pairs) sorted(edges []reach.Edge) []reach.Edge {
	slices.SortFunc(edges, func(a, b reach.Edge) int { return int(p.rank[a.To]) - int(p.rank[b.To]) })
	return edges
}

func (p *pairs) words(id netset.PortsID) string {
	text, ok := p.ports[id]
	if !ok {
		text = Words(p.e.Ports(id))
		p.ports[id] = text
	}
	return text
}

// Words writes ports as lines show them: All Connections when every port of
// every protocol is admitted, else the protocols with their ports. Protocols
// without ports, such as ICMP, are not judged.
func Words(s netset.Ports) string {
	if s.IsAllTransport() {
		return "All Connections"
	}
	return strings.TrimSuffix(strings.TrimSuffix(s.String(), "other"), ",")
}
