package model_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/model"
)

func TestPathString(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]model.Path{
		"":                          nil,
		"spec":                      {"spec"},
		"spec.rules[0].http":        {"spec", "rules", "0", "http"},
		"metadata.labels[a.b/c]":    {"metadata", "labels", "a.b/c"},
		"metadata.labels[a b].x":    {"metadata", "labels", "a b", "x"},
		"spec.ports[10].targetPort": {"spec", "ports", "10", "targetPort"},
	} {
		if got := path.String(); got != want {
			t.Errorf("%q: got %q, want %q", []string(path), got, want)
		}
	}
}

func TestPathCovers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		p, o model.Path
		want bool
	}{
		{nil, model.Path{"spec"}, true},
		{model.Path{"spec"}, model.Path{"spec"}, true},
		{model.Path{"spec"}, model.Path{"spec", "ports"}, true},
		{model.Path{"spec", "ports"}, model.Path{"spec"}, false},
		{model.Path{"spec", "port"}, model.Path{"spec", "ports"}, false},
	} {
		if got := tc.p.Covers(tc.o); got != tc.want {
			t.Errorf("%v covers %v = %v", tc.p, tc.o, got)
		}
	}
}

func TestChildNeverAliases(t *testing.T) {
	t.Parallel()
	parent := append(make(model.Path, 0, 8), "spec")
	first, second := parent.Child("a"), parent.Child("b")
	if first[1] != "a" || second[1] != "b" {
		t.Errorf("got %v and %v", first, second)
	}
}

func TestIsUnknown(t *testing.T) {
	t.Parallel()
	r := &model.Resource{Unknown: []model.Path{{"spec", "ports", "0", "port"}}}
	for want, paths := range map[bool][]model.Path{
		true:  {{"spec"}, {"spec", "ports"}, {"spec", "ports", "0", "port"}, {"spec", "ports", "0", "port", "x"}},
		false: {{"spec", "ports", "1"}, {"spec", "selector"}, {"metadata"}},
	} {
		for _, p := range paths {
			if got := r.IsUnknown(p...); got != want {
				t.Errorf("IsUnknown(%s) = %v", p, got)
			}
		}
	}
}
