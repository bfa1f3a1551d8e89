package reach

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// nodeLocalDNS is where NodeLocal DNSCache listens on every node. It is not the
// address of the node, so that policies do judge it.
// https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
var nodeLocalDNS = netip.AddrFrom4([4]byte{169, 254, 20, 10})

// ToDNS answers, leg by leg, whether an endpoint can resolve names: to the
// cache on its node, if the input shows one, to the cluster's DNS, and from
// there to the resolver outside the cluster, of which no manifest names the
// address. The pods' dnsPolicy and dnsConfig say whom they ask.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (e *Engine) ToDNS(from int, ports netset.Ports) []Answer {
	w := e.endpoints[from].Workload
	if w == nil {
		return e.toClusterDNS(from, ports)
	}
	if w.DNSPolicy() == corev1.DNSNone {
		return e.toNameservers(from, w, ports)
	}
	if w.DNSPolicy() == corev1.DNSDefault {
		a := e.toOutside(from, ports, "the node's resolver")
		a.Through = []Step{dnsStep(w, "the pods ask the resolver of their node")}
		return []Answer{a}
	}
	out := e.toCache(from, ports)
	out = append(out, e.toClusterDNS(from, ports)...)
	for _, dns := range e.DNS() {
		if !e.endpoints[dns].Assumed {
			out = append(out, e.toOutside(dns, ports, "the resolver of the VPC"))
		}
	}
	return out
}

func dnsStep(w *graph.Workload, what string) Step {
	return Step{Object: w, At: w.PathTo("spec", "dnsPolicy"), What: what}
}

func (e *Engine) toClusterDNS(from int, ports netset.Ports) []Answer {
	if s := e.graph.DNSService(); s != nil && len(s.Pods()) > 0 {
		return e.ToService(from, s, ports)
	}
	var out []Answer
	for _, dns := range e.DNS() {
		out = append(out, e.Ask(from, dns, ports))
	}
	return out
}

// toCache answers for the cache on the node, if the input shows one.
func (e *Engine) toCache(from int, ports netset.Ports) []Answer {
	var out []Answer
	for _, w := range e.graph.NodeLocalDNS() {
		for _, to := range e.at(nodeLocalDNS) {
			a := e.Ask(from, to, ports)
			a.To = Endpoint{Label: nodeLocalDNS.String() + " of " + label(w)}
			out = append(out, a)
		}
		if number, ok := e.Number(w); ok {
			out = append(out, e.toClusterDNS(number, ports)...)
		}
	}
	return out
}

func (e *Engine) toNameservers(from int, w *graph.Workload, ports netset.Ports) []Answer {
	var out []Answer
	for _, address := range w.Nameservers() {
		for _, to := range e.at(address) {
			a := e.Ask(from, to, ports)
			a.Through = append([]Step{dnsStep(w, "the pods ask "+address.String())}, a.Through...)
			out = append(out, a)
		}
	}
	return out
}
