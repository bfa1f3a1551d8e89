// Package graph turns a snapshot into the edges that rules ask about: which
// pods a Service and a policy select, who manages an Ingress or a Service, the
// effective value of each load-balancer setting, what becomes one load
// balancer. Every answer is derived once, here, and no rule derives it again.
package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// Names of the kinds that Objects takes besides plain Kubernetes kinds.
const (
	// KindWorkload covers every kind that makes pods.
	KindWorkload = "Workload"
	// KindResource covers every resource of the snapshot.
	KindResource = "Resource"
)

// GenericKinds are the kinds that the graph reads besides those with a type in
// package model: hand-written Endpoints, and the objects that only EKS Auto
// Mode and only another cloud's load-balancer controller read.
func GenericKinds() []model.GroupKind {
	return []model.GroupKind{kindEndpoints, {Group: autoModeGroup, Kind: "NodeClass"}, kindALBConfig}
}

// Graph is immutable and safe for concurrent use.
type Graph struct {
	snapshot   *model.Snapshot
	controller Controller
	namespaces map[string]*Namespace
	workloads  map[string]*podIndex
	classes    []*Class
	byRef      map[model.Ref]Object
	byKind     map[string][]Object
}

// New builds the graph of a snapshot.
func New(s *model.Snapshot) *Graph {
	g := &Graph{
		snapshot:   s,
		namespaces: map[string]*Namespace{},
		workloads:  map[string]*podIndex{},
		byRef:      make(map[model.Ref]Object, s.Len()),
		byKind:     map[string][]Object{},
	}
	g.addNamespaces()
	g.addWorkloads()
	g.controller = controllerOf(s, g)
	g.addServices()
	g.addClasses()
	g.addIngresses()
	g.addGroups()
	g.addPolicies()
	g.addRest()
	return g
}

// Snapshot is what the graph was built from.
func (g *Graph) Snapshot() *model.Snapshot { return g.snapshot }

// Controller is what the cluster shows of the load-balancer controllers.
func (g *Graph) Controller() Controller { return g.controller }

// Kinds names the kinds that have objects, sorted.
func (g *Graph) Kinds() []string {
	return slices.Sorted(maps.Keys(g.byKind))
}

// Objects returns the objects of a kind in a stable order. The kind is the bare
// name of a kind that the model knows (Ingress, Service), "Kind.group" for
// others, or one of KindWorkload, KindResource, "Namespace" (every namespace
// that holds something) and "IngressGroup". The slice is shared.
func (g *Graph) Objects(kind string) []Object { return g.byKind[kind] }

// Lookup returns the object of that reference, or nil.
func (g *Graph) Lookup(ref model.Ref) Object {
	if o, ok := g.byRef[ref]; ok {
		return o
	}
	return nil
}

// Namespace returns the namespace of that name; nil when nothing is in it.
func (g *Graph) Namespace(name string) *Namespace { return g.namespaces[name] }

// Plain is a resource without edges of its own.
type Plain struct{ resource *model.Resource }

// Ref implements Object.
func (p *Plain) Ref() model.Ref { return p.resource.Ref }

// Resource implements Object.
func (p *Plain) Resource() *model.Resource { return p.resource }

func (g *Graph) add(kind string, o Object) {
	g.byKind[kind] = append(g.byKind[kind], o)
	if ref := o.Ref(); g.byRef[ref] == nil {
		g.byRef[ref] = o
	}
}

// addRest adds the resources that have no node of their own, and lists every
// resource under KindResource.
func (g *Graph) addRest() {
	all := make([]Object, 0, g.snapshot.Len())
	for _, gk := range g.snapshot.Kinds() {
		for _, r := range g.snapshot.All(gk) {
			o, ok := g.byRef[r.Ref]
			if !ok {
				o = &Plain{resource: r}
				g.add(kindName(gk), o)
			}
			all = append(all, o)
		}
	}
	if len(all) > 0 {
		g.byKind[KindResource] = all
	}
}

// kindName is the name that Objects takes: bare for kinds of Kubernetes' own
// groups and of the graph, with the group for others.
func kindName(gk model.GroupKind) string {
	if gk.Group == model.GroupDerived || !strings.Contains(gk.Group, ".") || strings.HasSuffix(gk.Group, ".k8s.io") {
		return gk.Kind
	}
	return gk.Kind + "." + gk.Group
}
