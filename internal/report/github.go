package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxAnnotations is how many annotations of a level GitHub shows for a step:
// https://docs.github.com/en/rest/checks/runs#about-check-runs.
const maxAnnotations = 10

// annotation is one workflow command.
type annotation struct {
	severity rule.Severity
	span     model.Span
	title    string
	message  string
}

// GitHub writes the report as workflow commands, which GitHub Actions shows as
// annotations of the changed lines, the most severe first. Problems are errors.
// What was skipped or set aside is left to the other formats.
func GitHub(w io.Writer, r analyzer.Report, o Options) error {
	b := githubBuilder{newPlaces(o), r}
	var out bytes.Buffer
	annotations := b.annotations()
	if notice := tooMany(annotations); notice != "" {
		out.WriteString(workflowCommand("notice", []property{{"title", "ekslint"}}, notice))
	}
	for _, a := range annotations {
		out.WriteString(b.command(a))
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write github report: %w", err)
	}
	return nil
}

type githubBuilder struct {
	places
	report analyzer.Report
}

func (b githubBuilder) annotations() []annotation {
	titles := map[string]string{}
	for _, m := range b.report.Rules {
		titles[m.ID] = m.ID + ": " + m.Title
	}
	var out []annotation
	for _, f := range b.report.Findings {
		lines := []string{cmp.Or(Printable(f.Message), "no message") + certainty(f.At.Span)}
		for _, more := range b.asides(b.report, f) {
			lines = append(lines, more.label+" "+more.text)
		}
		out = append(out, annotation{f.Severity, f.At.Span, cmp.Or(titles[f.RuleID], f.RuleID), strings.Join(lines, "\n")})
	}
	for _, p := range b.report.Problems {
		message := cmp.Or(Printable(p.Message), "no reason given")
		out = append(out, annotation{rule.Error, p.At, rule.InputUnread + ": Could not be read", message + certainty(p.At)})
	}
	for _, f := range b.report.Failures {
		out = append(out, annotation{rule.Error, model.Span{}, f.RuleID, Printable(failureText(f))})
	}
	slices.SortStableFunc(out, func(a, b annotation) int { return int(b.severity) - int(a.severity) })
	return out
}

// tooMany says that GitHub will not show all of the annotations, "" if it does.
func tooMany(annotations []annotation) string {
	counts := map[rule.Severity]int{}
	for _, a := range annotations {
		counts[a.severity]++
	}
	var over []string
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Note} {
		if counts[s] > maxAnnotations {
			over = append(over, plural(counts[s], s.String(), s.String()+"s"))
		}
	}
	if len(over) == 0 {
		return ""
	}
	return fmt.Sprintf("ekslint found %s. GitHub shows %d annotations of a kind: the log of this step has all.",
		strings.Join(over, ", "), maxAnnotations)
}

// property is a parameter of a workflow command.
type property struct{ name, value string }

// command writes one annotation. GitHub takes columns within one line only, and
// a line that is not certain is not given an end.
func (b githubBuilder) command(a annotation) string {
	properties := []property{{"title", Printable(a.title)}}
	add := func(name string, n int) {
		properties = append(properties, property{name, strconv.Itoa(n)})
	}
	file := b.options.repository(a.span.File)
	if file == "" {
		return workflowCommand(githubLevel(a.severity), properties, b.unplaced(a))
	}
	p := b.files.locate(a.span, runes)
	properties = append(properties, property{"file", file})
	add("line", p.line)
	if !a.span.Inexact {
		add("endLine", p.endLine)
	}
	if !a.span.Inexact && p.line == p.endLine {
		add("col", p.column)
		add("endColumn", p.endColumn)
	}
	return workflowCommand(githubLevel(a.severity), properties, a.message)
}

// unplaced is the message of an annotation that GitHub cannot place: of no
// file, or of one outside the repository, which is then named.
func (b githubBuilder) unplaced(a annotation) string {
	if a.span.File == "" {
		return a.message
	}
	exact := a.span
	exact.Inexact = false // the message says it
	return b.location(exact) + ": " + a.message
}

func githubLevel(s rule.Severity) string {
	switch s {
	case rule.Error, rule.Warning:
		return s.String()
	default:
		return "notice"
	}
}

// workflowCommand writes a command, escaped as the runner reads it:
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
func workflowCommand(name string, properties []property, message string) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	written := make([]string, 0, len(properties))
	for _, p := range properties {
		written = append(written, p.name+"="+value.Replace(p.value))
	}
	return "::" + name + " " + strings.Join(written, ",") + "::" + data.Replace(message) + "\n"
}
