package path

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// throughNodes are the ways over the port of a node. Unless the Service keeps to
// the node, another node may pass it on to the pod, with its own address:
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func (l leg) throughNodes(front vpc.Side, place eks.Place) []variant {
	network := l.engine.cluster.Network
	source := l.source(front)
	ports, exact := nodePort(l.route)
	toNode := func(node vpc.Side, where string) []Hop {
		hops := l.whole(network.InVPC(source, node, ports), exact, ports)
		return append([]Hop{l.service(where)}, l.admitted(hops, node)...)
	}
	same := variant{first: place.Node, hops: toNode(place.Node, "through a port of the node of the pod, one of "+place.Nodes)}
	if place.Branch {
		same.hops = append(same.hops, network.InVPC(place.Node, place.Pod, l.port)...)
	}
	local := l.route.Service.Spec().ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
	same.hops = append(same.hops, l.ownNode(source, local))
	out := []variant{same}
	if local {
		return out
	}
	for _, n := range l.engine.cluster.NodeGroups {
		for _, first := range n.Sides() {
			v := variant{first: first, hops: toNode(first, "through a port of another node, one of "+n.Title()+" in subnet "+first.Subnet.Title())}
			v.hops = append(v.hops, network.InVPC(first, place.Pod, l.port)...)
			v.hops = append(v.hops, l.engine.admits(first.Addresses, l.to, l.port))
			out = append(out, v)
		}
	}
	return out
}

// ownNode is the policy of a pod for what comes from its own node, which it
// always admits, unless it sees the client.
func (l leg) ownNode(source vpc.Side, local bool) Hop {
	if local && l.route.PreservesClient != model.No {
		return l.policy(source.Addresses)
	}
	h := Hop{Layer: LayerPolicy, Where: "ingress of " + l.engine.reach.Endpoints()[l.to].String(), Verdict: model.Yes, Certain: l.port, Possible: l.port}
	h.Why = "a pod always admits its own node"
	return h
}

// nodePort is the port of the nodes, or all that it may be:
// https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
func nodePort(r eks.Route) (ports netset.Ports, exact bool) {
	if n := r.Service.Spec().Ports[r.Port].NodePort; n > 0 && n <= int32(netset.LastPort) {
		return netset.PortRange(r.Protocol, uint16(n), uint16(n)), true
	}
	return netset.PortRange(r.Protocol, 30000, 32767), false
}

// whole makes hops certain only where they let every port pass that may be the
// one.
func (l leg) whole(hops []Hop, exact bool, ports netset.Ports) []Hop {
	if exact {
		return hops
	}
	for i := range hops {
		if h := &hops[i]; h.Verdict == model.Yes && !ports.Subtract(h.Certain).IsEmpty() {
			h.Verdict, h.Why = model.Unknown, "which port of the nodes the Service gets is not known"
		}
	}
	return hops
}
