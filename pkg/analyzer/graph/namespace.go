package graph

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Namespace is a namespace that holds something. It stands in the graph
// whether or not its Namespace object is in the input.
type Namespace struct {
	name     string
	resource *model.Resource
	labels   map[string]string
	// Workloads, Services, Ingresses and Policies are in the order of Ref.
	Workloads []*Workload
	Services  []*Service
	Ingresses []*Ingress
	Policies  []*Policy
}

// addNamespace adds the namespace of a shard, unless only cluster-scoped
// objects are in it.
func (g *Graph) addNamespace(sh *shard) {
	if sh.name == "" && !slices.Contains(g.snapshot.Namespaces(), "") {
		return
	}
	ns := &Namespace{
		name:     sh.name,
		resource: g.snapshot.Get(model.Ref{Kind: "Namespace", Name: sh.name}),
		labels:   map[string]string{},
	}
	if ns.resource != nil {
		maps.Copy(ns.labels, ns.resource.Object.GetLabels())
	}
	// The API server sets this label on every namespace:
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#automatic-labelling
	if sh.name != "" {
		ns.labels[corev1.LabelMetadataName] = sh.name
	}
	sh.namespace = ns
	sh.byKind["Namespace"] = []Object{ns}
}

// Ref implements Object. It is that of the Namespace object, which need not be
// in the input.
func (n *Namespace) Ref() model.Ref { return model.Ref{Kind: "Namespace", Name: n.name} }

// Resource implements Object.
func (n *Namespace) Resource() *model.Resource { return n.resource }

// Name is the namespace's name; empty for objects that name no namespace.
func (n *Namespace) Name() string { return n.name }

// LabelsKnown reports whether the labels are those of a Namespace object in
// the input. Otherwise only kubernetes.io/metadata.name is certain.
func (n *Namespace) LabelsKnown() bool {
	return n.resource != nil && !n.resource.IsUnknown("metadata", "labels")
}

// Selected answers whether a namespaceSelector selects the namespace. Labels
// that are not in the input are unknown, never absent.
func (n *Namespace) Selected(s Selector) model.Tri {
	return s.match(n.labels, func(string) bool { return n.LabelsKnown() })
}
