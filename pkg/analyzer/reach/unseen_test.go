package reach_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestUnseen: a peer that the input shows no pod of is named, with its ports.
func TestUnseen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		peers string
		want  []string
	}{
		"pods in namespaces": {
			"namespaceSelector: {matchLabels: {team: c}}, podSelector: {matchLabels: {app: client}}",
			[]string{"[pods with app=client] in [namespaces with team=c] unknown TCP 80"},
		},
		"every pod of namespaces": {
			"namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [a, b]}]}",
			[]string{"[all pods] in [namespaces with team notin (a,b)] unknown TCP 80"},
		},
		"pods that are shown": {"namespaceSelector: {matchLabels: {team: b}}", nil},
		"addresses":           {"ipBlock: {cidr: 10.0.0.0/8}", nil},
		"pods of a namespace of which the input shows pods": {"podSelector: {matchLabels: {app: none}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := reach.New(graphtest.Read(t, base+"NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{"+tt.peers+"}], ports: [{port: 80}]}]}\n"))
			var got []string
			for _, a := range e.Unseen(find(t, e, "x/db"), reach.Ingress, netset.AllPorts()) {
				got = append(got, a.From.String()+" "+string(a.Verdict)+" "+a.Connection.Possible.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestNothingIsUnseenOfACompleteInput: what is absent does not exist.
func TestNothingIsUnseenOfACompleteInput(t *testing.T) {
	t.Parallel()
	g := graphtest.Read(t, base+"NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: c}}}]}]}\n")
	var all []*model.Resource
	for _, gk := range g.Snapshot().Kinds() {
		all = append(all, g.Snapshot().All(gk)...)
	}
	e := reach.New(graph.New(model.NewSnapshot(model.Scope{Complete: true}, all)))
	if got := e.Unseen(find(t, e, "x/db"), reach.Ingress, netset.AllPorts()); len(got) > 0 {
		t.Errorf("unseen are %v", got)
	}
}
