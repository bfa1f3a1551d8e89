// Package graph turns a snapshot into the edges that rules ask about: which
// pods a Service and a policy select, who manages an Ingress or a Service, the
// effective value of each load-balancer setting, what becomes one load
// balancer. Every answer is derived once, here, and no rule derives it again.
package graph

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/persistent"
)

// Names of the kinds that Objects takes besides plain Kubernetes kinds.
const (
	// KindWorkload covers every kind that makes pods.
	KindWorkload = "Workload"
	// KindResource covers every resource of the snapshot.
	KindResource = "Resource"
)

// GenericKinds are the kinds that the graph reads besides those with a type in
// package model: hand-written Endpoints, and an object that only another cloud's
// load-balancer controller reads.
func GenericKinds() []model.GroupKind { return []model.GroupKind{kindEndpoints, kindALBConfig} }

// Graph is immutable and safe for concurrent use. Its objects lie in shards,
// one for each namespace, so that a change in one namespace leaves the others
// as they are: see With.
type Graph struct {
	snapshot   *model.Snapshot
	controller Controller
	shards     persistent.Table[string, *shard]
	classes    []*Class
	groups     persistent.Table[string, *IngressGroup]
	// enforcement, cni and called are read when they are first asked for.
	enforcement func() Enforcement
	cni         func() CNI
	called      func() []calledPort
	// rebuilt are the namespaces that With built anew.
	rebuilt []string
	// lists remembers what Objects returned, by kind.
	lists sync.Map
	// counts are the numbers of objects by kind, but for groups.
	counts map[string]int
	moment *Moment
	// shown remembers what selectors of namespaces select.
	shown *shownMatches
}

// Moment tells graphs apart whose workloads differ. Moments are compared as pointers.
type Moment struct{ _ byte }

// Moment is the same for graphs that With made one of the other, and that have the same
// Workloads.
func (g *Graph) Moment() *Moment { return g.moment }

// shard holds the objects of one namespace. Those without a namespace, cluster
// scoped or not, are in the shard without a name.
type shard struct {
	name string
	// namespace is nil where nothing but cluster-scoped objects lies.
	namespace *Namespace
	// before is the shard in whose place With puts this one; nil when it is made.
	before *shard
	pods   *podIndex
	byRef  map[model.Ref]Object
	byKind map[string][]Object
	// groups names the IngressGroups that have a member here.
	groups []string
}

// New builds the graph of a snapshot.
func New(s *model.Snapshot) *Graph {
	g := &Graph{snapshot: s, groups: persistent.NewTable[string, *IngressGroup](), moment: &Moment{}, shown: &shownMatches{}}
	names := s.Namespaces()
	if !slices.Contains(names, "") {
		names = append([]string{""}, names...)
	}
	shards := make(map[string]*shard, len(names))
	for _, name := range names {
		shards[name] = &shard{name: name}
	}
	g.shards = persistent.Over(shards)
	g.addWorkloads(names)
	g.controller = controllerOf(s, g)
	g.addClasses()
	g.addRouting(names)
	g.finish(names, g.addGroups(names))
	g.deferReading()
	g.lists.Clear() // of what was asked for while it grew
	g.counts = map[string]int{}
	for _, sh := range shards {
		g.count(sh, 1)
	}
	return g
}

// shard is that of a namespace; nil when there is none.
func (g *Graph) shard(name string) *shard {
	sh, _ := g.shards.Get(name)
	return sh
}

// addWorkloads begins the shards of some namespaces.
func (g *Graph) addWorkloads(names []string) {
	kinds := g.snapshot.Kinds()
	g.each(names, func(sh *shard) {
		n := 0
		for _, gk := range kinds {
			n += len(g.snapshot.List(gk, sh.name))
		}
		sh.byRef, sh.byKind = make(map[model.Ref]Object, n), make(map[string][]Object, len(kinds))
		g.addNamespace(sh)
		g.addPods(sh)
	})
}

// each calls a function that looks at one namespace for some of them, on all
// processors. It may only write to its own shard.
func (g *Graph) each(names []string, do func(*shard)) {
	const worthIt = 32
	if len(names) < worthIt {
		for _, name := range names {
			do(g.shard(name))
		}
		return
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, name := range names {
		group.Go(func() error {
			do(g.shard(name))
			return nil
		})
	}
	_ = group.Wait() // no function fails
}

// addRouting adds the Services and Ingresses of some namespaces.
func (g *Graph) addRouting(names []string) {
	g.each(names, func(sh *shard) {
		g.addServices(sh)
		g.addIngresses(sh)
	})
}

// finish adds what rests on everything else.
func (g *Graph) finish(names []string, groups []*IngressGroup) {
	for _, group := range groups {
		g.completeGroup(group)
	}
	kinds := g.snapshot.Kinds()
	g.each(names, func(sh *shard) {
		g.addPolicies(sh)
		g.addCorefile(sh)
		g.addRest(sh, kinds)
	})
}

// Snapshot is what the graph was built from.
func (g *Graph) Snapshot() *model.Snapshot { return g.snapshot }

// Controller is what the cluster shows of the load-balancer controllers.
func (g *Graph) Controller() Controller { return g.controller }

// Kinds names the kinds that have objects, sorted.
func (g *Graph) Kinds() []string {
	kinds := map[string]bool{}
	for _, sh := range g.shards.All() {
		for kind := range sh.byKind {
			kinds[kind] = true
		}
	}
	if g.groups.Len() > 0 {
		kinds[model.KindIngressGroup.Kind] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}

// Objects returns the objects of a kind in a stable order. The kind is the bare
// name of a kind that the model knows (Ingress, Service), "Kind.group" for
// others, or one of KindWorkload, KindResource, "Namespace" (every namespace
// that holds something) and "IngressGroup". The slice is shared.
func (g *Graph) Objects(kind string) []Object {
	if known, ok := g.lists.Load(kind); ok {
		list, _ := known.([]Object)
		return list
	}
	list := g.objectsIn(kind, slices.Sorted(maps.Keys(maps.Collect(g.shards.All()))))
	if kind == model.KindIngressGroup.Kind {
		groups := maps.Collect(g.groups.All())
		for _, name := range slices.Sorted(maps.Keys(groups)) {
			list = append(list, groups[name])
		}
	}
	g.lists.Store(kind, list)
	return list
}

// Count is the number of objects of a kind.
func (g *Graph) Count(kind string) int {
	if kind == model.KindIngressGroup.Kind {
		return g.groups.Len()
	}
	return g.counts[kind]
}

// count adds the objects of a shard, times a factor.
func (g *Graph) count(sh *shard, factor int) {
	for kind, list := range sh.byKind {
		g.counts[kind] += factor * len(list)
	}
}

func (g *Graph) objectsIn(kind string, namespaces []string) []Object {
	n := 0
	for _, name := range namespaces {
		n += len(g.shard(name).byKind[kind])
	}
	if n == 0 {
		return nil
	}
	list := make([]Object, 0, n)
	for _, name := range namespaces {
		list = append(list, g.shard(name).byKind[kind]...)
	}
	return list
}

// Lookup returns the object of that reference, or nil.
func (g *Graph) Lookup(ref model.Ref) Object {
	switch ref.GroupKind() {
	case model.KindNamespace:
		if ns := g.Namespace(ref.Name); ns != nil {
			return ns
		}
		return nil
	case model.KindIngressGroup:
		if group, ok := g.groups.Get(ref.Name); ok {
			return group
		}
		return nil
	}
	if sh := g.shard(ref.Namespace); sh != nil {
		return sh.byRef[ref]
	}
	return nil
}

// Namespace returns the namespace of that name; nil when nothing is in it.
func (g *Graph) Namespace(name string) *Namespace {
	if sh := g.shard(name); sh != nil {
		return sh.namespace
	}
	return nil
}

// Plain is a resource without edges of its own.
type Plain struct{ resource *model.Resource }

// Ref implements Object.
func (p *Plain) Ref() model.Ref { return p.resource.Ref }

// Resource implements Object.
func (p *Plain) Resource() *model.Resource { return p.resource }

// was is what stood for a resource in the shard before, if it is the same resource.
func (sh *shard) was(r *model.Resource) Object {
	if sh.before == nil {
		return nil
	}
	if o := sh.before.byRef[r.Ref]; o != nil && o.Resource() == r {
		return o
	}
	return nil
}

func (sh *shard) add(kind string, o Object) {
	sh.byKind[kind] = append(sh.byKind[kind], o)
	if ref := o.Ref(); sh.byRef[ref] == nil {
		sh.byRef[ref] = o
	}
}

// addRest adds the resources that have no node of their own, and lists every
// resource under KindResource.
func (g *Graph) addRest(sh *shard, kinds []model.GroupKind) {
	for _, gk := range kinds {
		for _, r := range g.snapshot.List(gk, sh.name) {
			o := g.Lookup(r.Ref)
			if o == nil {
				o = &Plain{resource: r}
				sh.add(KindName(gk), o)
			}
			sh.byKind[KindResource] = append(sh.byKind[KindResource], o)
		}
	}
}

// KindName is the name that Objects takes: bare for kinds of Kubernetes' own
// groups and of the graph, with the group for others.
func KindName(gk model.GroupKind) string {
	if gk.Group == model.GroupDerived || !strings.Contains(gk.Group, ".") || strings.HasSuffix(gk.Group, ".k8s.io") {
		return gk.Kind
	}
	return gk.Kind + "." + gk.Group
}

// IsOfKind reports whether resources of a kind are among what Objects lists under a name.
func IsOfKind(gk model.GroupKind, name string) bool {
	return name == KindResource || name == KindName(gk) || gk.IsWorkload() && (name == KindWorkload || name == gk.Kind)
}

// ConnectionKinds names the kinds, as Objects does, on which it rests who can talk to whom
// inside the cluster: workloads, Services with their addresses, and policies.
func ConnectionKinds() []string {
	out := []string{KindWorkload, model.KindService.Kind, kindEndpoints.Kind, model.KindEndpointSlice.Kind}
	for _, gk := range model.PolicyKinds() {
		out = append(out, KindName(gk))
	}
	return out
}

// deferReading lets what many rules ask for be read once, when it is first asked.
func (g *Graph) deferReading() {
	g.enforcement = sync.OnceValue(g.readEnforcement)
	g.cni = sync.OnceValue(g.readCNI)
	g.called = sync.OnceValue(g.readCalledPorts)
}
