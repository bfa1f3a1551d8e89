package config_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// metas are the rules that the tests know.
func metas() []rule.Meta {
	return []rule.Meta{
		{ID: rule.InputUnread, Title: "Unread", Category: "load"},
		{ID: "ING-005", Title: "Value", Category: "ingress"},
		{ID: "NP-004", Title: "Default deny", Category: "networkpolicy", Params: []rule.Param{
			{Name: "ignore-namespaces", Description: "Namespaces.", Default: []string{"kube-system"}},
			{Name: "ports", Description: "Ports.", Default: []int{}},
			{Name: "most", Description: "Number.", Default: 3},
			{Name: "strict", Description: "Switch.", Default: false},
			{Name: "prefix", Description: "Text.", Default: ""},
		}},
	}
}

func load(t *testing.T, name, text string) (config.Config, error) {
	t.Helper()
	c, err := config.Load(fstest.MapFS{name: {Data: []byte(text)}}, name)
	if err == nil {
		err = c.Check(metas())
	}
	return c, err
}

func TestFind(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		".ekslint.yaml":     {},
		"a/b/.ekslint.yaml": {},
		"a/b/c/x.yaml":      {},
		"d/x.yaml":          {},
	}
	for dir, want := range map[string]string{
		".": ".ekslint.yaml", "a": ".ekslint.yaml", "a/b": "a/b/.ekslint.yaml",
		"a/b/c": "a/b/.ekslint.yaml", "d": ".ekslint.yaml",
	} {
		got, err := config.Find(fsys, dir)
		if err != nil || got != want {
			t.Errorf("Find(%q) = %q, %v; want %q", dir, got, err, want)
		}
	}
	if got, err := config.Find(fstest.MapFS{"a/x": {}}, "a"); got != "" || err != nil {
		t.Errorf("Find without a config = %q, %v", got, err)
	}
}

// full sets every key.
const full = `preset: strict
rules:
  dirs: [policies]
  include: [ING-005, networkpolicy]
  exclude: [load]
  enable: [NP-004]
  severity: {NP-004: note, ING-005: off}
  params:
    NP-004: {ignore-namespaces: [a, "1"], ports: [80, 443], most: 5, strict: true, prefix: "7"}
failOn: error
formats: [text, sarif=out/ekslint.sarif]
baseline: .ekslint-baseline.json
complete: true
jobs: 2
quiet: true
noColor: true
ignorePaths: ["*.gen.yaml", "/third_party", "!keep/me"]
values: [charts/app/values-ci.yaml]
set: ["image.tag=1"]
clusters:
- name: prod
  paths: [base, "overlays/prod/*.yaml"]
  complete: true
  values: [charts/app/values-prod.yaml]
  set: [replicas=3]
suppressions:
- rule: ING-005
  path: vendor/**
  object: Ingress shop/web
  reason: The vendor mends it.
  expires: 2027-03-31
- rule: "*"
  object: {kind: Service, namespace: shop, name: web-*, labels: {app: web}}
  reason: A test.
webhook:
  mode: warn
  rules: {NP-004: enforce}
  exempt: {namespaces: [kube-system], users: [me], groups: [ops]}
  awsMaxAge: 90m
  audit: {interval: 10m, reports: true}
`

func TestLoad(t *testing.T) {
	t.Parallel()
	in := func(dir string) config.Config {
		ignored := []string{"*.gen.yaml", "/third_party", "!keep/me"}
		if dir != "" {
			ignored = []string{"/deploy/**/*.gen.yaml", "/deploy/third_party", "!/deploy/keep/me"}
		}
		return config.Config{
			Preset: "strict",
			Rules: config.Rules{
				Dirs: []string{dir + "policies"}, Include: []string{"ING-005", "networkpolicy"}, Exclude: []string{"load"},
				Enable: []string{"NP-004"}, Severity: map[string]string{"NP-004": "note", "ING-005": "off"},
				Params: map[string]map[string]any{"NP-004": {
					"ignore-namespaces": []string{"a", "1"}, "ports": []int{80, 443}, "most": 5, "strict": true, "prefix": "7",
				}},
			},
			FailOn: "error", Formats: []string{"text", "sarif=" + dir + "out/ekslint.sarif"}, Baseline: dir + ".ekslint-baseline.json",
			Complete: true, Jobs: 2, Quiet: true, NoColor: true, IgnorePaths: ignored,
			Values: []string{dir + "charts/app/values-ci.yaml"}, Set: []string{"image.tag=1"},
			Clusters: []config.Cluster{{
				Name: "prod", Paths: []string{dir + "base", dir + "overlays/prod/*.yaml"}, Complete: true,
				Values: []string{dir + "charts/app/values-prod.yaml"}, Set: []string{"replicas=3"},
			}},
			Suppressions: []config.Suppression{
				{
					Rule: "ING-005", Path: dir + "vendor/**", Object: config.Object{Kind: "Ingress", Namespace: "shop", Name: "web"},
					Reason: "The vendor mends it.", Expires: config.Date{Time: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)},
				},
				{
					Rule: "*", Reason: "A test.",
					Object: config.Object{Kind: "Service", Namespace: "shop", Name: "web-*", Labels: map[string]string{"app": "web"}},
				},
			},
			Webhook: config.Webhook{
				Mode: "warn", Rules: map[string]string{"NP-004": "enforce"}, AWSMaxAge: config.Age{Duration: 90 * time.Minute},
				Exempt: config.Exempt{Namespaces: []string{"kube-system"}, Users: []string{"me"}, Groups: []string{"ops"}},
				Audit:  config.Audit{Interval: config.Age{Duration: 10 * time.Minute}, Reports: true},
			},
		}
	}
	for _, dir := range []string{"", "deploy/"} {
		got, err := load(t, dir+config.Name, full)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in(dir), got, cmpopts.IgnoreUnexported(config.Config{}), cmpopts.IgnoreTypes(model.Span{})); diff != "" {
			t.Errorf("config in %q (-want +got):\n%s", dir, diff)
		}
		if at := got.Suppressions[0].At; full[at.Start:at.End] != "ING-005" || at.File != dir+config.Name {
			t.Errorf("the suppression stands at %+v", at)
		}
	}
}

// TestYAMLIsReadBack: what print writes means the same.
func TestYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{full, "", "rules:\nclusters:\n"} {
		first, err := load(t, config.Name, text)
		if err != nil {
			t.Fatal(err)
		}
		written, err := first.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := load(t, config.Name, string(written))
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		ignored := []cmp.Option{cmpopts.IgnoreUnexported(config.Config{}), cmpopts.IgnoreTypes(model.Span{}), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(first, again, ignored...); diff != "" {
			t.Errorf("-first +again:\n%s", diff)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	c, err := load(t, config.Name, full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"load", "ING-005"}, c.Rules.Excluded()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]rule.Severity{"NP-004": rule.Note}, c.Rules.Severities()); diff != "" {
		t.Error(diff)
	}
	if got := c.Rules.Parameters()["NP-004"]; got.Int("most") != 5 || len(got.Ints("ports")) != 2 || len(got.Strings("ignore-namespaces")) != 2 {
		t.Errorf("parameters: %v", got)
	}
	if text, ok := c.Text(config.Name); !ok || string(text) != full {
		t.Error("the text of the config is lost")
	}
	if _, ok := c.Text("other.yaml"); ok {
		t.Error("the config answers for another file")
	}
}

// TestMistakes: each mistake is named with its line and column.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ignorePath: [a]": `1:1: unknown key "ignorePath", did you mean "ignorePaths"?`,
		"clusters: [{name: a, paths: [a], path: [b]}]":             `1:34: unknown key "path", did you mean "paths"?`,
		"webhook: {mode: deny}":                                    `1:17: unknown value "deny": want off, audit, warn, enforce`,
		"webhook: {awsMaxAge: 1d}":                                 `1:22: want a time span such as 24h, have the text "1d"`,
		"webhook: {awsMaxAge: 0s}":                                 `1:22: want a time span such as 24h, have the text "0s"`,
		"webhook: {rules: {NP-04: off}}":                           `1:19: unknown rule "NP-04", did you mean "NP-004"?`,
		"frobnicate: 1":                                            `1:1: unknown key "frobnicate"`,
		"clusters: [{paths: [a]}]":                                 "1:12: name is missing",
		"clusters: [{name: a}]":                                    "1:12: paths is missing",
		"clusters: [{name: a, paths: [../x]}]":                     `1:30: "../x" leads out of the repository`,
		"clusters: [{name: a, paths: [/etc]}]":                     `1:30: "/etc" leads out of the repository`,
		"clusters: [{name: a, paths: [x]}, {name: a, paths: [y]}]": `1:42: "a" is the name of another cluster`,
		"formats: [text=.git/hooks/pre-commit]":                    `1:11: ".git/hooks/pre-commit" lies in the folder of git`,
		"ignorePaths: {":                                           config.Name + ":1:",
		"jobs: 1\njobs: 2":                                         "2:1: jobs stands in line 1 already",
		"jobs: two":                                                `1:7: want a whole number, have the text "two"`,
		"complete: yes":                                            `1:11: want true or false, have the text "yes"`,
		"failOn: 3":                                                "1:9: want a text, have the number 3",
		"failOn: warn":                                             `1:9: unknown value "warn"`,
		"preset: strct":                                            `1:9: unknown value "strct", did you mean "strict"?`,
		"rules: [a]":                                               "1:8: want a mapping, have a list",
		"# ü\nrules: {include: [\"ü\", ing-005]}":                  `2:24: unknown rule or category "ing-005", did you mean "ING-005"?`,
		"rules: {severity: {NP-04: note}}":                         `1:20: unknown rule "NP-04", did you mean "NP-004"?`,
		"rules: {severity: {LOAD-001: note}}":                      "1:20: LOAD-001 cannot stand here",
		"rules: {params: {NP-004: {mist: 1}}}":                     `1:27: NP-004 has no parameter "mist", did you mean "most"?`,
		"rules: {params: {NP-004: {most: x}}}":                     `1:33: most of NP-004: want a whole number, have the text "x"`,
		"rules: {params: {NP-004: {ports: [x]}}}":                  "1:34: ports of NP-004: want a list of whole numbers, have a list",
		"suppressions: [{rule: ING-5, path: a, reason: r}]":        `1:23: unknown rule or category "ING-5"`,
		"suppressions: [{rule: ING-005, path: a, reason: ' '}]":    "1:16: reason is missing",
		"suppressions: [{rule: ING-005, reason: r}]":               "1:16: path or object is missing",
		"suppressions: [{rule: ING-005, path: '[', reason: r}]":    "is no glob",
	} {
		_, err := load(t, config.Name, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q) = %v; want an error with %q", text, err, want)
		}
	}
}

// TestAllMistakes: one run names them all.
func TestAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := load(t, config.Name, "jobs: x\nquiet: y\nnope: z\n")
	if err == nil || strings.Count(err.Error(), config.Name+":") != 3 {
		t.Errorf("got %v, want three mistakes", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(full)
	f.Add("a: &x {clusters: *x}")
	f.Add("suppressions: [{object: {labels: {a: b}}, expires: 1}]\nrules: {<<: {dirs: [x]}}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, config.Name, text)
		if err != nil {
			return
		}
		written, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := load(t, config.Name, string(written)); err != nil {
			t.Errorf("%v in\n%s", err, written)
		}
	})
}
