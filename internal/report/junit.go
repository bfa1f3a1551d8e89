package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// junitSuites is a JUnit report in the members that the schema of Jenkins
// knows: https://github.com/jenkinsci/xunit-plugin. It holds no times, which
// are no part of an analysis.
type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

// junitCounts count the cases of a suite or of all. A failure is a fault of the
// cluster, an error one of the input or of a rule.
type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Skipped int         `xml:"skipped,attr"`
	Cases   []junitCase `xml:"testcase"`
}

// junitCase is one finding, problem, broken rule or skip. Readers know a case
// from run to run by its names, which therefore hold no line.
type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Skipped   *junitText    `xml:"skipped"`
	Error     *junitMessage `xml:"error"`
	Failure   *junitMessage `xml:"failure"`
	Output    *junitText    `xml:"system-out"`
}

type junitText struct {
	Text string `xml:",chardata"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as test results: a suite for each file with findings,
// in which errors and warnings fail and notes pass with an output, and suites
// for what could not be read, what broke and what was not decided. A clean
// report is one passed case, because readers take an empty one for a mistake.
func JUnit(w io.Writer, r analyzer.Report, o Options) error {
	b := junitBuilder{newPlaces(o), r}
	out, err := xml.MarshalIndent(b.suites(), "", "  ")
	if err != nil {
		return fmt.Errorf("encode junit report: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(out)+"\n"); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	return nil
}

type junitBuilder struct {
	places
	report analyzer.Report
}

func (b junitBuilder) suites() junitSuites {
	out := junitSuites{Name: "ekslint"}
	for _, g := range groupByFile(b.report.Findings, b.options) {
		out.add(cmp.Or(Printable(b.options.display(g.file)), "no source"), list(g.findings, b.finding))
	}
	out.add("could not be read", list(b.report.Problems, b.problem))
	out.add("failed", list(b.report.Failures, junitFailure))
	out.add("not decided", list(groupSkips(b.report.Skipped), junitSkip))
	if len(out.Suites) == 0 {
		out.add("ekslint", []junitCase{{Name: "no findings", ClassName: "ekslint"}})
	}
	return out
}

// add adds a suite unless it has no cases.
func (s *junitSuites) add(name string, cases []junitCase) {
	if len(cases) == 0 {
		return
	}
	suite := junitSuite{Name: name, Cases: cases}
	suite.Tests = len(cases)
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	s.Suites = append(s.Suites, suite)
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Errors += suite.Errors
}

func (b junitBuilder) finding(f rule.Finding) junitCase {
	message := cmp.Or(Printable(f.Message), "no message")
	lines := []string{fmt.Sprintf("%s: %s [%s]", f.Severity, message, Printable(f.RuleID))}
	if f.At.Span.File != "" {
		lines[0] = b.location(f.At.Span) + ": " + lines[0]
	}
	for _, more := range b.asides(b.report, f) {
		lines = append(lines, "  "+more.label+" "+more.text)
	}
	text := strings.Join(lines, "\n")
	c := junitCase{
		Name:      Printable(f.RuleID) + ": " + message,
		ClassName: b.className(f.At.Span),
	}
	if f.Severity < rule.Warning {
		c.Output = &junitText{text}
		return c
	}
	c.Failure = &junitMessage{Message: message + certainty(f.At.Span), Type: f.Severity.String(), Text: text}
	return c
}

// className groups cases: by file, as the suites are.
func (b junitBuilder) className(span model.Span) string {
	return cmp.Or(Printable(b.options.display(span.File)), "ekslint")
}

func (b junitBuilder) problem(p model.Problem) junitCase {
	message := cmp.Or(Printable(p.Message), "no reason given")
	return junitCase{
		Name:      rule.InputUnread + ": " + message,
		ClassName: b.className(p.At),
		Error:     &junitMessage{Message: message + certainty(p.At), Type: rule.InputUnread, Text: b.place(p.At, message)},
	}
}

func junitFailure(f analyzer.Failure) junitCase {
	text := Printable(failureText(f))
	return junitCase{
		Name: Printable(f.RuleID) + ": " + Printable(f.Subject.String()), ClassName: "ekslint",
		Error: &junitMessage{Message: text, Type: Printable(f.RuleID), Text: text},
	}
}

func junitSkip(g skipGroup) junitCase {
	return junitCase{
		Name: Printable(g.rules[0] + ": needs " + domainWords(g.domain)), ClassName: "ekslint",
		Skipped: &junitText{Printable(g.String())},
	}
}
