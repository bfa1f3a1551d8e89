package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// Class is a set of endpoints that no rule tells apart, by its number.
type Class int32

// ClassOf returns the class of an endpoint, named by its number in Endpoints.
func (e *Engine) ClassOf(endpoint int) Class { return Class(e.classOf.At(endpoint)) }

// Classes is the number of classes, which are numbered from 0.
func (e *Engine) Classes() int { return e.classes.Len() }

// Members returns the endpoints of a class in ascending order. The slice is
// shared.
func (e *Engine) Members(c Class) []int32 { return e.classes.At(int(c)).members }

// Edge leads to an endpoint, with the ports that are certainly admitted there
// and those that may be.
type Edge struct {
	To                int32
	Certain, Possible netset.PortsID
}

// Ports returns the set of ports of that name.
func (e *Engine) Ports(id netset.PortsID) netset.Ports { return e.ports.Ports(id) }

// Edges returns where the endpoints of a class may say something, in the order
// of the endpoints' numbers. Members of the class itself are among them, as one
// pod reaches the other: a caller leaves out the endpoint that it asks for.
// Between ranges outside the cluster there are none, nor to what is assumed. The cost follows the
// shorter of two lists: whom the class may talk to, and who may be open to it.
func (e *Engine) Edges(from Class) []Edge {
	external := e.sample(int32(from)).Workload == nil
	candidates := e.candidates(int32(from))
	out := make([]Edge, 0, len(candidates))
	for _, to := range candidates {
		if target := e.sample(to); target.Assumed || external && target.Workload == nil {
			continue
		}
		ports := e.pair(int32(from), to)
		if ports.possible == netset.NoPorts {
			continue
		}
		for _, m := range e.classes.At(int(to)).members {
			out = append(out, Edge{m, ports.certain, ports.possible})
		}
	}
	slices.SortFunc(out, func(a, b Edge) int { return int(a.To) - int(b.To) })
	return out
}

func (e *Engine) sample(class int32) Endpoint {
	return e.endpoints.At(int(e.classes.At(int(class)).sample))
}

// candidates are a superset of the classes that a class may reach, sorted.
func (e *Engine) candidates(from int32) []int32 {
	s := e.classes.At(int(from))
	x := e.index()
	if s.host { // it may be on the node of any pod
		return x.all
	}
	var lists [][]int32
	if x.closed[from][Egress] == open {
		lists = e.receivers(from, netset.EveryPorts)
	} else {
		lists = e.namedReceivers(from)
	}
	out := slices.Concat(lists...)
	slices.Sort(out)
	return slices.Compact(out)
}

// receivers are the classes whose ingress is open to a class, or names it on
// some of the ports.
func (e *Engine) receivers(from int32, ports netset.PortsID) [][]int32 {
	x := e.index()
	lists := [][]int32{x.open}
	if e.sample(from).Workload == nil {
		lists[0] = x.openOutside
	}
	for _, p := range e.classes.At(int(from)).peers {
		for _, a := range x.namedBy[p.id] {
			if e.ports.Intersect(a.ports, ports) != netset.NoPorts {
				lists = append(lists, a.classes)
			}
		}
	}
	return lists
}

// namedReceivers are, for each egress rule of a class, the classes that the
// rule names or those that may receive on its ports, whichever are fewer.
func (e *Engine) namedReceivers(from int32) [][]int32 {
	x := e.index()
	lists := [][]int32{x.host}
	if x.closed[from][Egress] == closedToPods {
		lists = append(lists, x.external)
	}
	for _, r := range e.admits(e.classes.At(int(from)), Egress) {
		var named [][]int32
		for _, p := range r.peers {
			named = append(named, x.peerClasses[p])
		}
		if n := total(named); n > few {
			if receiving := e.receivers(from, e.widest[r.ports]); total(receiving) < n {
				named = receiving
			}
		}
		lists = append(lists, named...)
	}
	return lists
}

// few is a number of classes below which a shorter list is not worth looking
// for.
const few = 16

func total(lists [][]int32) int {
	n := 0
	for _, l := range lists {
		n += len(l)
	}
	return n
}
