package graph

import (
	"maps"
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
)

// With returns the graph of a snapshot that differs from the graph's own in the
// resources of some references. It builds anew only what the changes affect, and
// shares the rest; the result answers as New(s) does. A Workload is another one only
// where a workload of its namespace changed, and a Policy where that or itself did. A
// change to the cluster as a whole, such as a Namespace, an IngressClass or a controller,
// rebuilds everything.
func (g *Graph) With(s *model.Snapshot, changed ...model.Ref) *Graph {
	affected, others := map[string]bool{}, map[string]bool{}
	for _, ref := range changed {
		if g.affectsAll(s, ref) {
			return New(s)
		}
		affected[ref.Namespace] = true
		if ref.GroupKind().IsWorkload() {
			others[ref.Namespace] = true
		}
	}
	out := &Graph{
		snapshot: s, controller: g.controller, classes: g.classes, shown: g.shown, moment: g.moment,
		shards: g.shards.Copied(), groups: g.groups.Copied(),
	}
	if len(others) > 0 {
		out.moment = &Moment{}
	}
	for {
		names := slices.Sorted(maps.Keys(affected))
		groups := out.rebuild(g, names, others)
		if grown := out.spread(g, affected); !grown {
			out.finish(names, groups)
			out.deferReading()
			out.rebuilt = names
			out.takeLists(g)
			for _, name := range names {
				out.shard(name).before = nil
			}
			return out
		}
		out.groups = g.groups.Copied()
	}
}

// takeLists takes over the lists of kinds that are the same in the namespaces that were
// built anew, and counts the others on.
func (g *Graph) takeLists(before *Graph) {
	g.lists.Clear() // of what was asked for while it grew
	before.lists.Range(func(key, list any) bool {
		kind, _ := key.(string)
		isTouched := kind == model.KindIngressGroup.Kind || slices.ContainsFunc(g.rebuilt, func(name string) bool {
			return !slices.Equal(g.shard(name).byKind[kind], before.shard(name).byKind[kind])
		})
		if !isTouched {
			g.lists.Store(kind, list)
		}
		return true
	})
	g.counts = maps.Clone(before.counts)
	for _, name := range g.rebuilt {
		g.count(before.shard(name), -1)
		g.count(g.shard(name), 1)
	}
}

// Affected are the namespaces that With built anew, sorted; nil for a graph of
// New, which built all.
func (g *Graph) Affected() []string { return g.rebuilt }

// ObjectsIn returns the objects of a kind in some namespaces, and the
// IngressGroups that have a member there.
func (g *Graph) ObjectsIn(kind string, namespaces []string) []Object {
	if kind != model.KindIngressGroup.Kind {
		return g.objectsIn(kind, slices.DeleteFunc(slices.Clone(namespaces), func(name string) bool { return g.shard(name) == nil }))
	}
	names := map[string]bool{}
	for _, namespace := range namespaces {
		if sh := g.shard(namespace); sh != nil {
			for _, name := range sh.groups {
				names[name] = true
			}
		}
	}
	out := make([]Object, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		group, _ := g.groups.Get(name)
		out = append(out, group)
	}
	return out
}

// affectsAll reports whether objects everywhere rest on the changed one.
func (g *Graph) affectsAll(s *model.Snapshot, changed model.Ref) bool {
	gk := changed.GroupKind()
	namespaces := s.Namespaces()
	if gk.IsClusterScoped() || changed.Namespace == "" || gk == kindALBConfig ||
		!slices.Contains(namespaces, changed.Namespace) || !slices.Equal(g.snapshot.Namespaces(), namespaces) {
		return true
	}
	if gk == (model.GroupKind{Kind: "Service"}) && len(g.objectsIn(model.KindIngress.Kind, []string{""})) > 0 {
		return true // an Ingress without a namespace may be beside it
	}
	if !gk.IsWorkload() {
		return false
	}
	return slices.ContainsFunc([]*model.Resource{g.snapshot.Get(changed), s.Get(changed)}, g.isController)
}

func (g *Graph) isController(r *model.Resource) bool {
	var c Controller
	return r != nil && c.read(g.workloadOf(r))
}

// rebuild makes the shards of some namespaces and the groups of their
// Ingresses. In others are the namespaces whose workloads are not the same.
func (g *Graph) rebuild(before *Graph, names []string, others map[string]bool) []*IngressGroup {
	for _, name := range names {
		sh := &shard{name: name, before: before.shard(name)}
		if !others[name] {
			sh.pods = sh.before.pods
		}
		g.shards.Set(name, sh)
		for _, group := range sh.before.groups {
			g.groups.Delete(group)
		}
	}
	g.addWorkloads(names)
	g.addRouting(names)
	return g.addGroups(names)
}

// spread adds the namespaces whose Ingresses share a load balancer with one in
// the affected ones, before or after the change.
func (g *Graph) spread(before *Graph, affected map[string]bool) (grown bool) {
	for name := range maps.Clone(affected) {
		for _, of := range []*Graph{before, g} {
			for _, group := range of.shard(name).groups {
				group, _ := of.groups.Get(group)
				for _, i := range group.Members {
					if !affected[i.Ref().Namespace] {
						affected[i.Ref().Namespace] = true
						grown = true
					}
				}
			}
		}
	}
	return grown
}
