package helm

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// doubt compares what a template renders to with what it renders to in the second turn
// of chance, and makes unknown what differs. An object that is in one of them only may
// be there or not: it is left out if the absence of its kind means something, as that is
// then not known, and else nothing is known of it. Where the second cannot be read,
// nothing tells that an object is not there.
func (x *loading) doubt(s *sheet, out *content) {
	second := &content{}
	if s.isKnown {
		second = x.content(s.unit.origin, s.again)
	}
	missing, doubtful := out.compare(second)
	isRead := s.isKnown && len(second.Problems) <= len(out.Problems)
	if isRead {
		out.join(second.Opaque, s.unit.origin)
	}
	for _, r := range missing {
		if isRead && manifest.DomainOf(r.Ref.GroupKind()) != 0 {
			out.Resources = slices.DeleteFunc(out.Resources, func(other *model.Resource) bool { return other == r })
			doubtful = append(doubtful, r)
			continue
		}
		// Others find it in its namespace all the same.
		x.namespaced(r)
		r.Unknown = []model.Path{{}}
	}
	for _, r := range doubtful {
		x.namespaced(r)
		why := fmt.Sprintf("%s in %s depends on what the cluster has, or on values that nobody has set", r.Ref, s.unit.origin.name)
		if v, ok := manifest.Possible(r.Ref, why); ok {
			out.Opaque = append(out.Opaque, v)
		}
	}
}

// compare makes unknown what differs in the other content. It returns the resources that
// the other does not have, and those that may be there or not: the other's own, and those
// that others find by a name that nobody knows.
func (c *content) compare(other *content) (missing, doubtful []*model.Resource) {
	paired := map[int]bool{}
	for i, j := range twins(c.Resources, other.Resources) {
		r := c.Resources[i]
		if j < 0 {
			missing = append(missing, r)
			continue
		}
		paired[j] = true
		if other.Resources[j].Ref.Name != r.Ref.Name && isNamed(r) {
			doubtful = append(doubtful, r)
		}
		r.Unknown = append(r.Unknown, differing(c.node(i), other.node(j), nil)...)
		tidy(r)
	}
	for j, r := range other.Resources {
		if !paired[j] {
			doubtful = append(doubtful, r)
		}
	}
	return missing, doubtful
}

// join adds what the other turn alone may add without showing it. The lines that its
// reasons name are those of another text.
func (c *content) join(others []model.Opaque, o *origin) {
	for _, v := range others {
		isIt := func(own model.Opaque) bool { return own.Domains == v.Domains && own.Namespace == v.Namespace }
		if slices.ContainsFunc(c.Opaque, isIt) {
			continue
		}
		if _, tail, ok := o.named(v.Why); ok {
			v.Why = o.name + " " + tail
		}
		c.Opaque = append(c.Opaque, v)
	}
}

// isNamed reports whether others refer to objects of the kind by their names, and do not
// select them: one whose name is not known may be any that they refer to.
func isNamed(r *model.Resource) bool {
	return manifest.DomainOf(r.Ref.GroupKind())&(model.Services|model.Namespaces|model.IngressClasses) != 0
}

// twins finds for each resource the index of what it is in the other turn, or -1: one of
// the same kind with the same name and namespace, or else with the same name, as the
// namespace of the release may differ. Of those that are left, as many of a kind in one
// turn as in the other are taken for the same, in their order.
func twins(of, among []*model.Resource) []int {
	out := slices.Repeat([]int{-1}, len(of))
	taken := make([]bool, len(among))
	for _, key := range []func(*model.Resource) model.Ref{
		func(r *model.Resource) model.Ref { return r.Ref },
		func(r *model.Resource) model.Ref {
			return model.Ref{Group: r.Ref.Group, Kind: r.Ref.Kind, Name: r.Ref.Name}
		},
		func(r *model.Resource) model.Ref { return model.Ref{Group: r.Ref.Group, Kind: r.Ref.Kind} },
	} {
		left := indexes(of, key, func(i int) bool { return out[i] < 0 })
		right := indexes(among, key, func(j int) bool { return !taken[j] })
		for k, is := range left {
			if js := right[k]; len(js) == len(is) {
				for n, i := range is {
					out[i], taken[js[n]] = js[n], true
				}
			}
		}
	}
	return out
}

// versioned is a key of resources of the same version of their kind.
type versioned struct {
	ref     model.Ref
	version string
}

func indexes(resources []*model.Resource, key func(*model.Resource) model.Ref, isFree func(int) bool) map[versioned][]int {
	out := map[versioned][]int{}
	for i, r := range resources {
		if isFree(i) {
			k := versioned{key(r), r.Version}
			out[k] = append(out[k], i)
		}
	}
	return out
}

// tidy sorts the unknown paths of a resource. That it has no namespace is no doubt: it is
// in that of the release, wherever this is.
func tidy(r *model.Resource) {
	if r.Object.GetNamespace() == "" {
		r.Unknown = slices.DeleteFunc(r.Unknown, func(p model.Path) bool { return slices.Equal(p, model.Path{"metadata", "namespace"}) })
	}
	slices.SortFunc(r.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
	r.Unknown = slices.CompactFunc(r.Unknown, func(a, b model.Path) bool { return slices.Equal(a, b) })
}

// node is a resource as it is written in its document.
func (c *content) node(i int) *syntax.Node {
	root, offset := c.documents[i].Tree()
	return root.Find(prefixOf(root, offset, c.Resources[i].Source.Extent()))
}

// prefixOf leads from the root of a document to the object that has an extent: to an
// element of a list, or nowhere.
func prefixOf(root *syntax.Node, offset int, extent model.Span) model.Path {
	var out model.Path
	root.Walk(func(path []string, n *syntax.Node) bool {
		isIt := n.Start+offset == extent.Start && n.End+offset == extent.End && n.Kind == syntax.Mapping
		if isIt && out == nil {
			out = slices.Clone(path)
		}
		return out == nil && n.Start+offset <= extent.Start
	})
	return out
}

// differing are the paths whose values are not the same in both trees.
func differing(a, b *syntax.Node, at model.Path) []model.Path {
	if a == nil || b == nil || a.Kind != b.Kind || len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) || len(at) > 64 {
		return []model.Path{at}
	}
	var out []model.Path
	if a.Kind == syntax.Scalar && (a.Value != b.Value || a.Tag != b.Tag || a.Quoted != b.Quoted) {
		out = append(out, at)
	}
	for i, field := range a.Fields {
		other := b.Fields[i]
		if field.Key.Value != other.Key.Value {
			return []model.Path{at}
		}
		out = append(out, differing(field.Value, other.Value, at.Child(field.Key.Value))...)
	}
	for i, item := range a.Items {
		out = append(out, differing(item, b.Items[i], at.Child(strconv.Itoa(i)))...)
	}
	return out
}
