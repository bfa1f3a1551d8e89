package loader

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// pool holds what was loaded, by the place at which it belongs to the tree.
type pool struct {
	resources map[string][]*model.Resource
	opaque    []opaqueAt
	// anchors are the folders of parts that are clusters of their own.
	anchors []string
}

// clusters groups the content: first as the user says, then standard input,
// then the largest folders in which no two objects contradict each other. What
// controllers install in other clusters is grouped in the same way, for each.
//
// What the AWS side describes belongs to the cluster whose files it is among, if
// the user names clusters, and else to each. Parts that describe several EKS
// clusters each belong to the manifests around them, or stand alone.
func clusters(c *content, given []string, o Options) []*model.Snapshot {
	shared := sides(c.sharedAWS(o))
	out := c.named(shared, o)
	isFree := func(u *unit) bool {
		return !slices.ContainsFunc(o.Clusters, func(config ClusterConfig) bool { return config.holds(u.at) })
	}
	isStdin := func(name string) bool { return name == StdinName }
	p := c.pool(func(u *unit) bool { return isFree(u) && u.destination == "" })
	if s := p.snapshot(model.Scope{Name: StdinName, Complete: o.Complete}, isStdin); s.Len() > 0 {
		out = append(out, s.WithAWS(sideOf(shared, StdinName)))
	}
	p.remove(isStdin)
	out = append(out, p.guess(shared, given, "", o)...)
	for _, destination := range c.destinations() {
		p := c.pool(func(u *unit) bool { return isFree(u) && u.destination == destination })
		out = append(out, p.guess(shared, given, destination, o)...)
	}
	return append(out, alone(shared, commonFolder(given), o)...)
}

// destinations are the other clusters that controllers install something in, sorted.
func (c *content) destinations() []string {
	names := map[string]bool{}
	for _, u := range c.units {
		if u.destination != "" {
			names[u.destination] = true
		}
	}
	return sortedKeys(names)
}

// guess makes clusters of the largest folders without a contradiction.
func (p *pool) guess(shared []*side, given []string, destination string, o Options) []*model.Snapshot {
	if len(shared) > 1 {
		for _, s := range shared {
			p.anchors = append(p.anchors, s.dir)
		}
	}
	groups := p.groups(commonFolder(given), sortedKeys(p.resources), false)
	p.doubtAbsences(groups)
	var out []*model.Snapshot
	for _, g := range groups {
		scope := model.Scope{Name: g.top, Guessed: g.guessed, Complete: o.Complete && !g.guessed}
		if destination != "" {
			scope.Name += " in " + destination
		}
		s := p.snapshot(scope, g.holds)
		out = append(out, s.WithAWS(sideOf(shared, g.top)))
	}
	return out
}

// named are the clusters that the user names and that hold anything.
func (c *content) named(shared []*side, o Options) []*model.Snapshot {
	var out []*model.Snapshot
	for _, config := range o.Clusters {
		scope := model.Scope{Name: config.Name, Complete: config.Complete || o.Complete}
		p := c.pool(func(u *unit) bool { return u.cluster == "" || u.cluster == config.Name })
		s := p.snapshot(scope, config.holds)
		if own := c.awsOf(config.holds); len(own) > 0 {
			out = append(out, s.WithAWS(joined(own)))
		} else if s.Len() > 0 {
			out = append(out, s.WithAWS(sideOf(shared, "")))
		}
	}
	return out
}

// alone are the sides that belong to no manifests.
func alone(shared []*side, top string, o Options) []*model.Snapshot {
	var out []*model.Snapshot
	for _, s := range shared {
		if s.used || s.aws.IsEmpty() {
			continue
		}
		scope := model.Scope{Name: top, Complete: o.Complete}
		if len(shared) > 1 {
			scope = model.Scope{Name: s.dir, Guessed: true}
		}
		out = append(out, model.NewSnapshot(scope, nil).WithAWS(s.aws))
	}
	return out
}

// pool sorts the resources of some units by place. Of an object that one place
// holds twice, the last counts, as it does for kubectl apply.
func (c *content) pool(keep func(*unit) bool) *pool {
	p := &pool{resources: map[string][]*model.Resource{}}
	seen := map[string]map[model.Ref]int{}
	for _, u := range c.units {
		if !keep(u) {
			continue
		}
		for _, o := range u.opaque {
			p.opaque = append(p.opaque, opaqueAt{u.at, o})
		}
		if seen[u.at] == nil && len(u.resources) > 0 {
			seen[u.at] = map[model.Ref]int{}
		}
		for _, r := range u.resources {
			i, twice := seen[u.at][r.Ref]
			if !twice || isGenerated(r) {
				seen[u.at][r.Ref] = len(p.resources[u.at])
				p.resources[u.at] = append(p.resources[u.at], r)
				continue
			}
			if first := p.resources[u.at][i]; !same(first, r) {
				c.notes = append(c.notes, c.twice(first, r))
				p.resources[u.at][i] = r
			}
		}
	}
	return p
}

func (c *content) twice(first, last *model.Resource) model.Note {
	return model.Note{File: last.Source.File(), Message: fmt.Sprintf(
		"%s stands in line %d and in line %d, the last one counts", last.Ref, c.line(first), c.line(last),
	)}
}

func (c *content) line(r *model.Resource) int {
	at := r.Source.Extent()
	text := c.texts[at.File]
	return 1 + strings.Count(string(text[:min(at.Start, len(text))]), "\n")
}

// isGenerated reports whether the API server completes the name, so that equal
// ones are different objects.
func isGenerated(r *model.Resource) bool {
	return r.Object.GetGenerateName() != "" && r.Object.GetGenerateName() == r.Ref.Name
}

func same(a, b *model.Resource) bool {
	return a.Version == b.Version && reflect.DeepEqual(a.Object, b.Object)
}

// snapshot makes a cluster of the files that belong to it.
func (p *pool) snapshot(scope model.Scope, belongs func(name string) bool) *model.Snapshot {
	index := map[model.Ref]int{}
	var resources []*model.Resource
	for _, file := range sortedKeys(p.resources) {
		if !belongs(file) {
			continue
		}
		for _, r := range p.resources[file] {
			i, copied := index[r.Ref]
			if copied && same(resources[i], r) {
				resources[i] = merged(resources[i], r)
				continue
			}
			index[r.Ref] = len(resources)
			resources = append(resources, r)
		}
	}
	for _, o := range p.opaque {
		if belongs(o.name) {
			scope.Opaque = append(scope.Opaque, o.Opaque)
		}
	}
	slices.SortFunc(scope.Opaque, model.CompareOpaque)
	scope.Opaque = slices.Compact(scope.Opaque)
	return model.NewSnapshot(scope, resources)
}

// merged is the first of two identical copies. What is unknown of one is
// unknown of both.
func merged(first, other *model.Resource) *model.Resource {
	if len(other.Unknown) == 0 {
		return first
	}
	out := first.Copied()
	out.Unknown = slices.Concat(first.Unknown, other.Unknown)
	slices.SortFunc(out.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
	out.Unknown = slices.CompactFunc(out.Unknown, func(a, b model.Path) bool { return slices.Equal(a, b) })
	return out
}

func (p *pool) remove(belongs func(name string) bool) {
	maps.DeleteFunc(p.resources, func(name string, _ []*model.Resource) bool { return belongs(name) })
	p.opaque = slices.DeleteFunc(slices.Clone(p.opaque), func(o opaqueAt) bool { return belongs(o.name) })
}

// group is a folder, or a file, that is a cluster.
type group struct {
	top     string
	guessed bool
	// isAlone is set for a file without what its objects install.
	isAlone bool
}

func (g group) holds(place string) bool {
	return place == g.top || !g.isAlone && within(g.top, place)
}

// groups returns the folder as one cluster when no two of its objects
// contradict each other and they are not of two parts that are clusters of their
// own, else each of its children that holds anything. places are those below the
// folder that hold resources, sorted.
func (p *pool) groups(top string, places []string, guessed bool) []group {
	switch {
	case len(places) == 0:
		return nil
	case len(places) == 1 && places[0] == top || !p.contradicts(places) && p.anchored(places) < 2:
		return []group{{top: top, guessed: guessed}}
	}
	var out []group
	children := map[string][]string{}
	for _, place := range places {
		if place == top {
			out = append(out, group{top: top, guessed: true, isAlone: true})
			continue
		}
		first, _, _ := strings.Cut(relative(top, place), "/")
		child := path.Join(top, first)
		children[child] = append(children[child], place)
	}
	for _, child := range sortedKeys(children) {
		out = append(out, p.groups(child, children[child], true)...)
	}
	return out
}

// anchored is the number of parts that the files belong to.
func (p *pool) anchored(files []string) int {
	n := 0
	for _, dir := range p.anchors {
		if slices.ContainsFunc(files, func(file string) bool { return within(dir, file) }) {
			n++
		}
	}
	return n
}

// contradicts reports whether two of the places hold the same object with
// different content. An object without a namespace is taken for one of the
// namespace default, where it most likely goes.
func (p *pool) contradicts(places []string) bool {
	type entry struct {
		place string
		*model.Resource
	}
	seen := map[model.Ref]entry{}
	for _, place := range places {
		for _, r := range p.resources[place] {
			ref := inDefault(r.Ref)
			other, found := seen[ref]
			switch {
			case !found:
				seen[ref] = entry{place, r}
			case other.place != place && !isGenerated(r) && !same(other.Resource, r):
				return true
			}
		}
	}
	return false
}

// inDefault names an object without a namespace as one of the default one.
func inDefault(ref model.Ref) model.Ref {
	if ref.Namespace == "" && !ref.GroupKind().IsClusterScoped() {
		ref.Namespace = "default"
	}
	return ref
}

// commonFolder is the deepest folder, or the only file, that holds all paths.
func commonFolder(given []string) string {
	if len(given) == 0 {
		return "."
	}
	top := given[0]
	for _, p := range given[1:] {
		for !within(top, p) {
			top = path.Dir(top)
		}
	}
	return top
}
