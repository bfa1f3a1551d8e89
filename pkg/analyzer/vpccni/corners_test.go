package vpccni_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
)

// TestCorners are the corners of the semantics about the node and about names
// of ports, on both sides of the verdict. Those of the start of a pod are in
// TestStartsOpen, those of other families in TestEnforce, and those of Services
// in TestEnforceService.
func TestCorners(t *testing.T) {
	t.Parallel()
	on := agent("true", ", image: 'cni:v1.21.1'")
	const host = "Deployment/y/host\nspec: {selector: {}, template: {spec: {hostNetwork: true, containers: [{name: host}]}}}\n---\n"
	in := func(namespace, from, ports string) string {
		return "NetworkPolicy/" + namespace + "/in\nspec: {podSelector: {}, ingress: [{from: [" + from + "], ports: [" + ports + "]}]}\n"
	}
	const admitsNode = "unknown, open; it admits the nodes of pods on the node's network that a selector names (NetworkPolicy in spec.ingress[0])"
	for name, tt := range map[string]struct{ objects, from, to, want string }{
		"B1: own node, egress":  {on + host + denyAll + unwanted, "x/web", "y/host", "unknown, unknown"},
		"B1: own node, ingress": {on + host + denyAll + unwanted, "y/host", "x/web", "unknown, unknown"},
		"B1: own node over Admin Deny of addresses": {
			on + host + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n---\n" + unwanted,
			"x/web", "y/host", "unknown, unknown",
		},
		"B1: own node over Admin Deny of addresses, upstream": {
			host + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n---\n" + unwanted,
			"x/web", "y/host", "unknown",
		},
		"B1: own node over Admin Deny of pods": {
			on + host + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{namespaces: {}}]}]}\n---\n" + unwanted,
			"x/web", "y/host", "open, open",
		},
		"B2: a pod reaches itself":             {on + denyAll + unwanted, "x/bare", "x/bare", "open"},
		"B2: a replica does not reach another": {on + denyAll + unwanted, "x/web", "x/web", "blocked, blocked"},
		"B8: a selector names pods on the node's network": {
			on + host + in("x", "{namespaceSelector: {}}", "{port: 8080}"), "y/host", "x/web", admitsNode,
		},
		"B8: a selector names pods on the node's network, for another port": {
			on + host + in("x", "{namespaceSelector: {}}", "{port: 9090}"), "y/host", "x/web", "unknown, unknown",
		},
		"B8: and every port":               {on + host + in("x", "{namespaceSelector: {}}", ""), "y/host", "x/web", admitsNode},
		"B8: and every port of a protocol": {on + host + in("x", "{namespaceSelector: {}}", "{protocol: TCP}"), "y/host", "x/web", admitsNode},
		"B8: and a range of ports":         {on + host + in("x", "{namespaceSelector: {}}", "{port: 8000, endPort: 8100}"), "y/host", "x/web", admitsNode},
		"a name stands for a port of the destination alone": {
			on + "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: http}]}]}\n",
			"x/api", "x/web", "blocked, blocked",
		},
		"B8: a selector names others": {
			on + host + in("x", "{namespaceSelector: {}, podSelector: {matchLabels: {app: job}}}", "{port: 8080}"), "y/host", "x/web", "unknown, unknown",
		},
		"a name stands for a port of another pod of the policy": {
			on + in("x", "{namespaceSelector: {}}", "{port: http}"), "y/job", "x/web",
			"blocked, unknown; it opens what the name of a port stands for on any pod of the policy, and older versions leave out peers " +
				"without that name (NetworkPolicy in spec.ingress[0])",
		},
		"a name stands for a port of no pod of the policy": {on + in("x", "{namespaceSelector: {}}", "{port: metrics}"), "y/job", "x/web", "blocked, blocked"},
		"a Deny of the Admin tier stays one": {
			on + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" +
				in("x", "{namespaceSelector: {}}", "{port: http}"), "y/job", "x/web", "blocked, blocked",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, pods+tt.objects)
			e := reach.New(g)
			a := e.Ask(find(t, e, tt.from), find(t, e, tt.to), netset.PortRange(netset.TCP, 8080, 8080))
			enforced, ok := vpccni.Enforce(g, a)
			if diff := cmp.Diff(tt.want, write(a, enforced, ok)); diff != "" {
				t.Error(diff, a.Reasons)
			}
		})
	}
}
