package ruletest_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader"
)

// FuzzRules: no input makes a rule fail. The seeds are the cases of all rules.
func FuzzRules(f *testing.F) {
	cases, err := filepath.Glob(filepath.Join(root, "*", "*", "*", "*.yaml"))
	if err != nil || len(cases) == 0 {
		f.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, name := range cases {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	checkers := allCheckers(f)
	f.Fuzz(func(t *testing.T, text []byte) { failures(t, text, checkers) })
}

// failures analyses a text and reports the rules that failed.
func failures(t *testing.T, text []byte, checkers []rule.Checker) {
	t.Helper()
	options := loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(checkers)}
	loaded, err := loader.Load(t.Context(), fstest.MapFS{"a.yaml": {Data: text}}, options)
	if err != nil {
		return
	}
	for _, cluster := range loaded.Clusters {
		r, err := analyzer.New(analyzer.Options{Checkers: checkers, Jobs: 1}).Graph(t.Context(), graph.New(cluster), analyzer.View{})
		if err != nil {
			t.Fatal(err)
		}
		for _, failure := range r.Failures {
			t.Errorf("rule %s failed on %s: %v", failure.RuleID, failure.Subject, failure.Err)
		}
	}
}

// FuzzHoles: a rule bears that any value of its cases is absent, null or of
// another shape.
func FuzzHoles(f *testing.F) {
	cases, err := filepath.Glob(filepath.Join(root, "*", "*", "*", "manifests.yaml"))
	if err != nil || len(cases) == 0 {
		f.Fatalf("%d cases, %v", len(cases), err)
	}
	for i := range cases {
		f.Add(uint(i), uint64(i), uint64(1))
	}
	checkers := allCheckers(f)
	f.Fuzz(func(t *testing.T, which uint, a, b uint64) {
		text, err := os.ReadFile(cases[which%uint(len(cases))])
		if err != nil {
			t.Fatal(err)
		}
		failures(t, holed(t, text, rand.New(rand.NewPCG(a, b))), checkers) //nolint:gosec // no secret
	})
}

// holed returns documents in which some values are replaced.
func holed(t *testing.T, text []byte, r *rand.Rand) []byte {
	t.Helper()
	var out []byte
	for doc := range bytes.SplitSeq(text, []byte("---\n")) {
		var tree any
		if err := yaml.Unmarshal(doc, &tree); err != nil {
			return text // a case about text that does not parse
		}
		if object, ok := tree.(map[string]any); ok {
			for key, value := range object {
				if key != "apiVersion" && key != "kind" {
					object[key] = hole(value, r)
				}
			}
		}
		raw, err := yaml.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, raw...), "---\n"...)
	}
	return out
}

// hole replaces about one value in twelve below a value.
func hole(value any, r *rand.Rand) any {
	const oneIn = 12
	if r.IntN(oneIn) == 0 {
		return []any{nil, "", "x", "${X}", 0, -1, true, []any{}, map[string]any{}, []any{nil}, map[string]any{"x": nil}}[r.IntN(11)]
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = hole(v[key], r)
		}
	case []any:
		for i := range v {
			v[i] = hole(v[i], r)
		}
	}
	return value
}
