package config_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/ekslint/ekslint/internal/config"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := config.Schema(metas())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain is a document as an editor sees it: dates are texts.
func plain(t *testing.T, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	var untag func(n *yaml.Node)
	untag = func(n *yaml.Node) {
		if n.ShortTag() == "!!timestamp" {
			n.Tag = "!!str"
		}
		for _, c := range n.Content {
			untag(c)
		}
	}
	untag(&n)
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSchemaAgrees: the schema takes and refuses what the loader does.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	good := []string{
		full, "", "rules:\n", "clusters:\nsuppressions:\n", "jobs: 0",
		"rules: {params: {NP-004: {}}}", "rules: {severity: {NP-004: off}}", "rules: {params: {NP-004: }}",
		"suppressions: [{rule: ingress, path: a, reason: r}]", "suppressions: [{rule: ING-005, object: Ingress web, reason: r}]",
		"formats: [json]", "rules: {enable: []}",
	}
	bad := []string{
		"nope: 1", "- a", "jobs: -1", "jobs: 1.5", "jobs: '1'", "quiet: 1", "failOn: warn", "failOn: ", "preset: lax",
		"formats: text", "formats: [1]", "formats: [~]", "rules: []", "rules: {include: [NOPE]}", "rules: {include: [nope]}",
		"rules: {exclude: {a: b}}", "rules: {enable: [ingress]}", "rules: {severity: {NP-004: low}}", "rules: {severity: {NP-4: note}}",
		"rules: {severity: {LOAD-001: note}}", "rules: {severity: {ingress: note}}", "rules: {params: {NP-4: {}}}", "rules: {params: {NP-004: {x: 1}}}",
		"rules: {params: {NP-004: {most: a}}}", "rules: {params: {NP-004: {most: [1]}}}", "rules: {params: {NP-004: {ports: [a]}}}",
		"rules: {params: {NP-004: {ports: 1}}}", "rules: {params: {NP-004: {strict: 1}}}", "rules: {params: {NP-004: {prefix: 1}}}",
		"rules: {params: {ING-005: {most: 1}}}", "rules: {params: {NP-004: {ignore-namespaces: [{a: b}]}}}",
		"clusters: [{name: a}]", "clusters: [{paths: [a]}]", "clusters: [{name: a, paths: []}]", "clusters: [~]", "clusters: [{name: '', paths: [a]}]",
		"clusters: [{name: a, paths: [a], nope: 1}]", "clusters: {name: a}",
		"suppressions: [{rule: ING-005, path: a}]", "suppressions: [{rule: ING-005, path: a, reason: ' '}]", "suppressions: [{path: a, reason: r}]",
		"suppressions: [{rule: NOPE, path: a, reason: r}]", "suppressions: [{rule: ING-005, reason: r}]",
		"suppressions: [{rule: ING-005, object: Ingress, reason: r}]", "suppressions: [{rule: ING-005, object: {}, reason: r}]",
		"suppressions: [{rule: ING-005, object: {nope: a}, reason: r}]", "suppressions: [{rule: ING-005, object: a b/c/d, reason: r}]",
		"suppressions: [{rule: ING-005, path: a, reason: r, expires: 2027-02-30}]", "suppressions: [{rule: ING-005, path: a, reason: r, expires: soon}]",
		"suppressions: [{rule: ING-005, path: a, reason: r, expires: 2027-3-1}]",
	}
	for _, text := range good {
		if _, err := load(t, config.Name, text); err != nil {
			t.Errorf("the loader refuses %q: %v", text, err)
		}
		if err := s.Validate(plain(t, text)); err != nil {
			t.Errorf("the schema refuses %q: %v", text, err)
		}
	}
	for _, text := range bad {
		if _, err := load(t, config.Name, text); err == nil {
			t.Errorf("the loader takes %q", text)
		}
		if err := s.Validate(plain(t, text)); err == nil {
			t.Errorf("the schema takes %q", text)
		}
	}
	// Rules of one's own are known to the loader alone.
	own := "rules: {dirs: [own], include: [OWN-001], severity: {OWN-001: note}, params: {OWN-001: {x: 1}}}"
	if err := s.Validate(plain(t, own)); err != nil {
		t.Errorf("the schema refuses the name of a user's rule: %v", err)
	}
}

// TestSchemaNamesEveryKey: no key that can be printed is missing.
func TestSchemaNamesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := config.Schema(metas())
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(t, config.Name, full)
	if err != nil {
		t.Fatal(err)
	}
	written, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(written), "\n") {
		key, _, ok := strings.Cut(strings.TrimLeft(line, " -"), ":")
		if ok && !bytes.Contains(text, []byte(`"`+key+`"`)) && key != "app" {
			t.Errorf("the schema lacks %q", key)
		}
	}
	if bytes.Contains(text, []byte(`"description": ""`)) {
		t.Error("a key has no description")
	}
}

// TestDocumented: every key has its section in docs/config.md.
func TestDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, key := range config.Keys() {
		if !bytes.Contains(doc, []byte("`"+key+"`")) {
			missing = append(missing, key)
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("docs/config.md does not name (-want +missing):\n%s", diff)
	}
}
