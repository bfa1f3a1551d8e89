package reachdiff

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
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

// groups finds the group of an effect on some targets by their hash.
type groups struct {
	byHash map[uint64][]*group
	seed   maphash.Seed
	buffer []byte
}

func newGroups() groups { return groups{byHash: map[uint64][]*group{}, seed: maphash.MakeSeed()} }

// add adds a source to those with the same effect on the same targets.
func (g *groups) add(e effect, from int32, to []int32) {
	g.buffer = binary.AppendVarint(g.buffer[:0], int64(e.ports))
	for _, t := range to {
		g.buffer = binary.LittleEndian.AppendUint32(g.buffer, uint32(t)) //nolint:gosec // numbers are not negative
	}
	hash := maphash.Bytes(g.seed, g.buffer)
	for _, known := range g.byHash[hash] {
		if known.effect == e && slices.Equal(known.to, to) {
			known.from = append(known.from, from)
			return
		}
	}
	g.byHash[hash] = append(g.byHash[hash], &group{e, []int32{from}, slices.Clip(to)})
}

func (w *walk) diff() Diff {
	out := Diff{Undecided: w.undecided, Reasons: w.reasons}
	slices.Sort(out.Reasons)
	d := describer{walk: w, ranges: map[netset.Range]int32{}}
	for _, u := range w.units[:w.workloads] {
		d.endpoints = append(d.endpoints, w.endpoint(u))
	}
	for _, list := range w.groups.byHash {
		for _, g := range list {
			described, ok := d.describe(g)
			switch {
			case !ok:
			case g.opened:
				out.Opened = append(out.Opened, described)
			default:
				out.Closed = append(out.Closed, described)
			}
		}
	}
	slices.SortFunc(out.Opened, d.compare)
	slices.SortFunc(out.Closed, d.compare)
	out.NewWorkloads, out.GoneWorkloads = w.exposed(New), w.exposed(Old)
	out.Unclear = w.unclear
	out.Endpoints = d.endpoints
	return out
}

// describer names the members of groups. Its endpoints are the workloads by
// their units, which are sorted by name, then the ranges that it met.
type describer struct {
	*walk
	endpoints []reach.Endpoint
	ranges    map[netset.Range]int32
}

func (d *describer) compare(a, b Group) int {
	return cmp.Or(
		slices.CompareFunc(a.From, b.From, d.compareEndpoints),
		slices.CompareFunc(a.To, b.To, d.compareEndpoints),
		strings.Compare(a.Ports.String(), b.Ports.String()),
	)
}

// compareEndpoints orders ranges before workloads.
func (d *describer) compareEndpoints(a, b int32) int {
	x, y := d.endpoints[a], d.endpoints[b]
	switch {
	case x.Workload != nil && y.Workload != nil:
		return cmp.Compare(a, b)
	case x.Workload == nil && y.Workload == nil:
		return cmp.Or(x.Range.First.Compare(y.Range.First), x.Range.Last.Compare(y.Range.Last))
	case x.Workload == nil:
		return -1
	default:
		return 1
	}
}

// describe names the members of a group. There are none when it consists of
// one endpoint and itself.
func (d *describer) describe(g *group) (Group, bool) {
	from, to := d.members(g.from), d.members(g.to)
	if len(to) == 1 {
		from = without(from, to[0])
	}
	if len(from) == 1 {
		to = without(to, from[0])
	}
	if len(from) == 0 || len(to) == 0 {
		return Group{}, false
	}
	out := Group{From: d.numbers(from), To: d.numbers(to), Ports: d.ports.Ports(g.ports)}
	out.Connections = len(out.From)*len(out.To) - overlap(from, to)
	source, target := from[0], to[0]
	switch {
	case source != target:
	case len(to) > 1:
		target = to[1]
	default:
		source = from[1]
	}
	out.Causes = d.causes(g.effect, d.units[source], d.units[target])
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
	if len(a) > len(b) {
		a, b = b, a
	}
	n := 0
	for _, u := range a {
		if _, found := slices.BinarySearch(b, u); found {
			n++
		}
	}
	return n
}

// numbers are the numbers of sorted units in the endpoints, with ranges that
// touch joined.
func (d *describer) numbers(units []int32) []int32 {
	first, _ := slices.BinarySearch(units, number(d.workloads))
	if first == len(units) {
		return units
	}
	var joined netset.Ranges
	for _, u := range units[first:] {
		joined = joined.Union(netset.Ranges{d.units[u].external})
	}
	var out []int32
	for _, r := range joined {
		out = append(out, d.number(r))
	}
	return append(out, units[:first]...)
}

func (d *describer) number(r netset.Range) int32 {
	n, ok := d.ranges[r]
	if !ok {
		n = number(len(d.endpoints))
		d.ranges[r] = n
		d.endpoints = append(d.endpoints, reach.Endpoint{Range: r})
	}
	return n
}

// exposed are the workloads that only one state holds, but for those whose
// connections are in doubt.
func (w *walk) exposed(s State) []Exposure {
	var units []int32
	classOf := map[int32]int{}
	for c := range w.classes {
		if only, ok := w.classes[c].only(); !ok || only != s {
			continue
		}
		if w.classes[c].doubt {
			w.unclear += len(w.classes[c].members)
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
