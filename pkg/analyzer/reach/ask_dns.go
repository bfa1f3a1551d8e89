package reach

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
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
	switch cmp.Or(spec.DNSPolicy, corev1.DNSClusterFirst) {
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
	for _, text := range spec.DNSConfig.Nameservers {
		a, err := netip.ParseAddr(text)
		// A resolver in the pod itself asks others in its own way, and one on the
		// node may be open to the pods of that node whatever policies say.
		if err != nil || a.IsLoopback() || a.IsLinkLocalUnicast() {
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

// Outside returns one endpoint of each class of addresses outside the cluster.
func (e *Engine) Outside() (out []int) {
	seen := map[Class]bool{}
	for i, end := range e.endpoints {
		if end.Workload != nil {
			continue
		}
		if c := e.ClassOf(i); !seen[c] {
			seen[c] = true
			out = append(out, i)
		}
	}
	return out
}

// EgressBlocked reports whether the policies of one endpoint certainly admit no
// connection from it to any of the others, whatever those admit. Its own number
// among them does not count. It is false when there is no other, and where a
// rule denies: more rules that admit would not help.
func (e *Engine) EgressBlocked(from int, to []int, ports netset.Ports) bool {
	asked := 0
	for _, t := range to {
		if t == from {
			continue
		}
		asked++
		// Between is cheap, and what it admits is not blocked.
		if !e.Between(from, t).Possible.Intersect(ports).IsEmpty() || !e.egressBlocked(from, t, ports) {
			return false
		}
	}
	return asked > 0
}

func (e *Engine) egressBlocked(from, to int, ports netset.Ports) bool {
	a := e.Ask(from, to, ports)
	return a.Verdict == Blocked && len(a.Hops) > 0 && a.Hops[0].Direction == Egress && a.Hops[0].Verdict == model.No &&
		!slices.ContainsFunc(a.Hops[0].Decisions, func(d Decision) bool { return d.Denies })
}

// Admitting are the decisions of one side that admit a connection; none unless
// the side certainly admits it.
func (a Answer) Admitting(d Direction) []Decision {
	for _, h := range a.Hops {
		if h.Direction == d && h.Verdict == model.Yes {
			return slices.DeleteFunc(slices.Clone(h.Decisions), func(x Decision) bool { return x.Verdict != model.Yes })
		}
	}
	return nil
}

// PodIdentityAgent returns the endpoints that hold the addresses of the EKS Pod
// Identity agent, which it has on every node:
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
func (e *Engine) PodIdentityAgent() []int {
	return slices.Concat(e.at(netip.AddrFrom4([4]byte{169, 254, 170, 23})), e.at(netip.MustParseAddr("fd00:ec2::23")))
}
