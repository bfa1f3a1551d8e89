package reach_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestToDNSOfOwnNameservers: whom pods ask that name their resolvers, and what
// policies say of it.
func TestToDNSOfOwnNameservers(t *testing.T) {
	t.Parallel()
	const (
		kubeDNS = "Service/kube-system/kube-dns\nspec: {clusterIP: 172.20.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}\n---\n" +
			"Pod/kube-system/coredns\nmetadata: {labels: {k8s-app: kube-dns}}\n---\n"
		cutOff  = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress]}\n---\n"
		outside = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 9.9.9.0/24}}]}]}\n---\n"
		system  = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]}\n---\n"
	)
	for name, tt := range map[string]struct {
		objects, dns string
		want         []string
	}{
		"a public one": {outside, "dnsPolicy: None, dnsConfig: {nameservers: [9.9.9.9]}", []string{
			"9.9.9.9: open; asks spec.dnsPolicy the pods ask 9.9.9.9",
		}},
		"each of two": {outside, "dnsPolicy: None, dnsConfig: {nameservers: [9.9.9.9, 8.8.8.8]}", []string{
			"9.9.9.9: open; asks spec.dnsPolicy the pods ask 9.9.9.9",
			"8.8.8.8: blocked; asks spec.dnsPolicy the pods ask 8.8.8.8",
		}},
		"a Service": {kubeDNS + system, "dnsPolicy: None, dnsConfig: {nameservers: [172.20.0.10]}", []string{
			"kube-system/coredns[Pod]: open; asks spec.dnsPolicy the pods ask 172.20.0.10; kube-dns spec.ports[0] port 53 leads to 53 of kube-system/coredns[Pod]",
		}},
		"a private address, which a Service may have": {system, "dnsPolicy: None, dnsConfig: {nameservers: [172.20.0.10]}", []string{
			"172.20.0.10: unknown; asks spec.dnsPolicy the pods ask 172.20.0.10; policies tell addresses apart, and which ones 172.20.0.10 has is not known",
		}},
		"the pod itself": {cutOff, "dnsPolicy: None, dnsConfig: {nameservers: [127.0.0.1]}", []string{
			"127.0.0.1: unknown; asks spec.dnsPolicy the pods ask 127.0.0.1; what answers in the pods or on their node is not known",
		}},
		"an address of a family that no policy names": {cutOff, "dnsPolicy: None, dnsConfig: {nameservers: ['2620:fe::fe']}", []string{
			"2620:fe::fe: unknown; asks spec.dnsPolicy the pods ask 2620:fe::fe; no policy names an address of this family",
		}},
		"none": {cutOff, "dnsPolicy: None", []string{"the nameservers of the pods: unknown; the nameservers of the pods are not known"}},
		"a word that is no policy": {cutOff, "dnsPolicy: Sometimes", []string{
			"the resolver of the pods: unknown; the API server refuses the dnsPolicy of the pods",
		}},
		"the node's": {cutOff, "dnsPolicy: Default", []string{
			"the node's resolver: blocked; asks spec.dnsPolicy the pods ask the resolver of their node",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := reach.New(graphtest.Read(t, base+tt.objects+"Pod/x/asks\nspec: {"+tt.dns+"}\n"))
			got := summarise(e.ToDNS(find(t, e, "x/asks"), reach.DNSPorts(netset.UDP)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// NodeLocal DNSCache and the engines that decide what pods may send to it.
const (
	nodeCache = "DaemonSet/kube-system/node-local-dns\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: node-local-dns}}, " +
		"spec: {hostNetwork: true, dnsPolicy: Default, containers: [{name: node-cache, args: [-localip, '169.254.20.10,172.20.0.10']}]}}}\n---\n"
	vpcCNI = "DaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {spec: {hostNetwork: true, containers: [" +
		"{name: aws-eks-nodeagent, args: [--enable-network-policy=true, --enable-ipv6=false]}]}}}\n---\n"
	cilium = "DaemonSet/kube-system/cilium\nspec: {selector: {}, template: {spec: {hostNetwork: true}}}\n---\n"
)

// TestToDNSThroughACache: the leg to the cache on the node. Pods meet the other
// address that it has as that of the Service.
func TestToDNSThroughACache(t *testing.T) {
	t.Parallel()
	const (
		pods     = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}\n---\n"
		local    = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 169.254.20.10/32}}]}]}\n---\n"
		leg      = "169.254.20.10 of kube-system/node-local-dns[DaemonSet]: "
		byEngine = "unknown; whether policies judge what pods send to their own node is up to the engine"
	)
	for name, tt := range map[string]struct{ objects, asks, want string }{
		"the VPC CNI judges it":                 {vpcCNI + nodeCache + pods, "{}", leg + "blocked"},
		"the VPC CNI and an ipBlock":            {vpcCNI + nodeCache + local, "{}", leg + "open"},
		"an engine that is not known":           {nodeCache + pods, "{}", leg + byEngine},
		"an ipBlock for whichever engine":       {nodeCache + local, "{}", leg + "open"},
		"no policy":                             {nodeCache, "{}", leg + "open"},
		"to Cilium it is the node":              {cilium + nodeCache + local, "{}", leg + byEngine},
		"no policy of Cilium":                   {cilium + nodeCache, "{}", leg + "open"},
		"another address":                       {vpcCNI + strings.ReplaceAll(nodeCache, "20.10", "25.10") + local, "{}", strings.ReplaceAll(leg, "20.10", "25.10") + "blocked"},
		"the usual address where none is known": {vpcCNI + strings.ReplaceAll(nodeCache, "'169.254.20.10,172.20.0.10'", "__PILLAR__LOCAL__DNS__") + local, "{}", leg + "open"},
		"an address of a family without a policy": {
			vpcCNI + strings.ReplaceAll(nodeCache, "169.254.20.10,172.20.0.10", "fe80::10") + local, "{}",
			"fe80::10 of kube-system/node-local-dns[DaemonSet]: unknown; no policy names an address of this family",
		},
		"pods that name its other address": {
			vpcCNI + nodeCache + pods, "{dnsPolicy: None, dnsConfig: {nameservers: [172.20.0.10]}}",
			"172.20.0.10: unknown; asks spec.dnsPolicy the pods ask 172.20.0.10; policies tell addresses apart, and which ones 172.20.0.10 has is not known",
		},
		"pods that name it": {
			vpcCNI + nodeCache + pods, "{dnsPolicy: None, dnsConfig: {nameservers: [169.254.20.10]}}",
			leg + "blocked; asks spec.dnsPolicy the pods ask 169.254.20.10",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := reach.New(graphtest.Read(t, base+tt.objects+"Pod/x/asks\nspec: "+tt.asks+"\n"))
			got := summarise(e.ToDNS(find(t, e, "x/asks"), reach.DNSPorts(netset.UDP)))
			if diff := cmp.Diff(tt.want, got[0]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if i := slices.IndexFunc(got, func(leg string) bool { return strings.HasPrefix(leg, "172.20.0.10 of ") }); i >= 0 {
				t.Errorf("a leg of its own for the address of the Service: %s", got[i])
			}
		})
	}
}

// TestToDNSOfAutoMode: EKS Auto Mode runs the cluster's DNS on its nodes.
func TestToDNSOfAutoMode(t *testing.T) {
	t.Parallel()
	const (
		pods   = "NetworkPolicy/x/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}\n---\n"
		auto   = "NodeClass//own\nspec: {}\n---\n"
		shown  = "Pod/kube-system/coredns\nmetadata: {labels: {k8s-app: kube-dns}}\n---\n"
		onNode = "the DNS of the cluster: unknown; EKS Auto Mode may run it on the node, at an address that the input does not show"
	)
	for name, tt := range map[string]struct{ objects, want string }{
		"policies judge":     {auto + pods, onNode},
		"no policy judges":   {auto + "NetworkPolicy/y/none\nspec: {podSelector: {}}\n---\n", "kube-system/coredns[Deployment]: open"},
		"not Auto Mode":      {pods, "kube-system/coredns[Deployment]: open"},
		"the pods are shown": {auto + shown + pods, "kube-system/coredns[Pod]: open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := reach.New(graphtest.Read(t, base+tt.objects+"Pod/x/asks\n"))
			got := summarise(e.ToDNS(find(t, e, "x/asks"), reach.DNSPorts(netset.UDP)))
			if diff := cmp.Diff(tt.want, got[0]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
