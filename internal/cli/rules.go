package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/suggest"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

func (e *env) rulesCommand() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "List the rules, or begin one of your own",
		Example: "  ekslint rules\n  ekslint rules --rules policies/\n  ekslint rules new OWN-001 --dir policies/",
		Args:    noArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			set, err := e.knownRules(dirs)
			if err != nil {
				return err
			}
			lines := []string{"ID\tSEVERITY\tCATEGORY\tTITLE\n"}
			for _, m := range set.Metas() {
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
	cmd.Flags().StringArrayVar(&dirs, "rules", nil, rulesUsage)
	cmd.AddCommand(e.newRuleCommand())
	return cmd
}

func (e *env) explainCommand() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:     "explain ID",
		Short:   "Say what a rule checks, why it matters and what to edit",
		Example: "  ekslint explain ING-001",
		Args:    exactlyOne,

		ValidArgsFunction: oneRule,
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := e.knownRules(dirs)
			if err != nil {
				return err
			}
			m, err := find(set, args[0])
			if err != nil {
				return err
			}
			return explain(e.stdout, m)
		},
	}
	cmd.Flags().StringArrayVar(&dirs, "rules", nil, rulesUsage)
	return cmd
}

// find returns the rule of that ID, in any case.
func find(set ruleset.Set, id string) (rule.Meta, error) {
	var known []string
	for _, m := range set.Metas() {
		if strings.EqualFold(m.ID, id) {
			return m, nil
		}
		known = append(known, m.ID)
	}
	if best := suggest.Meant(id, known); best != "" {
		return rule.Meta{}, usagef("unknown rule %q%s", id, best)
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
	for _, p := range m.Params {
		fmt.Fprintf(&b, "Parameter: %s\n", p)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(m.Description))
	section(&b, "Why it matters", m.Rationale)
	section(&b, "What to edit", m.Remediation)
	section(&b, "Sources", strings.Join(m.Refs, "\n"))
	_, err := io.WriteString(w, b.String())
	return err
}

// section writes what a rule says under a heading; a rule of the user's may
// leave it out.
func section(b *strings.Builder, heading, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n%s\n  %s\n", heading, indent(text))
	}
}

func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
}
