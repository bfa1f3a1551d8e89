package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

const (
	// maxListed limits the clusters, notes and skips that the summary lists.
	maxListed = 10
	// maxNamedFiles limits the files that one note names.
	maxNamedFiles = 3
)

// summary writes what a user should know beyond the findings: what was left
// aside, what was looked at and what could not be decided.
func (t *textWriter) summary() {
	t.notes()
	t.skips()
	t.failures()
	t.clusters()
	if t.begun {
		t.line("")
	}
	t.line("%s", totals(t.report, t.palette))
}

// limited writes at most maxListed lines and counts the rest.
func (t *textWriter) limited(lines []string) {
	for _, line := range lines[:min(len(lines), maxListed)] {
		t.line("  %s", Printable(line))
	}
	if more := len(lines) - maxListed; more > 0 {
		t.line("  and %d more", more)
	}
}

func (t *textWriter) notes() {
	groups := groupNotes(t.report)
	if len(groups) == 0 {
		return
	}
	t.section("Set aside")
	t.limited(list(groups, t.note))
}

// note is the line about a message and its files.
func (p places) note(g noteGroup) string {
	names := list(g.files, p.options.display)
	slices.Sort(names)
	return noteLine(g.message, names)
}

func noteLine(message string, names []string) string {
	switch {
	case len(names) == 0:
		return message
	case len(names) == 1:
		return names[0] + ": " + message
	default:
		return plural(len(names), "place", "places") + ": " + message + " (" + some(names, maxNamedFiles) + ")"
	}
}

func (t *textWriter) skips() {
	groups := mergeSkips(groupSkips(t.report.Skipped))
	if len(groups) == 0 {
		return
	}
	t.section("Not decided")
	t.limited(list(groups, skipGroup.String))
}

func (t *textWriter) failures() {
	if len(t.report.Failures) == 0 {
		return
	}
	t.section("Failed")
	t.limited(list(t.report.Failures, failureText))
}

func (t *textWriter) clusters() {
	if len(t.report.Clusters) == 0 {
		return
	}
	t.section("Clusters")
	t.limited(list(t.report.Clusters, clusterLine))
}

func clusterLine(c analyzer.Cluster) string {
	line := cmp.Or(c.Name, "unnamed") + ": " + plural(c.Resources, "resource", "resources")
	if c.Guessed {
		line += " (guessed)"
	}
	return line
}

// totals counts the findings of each severity and the problems.
func totals(r analyzer.Report, p palette) string {
	counts := countSeverities(r.Findings)
	var parts []string
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Note} {
		if n := counts[s]; n > 0 {
			parts = append(parts, p.severity(s).Sprint(plural(n, s.String(), s.String()+"s")))
		}
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		text = p.good.Sprint("No findings")
	}
	if n := filesWithFindings(r); n > 0 {
		text += " in " + plural(n, "file", "files")
	}
	if n := len(r.Suppressed); n > 0 {
		text += fmt.Sprintf("; %d suppressed", n)
	}
	if n := len(r.Problems); n > 0 {
		text += "; " + plural(n, "problem reading the input", "problems reading the input")
	}
	return text
}

func filesWithFindings(r analyzer.Report) int {
	files := map[string]bool{}
	for _, f := range r.Findings {
		if f.At.Span.File != "" {
			files[f.At.Span.File] = true
		}
	}
	return len(files)
}
