package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

func parseJUnit(t *testing.T, text string) junitSuites {
	t.Helper()
	var suites junitSuites
	if err := xml.Unmarshal([]byte(text), &suites); err != nil {
		t.Fatal(err)
	}
	return suites
}

// TestJUnitCounts: everything in a report is a case, and the counts are right.
func TestJUnitCounts(t *testing.T) {
	t.Parallel()
	for name, c := range cases(t) {
		got := parseJUnit(t, render(t, Format{"junit", JUnit}, c.report, c.options))
		var total junitCounts
		for _, s := range got.Suites {
			failures, errors := 0, 0
			for _, one := range s.Cases {
				if one.Failure != nil {
					failures++
				}
				if one.Error != nil {
					errors++
				}
				if one.Name == "" || one.ClassName == "" {
					t.Errorf("%s: a case without a name: %+v", name, one)
				}
			}
			if s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != errors {
				t.Errorf("%s: suite %s counts %+v, has %d, %d, %d", name, s.Name, s.junitCounts, len(s.Cases), failures, errors)
			}
			total = junitCounts{total.Tests + s.Tests, total.Failures + s.Failures, total.Errors + s.Errors}
		}
		want := max(1, len(c.report.Findings)+len(c.report.Problems)+len(c.report.Failures)+len(groupSkips(c.report.Skipped)))
		if got.Tests != want || got.junitCounts != total {
			t.Errorf("%s: got %+v, want %d cases, sum %+v", name, got.junitCounts, want, total)
		}
	}
}

// TestJUnitSeverities: a note does not fail a build.
func TestJUnitSeverities(t *testing.T) {
	t.Parallel()
	for severity, want := range map[rule.Severity]int{rule.Note: 0, rule.Warning: 1, rule.Error: 1} {
		r := analyzer.Report{Findings: []rule.Finding{{RuleID: "A-001", Severity: severity, Message: "m"}}}
		if got := parseJUnit(t, render(t, Format{"junit", JUnit}, r, Options{})); got.Failures != want {
			t.Errorf("%s: %d failures, want %d", severity, got.Failures, want)
		}
	}
}

// FuzzJUnit: any text makes XML that can be read.
func FuzzJUnit(f *testing.F) {
	f.Add("]]>\x00\ufffe", "<!--&", "\xff")
	f.Fuzz(func(t *testing.T, message, id, file string) {
		r := analyzer.Report{
			Findings: []rule.Finding{{RuleID: id, Severity: rule.Error, Message: message, At: rule.Place{Span: model.Span{File: file}}}},
			Problems: []model.Problem{{At: model.Span{File: file}, Message: message}},
		}
		text := render(t, Format{"junit", JUnit}, r, Options{})
		got := parseJUnit(t, text)
		if got.Tests != 2 || strings.ContainsAny(text, "\x00\x1b") {
			t.Errorf("%d cases in %q", got.Tests, text)
		}
	})
}
