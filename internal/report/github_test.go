package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// parsedCommand is a workflow command as the runner reads it.
type parsedCommand struct {
	Name       string
	Properties map[string]string
	Data       string
}

// parseCommand reads a line by the rules of the runner's ActionCommand: the name
// ends at a blank, properties are split at commas and at their first equals
// sign, and percent signs are unescaped last.
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
func parseCommand(line string) (parsedCommand, error) {
	line = strings.TrimLeft(line, " \t")
	rest, ok := strings.CutPrefix(line, "::")
	if !ok {
		return parsedCommand{}, fmt.Errorf("no command: %q", line)
	}
	info, data, ok := strings.Cut(rest, "::")
	if !ok {
		return parsedCommand{}, fmt.Errorf("no end of the command: %q", line)
	}
	name, list, _ := strings.Cut(info, " ")
	c := parsedCommand{Name: name, Properties: map[string]string{}}
	for _, p := range strings.Split(strings.TrimSpace(list), ",") {
		if key, value, ok := strings.Cut(p, "="); ok {
			c.Properties[key] = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(value)
		}
	}
	c.Data = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(data)
	return c, nil
}

func TestGitHub(t *testing.T) {
	t.Parallel()
	place := rule.Place{Span: spanOf(t, "shop/ingress.yaml", "8080")}
	r := analyzer.Report{
		Rules: []rule.Meta{{ID: "A-001", Title: "100%: bad, very\nbad"}},
		Findings: []rule.Finding{
			{RuleID: "A-001", Severity: rule.Note, Message: "last"},
			{RuleID: "A-001", Severity: rule.Error, Message: "50% :: a, b=c", At: place, Related: []rule.Related{{Message: "%0A"}}},
			{RuleID: "B::error ::x", Severity: rule.Warning, Message: "::error::no\n::error::no", At: rule.Place{Span: model.Span{File: "a,b:c%=\n.yaml"}}},
		},
		Problems: []model.Problem{{Message: "unreadable", At: inexact(place.Span)}},
	}
	o := Options{Text: fixtureText}
	var got []parsedCommand
	for line := range strings.Lines(render(t, Format{"github", GitHub}, r, o)) {
		c, err := parseCommand(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c)
	}
	title := "A-001: 100%: bad, very bad"
	want := []parsedCommand{
		{"error", map[string]string{"file": "shop/ingress.yaml", "line": "12", "endLine": "12", "col": "51", "endColumn": "55", "title": title}, "50% :: a, b=c\nrelated: %0A"},
		{"error", map[string]string{"file": "shop/ingress.yaml", "line": "12", "title": "LOAD-001: Could not be read"}, "unreadable (the line is not certain)"},
		{"warning", map[string]string{"file": "a,b:c%=\n.yaml", "line": "1", "endLine": "1", "col": "1", "endColumn": "1", "title": "B::error ::x"}, "::error::no ::error::no"},
		{"notice", map[string]string{"title": title}, "last"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestGitHubSaysWhatIsNotShown: all annotations are written, and the first says
// that GitHub shows ten.
func TestGitHubSaysWhatIsNotShown(t *testing.T) {
	t.Parallel()
	var r analyzer.Report
	for i := range 11 {
		r.Findings = append(r.Findings, rule.Finding{RuleID: "A-001", Severity: rule.Warning, Message: fmt.Sprint(i)})
	}
	lines := strings.Split(strings.TrimSuffix(render(t, Format{"github", GitHub}, r, Options{}), "\n"), "\n")
	want := "::notice title=ekslint::ekslint found 11 warnings. GitHub shows 10 annotations of a kind: the log of this step has all."
	if len(lines) != 12 || lines[0] != want {
		t.Errorf("%d lines, the first is %q", len(lines), lines[0])
	}
	r.Findings = r.Findings[:10]
	if got := render(t, Format{"github", GitHub}, r, Options{}); strings.Contains(got, "::notice") {
		t.Errorf("ten are all shown: %s", got)
	}
}

// FuzzWorkflowCommand: what is written is what the runner reads, in one line.
func FuzzWorkflowCommand(f *testing.F) {
	f.Add("a:b,c=%25\r\n", "::error::%0A")
	f.Fuzz(func(t *testing.T, value, message string) {
		line := workflowCommand("error", []property{{"file", value}, {"title", value}}, message)
		if strings.Count(line, "\n") != 1 || strings.Contains(line, "\r") {
			t.Fatalf("not a line: %q", line)
		}
		got, err := parseCommand(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		want := parsedCommand{"error", map[string]string{"file": value, "title": value}, message}
		if strings.TrimSpace(value) != value {
			return // the runner trims the list
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
