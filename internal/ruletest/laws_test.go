package ruletest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/rules"
)

// everyCase calls f with each case folder of every rule.
func everyCase(t *testing.T, f func(t *testing.T, dir fs.FS, name string)) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < 100 {
		t.Fatalf("only %d cases below %s", len(dirs), root)
	}
	for _, dir := range dirs {
		f(t, os.DirFS(dir), strings.TrimPrefix(dir, root+"/"))
	}
}

func allCheckers(t testing.TB) []rule.Checker {
	t.Helper()
	var filter ruleset.Filter
	for _, m := range ruleset.Metas() {
		if m.OptIn {
			filter.Enable = append(filter.Enable, m.ID)
		}
	}
	checkers, err := ruleset.Set{}.Checkers(filter)
	if err != nil {
		t.Fatal(err)
	}
	return checkers
}

// findings analyses a case and lists what is reported of which object. Severity
// and place may depend on what is known and are left out.
func findings(t *testing.T, dir fs.FS, checkers []rule.Checker, complete bool) []string {
	t.Helper()
	loaded, err := loader.Load(t.Context(), dir, loader.Options{
		Paths: []string{"."}, Complete: complete, Kinds: ruleset.Kinds(checkers),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, cluster := range loaded.Clusters {
		r, err := analyzer.New(analyzer.Options{Checkers: checkers}).Graph(t.Context(), graph.New(cluster), analyzer.View{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Failures {
			t.Errorf("rule %s failed on %s: %v", f.RuleID, f.Subject, f.Err)
		}
		for _, f := range r.Findings {
			out = append(out, f.RuleID+" "+f.Subject.String())
		}
	}
	return out
}

// TestMoreKnowledgeKeepsFindings: declaring the input complete may add
// findings, and takes none away.
func TestMoreKnowledgeKeepsFindings(t *testing.T) {
	t.Parallel()
	checkers := allCheckers(t)
	everyCase(t, func(t *testing.T, dir fs.FS, name string) {
		t.Helper()
		known := map[string]bool{}
		for _, f := range findings(t, dir, checkers, true) {
			known[f] = true
		}
		for _, f := range findings(t, dir, checkers, false) {
			if !known[f] {
				t.Errorf("%s: %s is gone once the input is complete", name, f)
			}
		}
	})
}

// TestOneChangeEqualsAll: what is found after one object was added to a cluster
// is what is found in the whole, for the namespaces that the change affects, also by one
// who remembers how the cluster was.
func TestOneChangeEqualsAll(t *testing.T) {
	t.Parallel()
	checkers := allCheckers(t)
	fresh := analyzer.New(analyzer.Options{Checkers: checkers})
	everyCase(t, func(t *testing.T, dir fs.FS, name string) {
		t.Helper()
		loaded, err := loader.Load(t.Context(), dir, loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(checkers)})
		if err != nil {
			t.Fatal(err)
		}
		for _, whole := range loaded.Clusters {
			remembering := analyzer.New(analyzer.Options{Checkers: checkers, Remember: true})
			for _, gk := range whole.Kinds() {
				for _, r := range whole.All(gk) {
					before := graph.New(whole.Without(r.Ref))
					changed := before.With(whole, r.Ref)
					want := focused(t, graph.New(whole), changed.Affected(), fresh)
					focused(t, before, changed.Affected(), remembering)
					if diff := cmp.Diff(want, focused(t, changed, changed.Affected(), remembering)); diff != "" {
						t.Errorf("%s, after %s was added (-whole +changed):\n%s", name, r.Ref, diff)
					}
				}
			}
		}
	})
}

// TestReads: what a change brings or takes away is found where the rules are asked only
// about what changed unless they read its kind: all rules over each case, and each rule
// alone over its own, as others would have it look at more.
func TestReads(t *testing.T) {
	t.Parallel()
	all, alone := analyzer.New(analyzer.Options{Checkers: allCheckers(t)}), map[string]*analyzer.Analyzer{}
	for _, m := range ruleset.Metas() {
		checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Include: []string{m.ID}})
		if err != nil {
			t.Fatal(err)
		}
		alone[m.ID] = analyzer.New(analyzer.Options{Checkers: checkers})
	}
	everyCase(t, func(t *testing.T, dir fs.FS, name string) {
		t.Helper()
		loaded, err := loader.Load(t.Context(), dir, loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(allCheckers(t))})
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(name, "/")
		for _, s := range loaded.Clusters {
			for _, a := range []*analyzer.Analyzer{all, alone[id]} {
				checkReads(t, a, name, s)
				checkReads(t, a, name+", complete", s.WithScope(model.Scope{Name: "live", Complete: true}))
			}
		}
	})
}

// checkReads takes away and adds each object of a cluster.
func checkReads(t *testing.T, a *analyzer.Analyzer, name string, s *model.Snapshot) {
	t.Helper()
	found := func(g *graph.Graph, v analyzer.View) map[string]string {
		r, err := a.Graph(t.Context(), g, v)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range r.Findings {
			out[f.Fingerprint] = f.RuleID + " " + f.Subject.String() + " " + f.Message
		}
		return out
	}
	whole := graph.New(s)
	all := found(whole, analyzer.View{})
	everywhere := slices.Concat(s.Namespaces(), []string{""})
	for _, gk := range s.Kinds() {
		for _, r := range s.All(gk) {
			part := whole.With(s.Without(r.Ref), r.Ref)
			if part.Affected() == nil {
				continue // everything is looked at
			}
			fewer := found(part, analyzer.View{})
			v := analyzer.View{Focus: everywhere, Changed: r.Ref}
			for _, c := range []struct {
				what          string
				is, was, says map[string]string
			}{
				{"added", all, fewer, found(whole, v)},
				{"removed", fewer, all, found(part, v)},
			} {
				for fingerprint, finding := range c.is {
					if c.was[fingerprint] == "" && c.says[fingerprint] == "" {
						t.Errorf("%s: after %s was %s nobody looks for %s", name, r.Ref, c.what, finding)
					}
				}
			}
		}
	}
}

func focused(t *testing.T, g *graph.Graph, focus []string, a *analyzer.Analyzer) []string {
	t.Helper()
	r, err := a.Graph(t.Context(), g, analyzer.View{Focus: focus})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range r.Findings {
		out = append(out, f.RuleID+" "+f.Severity.String()+" "+f.Subject.String()+" "+f.Message)
	}
	return out
}

// TestModesAgree: partial evaluation changes no finding of the built-in rules.
func TestModesAgree(t *testing.T) {
	t.Parallel()
	plain := checkersIn(t, regorule.Plain)
	partial := checkersIn(t, regorule.Partial)
	everyCase(t, func(t *testing.T, dir fs.FS, name string) {
		t.Helper()
		if diff := cmp.Diff(findings(t, dir, plain, false), findings(t, dir, partial, false)); diff != "" {
			t.Errorf("%s (-plain +partial):\n%s", name, diff)
		}
	})
}

func checkersIn(t *testing.T, mode regorule.Mode) []rule.Checker {
	t.Helper()
	checkers, err := regorule.NewInMode(mode, rules.Rego(), rules.Libraries()...)
	if err != nil {
		t.Fatal(err)
	}
	return checkers
}
