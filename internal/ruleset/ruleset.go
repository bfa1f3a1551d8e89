// Package ruleset assembles the rules that ship with ekslint, Go and Rego
// alike, and those of a user beside them, into checkers.
package ruleset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/rules"
)

// Filter chooses rules by ID or category. The zero Filter takes all.
type Filter struct {
	// Include limits to these, when not empty; Exclude takes away.
	Include, Exclude []string
	// Enable adds rules that only run where they are asked for. Their ID in Include
	// asks for them as well.
	Enable []string
}

// Checkers returns the built-in rules that the filter takes. A name in the
// filter that is neither a rule nor a category is an error.
func Checkers(f Filter) ([]rule.Checker, error) { return Set{}.Checkers(f) }

func shipped(f Filter) ([]rule.Checker, error) {
	var out []rule.Checker
	for _, r := range rules.Go() {
		if f.takes(r.Meta) {
			out = append(out, r)
		}
	}
	modules := slices.DeleteFunc(rules.Rego(), func(m rule.Module) bool { return !f.takes(m.Meta) })
	bundles, err := regorule.New(modules, rules.Libraries()...)
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	return append(out, bundles...), nil
}

// Kinds returns the kinds that the loader must keep for the checkers besides
// those that it knows: what the graph reads, and what rules name as Kind.group.
func Kinds(checkers []rule.Checker) []model.GroupKind {
	out := graph.GenericKinds()
	for _, c := range checkers {
		for _, kind := range c.Kinds() {
			if name, group, ok := strings.Cut(kind, "."); ok {
				out = append(out, model.GroupKind{Group: group, Kind: name})
			}
		}
	}
	return out
}

// Metas returns the metadata of every built-in rule, sorted by ID.
func Metas() []rule.Meta {
	var out []rule.Meta
	for _, r := range rules.Go() {
		out = append(out, r.Meta)
	}
	for _, m := range rules.Rego() {
		out = append(out, m.Meta)
	}
	slices.SortFunc(out, func(a, b rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (f Filter) takes(m rule.Meta) bool {
	if len(f.Include) > 0 && !named(f.Include, m) && !slices.Contains(f.Enable, m.ID) {
		return false
	}
	if m.OptIn && !slices.Contains(slices.Concat(f.Include, f.Enable), m.ID) {
		return false
	}
	return !named(f.Exclude, m)
}

func named(names []string, m rule.Meta) bool {
	return slices.Contains(names, m.ID) || slices.Contains(names, m.Category)
}

func (f Filter) validate(metas []rule.Meta) error {
	for _, id := range f.Enable {
		i := slices.IndexFunc(metas, func(m rule.Meta) bool { return m.ID == id })
		if i < 0 || !metas[i].OptIn {
			return fmt.Errorf("%q is no rule that has to be enabled", id)
		}
	}
	for _, name := range slices.Concat(f.Include, f.Exclude) {
		known := slices.ContainsFunc(metas, func(m rule.Meta) bool { return named([]string{name}, m) })
		if !known {
			return fmt.Errorf("unknown rule or category %q", name)
		}
	}
	return nil
}
