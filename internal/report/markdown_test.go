package report

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

func TestMarkdownCode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"shop/web[Deployment]", "`shop/web[Deployment]`"},
		{"<b>@x</b> #1 *_~", "`<b>@x</b> #1 *_~`"},
		{"a|b", "<code>a&#124;b</code>"},
		{"a`b\\", "<code>a&#96;b&#92;</code>"},
		{"a\n| b", "<code>a &#124; b</code>"},
		{"|[x](https://example.com) www.example.com &amp;", "<code>&#124;&#91;x&#93;(https:&#47;&#47;example&#46;com) www&#46;example&#46;com &#38;amp;</code>"},
		{"", "<code></code>"},
		{" ", "<code> </code>"},
	} {
		if got := MarkdownCode(test.text); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

// FuzzMarkdownCode: whatever a name holds, it stays within its cell.
func FuzzMarkdownCode(f *testing.F) {
	f.Add("a|b`c\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := MarkdownCode(s)
		inner := strings.TrimSuffix(strings.TrimPrefix(got, "`"), "`")
		if got == inner {
			inner = strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>")
			if strings.ContainsAny(inner, "<>") {
				t.Errorf("%q is markup: %s", s, got)
			}
		}
		if strings.ContainsAny(inner, "|`\\\n\r") {
			t.Errorf("%q leaves its cell: %s", s, got)
		}
	})
}

// TestMarkdownIsCut: GitHub takes no summary of more than 1 MiB, whatever the
// input holds.
func TestMarkdownIsCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("|<", 1000)
	many := analyzer.Report{Rules: []rule.Meta{{ID: "A-001", Title: long, Rationale: strings.Repeat(long, 200), Remediation: long}}}
	place := rule.Place{Span: model.Span{File: long}}
	for range 3000 {
		many.Findings = append(many.Findings, rule.Finding{
			RuleID: "A-001", Severity: rule.Warning, Message: long, At: place,
			Related: []rule.Related{{Message: long, At: place}, {Message: long, At: place}},
		})
		many.Problems = append(many.Problems, model.Problem{At: place.Span, Message: long})
		many.Skipped = append(many.Skipped, analyzer.Skip{RuleID: "A-001", Domain: model.Workloads, Namespace: long, Why: long})
		many.Failures = append(many.Failures, analyzer.Failure{RuleID: long})
		many.Notes = append(many.Notes, model.Note{File: long, Message: long})
		many.Clusters = append(many.Clusters, analyzer.Cluster{Name: long})
	}
	many.Findings = append(many.Findings, rule.Finding{RuleID: "A-001", Severity: rule.Error, Message: "the worst stays"})
	got := render(t, Format{"markdown", Markdown}, many, Options{})
	if len(got) >= 1<<20 || len(got) < 500_000 {
		t.Errorf("%d bytes", len(got))
	}
	if !strings.Contains(got, "the worst stays") {
		t.Error("the only error was cut")
	}
	rows := strings.Count(got, "| `A-001` |") - 1
	left := regexp.MustCompile(`and (\d+) more, left out`).FindAllStringSubmatch(got, -1)
	if len(left) != 3 || !strings.Contains(left[0][0], strconv.Itoa(3000-rows)) {
		t.Errorf("%d warnings are shown, and of the rest is said %v", rows, left)
	}
}

// FuzzMarkdownRow: a finding is one row of three cells, whatever it says.
func FuzzMarkdownRow(f *testing.F) {
	f.Add("a|b", "<b>c</b>\n", "d](e)`f\\")
	f.Fuzz(func(t *testing.T, file, message, id string) {
		m := &markdownWriter{places: newPlaces(Options{})}
		row := m.row(rule.Finding{RuleID: id, Message: message, At: rule.Place{Span: model.Span{File: file}}})
		if strings.Count(row, "|") != 4 || strings.Count(row, "\n") != 1 || strings.ContainsAny(row, "\r\x1b") {
			t.Errorf("not a row: %q", row)
		}
	})
}
