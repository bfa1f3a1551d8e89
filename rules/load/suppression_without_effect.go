package load

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// SuppressionWithoutEffect is LOAD-003. It has no kinds and reports nothing: what
// suppressions do is known when all other rules are done.
func SuppressionWithoutEffect() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       rule.NoEffect,
			Title:    "Suppression that has no effect",
			Category: "load",
			Description: `Fires on an entry of the config, an annotation or a comment that accepts findings and has expired,
or that accepts none although what it speaks of is in the input. Of one that has not expired it says nothing
where a rule that it names did not run, was skipped for want of knowledge or found no object to look at, where
a part of the input could not be read, and where the file or object is not in this input.`,
			Rationale: `A suppression that outlives its finding hides the next one, and a reader takes it for a known
weakness. After its date it accepts nothing any more.`,
			Remediation: `Remove it, or correct the rule and the place that it names. If the reason still stands after the date,
set a later one.`,
			Severity: rule.Note,
			Refs:     []string{"https://github.com/ekslint/ekslint/blob/main/docs/suppressions.md"},
			Since:    "0.1.0",
		},
		Run: func(*rule.Pass, graph.Object) {},
	}
}
