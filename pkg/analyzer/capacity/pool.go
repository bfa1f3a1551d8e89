package capacity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// Pool are the subnets of some groups, with all groups that have no others. What
// these need together has to fit, however their nodes are spread.
type Pool struct {
	// Of is the first group that has exactly these subnets.
	Of      *Group
	Groups  []*Group
	Subnets []*Subnet
	// Needs are the addresses that nodes and pods take of the Room, by size.
	Needs [sizes]Range
	// Room is what the subnets have for them: where AWS was asked what is free, and
	// else what is usable less the fewest addresses that others take.
	Room int
}

// addPools adds a pool for each set of subnets that a group has. Groups and
// subnets whose numbers are not known are in none.
func (r *Report) addPools() {
	seen := map[string]bool{}
	for _, g := range r.Groups {
		own := r.subnetsOf(g)
		if key := namesOf(own); g.Unknown == "" && !seen[key] {
			seen[key] = true
			if p, ok := r.pool(own); ok {
				p.Of = g
				r.Pools = append(r.Pools, p)
			}
		}
	}
}

func (r *Report) pool(subnets []*Subnet) (Pool, bool) {
	out := Pool{Subnets: subnets}
	for _, s := range subnets {
		room, known := s.Room.Get()
		if !known || s.Unknown != "" || s.Asked != subnets[0].Asked {
			return Pool{}, false
		}
		out.Room += room
		for _, use := range s.Others {
			out.Room -= use.Addresses.Low
		}
	}
	for _, g := range r.Groups {
		if !containsAll(subnets, r.subnetsOf(g)) || g.Unknown != "" {
			continue
		}
		out.Groups = append(out.Groups, g)
		each := g.OwnSubnet.add(g.PodSubnet)
		now, _ := g.Nodes[Desired].Get()
		for size := range out.Needs {
			n, _ := g.Nodes[size].Get() // known, or the subnets were not
			if subnets[0].Asked {
				n = max(n-now, 0)
				out.Needs[size].High += now * (each.High - each.Low)
			}
			out.Needs[size] = out.Needs[size].add(Range{n, n}.times(each))
		}
	}
	return out, true
}

// subnetsOf are those in which the nodes of a group and their pods lie.
func (r *Report) subnetsOf(g *Group) []*Subnet {
	var out []*Subnet
	for _, s := range r.Subnets {
		if slices.ContainsFunc(s.shares, func(part share) bool { return part.group == g }) {
			out = append(out, s)
		}
	}
	return out
}

func namesOf(subnets []*Subnet) string {
	names := make([]string, len(subnets))
	for i, s := range subnets {
		names[i] = s.Title()
	}
	return strings.Join(names, "\x00")
}

func containsAll[T comparable](all, some []T) bool {
	for _, x := range some {
		if !slices.Contains(all, x) {
			return false
		}
	}
	return true
}

// Demand are the pods that no other node groups may take, against what these hold.
type Demand struct {
	Groups []*Group
	// Workloads are those of the pods, DaemonSets apart.
	Workloads []*graph.Workload
	Pods      Range
	// Open are the workloads whose number of pods is not known; Pods leaves them out.
	Open []*graph.Workload
	// Room is how many pods there is room for besides those of DaemonSets, by size.
	Room [sizes]Range
	// Unknown says why Room is not known.
	Unknown string
}

// demands are one for each set of groups that some workload may run on.
func (r *Report) demands() []Demand {
	type placed struct {
		workload *graph.Workload
		groups   []*Group
	}
	var all []placed
	var sets [][]*Group
	for _, o := range r.Cluster.Graph.Objects(graph.KindWorkload) {
		w, ok := o.(*graph.Workload)
		if !ok || w.Ref().GroupKind() == model.KindDaemonSet {
			continue
		}
		groups := r.groupsFor(w)
		if len(groups) == 0 {
			continue
		}
		all = append(all, placed{w, groups})
		if !slices.ContainsFunc(sets, func(set []*Group) bool { return slices.Equal(set, groups) }) {
			sets = append(sets, groups)
		}
	}
	var out []Demand
	for _, set := range sets {
		d := Demand{Groups: set}
		for _, p := range all {
			if containsAll(set, p.groups) {
				d.add(r.Cluster.Graph, p.workload)
			}
		}
		d.addRoom()
		out = append(out, d)
	}
	return out
}

// groupsFor are the groups that may take the pods of a workload; none where a
// Fargate profile may.
func (r *Report) groupsFor(w *graph.Workload) []*Group {
	var out []*Group
	for _, g := range r.Groups {
		if r.Cluster.Takes(g.NodeGroup, w) != model.No {
			out = append(out, g)
		}
	}
	return out
}

func (d *Demand) add(g *graph.Graph, w *graph.Workload) {
	d.Workloads = append(d.Workloads, w)
	least, most, known := g.Replicas(w)
	if !known {
		d.Open = append(d.Open, w)
		return
	}
	d.Pods = d.Pods.add(Range{least, most})
}

func (d *Demand) addRoom() {
	for _, g := range d.Groups {
		d.Unknown = cmp.Or(d.Unknown, g.Unknown)
		for size := range d.Room {
			n, known := g.Nodes[size].Get()
			if !known {
				d.Unknown = cmp.Or(d.Unknown, "the size of "+g.Title()+" is not known")
			}
			free := Range{max(g.Pods.Low-g.System.High, 0), max(g.Pods.High-g.System.Low, 0)}
			d.Room[size] = d.Room[size].add(Range{n, n}.times(free))
		}
	}
}
