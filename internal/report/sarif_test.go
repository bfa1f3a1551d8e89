package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// sarifLog is what these tests look at in a log.
type sarifLog struct {
	Runs []struct {
		Results     *[]sarifResult
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct {
				Level      string
				Message    struct{ Text string }
				Descriptor struct {
					ID    string
					Index int
				}
			}
		}
		Tool struct {
			Driver struct {
				Version         string
				SemanticVersion string
				Rules           []struct {
					ID         string
					Name       string
					Properties map[string]any
				}
				Notifications []struct{ ID string }
			}
		}
	}
}

type sarifResult struct {
	RuleID              string
	RuleIndex           *int
	Level               string
	Message             struct{ Text string }
	PartialFingerprints map[string]string
	Locations           []sarifPlace
	RelatedLocations    []sarifPlace
}

type sarifPlace struct {
	ID               int
	PhysicalLocation struct {
		ArtifactLocation struct{ URI string }
		Region           struct {
			StartLine, StartColumn, EndLine, EndColumn int
			Snippet                                    struct{ Text string }
		}
	}
}

func parseSARIF(t *testing.T, log string) sarifLog {
	t.Helper()
	var parsed sarifLog
	if err := json.Unmarshal([]byte(log), &parsed); err != nil {
		t.Fatal(err)
	}
	if len(parsed.Runs) != 1 {
		t.Fatalf("%d runs, want 1", len(parsed.Runs))
	}
	return parsed
}

func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaURI, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(schemaURI)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	schema := sarifSchema(t)
	for name, c := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := render(t, Format{"sarif", SARIF}, c.report, c.options)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(log))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
	if err := schema.Validate(map[string]any{"version": "2.1.0"}); err == nil {
		t.Error("the schema takes a log without runs")
	}
}

// TestSARIFRegions checks what GitHub asks of results beyond the schema.
func TestSARIFRegions(t *testing.T) {
	t.Parallel()
	for name, c := range cases(t) {
		run := parseSARIF(t, render(t, Format{"sarif", SARIF}, c.report, c.options)).Runs[0]
		if run.Results == nil {
			t.Fatalf("%s: no results member", name)
		}
		if got, want := len(*run.Results), len(c.report.Findings)+len(c.report.Problems); got != want {
			t.Errorf("%s: %d results, want %d", name, got, want)
		}
		for i, result := range *run.Results {
			if result.RuleIndex == nil || run.Tool.Driver.Rules[*result.RuleIndex].ID != result.RuleID {
				t.Errorf("%s: result %d: rule index does not lead to %s", name, i, result.RuleID)
			}
			if len(result.Locations) != 1 {
				t.Fatalf("%s: result %d: %d locations, want 1", name, i, len(result.Locations))
			}
			for _, place := range append(result.Locations, result.RelatedLocations...) {
				r := place.PhysicalLocation.Region
				if r.StartLine < 1 || r.StartColumn < 1 || r.EndLine < r.StartLine || r.EndColumn < 1 {
					t.Errorf("%s: result %d: region %+v", name, i, r)
				}
				if place.PhysicalLocation.ArtifactLocation.URI == "" {
					t.Errorf("%s: result %d: no URI", name, i)
				}
			}
			for _, place := range result.RelatedLocations {
				if !strings.Contains(result.Message.Text, fmt.Sprintf("](%d)", place.ID)) {
					t.Errorf("%s: result %d: message %q does not link %d", name, i, result.Message.Text, place.ID)
				}
			}
		}
		for _, n := range run.Invocations[0].ToolExecutionNotifications {
			if run.Tool.Driver.Notifications[n.Descriptor.Index].ID != n.Descriptor.ID {
				t.Errorf("%s: notification index does not lead to %s", name, n.Descriptor.ID)
			}
		}
		if got, want := run.Invocations[0].ExecutionSuccessful, len(c.report.Failures) == 0; got != want {
			t.Errorf("%s: executionSuccessful %v, want %v", name, got, want)
		}
	}
}

func TestSARIFLimits(t *testing.T) {
	t.Parallel()
	var r analyzer.Report
	for i := range maxResults {
		r.Findings = append(r.Findings, rule.Finding{RuleID: "A-001", Severity: rule.Note, Message: fmt.Sprint(i)})
	}
	last := rule.Finding{RuleID: "A-001", Severity: rule.Error, Message: "the error"}
	for i := range maxLocations {
		last.Related = append(last.Related, rule.Related{Message: fmt.Sprintf("place %d", i)})
	}
	r.Findings = append(r.Findings, last)
	r.Problems = []model.Problem{{Message: "unreadable"}}
	run := parseSARIF(t, render(t, Format{"sarif", SARIF}, r, Options{})).Runs[0]
	results := *run.Results
	if len(results) != maxResults {
		t.Fatalf("%d results, want %d", len(results), maxResults)
	}
	if results[0].Message.Text != "0." || results[maxResults-2].Message.Text[:9] != "the error" {
		t.Errorf("the order is lost: %q … %q", results[0].Message.Text, results[maxResults-2].Message.Text)
	}
	if got := len(results[maxResults-2].RelatedLocations) + 1; got != maxLocations {
		t.Errorf("%d locations, want %d", got, maxLocations)
	}
	var cuts []string
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		if n.Descriptor.ID == "report-cut" {
			cuts = append(cuts, n.Message.Text)
		}
	}
	want := []string{
		"2 results were left out: a run holds at most 25000.",
		"1 result has related locations left out: a result holds at most 1000 locations.",
	}
	if diff := cmp.Diff(want, cuts); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
}

func TestSARIFRuleProperties(t *testing.T) {
	t.Parallel()
	run := parseSARIF(t, render(t, Format{"sarif", SARIF}, analyzer.Report{Rules: fixtureRules()}, Options{Version: "v1.2.3-rc.1"})).Runs[0]
	got := run.Tool.Driver.Rules[1].Properties
	want := map[string]any{
		"precision": "very-high", "problem.severity": "warning", "security-severity": "6.5",
		"tags": []any{"service", "eks", "kubernetes", "networking", "security"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if _, ok := run.Tool.Driver.Rules[0].Properties["security-severity"]; ok {
		t.Error("a rule without security severity has one")
	}
	if d := run.Tool.Driver; d.Version != "1.2.3-rc.1" || d.SemanticVersion != "1.2.3-rc.1" {
		t.Errorf("version %q, semantic version %q", d.Version, d.SemanticVersion)
	}
}

// TestSARIFRun: runs of different kinds do not take the place of one another.
func TestSARIFRun(t *testing.T) {
	t.Parallel()
	for run, want := range map[string]string{"": "ekslint/check/", "audit": "ekslint/audit/"} {
		if log := render(t, Format{"sarif", SARIF}, analyzer.Report{}, Options{Run: run}); !strings.Contains(log, `"id": "`+want+`"`) {
			t.Errorf("run %q is not %s:\n%s", run, want, log)
		}
	}
}

func TestProblemFingerprints(t *testing.T) {
	t.Parallel()
	same := model.Problem{At: model.Span{File: "a.yaml"}, Message: "bad"}
	other := model.Problem{At: model.Span{File: "b.yaml"}, Message: "bad"}
	r := analyzer.Report{Problems: []model.Problem{same, same, other}}
	seen := map[string]bool{}
	for _, result := range *parseSARIF(t, render(t, Format{"sarif", SARIF}, r, Options{})).Runs[0].Results {
		seen[result.PartialFingerprints[fingerprintKey]] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("fingerprints are not distinct: %v", seen)
	}
}

func TestURIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"a/b.yaml", "a/b.yaml"},
		{"a b/ü#?%.yaml", "a%20b/%C3%BC%23%3F%25.yaml"},
		{"c:d.yaml", "c%3Ad.yaml"},
		{"<stdin>", "%3Cstdin%3E"},
		{"../up.yaml", "../up.yaml"},
		{"", "."},
	} {
		if got := relativeURI(tt.in); got != tt.want {
			t.Errorf("relativeURI(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	for _, tt := range []struct {
		in   string
		kind fileKind
		want string
	}{
		{"/srv/my repo", folder, "file:///srv/my%20repo/"},
		{"/srv/repo/", folder, "file:///srv/repo/"},
		{"/", folder, "file:///"},
		{"/srv/ü.yaml", regularFile, "file:///srv/%C3%BC.yaml"},
		{"C:/repo", folder, "file:///C:/repo/"},
	} {
		if got := fileURI(tt.in, tt.kind); got != tt.want {
			t.Errorf("fileURI(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPascalCase(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ingress sends to a port": "IngressSendsToPort",
		"ALB has no listener":     "AlbHasNoListener",
		"targetPort of IPv6":      "TargetPortOfIpv6",
		"open to 0.0.0.0/0":       "OpenTo00000",
		"ING-001":                 "Ing001",
	} {
		if got := pascalCase(in); got != want {
			t.Errorf("pascalCase(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDropAbsent(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a":[],"b":1,"c":-1}`:              `{"b":1}`,
		`{"a":[],"b":-1}`:                    `{}`,
		`{"a":{},"results":[],"rules":[]}`:   `{"results":[],"rules":[]}`,
		`{"a":"\"b\":[],","c":-12,"d":[-1]}`: `{"a":"\"b\":[],","c":-12,"d":[-1]}`,
		`[{"x":-1},{"y":{"z":[],"w":"[]"}}]`: `[{},{"y":{"w":"[]"}}]`,
		`{"text":"\\","index":-1}`:           `{"text":"\\"}`,
	} {
		if got := string(dropAbsent([]byte(in))); got != want {
			t.Errorf("dropAbsent(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestLinkRelated(t *testing.T) {
	t.Parallel()
	ref := func(kind, name string) *model.Resource {
		return &model.Resource{Ref: model.Ref{Kind: kind, Namespace: "shop", Name: name}}
	}
	related := func(message string, r *model.Resource) rule.Related {
		return rule.Related{Message: message, At: rule.Place{Resource: r}}
	}
	subject := model.Ref{Kind: "Ingress", Namespace: "shop", Name: "web"}
	for name, tt := range map[string]struct {
		message string
		related []rule.Related
		want    string
	}{
		"none":           {"open to [all](world)", nil, `open to [all\](world).`},
		"reference":      {"sends to Service shop/web", []rule.Related{related("x", ref("Service", "web"))}, "sends to [Service shop/web](1)."},
		"quoted":         {`sends to Service "web" now`, []rule.Related{related("x", ref("Service", "web"))}, `sends to [Service "web"](1) now.`},
		"own words":      {"host a.b stands twice", []rule.Related{related("stands twice", ref("Ingress", "x"))}, "host a.b [stands twice](1)."},
		"longer name":    {"sends to shop/web-2", []rule.Related{related("the Service", ref("Service", "web"))}, "sends to shop/web-2. See [the Service](1)."},
		"dotted name":    {"sends to shop/web.x", []rule.Related{related("the Service", ref("Service", "web"))}, "sends to shop/web.x. See [the Service](1)."},
		"full stop":      {"sends to shop/web.", []rule.Related{related("the Service", ref("Service", "web"))}, "sends to [shop/web](1)."},
		"subject itself": {"Ingress shop/web is odd", []rule.Related{related("another rule", ref("Ingress", "web"))}, "Ingress shop/web is odd. See [another rule](1)."},
		"two of one name": {
			"Service shop/a and Service shop/b",
			[]rule.Related{related("y", ref("Service", "b")), related("x", ref("Service", "a"))},
			"[Service shop/a](2) and [Service shop/b](1).",
		},
		"same object twice": {
			"Service shop/a clashes",
			[]rule.Related{related("here", ref("Service", "a")), related("there", ref("Service", "a"))},
			"[Service shop/a](1) clashes. See [there](2).",
		},
		"brackets": {"clash", []rule.Related{related(`rules[0] \ x`, nil)}, `clash. See [rules\[0\] \\ x](1).`},
		"empty":    {"", []rule.Related{related("", nil)}, "[No message](1)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := linkRelated(tt.message, subject, tt.related); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
