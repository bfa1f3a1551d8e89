package model

import "cmp"

// Ref names one resource of a cluster. Namespace is empty for cluster-scoped
// kinds and for objects whose manifest names no namespace: all objects of one
// snapshot without a namespace belong together.
type Ref struct {
	Group     string `json:"group,omitempty"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// String writes the reference as a message shows it: Service shop/web.
func (r Ref) String() string { return r.Kind + " " + r.NamespacedName() }

// NamespacedName writes namespace/name, or the name alone without a namespace.
func (r Ref) NamespacedName() string {
	if r.Namespace == "" {
		return r.Name
	}
	return r.Namespace + "/" + r.Name
}

// GroupKind is the kind of the reference without its name.
func (r Ref) GroupKind() GroupKind { return GroupKind{Group: r.Group, Kind: r.Kind} }

// Compare orders references by namespace, kind, name and group.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(
		cmp.Compare(r.Namespace, o.Namespace),
		cmp.Compare(r.Kind, o.Kind),
		cmp.Compare(r.Name, o.Name),
		cmp.Compare(r.Group, o.Group),
	)
}

// GroupKind names a kind independent of its API version.
type GroupKind struct{ Group, Kind string }

// Compare orders kinds by name, then group.
func (g GroupKind) Compare(o GroupKind) int {
	return cmp.Or(cmp.Compare(g.Kind, o.Kind), cmp.Compare(g.Group, o.Group))
}
