package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

func (e *env) rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rules",
		Short:   "List the rules",
		Example: "  ekslint rules",
		Args:    noArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			lines := []string{"ID\tSEVERITY\tCATEGORY\tTITLE\n"}
			for _, m := range ruleset.Metas() {
				title := m.Title
				if m.OptIn {
					title += " (opt-in)"
				}
				lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%s\n", m.ID, m.Severity, m.Category, title))
			}
			w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
			if _, err := io.WriteString(w, strings.Join(lines, "")); err != nil {
				return err
			}
			return w.Flush()
		},
	}
}

func (e *env) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID",
		Short:   "Say what a rule checks, why it matters and what to edit",
		Example: "  ekslint explain ING-001",
		Args:    exactlyOne,

		ValidArgsFunction: oneRule,
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := find(args[0])
			if err != nil {
				return err
			}
			return explain(e.stdout, m)
		},
	}
}

// find returns the rule of that ID, in any case.
func find(id string) (rule.Meta, error) {
	best, at := "", 3
	for _, m := range ruleset.Metas() {
		d := levenshtein.ComputeDistance(strings.ToUpper(id), m.ID)
		if d == 0 {
			return m, nil
		}
		if d < at {
			best, at = m.ID, d
		}
	}
	if best != "" {
		return rule.Meta{}, usagef("unknown rule %q, did you mean %s?", id, best)
	}
	return rule.Meta{}, usagef("unknown rule %q: `ekslint rules` lists them", id)
}

func explain(w io.Writer, m rule.Meta) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nSeverity: %s", m.ID, m.Title, m.Severity)
	if m.SecuritySeverity > 0 {
		fmt.Fprintf(&b, " (security severity %.1f)", m.SecuritySeverity)
	}
	fmt.Fprintf(&b, "\nCategory: %s\n", m.Category)
	if m.OptIn {
		fmt.Fprintf(&b, "Opt-in: runs with --enable %s\n", m.ID)
	}
	if len(m.Kinds) > 0 {
		fmt.Fprintf(&b, "Looks at: %s\n", strings.Join(m.Kinds, ", "))
	}
	if m.Needs != 0 {
		fmt.Fprintf(&b, "Needs to know: %s\n", m.Needs)
	}
	fmt.Fprintf(&b, "\n%s\n\nWhy it matters\n  %s\n\nWhat to edit\n  %s\n\nSources\n",
		strings.TrimSpace(m.Description), indent(m.Rationale), indent(m.Remediation))
	for _, ref := range m.Refs {
		fmt.Fprintf(&b, "  %s\n", ref)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
}
