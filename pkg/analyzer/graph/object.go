package graph

import "github.com/ekslint/ekslint/pkg/model"

// Object is what a rule looks at: a resource of the cluster with its edges, or
// something derived from several resources.
type Object interface {
	// Ref names the object. Derived objects have the group model.GroupDerived.
	Ref() model.Ref
	// Resource is the manifest behind the object; nil when there is none, as
	// for a namespace without a Namespace object.
	Resource() *model.Resource
}

// Holder is the resource to which the places of an object belong: of a workload
// the one that holds its pod template, else that of the object.
func Holder(o Object) *model.Resource {
	if w, ok := o.(*Workload); ok {
		return w.Holder()
	}
	return o.Resource()
}
