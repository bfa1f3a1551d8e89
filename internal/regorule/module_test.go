package regorule

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

const whole = `# METADATA
# title: target-type instance needs a NodePort
# description: |-
#   It fires when.
#
#   It is silent otherwise.
# related_resources:
# - ref: https://example.com/a#b
# - ref: https://example.com/c
#   description: second
# custom:
#   id: ING-001
#   severity: error
#   security_severity: 8.2
#   kinds: [Ingress, Service]
#   needs: [services, workloads]
#   rationale: Traffic is lost.
#   remediation: Change the type.
#   since: 0.1.0
package ekslint.rules.ingress.needs_nodeport

findings contains {"message": "m"}
`

func TestParseModule(t *testing.T) {
	t.Parallel()
	got, err := ParseModule("ingress/needs_nodeport.rego", whole)
	if err != nil {
		t.Fatal(err)
	}
	want := rule.Module{Path: "ingress/needs_nodeport.rego", Source: whole, Meta: rule.Meta{
		ID: "ING-001", Title: "target-type instance needs a NodePort", Category: "ingress",
		Description: "It fires when.\n\nIt is silent otherwise.", Rationale: "Traffic is lost.", Remediation: "Change the type.",
		Severity: rule.Error, SecuritySeverity: 8.2, Kinds: []string{"Ingress", "Service"},
		Needs: model.Services | model.Workloads, Refs: []string{"https://example.com/a#b", "https://example.com/c"}, Since: "0.1.0",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := got.Meta.Validate(); err != nil {
		t.Error(err)
	}
	if name, err := PackageOf(got); err != nil || name != "ekslint.rules.ingress.needs_nodeport" {
		t.Errorf("package %q, error %v", name, err)
	}
}

func TestParseModuleErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new, want string }{
		"syntax":               {`{"message": "m"}`, `{"message"`, "x.rego:23: rego_parse_error"},
		"empty":                {whole, "", "x.rego"},
		"only comments":        {whole, "# hello\n", "x.rego"},
		"v0 syntax":            {`findings contains {"message": "m"}`, `findings[x] { x := 1 }`, "x.rego:22"},
		"no metadata":          {"# METADATA", "# METADATE", "x.rego:20:1: no METADATA"},
		"bad yaml":             {"# title: target-type", "# title: [", "x.rego"},
		"unknown key":          {"#   since", "#   origin", "x.rego:1:1: metadata: custom.origin: unknown key"},
		"no title":             {"# title: target-type instance needs a NodePort\n", "", "x.rego:1:1: metadata lacks title"},
		"no id":                {"#   id: ING-001\n", "", "metadata lacks custom.id"},
		"odd id":               {"ING-001", "ing1", `custom.id: "ing1" is not of the form`},
		"no severity":          {"#   severity: error\n", "", "metadata lacks custom.severity"},
		"odd severity":         {"severity: error", "severity: fatal", `custom.severity: unknown severity "fatal"`},
		"odd score":            {"8.2", "high", "custom.security_severity: want a number"},
		"high score":           {"8.2", "11", "custom.security_severity: 11 is not between"},
		"NaN":                  {"8.2", ".nan", "custom.security_severity: "},
		"no kinds":             {"#   kinds: [Ingress, Service]\n", "", "metadata lacks custom.kinds"},
		"empty kinds":          {"[Ingress, Service]", "[]", "metadata lacks custom.kinds"},
		"kinds twice":          {"[Ingress, Service]", "[Ingress, Ingress]", `custom.kinds: "Ingress" is empty or stands twice`},
		"kinds no list":        {"[Ingress, Service]", "Ingress", "custom.kinds: want a list"},
		"kinds of numbers":     {"[Ingress, Service]", "[1]", "custom.kinds: want a string"},
		"odd needs":            {"[services, workloads]", "[weather]", `custom.needs: unknown domain "weather"`},
		"number as version":    {"0.1.0", "0.1", "custom.since: want a string"},
		"foreign package":      {"package ekslint.rules.ingress.needs_nodeport", "package kubernetes", "x.rego:20:1: package kubernetes: want ekslint.rules"},
		"short package":        {".needs_nodeport", "", "x.rego:20:1: package ekslint.rules.ingress: want"},
		"quoted package":       {".needs_nodeport", `["a.b"]`, "want ekslint.rules"},
		"no findings":          {"findings contains", "other contains", "x.rego:20:1: the module defines no findings"},
		"findings no set":      {`findings contains {"message": "m"}`, `findings := ["m"]`, "x.rego:22:1: findings must be a set"},
		"findings an object":   {`findings contains {"message": "m"}`, `findings.a := "m"`, "x.rego:22:1: findings must be a set"},
		"findings below a key": {`findings contains {"message": "m"}`, `findings.a contains "m"`, "x.rego:22:1: findings must be a set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(whole, tc.old) {
				t.Fatalf("%q is not in the module", tc.old)
			}
			_, err := ParseModule("x.rego", strings.Replace(whole, tc.old, tc.new, 1))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func FuzzParseModule(f *testing.F) {
	f.Add(whole)
	f.Add("")
	f.Add("# METADATA\n# title: a\npackage ekslint.rules.a.b\nfindings contains 1")
	f.Add("package ekslint.rules.a[\"b\"]\n")
	f.Fuzz(func(t *testing.T, source string) {
		m, err := ParseModule("x.rego", source)
		if err != nil {
			return
		}
		if m.Meta.ID == "" || m.Meta.Category == "" || m.Meta.Severity == 0 || len(m.Meta.Kinds) == 0 {
			t.Errorf("incomplete metadata accepted: %+v", m.Meta)
		}
		if err := CheckTristate(m); err != nil && !strings.Contains(err.Error(), "x.rego:") {
			t.Errorf("error without a place: %v", err)
		}
	})
}
