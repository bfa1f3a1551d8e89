package graph

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Origin says which layer fixed a load-balancer setting.
type Origin string

// The layers, from the strongest.
const (
	OriginParams  Origin = "params"
	OriginService Origin = "service"
	OriginIngress Origin = "ingress"
	OriginFlag    Origin = "flag"
	OriginDefault Origin = "default"
	// OriginNone means that nothing sets it and there is no default.
	OriginNone Origin = "none"
)

// Setting is the effective value of one load-balancer setting with where it
// came from.
type Setting struct {
	// Value is nil when nothing sets it or when it is not known; Known tells
	// the two apart.
	Value  *string `json:"value,omitempty"`
	Known  bool    `json:"known"`
	Origin Origin  `json:"origin"`
	// Ref and Path point at the text that set it; Ref is nil for defaults and
	// for flags of a controller outside the input.
	Ref  *model.Ref `json:"ref,omitempty"`
	Path model.Path `json:"path,omitempty"`
}

// Is reports whether the setting is known to have the value.
func (s Setting) Is(value string) bool { return s.Value != nil && *s.Value == value }

// Text is the value, or "" when there is none or it is not known.
func (s Setting) Text() string {
	if s.Value == nil {
		return ""
	}
	return *s.Value
}

// IsSet reports whether the user wrote the setting somewhere.
func (s Setting) IsSet() bool {
	return s.Origin == OriginParams || s.Origin == OriginService || s.Origin == OriginIngress
}

// written is a setting that stands in a resource. A placeholder is not known.
func written(origin Origin, r *model.Resource, value string, path ...string) Setting {
	ref := r.Ref
	s := Setting{Origin: origin, Ref: &ref, Path: path}
	if !r.IsUnknown(path...) && !placeholder.In(value) {
		s.Known, s.Value = true, &value
	}
	return s
}

// fixed is a setting that a default or a flag gives.
func fixed(origin Origin, value string) Setting {
	return Setting{Origin: origin, Known: true, Value: &value}
}

// unset is a setting that nobody fixes and that has no default.
func unset() Setting { return Setting{Origin: OriginNone, Known: true} }

// unknownFrom is a setting that a layer may fix, but that layer is not in the input.
func unknownFrom(origin Origin) Setting { return Setting{Origin: origin} }

// annotation returns the setting that an annotation gives, if it is there.
func annotation(origin Origin, r *model.Resource, key string) (Setting, bool) {
	value, ok := r.Object.GetAnnotations()[key]
	if ok {
		return written(origin, r, value, "metadata", "annotations", key), true
	}
	// A patch may set any annotation that it names, or all of them.
	if slices.ContainsFunc(r.Unknown, func(u model.Path) bool {
		return u.Covers(model.Path{"metadata", "annotations", key})
	}) {
		return unknownFrom(origin), true
	}
	return Setting{}, false
}
