package model

import (
	"slices"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Resource is one object of a cluster with the place where it was written. It
// is not changed after loading.
type Resource struct {
	Ref Ref
	// Version is the API version without its group, such as v1.
	Version string
	// Object is the decoded object: a k8s.io/api type, a type of this package,
	// or *unstructured.Unstructured for kinds that only a rule names. Fields
	// listed in Unknown may be missing from it.
	Object metav1.Object
	Source Source
	// Written is the JSON of the object as it was written, without defaults and
	// with the fields that its type lacks. It is kept only where the loader was
	// asked for all kinds.
	Written []byte
	// Unknown lists the paths whose value the input does not fix: placeholders,
	// values of a wrong type, fields that a patch will change.
	Unknown []Path
	Defects []Defect
	// notes are kept beside what was loaded.
	notes atomic.Pointer[notes]
}

// IsUnknown reports whether the value at path is not fixed by the input: the
// path itself, something above it, or something below it is unknown.
func (r *Resource) IsUnknown(path ...string) bool {
	p := Path(path)
	for _, u := range r.Unknown {
		if u.Covers(p) || p.Covers(u) {
			return true
		}
	}
	return false
}

// Hides reports whether the whole value at path is not fixed by the input, and
// not only something below it.
func (r *Resource) Hides(path ...string) bool {
	return slices.ContainsFunc(r.Unknown, func(u Path) bool { return u.Covers(path) })
}

// Locate returns the span of path in the resource's source; when the path is
// not written there, the span of its nearest ancestor that is.
func (r *Resource) Locate(path Path, part Part) Span {
	if r == nil || r.Source == nil {
		return Span{}
	}
	if span, ok := r.Source.Locate(path, part); ok {
		return span
	}
	for n := len(path) - 1; n > 0; n-- {
		if span, ok := r.Source.Locate(path[:n], PartKey); ok {
			return span
		}
	}
	return r.Source.Extent()
}
