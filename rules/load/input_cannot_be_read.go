package load

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// InputCannotBeRead is LOAD-001. It has no kinds and reports nothing: reports
// show the problems of the loader under its name.
func InputCannotBeRead() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       rule.InputUnread,
			Title:    "Part of the input cannot be read",
			Category: "load",
			Description: `Stands for a part of the input that should be readable and is not: a syntax error, a value of the
wrong type, a file that is too large. The rest is analysed. What the unread part may hold counts as
unknown, so that nothing is reported as missing because of it.`,
			Rationale: `What was not read was not checked. A mistake in it stays unseen, and rules that depend on it stay
silent about other objects too.`,
			Remediation: `Correct the text at the place shown. A file that is not meant for Kubernetes can be named under
ignorePaths in .ekslint.yaml.`,
			Severity: rule.Error,
			Refs:     []string{"https://yaml.org/spec/1.2.2/", "https://kubernetes.io/docs/reference/using-api/api-concepts/"},
			Since:    "0.1.0",
		},
		Run: func(*rule.Pass, graph.Object) {},
	}
}
