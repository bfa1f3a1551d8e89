package reach

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// DNSPorts are the ports on which resolvers answer, by protocol.
func DNSPorts(p netset.Protocol) netset.Ports { return netset.PortRange(p, 53, 53) }

// Resolvers are what pods ask for names.
type Resolvers struct {
	// Text says which they are.
	Text string
	// Cluster is set when they are the DNS of the cluster.
	Cluster bool
	// Endpoints hold every endpoint that may be one of them. Pods to which all
	// are closed resolve no name.
	Endpoints []int
}

// Names answers what pods ask for names. Finding out who may answer looks at
// every endpoint, so one value is made for many workloads.
type Names struct {
	engine           *Engine
	cluster, outside []int
}

// Names prepares questions about resolvers.
func (e *Engine) Names() Names { return Names{e, e.DNS(), e.Outside()} }

// Resolvers returns what the pods of a workload ask for names, by their
// dnsPolicy; none when that is not known.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
func (n Names) Resolvers(w *graph.Workload) Resolvers {
	spec := w.PodSpec()
	if spec == nil || w.Holder().IsUnknown(w.PathTo("spec", "dnsPolicy")...) {
		return Resolvers{}
	}
	switch w.DNSPolicy() {
	case corev1.DNSClusterFirst, corev1.DNSClusterFirstWithHostNet:
		// A cache on the node and the address of the Service are not among the
		// pods, but a policy can admit them by an ipBlock.
		// https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
		return Resolvers{Text: "the DNS of the cluster", Cluster: true, Endpoints: slices.Concat(n.cluster, n.outside)}
	case corev1.DNSDefault:
		return Resolvers{Text: "the resolver of the node", Endpoints: n.outside}
	case corev1.DNSNone:
		return n.engine.nameservers(w)
	default:
		return Resolvers{} // the API server refuses it
	}
}

func (e *Engine) nameservers(w *graph.Workload) Resolvers {
	addresses, known := w.Nameservers()
	if !known || slices.ContainsFunc(addresses, e.unjudged) {
		return Resolvers{}
	}
	out := Resolvers{Text: "the nameserver " + strings.Join(w.PodSpec().DNSConfig.Nameservers, " or ")}
	for _, a := range addresses {
		if isLocal(a) {
			out.Endpoints = append(out.Endpoints, e.at(a)...)
		} else {
			out.Endpoints = append(out.Endpoints, e.answering(a)...)
		}
	}
	return out
}

// unjudged reports whether what policies make of a resolver is not known. The
// VPC CNI judges what pods send to a cache on their node.
func (e *Engine) unjudged(a netip.Addr) bool {
	return isLocal(a) && (e.cacheAt(a) == nil || e.graph.Enforcement().Engine != graph.EngineVPCCNI)
}

// isLocal reports whether a resolver is in the pod itself or on its node. The
// first asks others in its own way, and the second may be open to the pods of
// the node whatever policies say.
func isLocal(a netip.Addr) bool { return a.IsLoopback() || a.IsLinkLocalUnicast() }

// answering are the endpoints that may have an address. One that the internet
// does not route may belong to a Service, and so to any pod; EKS recommends
// 100.64.0.0/10 for pods where addresses are few:
// https://docs.aws.amazon.com/eks/latest/best-practices/custom-networking.html
func (e *Engine) answering(a netip.Addr) []int {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	if !a.IsGlobalUnicast() || a.IsPrivate() || shared.Contains(a) {
		var out []int
		for i, end := range e.endpoints.All() {
			if !end.gone {
				out = append(out, i)
			}
		}
		return out
	}
	var out []int
	for i, end := range e.endpoints.All() {
		if end.Workload == nil && end.Range.Contains(a) || !end.gone && slices.Contains(end.Addresses(), a) {
			out = append(out, i)
		}
	}
	return out
}
