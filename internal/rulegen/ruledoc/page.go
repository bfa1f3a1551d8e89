package main

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/rules"
)

// page is the text of one rule.
func page(f rules.File, e example) string {
	m := f.Meta
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n", m.ID, m.Title)
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, cell(value))
		}
	}
	row("Severity", m.Severity.String())
	if m.SecuritySeverity > 0 {
		row("Security severity", strconv.FormatFloat(m.SecuritySeverity, 'f', 1, 64))
	}
	if m.OptIn {
		row("Opt-in", "runs with `--enable "+m.ID+"`")
	}
	row("Category", m.Category)
	row("Kinds", strings.Join(m.Kinds, ", "))
	row("Needs to know", strings.ReplaceAll(m.Needs.String(), ",", ", "))
	row("Language", fmt.Sprintf("%s ([source](../../rules/%s))", language(f.Path), f.Path))
	row("Since", m.Since)
	section(&b, "Description", m.Description)
	section(&b, "Why it matters", m.Rationale)
	section(&b, "How to fix", m.Remediation)
	section(&b, "Parameters", params(m))
	e.write(&b)
	if len(m.Refs) > 0 {
		b.WriteString("\n## References\n\n")
		for _, ref := range m.Refs {
			fmt.Fprintf(&b, "- <%s>\n", ref)
		}
	}
	return b.String()
}

// params lists the parameters of a rule.
func params(m rule.Meta) string {
	var b strings.Builder
	for _, p := range m.Params {
		fmt.Fprintf(&b, "- `rules.params.%s.%s`: %s\n", m.ID, p.Name, p.Summary())
	}
	return b.String()
}

func section(b *strings.Builder, title, text string) {
	if text = strings.TrimSpace(text); text != "" {
		fmt.Fprintf(b, "\n## %s\n\n%s\n", title, text)
	}
}

// index is the table of all rules.
func index(files []rules.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Rules\n\n%d rules. A finding's severity is at most that of its rule.\n\n", len(files))
	b.WriteString("| ID | Finds | Severity | Category | Language |\n|---|---|---|---|---|\n")
	for _, f := range files {
		m := f.Meta
		title := cell(m.Title)
		if m.OptIn {
			title += " (opt-in)"
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s |\n", m.ID, m.ID, title, m.Severity, m.Category, language(f.Path))
	}
	return b.String()
}

func language(file string) string {
	if path.Ext(file) == ".rego" {
		return "Rego"
	}
	return "Go"
}

// cell keeps a text inside its cell of a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}
