// Package ruleset assembles the rules that ship with ekslint, Go and Rego
// alike, and those of a user beside them, into checkers.
package ruleset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/internal/suggest"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/rules"
)

// The presets: what a filter begins with.
const (
	// Recommended is every rule that is not opt-in. It is the default.
	Recommended = "recommended"
	// Strict is every rule.
	Strict = "strict"
	// Security is every rule with a security severity that is not opt-in.
	Security = "security"
)

// Presets lists the presets.
func Presets() []string { return []string{Recommended, Strict, Security} }

// Filter chooses rules by ID or category. The zero Filter takes all that are
// recommended.
type Filter struct {
	// Preset is the one to begin with; empty is Recommended.
	Preset string
	// Include limits to these, when not empty. A rule that is named by its ID runs
	// whether or not the preset has it.
	Include []string
	// Enable adds rules by their ID, whatever the preset and Include say.
	Enable []string
	// Exclude takes away, and has the last word.
	Exclude []string
}

// shipped returns the built-in rules that the filter takes.
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
	switch {
	case named(f.Exclude, m):
		return false
	case slices.Contains(f.Enable, m.ID), slices.Contains(f.Include, m.ID):
		return true
	case len(f.Include) > 0 && !named(f.Include, m):
		return false
	default:
		return inPreset(f.Preset, m)
	}
}

func inPreset(preset string, m rule.Meta) bool {
	switch preset {
	case Strict:
		return true
	case Security:
		return m.SecuritySeverity > 0 && !m.OptIn
	default:
		return !m.OptIn
	}
}

func named(names []string, m rule.Meta) bool {
	return slices.Contains(names, m.ID) || slices.Contains(names, m.Category)
}

func (f Filter) validate(metas []rule.Meta) error {
	var ids, all []string
	for _, m := range metas {
		ids = append(ids, m.ID)
		all = append(all, m.ID, m.Category)
	}
	if f.Preset != "" && !slices.Contains(Presets(), f.Preset) {
		return fmt.Errorf("unknown preset %q: want %s", f.Preset, strings.Join(Presets(), ", "))
	}
	for _, id := range f.Enable {
		if !slices.Contains(ids, id) {
			return fmt.Errorf("unknown rule %q%s", id, suggest.Meant(id, ids))
		}
	}
	for _, name := range slices.Concat(f.Include, f.Exclude) {
		if !slices.Contains(all, name) {
			return fmt.Errorf("unknown rule or category %q%s", name, suggest.Meant(name, all))
		}
	}
	return nil
}
