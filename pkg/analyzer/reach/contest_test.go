package reach_test

import (
	"slices"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestContestsAgreeWithAsk: where all policies have one priority, every contest
// is about a pair that no answer decides, and both rules name it.
func TestContestsAgreeWithAsk(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for seed := range uint64(3000) {
		w := newWorld(seed)
		for _, r := range w.resources {
			if p, ok := r.Object.(*model.ClusterNetworkPolicy); ok {
				p.Spec.Priority = 7
			}
		}
		g := graph.New(model.NewSnapshot(model.Scope{Complete: true}, w.resources))
		e := reach.New(g)
		for _, p := range clusterPolicies(g) {
			for _, c := range e.Contests(p) {
				found[c.Mine.Verb+" "+c.Theirs.Verb]++
				checkContest(t, e, c)
			}
		}
	}
	t.Log(found)
	for _, verbs := range []string{"accepts denies", "denies accepts", "passes denies", "accepts passes"} {
		if found[verbs] == 0 {
			t.Errorf("no contest in which one %s", verbs)
		}
	}
}

func checkContest(t *testing.T, e *reach.Engine, c reach.Contest) {
	t.Helper()
	index := func(end reach.Endpoint) int { return slices.Index(endpoints(e), end) }
	if c.Mine.Verb == c.Theirs.Verb || c.Ports.IsEmpty() {
		t.Errorf("no contest: %v", c)
	}
	a := e.Ask(index(c.From), index(c.To), c.Ports)
	for _, h := range a.Hops {
		if h.Direction == c.Direction && h.Verdict != model.Unknown {
			t.Errorf("%s to %s on %s: %s %s and %s %s, but the answer is %s", c.From, c.To, c.Ports,
				c.Mine.Policy.Ref(), c.Mine.Verb, c.Theirs.Policy.Ref(), c.Theirs.Verb, h.Verdict)
		}
	}
}
