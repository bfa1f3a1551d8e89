package reach_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// clusterPolicies are the policies with actions and priorities of a graph.
func clusterPolicies(g *graph.Graph) []graph.Object {
	var out []graph.Object
	for _, kind := range []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy", "ClusterNetworkPolicy.networking.k8s.aws"} {
		out = append(out, g.Objects(kind)...)
	}
	return out
}

func TestDenials(t *testing.T) {
	t.Parallel()
	const rules = ", ingress: [{action: Accept, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}], egress: [{action: Deny, to: [{namespaces: {}}]}]}\n"
	for name, tt := range map[string]struct {
		policy string
		want   []string
	}{
		"of both directions":              {"ClusterNetworkPolicy//p\nspec: {tier: Admin, subject: {namespaces: {}}" + rules, []string{"ingress 1 spec.ingress[1]", "egress 0 spec.egress[0]"}},
		"of the kind that has no tier":    {"AdminNetworkPolicy//p\nspec: {subject: {namespaces: {}}, egress: [{action: Deny, to: [{namespaces: {}}]}]}\n", []string{"egress 0 spec.egress[0]"}},
		"not of the last tier":            {"ClusterNetworkPolicy//p\nspec: {tier: Baseline, subject: {namespaces: {}}" + rules, nil},
		"not of a policy that is refused": {"ClusterNetworkPolicy//p\nspec: {tier: Admin, subject: {}" + rules, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, base+tt.policy)
			e := reach.New(g)
			var got []string
			for _, d := range e.Denials(clusterPolicies(g)[0]) {
				got = append(got, fmt.Sprint(d.Direction, " ", d.Index, " ", d.At))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDenialsAgreeWithAsk: whoever is deprived or overridden is blocked, and a
// decision of the answer says that the denial does it.
func TestDenialsAgreeWithAsk(t *testing.T) {
	t.Parallel()
	web := netset.PortRange(netset.TCP, 80, 80)
	deprived, overridden := 0, 0
	for seed := range uint64(3000) {
		g := graph.New(model.NewSnapshot(model.Scope{Complete: true}, newWorld(seed).resources))
		e := reach.New(g)
		for _, p := range clusterPolicies(g) {
			for _, d := range e.Denials(p) {
				for _, from := range e.Deprived(d, []int{0, 1}, web) {
					deprived++
					checkDenied(t, e, d, from, 0, web)
					checkDenied(t, e, d, from, 1, web)
				}
				for _, o := range e.Overridden(d) {
					overridden++
					checkDenied(t, e, d, numberOf(t, e, o.From), numberOf(t, e, o.To), o.Ports)
				}
			}
		}
	}
	t.Logf("%d deprived, %d overridden", deprived, overridden)
	if deprived == 0 || overridden == 0 {
		t.Error("nothing was compared")
	}
}

func numberOf(t *testing.T, e *reach.Engine, end reach.Endpoint) int {
	t.Helper()
	n, ok := e.Number(end.Workload)
	if !ok {
		t.Fatalf("no endpoint %s", end)
	}
	return n
}

func checkDenied(t *testing.T, e *reach.Engine, d reach.Denial, from, to int, ports netset.Ports) {
	t.Helper()
	a := e.Ask(from, to, ports)
	if !a.Connection.Possible.IsEmpty() {
		t.Errorf("%s to %s may talk on %s", a.From, a.To, a.Connection.Possible)
	}
	said := slices.ContainsFunc(a.Hops, func(h reach.Hop) bool {
		return h.Direction == d.Direction && h.Verdict == model.No && slices.ContainsFunc(h.Decisions, func(x reach.Decision) bool {
			return x.Policy == d.Policy && x.Denies && x.At.String() == d.At.String()
		})
	})
	if !said {
		t.Errorf("%s to %s: no decision names %s of %s", a.From, a.To, d.At, d.Policy.Ref())
	}
}
