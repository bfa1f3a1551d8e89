package deploy

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// Kind is a kind that the webhook watches, and its name in the paths of the API.
type Kind struct {
	model.GroupKind
	Resource string
}

// Watched lists what the webhook watches with every rule that ships, sorted.
func Watched() ([]Kind, error) {
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		return nil, err
	}
	var out []Kind
	for _, gk := range slices.Concat(manifest.TypedKinds(), ruleset.Kinds(checkers)) {
		if gk != model.KindClusterConfig { // eksctl reads it from a file, no API server has it
			out = append(out, Kind{gk, resource(gk)})
		}
	}
	slices.SortFunc(out, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource))
	})
	return slices.Compact(out), nil
}

// resource is what a kind is called in paths.
func resource(gk model.GroupKind) string {
	if gk == model.KindIngressClassParams || gk == model.KindAutoModeIngressClassParams {
		return "ingressclassparams" // a plural already
	}
	plural, _ := meta.UnsafeGuessKindToResource(schema.GroupVersionKind{Group: gk.Group, Kind: gk.Kind})
	return plural.Resource
}

// group is what is watched of one API group, as the templates of the chart read it.
type group struct {
	APIGroup  string   `json:"apiGroup"`
	Resources []string `json:"resources"`
}

// WatchedFile is the text of the file that the roles and the webhook configuration of the
// chart are made of.
func WatchedFile() ([]byte, error) {
	kinds, err := Watched()
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, k := range kinds {
		if n := len(groups); n == 0 || groups[n-1].APIGroup != k.Group {
			groups = append(groups, group{APIGroup: k.Group})
		}
		last := &groups[len(groups)-1]
		last.Resources = append(last.Resources, k.Resource)
	}
	text, err := yaml.Marshal(groups)
	if err != nil {
		return nil, fmt.Errorf("what is watched: %w", err)
	}
	return append([]byte("# DO NOT EDIT: make generate writes what rules look at.\n"), text...), nil
}
