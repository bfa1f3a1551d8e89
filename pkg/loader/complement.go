package loader

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// foreign are the domains whose objects are often written apart from what they are
// about, by those who run the cluster.
const foreign = model.Policies | model.Namespaces | model.IngressClasses

// doubtAbsences adds to each of the groups that a folder was cut into what the others
// may complete it with. Those that contradict each other, as the overlays of one base
// do, are alternatives; any others may be installed in one cluster.
func (p *pool) doubtAbsences(groups []group) {
	if len(groups) < 2 {
		return
	}
	members := make([][]*model.Resource, len(groups))
	for _, place := range sortedKeys(p.resources) {
		for i, g := range groups {
			if g.holds(place) {
				members[i] = append(members[i], p.resources[place]...)
			}
		}
	}
	apart := contradictions(members)
	for j, other := range groups {
		hidden := foreignTo(members[j], other.top)
		for i, g := range groups {
			if i == j || apart[[2]int{min(i, j), max(i, j)}] {
				continue
			}
			for _, o := range hidden {
				p.opaque = append(p.opaque, opaqueAt{g.top, o})
			}
		}
	}
}

// contradictions are the pairs that hold the same object with different content. A
// Namespace is often written down by all who use it, each with labels of its own.
func contradictions(members [][]*model.Resource) map[[2]int]bool {
	type entry struct {
		group int
		*model.Resource
	}
	holders := map[model.Ref][]entry{}
	out := map[[2]int]bool{}
	for i, resources := range members {
		for _, r := range resources {
			if isGenerated(r) || r.Ref.GroupKind() == model.KindNamespace {
				continue
			}
			ref := inDefault(r.Ref)
			for _, other := range holders[ref] {
				if other.group != i && !out[[2]int{other.group, i}] && !same(other.Resource, r) {
					out[[2]int{other.group, i}] = true
				}
			}
			holders[ref] = append(holders[ref], entry{i, r})
		}
	}
	return out
}

// foreignTo is what the resources of one group may hide from another.
func foreignTo(resources []*model.Resource, name string) []model.Opaque {
	var out []model.Opaque
	for _, r := range resources {
		gk := r.Ref.GroupKind()
		domain := manifest.DomainOf(gk) & foreign
		if domain == 0 {
			continue
		}
		o := model.Opaque{
			Domains: domain, Namespace: r.Ref.Namespace, AnyNamespace: gk.IsClusterScoped(),
			Why: name + " may belong to the same cluster",
		}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}
