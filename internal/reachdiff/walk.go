package reachdiff

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// connection is what one class can say to another in each state. Ports are
// named by the walk's table.
type connection struct{ certain, possible [2]netset.PortsID }

// change is what becomes of a connection.
type change struct {
	opened, closed netset.PortsID
	undecided      bool
}

// walk compares the connections of all classes.
type walk struct {
	*alignment
	ports *netset.Table
	// transport are the ports of all protocols that have ports: no other
	// protocol is judged.
	transport netset.PortsID
	// own translates the names of an engine's ports into those of the walk.
	own [2]map[netset.PortsID]netset.PortsID
	// speaks lists, by endpoint of a state, the classes of which it is the
	// first member.
	speaks  [2][][]int32
	changes map[connection]change
	// edges are those of the class that is listed. Sources that share an old
	// class follow each other.
	edges  [2][]reach.Edge
	listed [2]int32
	// to are the connections of the current source by target, touched are the
	// targets that have one.
	to      []connection
	touched []int32

	groups    groups
	exposures []Exposure
	undecided int
}

func newWalk(a *alignment) *walk {
	n := len(a.classes)
	w := &walk{
		alignment: a, ports: netset.NewTable(), changes: map[connection]change{}, listed: [2]int32{absent, absent},
		to: make([]connection, n), groups: newGroups(), exposures: make([]Exposure, n),
	}
	var transport netset.Ports
	for _, p := range netset.Protocols() {
		transport = transport.Union(netset.PortRange(p, netset.FirstPort, netset.LastPort))
	}
	w.transport = w.ports.ID(transport)
	for s := range w.own {
		w.own[s] = map[netset.PortsID]netset.PortsID{}
		w.speaks[s] = make([][]int32, a.sides[s].engine.Len())
	}
	for c := range a.classes {
		for s, endpoint := range a.units[a.classes[c].members[0]].at {
			if endpoint != absent {
				w.speaks[s][endpoint] = append(w.speaks[s][endpoint], number(c))
			}
		}
	}
	return w
}

func (w *walk) all() {
	for from := range w.classes {
		for _, s := range []State{Old, New} {
			w.list(s, w.classes[from].at[s])
		}
		slices.Sort(w.touched)
		w.touched = slices.Compact(w.touched)
		w.compare(number(from))
		for _, to := range w.touched {
			w.to[to] = connection{}
		}
		w.touched = w.touched[:0]
	}
}

// list notes the connections of a source in one state.
func (w *walk) list(s State, from int32) {
	if from == absent {
		return
	}
	if w.listed[s] != from {
		w.edges[s], w.listed[s] = w.sides[s].engine.Edges(reach.Class(from)), from
	}
	for _, edge := range w.edges[s] {
		for _, to := range w.speaks[s][edge.To] {
			w.touched = append(w.touched, to)
			w.to[to].certain[s] = w.translate(s, edge.Certain)
			w.to[to].possible[s] = w.translate(s, edge.Possible)
		}
	}
}

func (w *walk) translate(s State, id netset.PortsID) netset.PortsID {
	own, ok := w.own[s][id]
	if !ok {
		own = w.ports.Intersect(w.ports.ID(w.sides[s].engine.Ports(id)), w.transport)
		w.own[s][id] = own
	}
	return own
}

// compare notes what becomes of the connections of a source.
func (w *walk) compare(from int32) {
	targets := map[effect][]int32{}
	for _, to := range w.touched {
		if w.isOneSided(from, to) {
			w.expose(from, to)
			continue
		}
		doubt := w.classes[from].doubt || w.classes[to].doubt
		c := w.change(w.to[to])
		if c.undecided || doubt && c != (change{}) {
			w.undecided += len(w.classes[from].members) * w.others(from, to)
		}
		if doubt {
			continue
		}
		if c.opened != netset.NoPorts {
			targets[effect{true, c.opened}] = append(targets[effect{true, c.opened}], to)
		}
		if c.closed != netset.NoPorts {
			targets[effect{false, c.closed}] = append(targets[effect{false, c.closed}], to)
		}
	}
	for e, list := range targets {
		w.groups.add(e, from, list)
	}
}

// change compares a connection port by port. A port is open, closed or neither
// for certain; only from open to closed and back is a change that is known.
func (w *walk) change(c connection) change {
	if c.certain[Old] == c.certain[New] && c.possible[Old] == c.possible[New] {
		return change{}
	}
	if known, ok := w.changes[c]; ok {
		return known
	}
	var certain, possible [2]netset.Ports
	for s := range certain {
		certain[s], possible[s] = w.ports.Ports(c.certain[s]), w.ports.Ports(c.possible[s])
	}
	opened := certain[New].Subtract(possible[Old])
	closed := certain[Old].Subtract(possible[New])
	rest := difference(certain).Union(difference(possible)).Subtract(opened).Subtract(closed)
	out := change{w.ports.ID(opened), w.ports.ID(closed), !rest.IsEmpty()}
	w.changes[c] = out
	return out
}

func difference(p [2]netset.Ports) netset.Ports {
	return p[Old].Subtract(p[New]).Union(p[New].Subtract(p[Old]))
}

// others is how many members of a class a member of another, or of the same,
// is paired with.
func (w *walk) others(from, to int32) int {
	n := len(w.classes[to].members)
	if from == to {
		n--
	}
	return n
}

func (w *walk) isOneSided(from, to int32) bool {
	_, source := w.classes[from].only()
	_, target := w.classes[to].only()
	return source || target
}

// expose counts a connection of a workload that only one state holds.
func (w *walk) expose(from, to int32) {
	source, target := &w.classes[from], &w.classes[to]
	s, isSource := source.only()
	t, isTarget := target.only()
	if !isSource {
		s = t
	}
	if w.to[to].certain[s] == netset.NoPorts || source.doubt || target.doubt || w.others(from, to) == 0 {
		return
	}
	if isSource {
		x := &w.exposures[from]
		x.Existing = x.Existing || !isTarget
		x.ToOutside = x.ToOutside || target.external
		if !target.external {
			x.Reaches += w.others(from, to)
		}
	}
	if isTarget {
		x := &w.exposures[to]
		x.Existing = x.Existing || !isSource
		x.FromOutside = x.FromOutside || source.external
		if !source.external {
			x.ReachedBy += w.others(to, from)
		}
	}
}
