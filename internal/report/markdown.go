package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// GitHub refuses the summary of a step beyond 1 MiB and cuts nothing:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits.
// What follows the findings and the rules is short.
const (
	// maxFindingBytes is where the tables of findings and problems end.
	maxFindingBytes = 600_000
	// maxRuleBytes is where the texts of rules end.
	maxRuleBytes = 800_000
	// maxCell is the longest text, in characters, of a cell or a line.
	maxCell = 600
)

// Markdown writes the report as GitHub Flavored Markdown for the summary of a
// job: counts, tables of the findings of each severity, what could not be read,
// and folded below them what the rules say and what was not decided.
func Markdown(w io.Writer, r analyzer.Report, o Options) error {
	m := &markdownWriter{places: newPlaces(o), report: r}
	m.write("## ekslint\n\n**%s**\n", totals(r, newPalette(false)))
	m.findings()
	m.problems()
	m.rules()
	m.folded("Failed", list(r.Failures, failureText))
	m.folded("Not decided", list(mergeSkips(groupSkips(r.Skipped)), skipGroup.String))
	m.folded("Set aside", list(groupNotes(r), m.note))
	m.folded("Clusters", list(r.Clusters, clusterLine))
	if _, err := io.WriteString(w, m.out.String()); err != nil {
		return fmt.Errorf("write markdown report: %w", err)
	}
	return nil
}

type markdownWriter struct {
	places
	report analyzer.Report
	out    strings.Builder
}

func (m *markdownWriter) write(format string, args ...any) { fmt.Fprintf(&m.out, format, args...) }

// upTo writes elements as long as the report stays within a size, and counts the rest.
func upTo[T any](m *markdownWriter, limit int, elements []T, write func(T) string) {
	for i, e := range elements {
		part := write(e)
		if m.out.Len()+len(part) > limit {
			m.write("\nand %d more, left out because GitHub limits the size of a summary\n", len(elements)-i)
			return
		}
		m.out.WriteString(part)
	}
}

// findings writes a table for each severity, the worst first.
func (m *markdownWriter) findings() {
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Note} {
		var findings []rule.Finding
		for _, f := range m.report.Findings {
			if f.Severity == s {
				findings = append(findings, f)
			}
		}
		if len(findings) == 0 {
			continue
		}
		m.write("\n### %s\n\n| Rule | Place | Message |\n|---|---|---|\n", plural(len(findings), s.String(), s.String()+"s"))
		upTo(m, maxFindingBytes, findings, m.row)
	}
}

func (m *markdownWriter) row(f rule.Finding) string {
	lines := []string{cell(cmp.Or(f.Message, "no message")) + certainty(f.At.Span)}
	for _, more := range m.asides(m.report, f) {
		lines = append(lines, cell(more.label+" "+more.text))
	}
	return fmt.Sprintf("| %s | %s | %s |\n", MarkdownCode(f.RuleID), m.linked(f.At.Span), strings.Join(lines, "<br>"))
}

func (m *markdownWriter) problems() {
	if len(m.report.Problems) == 0 {
		return
	}
	m.write("\n### Could not be read\n\n| Place | Reason |\n|---|---|\n")
	upTo(m, maxFindingBytes, m.report.Problems, func(p model.Problem) string {
		return fmt.Sprintf("| %s | %s%s |\n", m.linked(p.At), cell(cmp.Or(p.Message, "no reason given")), certainty(p.At))
	})
}

// linked writes file:line as a link where the file is in the repository.
func (m *markdownWriter) linked(span model.Span) string {
	if span.File == "" {
		return "no source"
	}
	line := m.files.locate(span, runes).line
	name := MarkdownCode(fmt.Sprintf("%s:%d", shorten(m.options.display(span.File), maxCell), line))
	file := m.options.repository(span.File)
	if file == "" {
		return name
	}
	return fmt.Sprintf("[%s](%s%s#L%d)", name, m.options.Link, escapePath(file), line)
}

// rules says once, folded, why the rules with findings matter and what to edit.
func (m *markdownWriter) rules() {
	found := map[string]bool{}
	for _, f := range m.report.Findings {
		found[f.RuleID] = true
	}
	metas := slices.DeleteFunc(slices.Clone(m.report.Rules), func(meta rule.Meta) bool { return !found[meta.ID] })
	if len(metas) == 0 {
		return
	}
	m.write("\n<details><summary>Why it matters, and what to edit</summary>\n")
	upTo(m, maxRuleBytes, metas, ruleText)
	m.write("\n</details>\n")
}

func ruleText(m rule.Meta) string {
	return fmt.Sprintf("\n**%s: %s**\n\n%s\n\nWhat to edit: %s\n",
		MarkdownText(m.ID), MarkdownText(m.Title), MarkdownText(strings.TrimSpace(m.Rationale)),
		MarkdownText(strings.TrimSpace(m.Remediation)))
}

// folded writes at most maxListed lines that are shown on demand.
func (m *markdownWriter) folded(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	m.write("\n<details><summary>%s: %d</summary>\n\n", heading, len(lines))
	for _, line := range lines[:min(len(lines), maxListed)] {
		m.write("- %s\n", cell(line))
	}
	if more := len(lines) - maxListed; more > 0 {
		m.write("- and %d more\n", more)
	}
	m.write("\n</details>\n")
}

// cell writes a text of the input, cut to a length that leaves room for others.
func cell(text string) string { return MarkdownText(shorten(text, maxCell)) }
