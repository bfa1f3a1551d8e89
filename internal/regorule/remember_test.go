package regorule

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// TestRecallIsOnesOwn: who completes what was recalled changes nothing for those that
// recall it as well.
func TestRecallIsOnesOwn(t *testing.T) {
	t.Parallel()
	g := shop()
	object := g.Objects(graph.KindResource)[0]
	at := rule.Place{Resource: object.Resource()}
	b, pass := &bundle{}, &rule.Pass{Graph: g, Memory: &rule.Memory{}}
	b.remember(pass, object, &questions{}, nil, []rule.Finding{{Message: "m", At: at, Related: []rule.Related{{Message: "r", At: at}}}})
	for range 2 {
		found, ok := b.recall(pass, object)
		if !ok || len(found) != 1 || found[0].Message != "m" || found[0].Related[0].Message != "r" {
			t.Fatalf("recalls %v, %v", found, ok)
		}
		found[0].Message, found[0].Related[0].Message = "changed", "changed"
	}
}

// TestOnly: where few rules are wanted the others are not evaluated, and what these found is
// not taken for what all find.
func TestOnly(t *testing.T) {
	t.Parallel()
	var modules []rule.Module
	for n := range 5 {
		modules = append(modules, module(t, n, fmt.Sprintf(`findings contains {"message": "%d", "path": ["spec", "ports", input.ref.name]}`, n)))
	}
	// A finding that says this is no finding, which shows that the rule was asked.
	modules = append(modules, module(t, 5, `findings contains {"message": 5}`))
	checker, g, memory := build(t, Auto, modules...)[0], shop(), &rule.Memory{}
	object := g.Objects("Service")[0]
	ask := func(wanted ...string) (found []string, failed bool) {
		pass := &rule.Pass{Graph: g, Memory: memory, Report: func(f rule.Finding) { found = append(found, f.RuleID) }}
		for _, id := range wanted {
			if pass.Only == nil {
				pass.Only = map[string]bool{}
			}
			pass.Only[id] = true
		}
		err := checker.Check(t.Context(), pass, object)
		return found, err != nil
	}
	all := []string{"TST-000", "TST-001", "TST-002", "TST-003", "TST-004"}
	for _, step := range []struct {
		wanted, found []string
		failed        bool
	}{
		{wanted: all[:2], found: all[:2]},
		{wanted: all[:1], found: all[:2]}, // remembered
		{wanted: all[2:3], found: all[2:3]},
		{wanted: []string{"TST-005"}, failed: true},
		{wanted: all[1:5], found: all, failed: true},
		{found: all, failed: true},
		{wanted: all[1:2], found: all[:2]},
	} {
		found, failed := ask(step.wanted...)
		if diff := cmp.Diff(step.found, found); diff != "" || failed != step.failed {
			t.Errorf("%v: failed %v (-want +got):\n%s", step.wanted, failed, diff)
		}
	}
}
