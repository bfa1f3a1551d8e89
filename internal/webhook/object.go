package webhook

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// Objects reads objects as the API server writes them. It is safe for concurrent use.
type Objects struct{ reader *manifest.Reader }

// NewObjects returns a reader of the kinds that have a Go type, and of those given.
func NewObjects(kinds []model.GroupKind) *Objects {
	return &Objects{manifest.NewReader(kinds)}
}

// unread is what of an object is left out.
var unread = []model.Path{{"metadata", "managedFields"}, {"metadata", "annotations", corev1.LastAppliedConfigAnnotation}}

// Read returns the resource of an object in JSON; nil for one that no rule looks at.
func (o *Objects) Read(raw []byte) (*model.Resource, error) {
	documents, problems := manifest.Documents(&manifest.File{Name: "object.json", Text: raw})
	if len(problems) > 0 {
		return nil, errors.New(problems[0].Message)
	}
	if len(documents) != 1 {
		return nil, fmt.Errorf("%d objects, want one", len(documents))
	}
	part := o.reader.Read(documents[0])
	switch {
	case len(part.Problems) > 0:
		return nil, errors.New(part.Problems[0].Message)
	case len(part.Resources) == 0:
		return nil, nil
	case len(part.Resources) > 1:
		return nil, fmt.Errorf("a list of %d objects, want one", len(part.Resources))
	}
	r := part.Resources[0]
	if graph.MadeOfPods(r) {
		return nil, nil // they change with every pod
	}
	r.Source = nil // its text is no file, and would be kept as long as the cluster
	// What follows no rule looks at, and it is larger than the rest.
	r.Object.SetManagedFields(nil)
	if annotations := r.Object.GetAnnotations(); annotations[corev1.LastAppliedConfigAnnotation] != "" {
		delete(annotations, corev1.LastAppliedConfigAnnotation)
		r.Object.SetAnnotations(annotations)
	}
	r.Unknown = slices.DeleteFunc(r.Unknown, func(p model.Path) bool {
		return slices.ContainsFunc(unread, func(u model.Path) bool { return u.Covers(p) })
	})
	return r, nil
}
