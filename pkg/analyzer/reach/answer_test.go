package reach_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// Each side alone admits something, or may, and together they admit nothing.
func TestNoCommonPort(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "to: [{namespaceSelector: {matchLabels: {team: c}}}], "} { // no Namespace object shows the labels of z
		e := reach.New(graphtest.Read(t, base+"Pod/z/far\n{}\n---\nNetworkPolicy/y/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{"+to+"ports: [{port: 80}]}]}\n"+
			"---\nNetworkPolicy/z/in\nspec: {podSelector: {}, ingress: [{ports: [{port: 443}]}]}\n"))
		a := e.Ask(find(t, e, "y/job"), find(t, e, "z/far"), netset.AllPorts())
		if a.Verdict != reach.Blocked || !slices.Equal(a.Reasons, []string{"the two sides admit no common port"}) {
			t.Errorf("%q: the answer is %s, %q", to, a.Verdict, a.Reasons)
		}
	}
}

// A verdict names the rule that admits, or each policy that isolates with why
// it does not admit.
func TestDecisions(t *testing.T) {
	t.Parallel()
	e := reach.New(graphtest.Read(t, base+"NetworkPolicy/x/deny\nspec: {podSelector: {}}\n---\n"+
		"NetworkPolicy/x/none\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}\n---\n"+
		"NetworkPolicy/x/web\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}, {from: [{namespaceSelector: {matchLabels: {team: b}}}], ports: [{port: 80}]}]}\n"))
	for port, want := range map[uint16][]string{
		80: {"x/web spec.ingress[1] yes "},
		81: {
			"x/deny spec.ingress no it has no ingress rule", "x/none spec.ingress no no rule names the peer",
			"x/web spec.ingress[1] no a rule names the peer, but not the port",
		},
	} {
		a := e.Ask(find(t, e, "y/job"), find(t, e, "x/web"), netset.PortRange(netset.TCP, port, port))
		var got []string
		for _, d := range a.Hops[1].Decisions {
			got = append(got, fmt.Sprintf("%s %s %s %s", d.Policy.Ref().NamespacedName(), d.At, d.Verdict, d.Why))
		}
		if !slices.Equal(got, want) {
			t.Errorf("port %d: decisions are %q, want %q", port, got, want)
		}
	}
}
