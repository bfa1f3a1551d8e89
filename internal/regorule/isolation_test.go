package regorule

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

func TestWrongFindingsNameRuleAndField(t *testing.T) {
	t.Parallel()
	for finding, want := range map[string]string{
		`"text"`:                                                           "want an object, have string",
		`{"path": []}`:                                                     "message: missing or empty",
		`{"message": ""}`:                                                  "message: missing or empty",
		`{"message": 1}`:                                                   "message: want a string, have number",
		`{"message": "m", "sev": "x"}`:                                     `unknown field "sev"`,
		`{"message": "m", 1: "x"}`:                                         "unknown field 1",
		`{"message": "m", "path": "x"}`:                                    "path: want an array, have string",
		`{"message": "m", "path": [true]}`:                                 "path: element 0: want a string or a number, have boolean",
		`{"message": "m", "path": [-1]}`:                                   "path: element 0: -1 is no index",
		`{"message": "m", "path": [1.5]}`:                                  "path: element 0: 1.5 is no index",
		`{"message": "m", "part": "all"}`:                                  `part: unknown word "all"`,
		`{"message": "m", "part": 1}`:                                      "part: want a string",
		`{"message": "m", "severity": "fatal"}`:                            `severity: unknown severity "fatal"`,
		`{"message": "m", "key": 1}`:                                       "key: want a string",
		`{"message": "m", "ref": "x"}`:                                     "ref: want a reference",
		`{"message": "m", "ref": {"kind": "Pod", "name": "gone"}}`:         "ref: Pod gone is not in the input",
		`{"message": "m", "ref": {"kind": "Pod"}}`:                         "ref: the reference lacks kind or name",
		`{"message": "m", "ref": {"kind": 1}}`:                             "ref: kind of the reference is not a string",
		`{"message": "m", "related": {}}`:                                  "related: want an array, have object",
		`{"message": "m", "related": [{"message": "a"}, {}]}`:              "related[1]: message: missing or empty",
		`{"message": "m", "related": [{"message": "a", "severity": "x"}]}`: `related[0]: unknown field "severity"`,
		`{"message": "m", "related": ["a"]}`:                               "related[0]: want an object, have string",
	} {
		t.Run(finding, func(t *testing.T) {
			t.Parallel()
			bad := module(t, 1, `findings contains `+finding+` if input.ref.name == "web"`)
			good := module(t, 2, `findings contains {"message": "good"} if input.ref.name == "web"`)
			got, err := both(t, shop(), bad, good)
			wantError(t, err, "TST-001", "finding: ", want)
			if diff := cmp.Diff([]string{"TST-002 error Service shop/web@/0: good"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSeverityAboveMetadata(t *testing.T) {
	t.Parallel()
	m := module(t, 1, `findings contains {"message": "m", "severity": "error"}`)
	m.Meta.Severity = rule.Warning
	_, err := both(t, graphOf(service("a", "b", nil)), m)
	wantError(t, err, "TST-001", "severity: error is above the warning")
}

// wantError asks for one *Error of that rule whose text has all parts.
func wantError(t *testing.T, err error, id string, parts ...string) {
	t.Helper()
	var own *Error
	if !errors.As(err, &own) {
		t.Fatalf("want an error of a rule, have %v", err)
	}
	if own.RuleID != id || own.Unwrap() == nil {
		t.Errorf("error names rule %q, want %q", own.RuleID, id)
	}
	for _, part := range parts {
		if !strings.Contains(own.Error(), part) {
			t.Errorf("error %q lacks %q", own, part)
		}
	}
}

func TestBrokenRuleIsAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"failing built-in":          {`findings contains {"message": "m"} if to_number(input.ref.name) > 0`, "to_number"},
		"failing constant":          {`findings contains {"message": "m"} if to_number("x") > 0`, "to_number"},
		"conflict":                  {"v := 1 if input.ref.name\nv := 2 if input.ref.kind\n" + `findings contains {"message": "m"} if v == 1`, "r1.rego:10"},
		"unknown domain":            {`findings contains {"message": "m"} if ekslint.known("weather", "shop") == "no"`, `unknown domain "weather"`},
		"labels as selector":        {`findings contains {"message": "m"} if ekslint.pods("shop", input.object.spec.selector).certain == "yes"`, `unknown field "app"`},
		"unsafe variable":           {`findings contains {"message": "m"} if x > 1`, "r1.rego:9"},
		"unknown function":          {`findings contains {"message": "m"} if ekslint.guess(1)`, "undefined function ekslint.guess"},
		"type error":                {`findings contains {"message": "m"} if ekslint.known(1, "a") == "no"`, "invalid argument"},
		"network":                   {`findings contains {"message": "m"} if http.send({"url": "http://example.com", "method": "get"})`, "undefined function http.send"},
		"clock":                     {`findings contains {"message": "m"} if time.now_ns() > 0`, "undefined function time.now_ns"},
		"runtime":                   {`findings contains {"message": "m"} if opa.runtime()`, "undefined function opa.runtime"},
		"chance":                    {`findings contains {"message": "m"} if rand.intn("a", 2) == 1`, "undefined function rand.intn"},
		"name lookup":               {`findings contains {"message": "m"} if net.lookup_ip_addr("a")`, "undefined function net.lookup_ip_addr"},
		"parser":                    {`findings contains {"message": "m"} if rego.parse_module("a", "b")`, "undefined function rego.parse_module"},
		"a list of numbers at will": {`findings contains {"message": "m"} if numbers.range(1, 1000000000)`, "numbers.range: the result would be too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := module(t, 2, `findings contains {"message": "good"}`)
			got, err := both(t, graphOf(service("shop", "web", map[string]string{"app": "web"})), module(t, 1, tc.body), good)
			wantError(t, err, "TST-001", tc.want)
			if strings.Contains(err.Error(), "TST-002") {
				t.Errorf("the error blames the good rule: %v", err)
			}
			if diff := cmp.Diff([]string{"TST-002 error Service shop/web@/0: good"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSyntaxErrorSurfacesAtCheck(t *testing.T) {
	t.Parallel()
	bad := rule.Module{Path: "test/bad.rego", Source: "package ekslint.rules.test.bad\n\nfindings contains", Meta: rule.Meta{ID: "TST-009", Kinds: []string{"Service"}}}
	good := module(t, 1, `findings contains {"message": "good"}`)
	got, err := both(t, graphOf(service("shop", "web", nil)), bad, good)
	wantError(t, err, "TST-009", "bad.rego:3")
	if len(got) != 1 {
		t.Errorf("findings of the good rule: %q", got)
	}
}

func TestAllRulesBroken(t *testing.T) {
	t.Parallel()
	m := module(t, 1, `findings contains {"message": "m"} if x > 1`)
	library := rule.Module{Path: "lib/bad.rego", Source: "package ekslint.lib.bad\n\nf(x) := y if x"}
	checkers, err := New([]rule.Module{m, module(t, 2, `findings contains {"message": "m"}`)}, library)
	if err != nil {
		t.Fatal(err)
	}
	found, err := check(t.Context(), shop(), checkers)
	wantError(t, err, "TST-001", "unsafe")
	if len(found) > 0 || !strings.Contains(err.Error(), "TST-002") {
		t.Errorf("a broken library must break every rule: %v %v", found, err)
	}
}
