package ruletest_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/ruletest"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

var update = flag.Bool("update", false, "rewrite want.txt of every case")

const root = "../../testdata/rules"

// silent lists the rules that report nothing by themselves.
var silent = map[string]bool{"LOAD-001": true}

func TestRules(t *testing.T) {
	t.Parallel()
	checkers := allCheckers(t)
	for _, m := range ruleset.Metas() {
		if silent[m.ID] {
			continue
		}
		t.Run(m.ID, func(t *testing.T) {
			t.Parallel()
			for _, class := range ruletest.Classes() {
				runClass(t, checkers, m, class)
			}
		})
	}
}

// TestNoStrayCases: a folder that names no rule would never run.
func TestNoStrayCases(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, m := range ruleset.Metas() {
		known[m.ID] = true
	}
	for _, name := range children(t, root) {
		if !known[name] {
			t.Errorf("%s/%s: no rule has that ID", root, name)
		}
	}
}

func runClass(t *testing.T, checkers []rule.Checker, m rule.Meta, class string) {
	t.Helper()
	dir := filepath.Join(root, m.ID, class)
	cases := children(t, dir)
	if len(cases) == 0 && class != ruletest.Unknown {
		t.Errorf("%s: every rule needs a %s case", dir, class)
	}
	for _, name := range cases {
		t.Run(class+"/"+name, func(t *testing.T) {
			t.Parallel()
			runCase(t, checkers, m.ID, class, filepath.Join(dir, name))
		})
	}
}

func runCase(t *testing.T, checkers []rule.Checker, id, class, dir string) {
	t.Helper()
	got, err := ruletest.Run(t.Context(), os.DirFS(dir), id, ruletest.Rules{Checkers: checkers, Metas: ruleset.Metas(), Kinds: ruleset.Kinds(checkers)})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range (ruletest.Case{ID: id, Class: class}).Judge(got) {
		t.Errorf("%s; findings:\n%s", wrong, got.Text)
	}
	if class == ruletest.Bad {
		for _, line := range strings.Split(strings.TrimSpace(got.Text), "\n") {
			if !strings.HasSuffix(line, "["+id+"]") {
				t.Errorf("a bad case triggers its own rule and no other: %s", line)
			}
		}
	}
	compare(t, filepath.Join(dir, ruletest.Want), got.Text)
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil { //nolint:gosec // a test fixture
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func children(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}
