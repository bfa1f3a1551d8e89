package baseline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/baseline"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

func finding(id, fingerprint, file string) rule.Finding {
	return rule.Finding{
		RuleID: id, Message: "m", Fingerprint: strings.Repeat(fingerprint, 32), Severity: rule.Warning,
		At: rule.SpanAt(model.Span{File: file, Start: 7, End: 9}), Subject: model.Ref{Kind: "Service", Namespace: "shop", Name: fingerprint},
	}
}

func TestOfIsReadBack(t *testing.T) {
	t.Parallel()
	f := baseline.Of([]rule.Finding{
		finding("B-1", "b", "x.yaml"), finding("A-1", "a", "x.yaml"), finding("B-1", "b", "y.yaml"), finding(rule.NoEffect, "c", "x.yaml"),
	})
	want := []baseline.Entry{
		{Rule: "A-1", Object: "Service shop/a", File: "x.yaml", Message: "m", Count: 1, Fingerprint: strings.Repeat("a", 32)},
		{Rule: "B-1", Object: "Service shop/b", File: "x.yaml", Message: "m", Count: 2, Fingerprint: strings.Repeat("b", 32)},
	}
	if diff := cmp.Diff(want, f.Findings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	text, err := f.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := baseline.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, again); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
}

// TestApply: a fingerprint is accepted as often as it is counted, and no more.
func TestApply(t *testing.T) {
	t.Parallel()
	known := baseline.Of([]rule.Finding{finding("A-1", "a", "x.yaml")})
	r := known.Apply(analyzer.Report{Findings: []rule.Finding{
		finding("A-1", "a", "renamed.yaml"), finding("A-1", "a", "second.yaml"), finding("A-1", "b", "x.yaml"),
	}})
	if len(r.Findings) != 2 || len(r.Suppressed) != 1 || !r.Compared || r.Suppressed[0].Finding.At.Span.File != "renamed.yaml" {
		t.Errorf("open %v, suppressed %v", r.Findings, r.Suppressed)
	}
}

// TestCompare: what occurs no more is gone only where it would have been seen.
func TestCompare(t *testing.T) {
	t.Parallel()
	known := baseline.Of([]rule.Finding{
		finding("A-1", "a", "x.yaml"), finding("A-1", "b", "x.yaml"), finding("A-1", "b", "x.yaml"), finding("B-1", "c", "x.yaml"),
	})
	occurs := []rule.Finding{finding("A-1", "b", "moved.yaml"), finding("A-1", "d", "x.yaml")}
	in := func(string) bool { return true }
	for name, c := range map[string]struct {
		report analyzer.Report
		covers func(string) bool
		gone   int
		left   string
	}{
		"judged":         {analyzer.Report{Findings: occurs, Looked: []string{"A-1", "B-1"}}, in, 3, "b1"},
		"one rule ran":   {analyzer.Report{Findings: occurs, Looked: []string{"A-1"}}, in, 2, "b1c1"},
		"rule skipped":   {analyzer.Report{Findings: occurs, Looked: []string{"A-1"}, Skipped: []analyzer.Skip{{RuleID: "A-1"}}}, in, 0, "a1b2c1"},
		"input unread":   {analyzer.Report{Findings: occurs, Looked: []string{"A-1"}, Problems: []model.Problem{{}}}, in, 0, "a1b2c1"},
		"file elsewhere": {analyzer.Report{Findings: occurs, Looked: []string{"A-1", "B-1"}}, func(string) bool { return false }, 0, "a1b2c1"},
	} {
		left, gone := known.Compare(c.report, c.covers)
		text := ""
		for _, e := range left.Findings {
			text += e.Fingerprint[:1] + string(rune('0'+e.Count))
		}
		if gone != c.gone || text != c.left {
			t.Errorf("%s: %d gone and %s left, want %d and %s", name, gone, text, c.gone, c.left)
		}
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	entry := `{"rule": "A-1", "message": "m", "count": 1, "fingerprint": "` + strings.Repeat("a", 32) + `"}`
	for text, want := range map[string]string{
		"":                          "not a baseline",
		"[]":                        "not a baseline",
		`{"findings": []}`:          "version 0",
		`{"version": 2, "new": 1}`:  "version 2",
		`{"version": 1, "nope": 1}`: "unknown field",
		`{"version": 1} {}`:         "not a baseline",
		`{"version": 1, "findings": [` + entry + "," + entry + "]}":                       "stands twice",
		`{"version": 1, "findings": [{}]}`:                                                "finding 1 of the baseline lacks",
		`{"version": 1, "findings": [` + strings.Replace(entry, `: 1,`, `: 0,`, 1) + "]}": "lacks",
		`{"version": 1, "findings": [` + strings.Replace(entry, `aaaa`, `xxxx`, 1) + "]}": "lacks",
	} {
		if _, err := baseline.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v, want %q", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"version": 1, "findings": [{"rule": "A-1", "message": "m", "count": 1, "fingerprint": "` + strings.Repeat("a", 32) + `"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := baseline.Read(text)
		if err != nil {
			return
		}
		written, err := b.Text()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := baseline.Read(written); err != nil {
			t.Errorf("%v in\n%s", err, written)
		}
	})
}
