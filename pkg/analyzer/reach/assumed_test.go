package reach_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestAssumedDNS: every cluster has a DNS, so a policy can cut pods off from it
// although the input does not show it. What is not certain of it stays open.
func TestAssumedDNS(t *testing.T) {
	t.Parallel()
	policy := func(egress string) string {
		return base + "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [" + egress + "]}"
	}
	dns := "ports: [{protocol: UDP, port: 53}]"
	for _, tt := range []struct {
		name, egress string
		want         model.Tri
	}{
		{"nothing", "", model.No},
		{"its namespace", "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], " + dns + "}", model.Yes},
		{"its pods", "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], " + dns + "}", model.Yes},
		{"all namespaces", "{to: [{namespaceSelector: {}}]}", model.Yes},
		{"the name of its port", "{to: [{namespaceSelector: {}}], ports: [{protocol: UDP, port: dns}]}", model.Yes},
		{"a label it may have", "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {team: dns}}}]}", model.Unknown},
		{"another value of its label", "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: dns}}}]}", model.No},
		{"a label its namespace may have", "{to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]}", model.Unknown},
		{"TCP only", "{to: [{namespaceSelector: {}}], ports: [{port: 53}]}", model.No},
		{"addresses", "{to: [{ipBlock: {cidr: 0.0.0.0/0}}], " + dns + "}", model.Unknown},
		{"pods of the own namespace", "{to: [{podSelector: {}}]}", model.No},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := reach.New(graphtest.Read(t, policy(tt.egress)))
			from := find(t, e, "x/web")
			if len(e.DNS()) != 1 {
				t.Fatalf("DNS is %v", e.DNS())
			}
			a := e.Ask(from, e.DNS()[0], netset.PortRange(netset.UDP, 53, 53))
			if a.Hops[0].Verdict != tt.want {
				t.Errorf("egress is %v, want %v: %v", a.Hops[0].Verdict, tt.want, a.Hops[0].Decisions)
			}
		})
	}
}
