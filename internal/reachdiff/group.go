package reachdiff

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// effect is that ports are opened, or else closed.
type effect struct {
	opened bool
	ports  netset.PortsID
}

// group is an effect on all pairs between some classes and others.
type group struct {
	effect
	from, to []int32
}

// addGroup adds a source to those with the same effect on the same targets.
func (w *walk) addGroup(e effect, from int32, to []int32) {
	key := binary.AppendVarint(nil, int64(e.ports))
	if e.opened {
		key = append(key, '+')
	}
	for _, t := range to {
		key = binary.AppendVarint(key, int64(t))
	}
	g, ok := w.groups[string(key)]
	if !ok {
		g = &group{effect: e, to: to}
		w.groups[string(key)] = g
	}
	g.from = append(g.from, from)
}

func (w *walk) diff() Diff {
	out := Diff{Undecided: w.undecided, Unclear: w.unclear, Reasons: w.reasons}
	slices.Sort(out.Reasons)
	for _, g := range w.groups {
		described, ok := w.describe(g)
		switch {
		case !ok:
		case g.opened:
			out.Opened = append(out.Opened, described)
		default:
			out.Closed = append(out.Closed, described)
		}
	}
	slices.SortFunc(out.Opened, compareGroups)
	slices.SortFunc(out.Closed, compareGroups)
	out.NewWorkloads, out.GoneWorkloads = w.exposed(New), w.exposed(Old)
	return out
}

func compareGroups(a, b Group) int {
	byName := func(x, y reach.Endpoint) int { return strings.Compare(x.String(), y.String()) }
	return cmp.Or(
		slices.CompareFunc(a.From, b.From, byName),
		slices.CompareFunc(a.To, b.To, byName),
		strings.Compare(a.Ports.String(), b.Ports.String()),
	)
}

// describe names the members of a group. There are none when it consists of
// one endpoint and itself.
func (w *walk) describe(g *group) (Group, bool) {
	from, to := w.members(g.from), w.members(g.to)
	if len(to) == 1 {
		from = without(from, to[0])
	}
	if len(from) == 1 {
		to = without(to, from[0])
	}
	if len(from) == 0 || len(to) == 0 {
		return Group{}, false
	}
	out := Group{From: w.endpoints(from), To: w.endpoints(to), Ports: w.ports.Ports(g.ports)}
	out.Connections = len(out.From)*len(out.To) - overlap(from, to)
	source, target := from[0], to[0]
	switch {
	case source != target:
	case len(to) > 1:
		target = to[1]
	default:
		source = from[1]
	}
	out.Causes = w.causes(g.effect, w.units[source], w.units[target])
	return out, true
}

// members are the units of the classes in ascending order.
func (w *walk) members(classes []int32) []int32 {
	var out []int32
	for _, c := range classes {
		out = append(out, w.classes[c].members...)
	}
	slices.Sort(out)
	return out
}

func without(list []int32, unit int32) []int32 {
	return slices.DeleteFunc(list, func(u int32) bool { return u == unit })
}

// overlap counts what two sorted lists share.
func overlap(a, b []int32) int {
	n := 0
	for _, u := range a {
		if _, found := slices.BinarySearch(b, u); found {
			n++
		}
	}
	return n
}

// endpoints names units, with ranges that touch joined.
func (w *walk) endpoints(units []int32) []reach.Endpoint {
	var ranges netset.Ranges
	var workloads []reach.Endpoint
	for _, u := range units {
		end := w.endpoint(w.units[u])
		if end.Workload == nil {
			ranges = ranges.Union(netset.Ranges{end.Range})
			continue
		}
		workloads = append(workloads, end)
	}
	var out []reach.Endpoint
	for _, r := range ranges {
		out = append(out, reach.Endpoint{Range: r})
	}
	return append(out, workloads...)
}

// exposed are the workloads that only one state holds.
func (w *walk) exposed(s State) []Exposure {
	var units []int32
	classOf := map[int32]int{}
	for c := range w.classes {
		if only, ok := w.classes[c].only(); !ok || only != s {
			continue
		}
		for _, u := range w.classes[c].members {
			units = append(units, u)
			classOf[u] = c
		}
	}
	slices.Sort(units)
	var out []Exposure
	for _, u := range units {
		x := w.exposures[classOf[u]]
		x.Workload = w.endpoint(w.units[u])
		out = append(out, x)
	}
	return out
}
