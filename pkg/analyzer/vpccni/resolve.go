package vpccni

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// resolved judges a side that the policies do not certainly admit. The
// controller turns the pods that a selector names into addresses, those on the
// node's network into that of their node, and the name of a port into the
// numbers that it has on any pod of the policy; its older versions then leave
// out peers without a port of that name.
// https://github.com/aws/amazon-network-policy-controller-k8s/blob/03e22b5/pkg/resolvers/endpoints.go
func (j *judge) resolved(h reach.Hop) (verdict model.Tri, own bool) {
	peer := j.peer(h)
	if peer.Workload == nil || peer.Label != "" || slices.ContainsFunc(h.Decisions, func(d reach.Decision) bool { return d.Denies }) {
		return h.Verdict, false
	}
	for _, r := range j.rules(h) {
		if !j.names(r, peer) {
			continue
		}
		if peer.Workload.HostNetwork() && j.asksFor(r, nil) {
			j.note("it admits the nodes of pods on the node's network that a selector names", r.policy, r.Path())
			return model.Yes, true
		}
		if h.Direction == reach.Ingress && j.asksFor(r, r.policy.Pods()) {
			j.note("it opens what the name of a port stands for on any pod of the policy, and older versions leave out peers without that name",
				r.policy, r.Path())
			return model.Unknown, true
		}
	}
	return h.Verdict, false
}

// asksFor reports whether the question is about a port of a rule: by number, and
// by name where it stands for one on certain pods.
func (j *judge) asksFor(r rule, pods []*graph.Workload) bool {
	if len(r.Ports) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Ports, func(p networkingv1.NetworkPolicyPort) bool {
		return !portsOf(p, pods).Intersect(j.answer.Asked).IsEmpty()
	})
}

// portsOf are the numbers of a port of a policy.
func portsOf(p networkingv1.NetworkPolicyPort, pods []*graph.Workload) netset.Ports {
	protocol, ok := netset.ParseProtocol(string(graph.ProtocolOf(p)))
	switch {
	case !ok:
		return netset.Ports{}
	case p.Port == nil:
		return netset.PortRange(protocol, netset.FirstPort, netset.LastPort)
	case p.Port.Type == intstr.String:
		return named(p.Port.StrVal, graph.ProtocolOf(p), protocol, pods)
	}
	last := p.Port.IntVal
	if p.EndPort != nil {
		last = *p.EndPort
	}
	return numbers(protocol, p.Port.IntVal, last)
}

func named(name string, written corev1.Protocol, protocol netset.Protocol, pods []*graph.Workload) netset.Ports {
	var out netset.Ports
	for _, w := range pods {
		list, _ := w.NamedPorts(name, written)
		for _, n := range list {
			out = out.Union(numbers(protocol, n, n))
		}
	}
	return out
}

// numbers are a range of ports; none when it is no valid one.
func numbers(p netset.Protocol, first, last int32) netset.Ports {
	if first < int32(netset.FirstPort) || last > int32(netset.LastPort) || first > last {
		return netset.Ports{}
	}
	return netset.PortRange(p, uint16(first), uint16(last)) //nolint:gosec // both are in the range
}
