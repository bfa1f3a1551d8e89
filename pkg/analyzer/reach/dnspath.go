package reach

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// nodeLocalDNS is where NodeLocal DNSCache listens on every node, unless its
// arguments say otherwise.
// https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
var nodeLocalDNS = netip.AddrFrom4([4]byte{169, 254, 20, 10})

// ToDNS answers, leg by leg, whether an endpoint can resolve names: to the
// cache on its node, if the input shows one, to the cluster's DNS, and from
// there to the resolver outside the cluster, of which no manifest names the
// address. The pods' dnsPolicy and dnsConfig say whom they ask.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (e *Engine) ToDNS(from int, ports netset.Ports) []Answer {
	w := e.endpoints.At(from).Workload
	if w == nil {
		return e.toClusterDNS(from, ports)
	}
	if w.Holder().IsUnknown(w.PathTo("spec", "dnsPolicy")...) {
		return []Answer{e.unanswered(from, "the resolver of the pods", "the dnsPolicy of the pods is not known")}
	}
	switch w.DNSPolicy() {
	case corev1.DNSNone:
		return e.toNameservers(from, w, ports)
	case corev1.DNSDefault:
		a := e.toSome(from, e.Outside(), ports, "the node's resolver")
		a.Through = []Step{dnsStep(w, "the pods ask the resolver of their node")}
		return []Answer{a}
	case corev1.DNSClusterFirst, corev1.DNSClusterFirstWithHostNet:
	default:
		return []Answer{e.unanswered(from, "the resolver of the pods", "the API server refuses the dnsPolicy of the pods")}
	}
	out := e.toCaches(from, ports)
	out = append(out, e.toClusterDNS(from, ports)...)
	for _, dns := range e.DNS() {
		if !e.endpoints.At(dns).Assumed {
			out = append(out, e.toSome(dns, e.Outside(), ports, "the resolver of the VPC"))
		}
	}
	return out
}

func (e *Engine) unanswered(from int, to, why string) Answer {
	return Answer{From: e.endpoints.At(from), To: Endpoint{Label: to}, Verdict: NotKnown, Reasons: []string{why}}
}

func dnsStep(w *graph.Workload, what string) Step {
	return Step{Object: w, At: w.PathTo("spec", "dnsPolicy"), What: what}
}

// toClusterDNS answers for the pods that are the cluster's DNS. EKS Auto Mode
// runs it on its nodes, so that where the input does not show those pods, there
// may be none.
// https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
func (e *Engine) toClusterDNS(from int, ports netset.Ports) []Answer {
	if s := e.graph.DNSService(); s != nil && len(s.Pods()) > 0 {
		return e.ToService(from, s, ports)
	}
	var out []Answer
	for _, dns := range e.DNS() {
		a := e.Ask(from, dns, ports)
		onNode := e.endpoints.At(dns).Assumed && e.graph.Controller().AutoMode == model.Yes
		if onNode && slices.ContainsFunc(a.Hops, func(h Hop) bool { return h.Direction == Egress && len(h.Decisions) > 0 }) {
			a = e.unanswered(from, "the DNS of the cluster", "EKS Auto Mode may run it on the node, at an address that the input does not show")
		}
		out = append(out, a)
	}
	return out
}

// toCaches answers for the caches on the node that the input shows: for the
// addresses that no Service can have, and for their own way to the cluster's DNS.
func (e *Engine) toCaches(from int, ports netset.Ports) []Answer {
	var out []Answer
	for _, c := range e.graph.NodeCaches() {
		addresses := c.Addresses
		if len(addresses) == 0 {
			addresses = []netip.Addr{nodeLocalDNS}
		}
		for _, a := range addresses {
			if a.IsLinkLocalUnicast() {
				out = append(out, e.toCache(from, c.Workload, a, ports))
			}
		}
		if number, ok := e.Number(c.Workload); ok {
			out = append(out, e.toClusterDNS(number, ports)...)
		}
	}
	return out
}

// toCache answers for one address of a cache. Kubernetes says that pods always
// reach their own node, whatever its address; the VPC CNI means the primary
// address of the node alone, and Cilium takes each address for the node's.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/
// https://github.com/aws/aws-network-policy-agent/blob/c8619c0/pkg/fwruleprocessor/fw_rule_processor.go
func (e *Engine) toCache(from int, cache *graph.Workload, address netip.Addr, ports netset.Ports) Answer {
	name := address.String() + " of " + label(cache)
	among := e.at(address)
	if len(among) == 0 {
		return e.unanswered(from, name, noSuchFamily)
	}
	a := e.Ask(from, among[0], ports)
	a.To = Endpoint{Label: name}
	engine := e.graph.Enforcement().Engine
	judged := slices.ContainsFunc(a.Hops, func(h Hop) bool { return len(h.Decisions) > 0 })
	if engine == graph.EngineCilium && judged || engine != graph.EngineVPCCNI && a.Verdict == Blocked {
		return e.unanswered(from, name, "whether policies judge what pods send to their own node is up to the engine")
	}
	return a
}

func (e *Engine) toNameservers(from int, w *graph.Workload, ports netset.Ports) []Answer {
	addresses, known := w.Nameservers()
	if !known {
		return []Answer{e.unanswered(from, "the nameservers of the pods", "the nameservers of the pods are not known")}
	}
	var out []Answer
	for _, address := range addresses {
		step := dnsStep(w, "the pods ask "+address.String())
		for _, a := range e.toNameserver(from, address, ports) {
			a.Through = append([]Step{step}, a.Through...)
			out = append(out, a)
		}
	}
	return out
}

// toNameserver answers for one address: that of a Service of the input, or one
// that an endpoint may have.
func (e *Engine) toNameserver(from int, address netip.Addr, ports netset.Ports) []Answer {
	if s := e.serviceAt(address); s != nil {
		return e.ToService(from, s, ports)
	}
	name := address.String()
	if cache := e.cacheAt(address); cache != nil {
		return []Answer{e.toCache(from, cache, address, ports)}
	}
	if isLocal(address) {
		return []Answer{e.unanswered(from, name, "what answers in the pods or on their node is not known")}
	}
	among := e.answering(address)
	if len(among) == 0 { // an address of a family that no policy names
		return []Answer{e.unanswered(from, name, noSuchFamily)}
	}
	return []Answer{e.toSome(from, among, ports, name)}
}

// noSuchFamily is why an address has no range among the endpoints.
const noSuchFamily = "no policy names an address of this family"

// cacheAt is the cache on the node that listens at an address which no Service
// can have, or nil.
func (e *Engine) cacheAt(address netip.Addr) *graph.Workload {
	for _, c := range e.graph.NodeCaches() {
		if address.IsLinkLocalUnicast() && slices.Contains(c.Addresses, address) {
			return c.Workload
		}
	}
	return nil
}

// serviceAt is the Service whose manifest fixes an address for it, or nil.
func (e *Engine) serviceAt(address netip.Addr) *graph.Service {
	for _, o := range e.graph.Objects(model.KindService.Kind) {
		if s, ok := o.(*graph.Service); ok && slices.Contains(s.ClusterIPs(), address) {
			return s
		}
	}
	return nil
}
