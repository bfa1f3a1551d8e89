package config

import (
	"maps"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// off is the severity that switches a rule off.
const off = "off"

// Excluded are the rules and categories that do not run: those that are excluded
// and those whose severity is off.
func (r Rules) Excluded() []string {
	out := slices.Clone(r.Exclude)
	for _, id := range slices.Sorted(maps.Keys(r.Severity)) {
		if r.Severity[id] == off {
			out = append(out, id)
		}
	}
	return out
}

// Severities are the severities that replace those of rules.
func (r Rules) Severities() map[string]rule.Severity {
	out := map[string]rule.Severity{}
	for id, word := range r.Severity {
		if s, err := rule.ParseSeverity(word); err == nil {
			out[id] = s
		}
	}
	return out
}

// Parameters are the values that a checked config gives the parameters of rules.
func (r Rules) Parameters() map[string]rule.Params {
	out := map[string]rule.Params{}
	for id, values := range r.Params {
		out[id] = values
	}
	return out
}
