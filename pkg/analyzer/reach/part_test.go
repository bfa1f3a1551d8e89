package reach_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestPartEqualsWhole: an engine of some namespaces answers between their pods
// and addresses as the engine of all does.
func TestPartEqualsWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		w := newWorld(seed)
		g := graph.New(model.NewSnapshot(model.Scope{Complete: true}, w.resources))
		whole := reach.New(g)
		for _, names := range [][]string{{"x"}, {"y"}, {"x", "z"}} {
			in := map[string]bool{}
			for _, name := range names {
				in[name] = true
			}
			part := reach.In(g, func(name string) bool { return in[name] })
			for _, from := range w.nodes {
				for _, to := range w.nodes {
					comparePart(t, seed, whole, part, in, from, to)
				}
			}
		}
	}
}

func comparePart(t *testing.T, seed uint64, whole, part *reach.Engine, in map[string]bool, from, to node) {
	t.Helper()
	if from.pod == nil && to.pod == nil || from.pod != nil && !in[from.pod.Namespace] || to.pod != nil && !in[to.pod.Namespace] {
		return
	}
	wf, a := number(t, whole, from)
	wt, b := number(t, whole, to)
	pf, c := number(t, part, from)
	pt, d := number(t, part, to)
	if !a || !b || !c || !d {
		return // IPv6 is no endpoint where no policy names it
	}
	want, got := whole.Between(wf, wt), part.Between(pf, pt)
	if !want.Certain.Equal(got.Certain) || !want.Possible.Equal(got.Possible) {
		t.Fatalf("seed %d: %s => %s is %v in part and %v as a whole", seed, whole.Endpoint(wf), whole.Endpoint(wt), got, want)
	}
}
