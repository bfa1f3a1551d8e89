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

func TestTotals(t *testing.T) {
	t.Parallel()
	finding := func(s rule.Severity, file string) rule.Finding {
		return rule.Finding{Severity: s, At: rule.Place{Span: model.Span{File: file}}}
	}
	for name, tt := range map[string]struct {
		report analyzer.Report
		want   string
	}{
		"nothing":  {analyzer.Report{}, "No findings"},
		"problem":  {analyzer.Report{Problems: make([]model.Problem, 1)}, "No findings; 1 problem reading the input"},
		"singular": {analyzer.Report{Findings: []rule.Finding{finding(rule.Warning, "a")}}, "1 warning in 1 file"},
		"plural": {
			analyzer.Report{
				Findings: []rule.Finding{
					finding(rule.Error, "a"), finding(rule.Error, "b"), finding(rule.Note, "a"), finding(rule.Note, ""),
				},
				Problems: make([]model.Problem, 2),
			},
			"2 errors, 2 notes in 2 files; 2 problems reading the input",
		},
		"no file": {analyzer.Report{Findings: []rule.Finding{finding(rule.Error, "")}}, "1 error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := render(t, Format{"text", Text}, tt.report, Options{})
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if last := lines[len(lines)-1]; last != tt.want {
				t.Errorf("got %q, want %q", last, tt.want)
			}
		})
	}
}

func TestTextLimits(t *testing.T) {
	t.Parallel()
	var r analyzer.Report
	var f rule.Finding
	for i := range 13 {
		name := fmt.Sprintf("c%02d", i)
		r.Clusters = append(r.Clusters, analyzer.Cluster{Name: name, Resources: i})
		f.Clusters = append(f.Clusters, name)
		f.Related = append(f.Related, rule.Related{Message: name})
	}
	f.Message, f.RuleID, f.Severity = "m", "A-001", rule.Error
	r.Findings = []rule.Finding{f}
	got := render(t, Format{"text", Text}, r, Options{})
	for _, want := range []string{
		"     related: c09\n     related: and 3 more\n",
		"     clusters: c00, c01, c02, c03, c04 and 8 more\n",
		"  c01: 1 resource\n",
		"  c09: 9 resources\n  and 3 more\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

func TestOneCluster(t *testing.T) {
	t.Parallel()
	r := analyzer.Report{
		Clusters: []analyzer.Cluster{{Name: "a"}, {Name: "b"}},
		Findings: []rule.Finding{{RuleID: "A-001", Message: "m", Clusters: []string{"a"}}},
	}
	if got := render(t, Format{"text", Text}, r, Options{Quiet: true}); strings.Contains(got, "clusters:") {
		t.Errorf("names the only cluster of a finding:\n%s", got)
	}
}

func TestSkips(t *testing.T) {
	t.Parallel()
	skip := func(id string, d model.Domain, namespace, cluster, why string) analyzer.Skip {
		return analyzer.Skip{RuleID: id, Domain: d, Namespace: namespace, Cluster: cluster, Why: why}
	}
	for name, tt := range map[string]struct {
		skips []analyzer.Skip
		want  []string
	}{
		"counted": {
			[]analyzer.Skip{
				skip("REACH-004", model.Workloads, "a", "c", ""), skip("REACH-004", model.Workloads, "b", "c", ""),
				skip("REACH-004", model.Workloads, "b", "c", ""), skip("REACH-004", model.Workloads, "d", "c", ""),
			},
			[]string{"REACH-004 skipped in 3 namespaces: workloads not known (no workloads in the input)"},
		},
		"one namespace": {
			[]analyzer.Skip{skip("NP-004", model.Policies, "a", "c", "chart x")},
			[]string{"NP-004 skipped in namespace a: network policies not known (chart x)"},
		},
		"no namespace": {
			[]analyzer.Skip{skip("NP-004", model.Services, "", "c", "")},
			[]string{"NP-004 skipped for objects without a namespace: Services not known (no Services in the input)"},
		},
		"rules of one reason": {
			[]analyzer.Skip{skip("B-001", model.Workloads, "a", "c", ""), skip("A-001", model.Workloads, "a", "c", "")},
			[]string{"A-001, B-001 skipped in namespace a: workloads not known (no workloads in the input)"},
		},
		"domains apart": {
			[]analyzer.Skip{skip("A-001", model.Services, "a", "c", ""), skip("A-001", model.Workloads, "a", "c", "")},
			[]string{
				"A-001 skipped in namespace a: workloads not known (no workloads in the input)",
				"A-001 skipped in namespace a: Services not known (no Services in the input)",
			},
		},
		"clusters": {
			[]analyzer.Skip{
				skip("A-001", model.Workloads, "a", "c", ""), skip("A-001", model.Workloads, "a", "d", ""),
				skip("B-001", model.IngressClasses, "", "c", ""), skip("B-001", model.IngressClasses, "", "d", ""),
			},
			[]string{
				"A-001 skipped in 2 namespaces of 2 clusters: workloads not known (no workloads in the input)",
				"B-001 skipped in 2 clusters: IngressClasses not known (no IngressClasses in the input)",
			},
		},
		"three reasons": {
			[]analyzer.Skip{
				skip("A-001", model.Workloads, "a", "c", "chart x"), skip("A-001", model.Workloads, "a", "c", "chart y"),
				skip("A-001", model.Workloads, "a", "c", "chart z"),
			},
			[]string{"A-001 skipped in namespace a: workloads not known (chart x; chart y; 1 more reason)"},
		},
		"many reasons": {
			[]analyzer.Skip{
				skip("A-001", model.Workloads, "a", "c", "chart x"), skip("A-001", model.Workloads, "a", "c", ""),
				skip("A-001", model.Workloads, "a", "c", "chart y"), skip("A-001", model.Workloads, "a", "c", "chart z"),
			},
			[]string{"A-001 skipped in namespace a: workloads not known (chart x; chart y; 2 more reasons)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := list(mergeSkips(groupSkips(tt.skips)), skipGroup.String)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryFormatSaysWhatIsNotCertain: a place whose line is not certain must
// not read as one that is.
func TestEveryFormatSaysWhatIsNotCertain(t *testing.T) {
	t.Parallel()
	span := inexact(spanOf(t, "shop/ingress.yaml", "8080"))
	finding := analyzer.Report{Findings: []rule.Finding{{RuleID: "A-001", Severity: rule.Error, Message: "m", At: rule.Place{Span: span}}}}
	problem := analyzer.Report{Problems: []model.Problem{{At: span, Message: "m"}}}
	exact := analyzer.Report{Findings: []rule.Finding{{RuleID: "A-001", Severity: rule.Error, Message: "m", At: rule.Place{Span: spanOf(t, "shop/ingress.yaml", "8080")}}}}
	for _, f := range Formats() {
		words := "line is not certain"
		if f.Name == "json" {
			words = `"inexact": true`
		}
		for name, r := range map[string]analyzer.Report{"finding": finding, "problem": problem} {
			if got := render(t, f, r, fixtureOptions()); !strings.Contains(got, words) {
				t.Errorf("%s of a %s: no word of it in\n%s", f.Name, name, got)
			}
		}
		if got := render(t, f, exact, fixtureOptions()); strings.Contains(got, words) {
			t.Errorf("%s: an exact place is called uncertain:\n%s", f.Name, got)
		}
	}
	if got := render(t, Format{"text", Text}, finding, fixtureOptions()); strings.Contains(got, "^") {
		t.Errorf("a mark pretends to be exact:\n%s", got)
	}
}
