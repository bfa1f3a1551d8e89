package report

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// gitlabSchema says what GitLab's documentation asks of a Code Quality report.
func gitlabSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/gitlab-code-quality.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("gitlab.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("gitlab.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestGitLabSchema(t *testing.T) {
	t.Parallel()
	schema := gitlabSchema(t)
	for name, c := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, Format{"gitlab", GitLab}, c.report, c.options)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
	if err := schema.Validate([]any{map[string]any{"description": "x"}}); err == nil {
		t.Error("the schema takes an issue without a fingerprint")
	}
}

// TestGitLabFingerprints: GitLab shows one issue of those with the same fingerprint.
func TestGitLabFingerprints(t *testing.T) {
	t.Parallel()
	r := fixtureReport(t)
	same := rule.Finding{RuleID: "A-001", Message: "same", Fingerprint: "same"}
	other := same
	other.RuleID = "A-002"
	r.Findings = append(r.Findings, same, same, other, rule.Finding{}, rule.Finding{})
	r.Problems = append(r.Problems, r.Problems...)
	seen := map[string]bool{}
	for _, issue := range gitlabIssues(t, r) {
		if seen[issue.Fingerprint] {
			t.Errorf("%s of %q stands twice", issue.Fingerprint, issue.Description)
		}
		seen[issue.Fingerprint] = true
	}
	before, after := gitlabIssues(t, fixtureReport(t)), gitlabIssues(t, r)
	if before[0].Fingerprint != after[0].Fingerprint {
		t.Error("a fingerprint changes with the other findings")
	}
}

func gitlabIssues(t *testing.T, r analyzer.Report) []gitlabIssue {
	t.Helper()
	var issues []gitlabIssue
	if err := json.Unmarshal([]byte(render(t, Format{"gitlab", GitLab}, r, fixtureOptions())), &issues); err != nil {
		t.Fatal(err)
	}
	return issues
}
