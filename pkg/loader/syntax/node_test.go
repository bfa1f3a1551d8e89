package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const text = "spec:\n  rules:\n  - http: x\n  - \"http\": y\n  1: one\n? [c]\n: d\n"
	root := mustYAML(t, text)
	tests := []struct {
		path       string
		value, key string // source, "" for nil
	}{
		{"spec.rules.0.http", "x", "http"},
		{"spec.rules.1.http", "y", `"http"`},
		{"spec.rules.1", `"http": y`, `"http": y`},
		{"spec.1", "one", "1"},
		{"spec.rules.2", "", ""},
		{"spec.rules.-1", "", ""},
		{"spec.rules.+1", "", ""},
		{"spec.rules.01", "", ""},
		{"spec.rules.99999999999999999999", "", ""},
		{"spec.rules.http", "", ""},
		{"spec.1.x", "", ""},
		{"nope.x.y", "", ""},
	}
	source := func(n *Node) string {
		if n == nil {
			return ""
		}
		return text[n.Start:n.End]
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			path := strings.Split(tt.path, ".")
			if got := source(root.Find(path)); got != tt.value {
				t.Errorf("Find = %q, want %q", got, tt.value)
			}
			if got := source(root.FindKey(path)); got != tt.key {
				t.Errorf("FindKey = %q, want %q", got, tt.key)
			}
		})
	}
	if root.Find(nil) != root || root.FindKey(nil) != root {
		t.Error("the empty path is not the root")
	}
	var none *Node
	if none.Find([]string{"a"}) != nil || none.FindKey([]string{"a", "b"}) != nil || none.FindKey(nil) != nil || none.Duplicates() != nil {
		t.Error("a nil node has something in it")
	}
	none.Walk(func([]string, *Node) bool { t.Error("a nil node was visited"); return true })
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"none":             {"a: {b: 1}\nc: {b: 1}\n", nil},
		"root":             {"a: 1\nb: 2\na: 3\n'a': 4\n", []string{"a 0 10", "a 0 15"}},
		"nested":           {"x:\n- k: 1\n  k: 2\n", []string{"x.0.k 5 12"}},
		"merge override":   {"x: &x {a: 1}\ny: {<<: *x, a: 2}\n", nil},
		"two merge keys":   {"x: &x {a: 1}\ny: {<<: *x, <<: *x}\n", nil},
		"merged in place":  {"y: {<<: {a: 1, a: 2}}\n", []string{"y.a 9 15"}},
		"counts once":      {"x: &x {a: 1, a: 2}\ny: *x\nz: {<<: *x}\n", []string{"x.a 7 13"}},
		"below duplicates": {"a: {b: 1, b: 1}\na: {c: 1, c: 1}\n", []string{"a 0 16", "a.b 4 10", "a.c 20 26"}},
		"collection keys":  {"? [a]\n: 1\n? [a]\n: 2\n", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range mustYAML(t, tt.text).Duplicates() {
				got = append(got, fmt.Sprint(strings.Join(d.Path, "."), " ", d.First.Start, " ", d.Second.Start))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	n := mustYAML(t, "a: 1\na: 2\n")
	if got := n.Find([]string{"a"}).Value; got != "2" {
		t.Errorf("Find = %q, want the last of two", got)
	}
}
