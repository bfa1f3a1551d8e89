// Package rules holds the rules that ship with ekslint, one folder a topic and
// one file a rule, in Go and in Rego side by side. The lists are generated from
// the files: a new rule is its file and its test cases, then make generate.
package rules

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

//go:generate go run ../internal/rulegen
//go:generate go run ../internal/rulegen/ruledoc
//go:generate go run ../internal/rulegen/configschema
//go:generate go run ../internal/deploy/deploygen

// goRule is a rule written in Go with its file.
type goRule struct {
	file string
	rule rule.Rule
}

// Go returns the rules written in Go, sorted by ID.
func Go() []rule.Rule {
	var out []rule.Rule
	for _, r := range goRules() {
		out = append(out, r.rule)
	}
	slices.SortFunc(out, func(a, b rule.Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Rego returns the rules written in Rego, sorted by ID. Paths are relative to
// the folder of this package.
func Rego() []rule.Module {
	out := regoRules()
	slices.SortFunc(out, func(a, b rule.Module) int { return strings.Compare(a.Meta.ID, b.Meta.ID) })
	return out
}

// Libraries returns the modules that rules written in Rego import.
func Libraries() []rule.Module { return libraries() }

// File is a rule with the file that holds it, relative to the folder of this
// package.
type File struct {
	Path string
	Meta rule.Meta
}

// Files returns every rule with its file, sorted by ID, then path.
func Files() []File {
	var out []File
	for _, r := range goRules() {
		out = append(out, File{Path: r.file, Meta: r.rule.Meta})
	}
	for _, m := range regoRules() {
		out = append(out, File{Path: m.Path, Meta: m.Meta})
	}
	slices.SortFunc(out, func(a, b File) int {
		return slices.Compare([]string{a.Meta.ID, a.Path}, []string{b.Meta.ID, b.Path})
	})
	return out
}
