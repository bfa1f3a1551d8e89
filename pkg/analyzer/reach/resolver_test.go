package reach_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestResolvers: which resolvers a policy keeps the pods from, by dnsPolicy.
func TestResolvers(t *testing.T) {
	t.Parallel()
	const dns = "{to: [{namespaceSelector: {}}], ports: [{protocol: UDP, port: 53}]}"
	const outside = "{to: [{ipBlock: {cidr: 9.9.9.0/24}}], ports: [{protocol: UDP, port: 53}]}"
	for name, tt := range map[string]struct {
		spec, egress, want string
		cut                bool
	}{
		"absent":                         {"{}", "", "the DNS of the cluster", true},
		"absent, admitted":               {"{}", dns, "the DNS of the cluster", false},
		"ClusterFirst":                   {"{dnsPolicy: ClusterFirst}", "", "the DNS of the cluster", true},
		"an address may be the Service":  {"{}", outside, "the DNS of the cluster", false},
		"Default":                        {"{dnsPolicy: Default}", dns, "the resolver of the node", true},
		"Default, an address admitted":   {"{dnsPolicy: Default}", outside, "the resolver of the node", false},
		"None":                           {"{dnsPolicy: None, dnsConfig: {nameservers: [9.9.9.9]}}", dns, "the nameserver 9.9.9.9", true},
		"None, admitted":                 {"{dnsPolicy: None, dnsConfig: {nameservers: [9.9.9.9]}}", outside, "the nameserver 9.9.9.9", false},
		"None, one of two is admitted":   {"{dnsPolicy: None, dnsConfig: {nameservers: [8.8.8.8, 9.9.9.9]}}", outside, "the nameserver 8.8.8.8 or 9.9.9.9", false},
		"None, a private address":        {"{dnsPolicy: None, dnsConfig: {nameservers: [172.20.0.10]}}", dns, "the nameserver 172.20.0.10", false},
		"None, an address of EKS's pods": {"{dnsPolicy: None, dnsConfig: {nameservers: [100.64.0.10]}}", dns, "the nameserver 100.64.0.10", false},
		"None, a pod of the input":       {"{dnsPolicy: None, dnsConfig: {nameservers: [10.0.1.3]}}", dns, "the nameserver 10.0.1.3", false},
		"None, the pod itself":           {"{dnsPolicy: None, dnsConfig: {nameservers: [127.0.0.1]}}", "", "", false},
		"None, the node":                 {"{dnsPolicy: None, dnsConfig: {nameservers: [169.254.20.10]}}", "", "", false},
		"None without nameservers":       {"{dnsPolicy: None}", "", "", false},
		"refused":                        {"{dnsPolicy: Sometimes}", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := base + "Pod/x/asks\nmetadata: {labels: {app: asks}}\nspec: " + tt.spec +
				"\n---\nNetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [" + tt.egress + "]}"
			checkResolvers(t, text, tt.want, tt.cut)
		})
	}
}

// TestResolversOnTheNode: a cache on the node is a resolver that policies keep
// pods from where the VPC CNI judges.
func TestResolversOnTheNode(t *testing.T) {
	t.Parallel()
	const (
		dns   = "{to: [{namespaceSelector: {}}], ports: [{protocol: UDP, port: 53}]}"
		local = "{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{protocol: UDP, port: 53}]}"
	)
	for name, tt := range map[string]struct {
		objects, egress, want string
		cut                   bool
	}{
		"kept from it":                  {vpcCNI + nodeCache, dns, "the nameserver 169.254.20.10", true},
		"let to it":                     {vpcCNI + nodeCache, local, "the nameserver 169.254.20.10", false},
		"another engine":                {nodeCache, dns, "", false},
		"the input does not show it":    {vpcCNI, dns, "", false},
		"it listens at another address": {vpcCNI + strings.ReplaceAll(nodeCache, "20.10", "25.10"), dns, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := base + tt.objects + "Pod/x/asks\nspec: {dnsPolicy: None, dnsConfig: {nameservers: [169.254.20.10]}}\n---\n" +
				"NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [" + tt.egress + "]}"
			checkResolvers(t, text, tt.want, tt.cut)
		})
	}
}

// checkResolvers asks for the resolvers of the pod x/asks.
func checkResolvers(t *testing.T, text, want string, wantCut bool) {
	t.Helper()
	e := reach.New(graphtest.Read(t, text))
	from := find(t, e, "x/asks")
	got := e.Names().Resolvers(e.Endpoint(from).Workload)
	if diff := cmp.Diff(want, got.Text); diff != "" {
		t.Error(diff)
	}
	if cut := e.EgressBlocked(from, got.Endpoints, reach.DNSPorts(netset.UDP)); cut != wantCut {
		t.Errorf("cut off is %v, want %v", cut, wantCut)
	}
}
