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
		return n.engine.nameservers(w, spec)
	default:
		return Resolvers{} // the API server refuses it
	}
}

func (e *Engine) nameservers(w *graph.Workload, spec *corev1.PodSpec) Resolvers {
	if spec.DNSConfig == nil || w.Holder().IsUnknown(w.PathTo("spec", "dnsConfig")...) {
		return Resolvers{}
	}
	out := Resolvers{Text: "the nameserver " + strings.Join(spec.DNSConfig.Nameservers, " or ")}
	addresses := w.Nameservers()
	if len(addresses) < len(spec.DNSConfig.Nameservers) {
		return Resolvers{} // one of them is no address
	}
	for _, a := range addresses {
		// A resolver in the pod itself asks others in its own way, and one on the
		// node may be open to the pods of that node whatever policies say.
		if a.IsLoopback() || a.IsLinkLocalUnicast() {
			return Resolvers{}
		}
		out.Endpoints = append(out.Endpoints, e.answering(a.WithZone("").Unmap())...)
	}
	return out
}

// answering are the endpoints that may have an address. One that the internet
// does not route may belong to a Service, and so to any pod; EKS recommends
// 100.64.0.0/10 for pods where addresses are few:
// https://docs.aws.amazon.com/eks/latest/best-practices/custom-networking.html
func (e *Engine) answering(a netip.Addr) []int {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	if !a.IsGlobalUnicast() || a.IsPrivate() || shared.Contains(a) {
		var out []int
		for i, end := range e.endpoints {
			if !end.gone {
				out = append(out, i)
			}
		}
		return out
	}
	var out []int
	for i, end := range e.endpoints {
		if end.Workload == nil && end.Range.Contains(a) || !end.gone && slices.Contains(end.Addresses(), a) {
			out = append(out, i)
		}
	}
	return out
}
