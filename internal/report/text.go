package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Text writes the report for people: findings by file with the source line
// below each, then what could not be read and, unless quiet, a summary. Every
// place is written as file:line:column, which terminals and editors open.
func Text(w io.Writer, r analyzer.Report, o Options) error {
	t := &textWriter{
		out:     bufio.NewWriter(w),
		report:  r,
		places:  newPlaces(o),
		palette: newPalette(o.Color),
	}
	t.findings()
	t.problems()
	if !o.Quiet {
		t.summary()
	}
	if err := t.out.Flush(); err != nil {
		return fmt.Errorf("write text report: %w", err)
	}
	return nil
}

// textWriter writes one report. The buffer keeps the first error.
type textWriter struct {
	places
	out     *bufio.Writer
	report  analyzer.Report
	palette palette
	// begun is set once something is written.
	begun bool
}

// palette holds the colours of the text format.
type palette struct {
	severities                    map[rule.Severity]*color.Color
	heading, faint, related, good *color.Color
}

func newPalette(enabled bool) palette {
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if enabled {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return palette{
		severities: map[rule.Severity]*color.Color{
			rule.Error:   paint(color.FgRed, color.Bold),
			rule.Warning: paint(color.FgYellow, color.Bold),
			rule.Note:    paint(color.FgCyan, color.Bold),
			0:            paint(color.Reset),
		},
		heading: paint(color.Bold),
		faint:   paint(color.Faint),
		related: paint(color.FgCyan),
		good:    paint(color.FgGreen),
	}
}

// severity is the colour of a severity.
func (p palette) severity(s rule.Severity) *color.Color {
	if c, ok := p.severities[s]; ok {
		return c
	}
	return p.severities[0]
}

func (t *textWriter) line(format string, args ...any) {
	t.begun = true
	_, _ = fmt.Fprintf(t.out, format+"\n", args...) // Flush returns the error
}

// section separates what follows from what was written.
func (t *textWriter) section(heading string) {
	if t.begun {
		t.line("")
	}
	t.line("%s", t.palette.heading.Sprint(Printable(heading)))
}

// fileGroup holds the findings of one file.
type fileGroup struct {
	file     string
	findings []rule.Finding
}

// groupByFile sorts findings by the file as shown and by their place in it.
// Findings without source come last.
func groupByFile(all []rule.Finding, o Options) []fileGroup {
	byFile := map[string][]rule.Finding{}
	for _, f := range all {
		byFile[f.At.Span.File] = append(byFile[f.At.Span.File], f)
	}
	groups := make([]fileGroup, 0, len(byFile))
	for file, findings := range byFile {
		slices.SortStableFunc(findings, func(a, b rule.Finding) int {
			return a.At.Span.Compare(b.At.Span)
		})
		groups = append(groups, fileGroup{file, findings})
	}
	slices.SortFunc(groups, func(a, b fileGroup) int {
		if (a.file == "") != (b.file == "") {
			return -cmp.Compare(a.file, b.file)
		}
		return cmp.Or(cmp.Compare(o.display(a.file), o.display(b.file)), cmp.Compare(a.file, b.file))
	})
	return groups
}

func (t *textWriter) findings() {
	for _, group := range groupByFile(t.report.Findings, t.options) {
		heading := t.options.display(group.file)
		if group.file == "" {
			heading = "No source"
		}
		t.section(heading)
		width, severityWidth := 0, 0
		for _, f := range group.findings {
			width = max(width, len(lineColumn(t.files.locate(f.At.Span, runes))))
			severityWidth = max(severityWidth, len(f.Severity.String()))
		}
		for i, f := range group.findings {
			if i > 0 {
				t.line("")
			}
			t.finding(f, width, severityWidth)
		}
	}
}

// finding writes one finding; the widths align it with those of the same file.
func (t *textWriter) finding(f rule.Finding, width, severityWidth int) {
	paint := t.palette.severity(f.Severity)
	position := t.files.locate(f.At.Span, runes)
	message := cmp.Or(Printable(f.Message), "no message")
	t.line("  %*s  %s%s  %s  %s",
		width, lineColumn(position),
		paint.Sprint(f.Severity), strings.Repeat(" ", severityWidth-len(f.Severity.String())),
		message, t.palette.faint.Sprintf("[%s]", Printable(f.RuleID)))
	t.quote(f.At.Span, position, paint)
	for _, more := range t.asides(t.report, f) {
		t.line("     %s %s", t.palette.related.Sprint(more.label), more.text)
	}
}

// quote writes the place as file:line:column, the source line and a line that
// marks the span. Without a source it writes nothing, and of a place that is not
// certain no line: a mark would claim that it is.
func (t *textWriter) quote(span model.Span, p position, paint *color.Color) {
	if span.File == "" {
		return
	}
	number := fmt.Sprint(p.line)
	gutter := max(4, len(number))
	t.line("%*s%s %s", gutter, "", t.palette.faint.Sprint("-->"), t.location(span))
	source := t.files.source(span.File)
	if source == nil || span.Inexact {
		return
	}
	text, mark := source.excerpt(span)
	if text == "" {
		return
	}
	bar := t.palette.faint.Sprint("|")
	t.line("%s %s %s", t.palette.faint.Sprintf("%*s", gutter, number), bar, text)
	blank := mark[:strings.IndexByte(mark, '^')]
	t.line("%*s %s %s%s", gutter, "", bar, blank, paint.Sprint(mark[len(blank):]))
}

func (t *textWriter) problems() {
	if len(t.report.Problems) == 0 {
		return
	}
	t.section("Could not be read")
	locations := make([]string, len(t.report.Problems))
	width := 0
	for i, p := range t.report.Problems {
		locations[i] = lineColumn(position{})
		if p.At.File != "" {
			locations[i] = t.location(p.At)
		}
		width = max(width, utf8.RuneCountInString(locations[i]))
	}
	if width > 60 {
		width = 0
	}
	for i, p := range t.report.Problems {
		t.line("  %-*s  %s", width, locations[i], cmp.Or(Printable(p.Message), "no reason given"))
	}
}
