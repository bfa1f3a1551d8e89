package regorule

import (
	"testing"

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
	b.remember(pass, object, &questions{}, []rule.Finding{{Message: "m", At: at, Related: []rule.Related{{Message: "r", At: at}}}})
	for range 2 {
		found, ok := b.recall(pass, object)
		if !ok || len(found) != 1 || found[0].Message != "m" || found[0].Related[0].Message != "r" {
			t.Fatalf("recalls %v, %v", found, ok)
		}
		found[0].Message, found[0].Related[0].Message = "changed", "changed"
	}
}
