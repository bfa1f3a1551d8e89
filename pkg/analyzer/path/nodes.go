package path

import (
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// forwarding is what a port of the nodes does with what arrives there.
type forwarding struct {
	engine *Engine
	to     int
	// port is that of the pods.
	port netset.Ports
	// local is set when a node passes on to its own pods alone, which then see
	// who connects to it.
	local bool
	// sends answers whether what begins connects to nodes in a subnet; nil where it
	// connects to every one.
	sends func(*vpc.Subnet) model.Tri
	// arrive are the hops that lead to a node.
	arrive func(n nodeAt, where string) []Hop
	// client is the policy of the pods for who connects to the node.
	client func() Hop
}

// nodeAt is a node that something connects to.
type nodeAt struct {
	vpc.Side
	// public answers whether it has a public IPv4 address.
	public model.Tri
}

// ways are those to the pods of one place. Unless the Service keeps to the node,
// another node may pass the connection on, with its own address:
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func (f forwarding) ways(place eks.Place) []variant {
	network := f.engine.cluster.Network
	if f.local && (place.Fargate || place.Branch) {
		return []variant{{unknown: "pods of Fargate, or with security groups of their own, behind a Service that keeps to its node are not judged"}}
	}
	var out []variant
	if to := f.sendsTo(place.Subnet); !place.Fargate && to != model.No { // the node of a pod on Fargate has no such ports
		out = append(out, perhaps(to, []variant{f.sameNode(place)})...)
	}
	if f.local {
		return out
	}
	for _, n := range f.engine.cluster.Nodes() {
		for _, first := range n.Sides() {
			to := f.sendsTo(first.Subnet)
			if to == model.No {
				continue
			}
			where := "through a port of another node, one of " + n.Title() + " in subnet " + first.Subnet.Title()
			v := variant{first: first, hops: f.arrive(nodeAt{first, n.Public(first.Subnet)}, where)}
			v.hops = append(v.hops, network.InVPC(first, place.Pod, f.port)...)
			v.hops = append(v.hops, f.engine.admits(first.Addresses, f.to, f.port))
			v.hops = append(v.hops, vpc.Reply(first, place.Pod, f.port, vpc.Anyone)...)
			out = append(out, perhaps(to, []variant{v})...)
		}
	}
	return out
}

func (f forwarding) sendsTo(s *vpc.Subnet) model.Tri {
	if f.sends == nil {
		return model.Yes
	}
	return f.sends(s)
}

// sameNode is the way over the port of the node of the pod.
func (f forwarding) sameNode(place eks.Place) variant {
	network := f.engine.cluster.Network
	same := variant{first: place.Node, hops: f.arrive(nodeAt{place.Node, place.Public}, "through a port of the node of the pod, one of "+place.Nodes)}
	if place.Branch && place.Strict == model.Yes {
		same.hops = append(same.hops, network.InVPC(place.Node, place.Pod, f.port)...)
	}
	same.hops = append(same.hops, f.ownNode())
	switch {
	case place.Branch && place.Strict == model.Yes:
		same.hops = append(same.hops, vpc.Reply(place.Node, place.Pod, f.port, vpc.Anyone)...)
	case place.Branch:
		same.unknown = branchOnNode
	}
	return same
}

// ownNode is the policy of a pod for what comes from its own node, which it
// always admits, unless it sees the client.
func (f forwarding) ownNode() Hop {
	if f.local {
		return f.client()
	}
	h := Hop{Layer: LayerPolicy, Where: "ingress of " + f.engine.reach.Endpoint(f.to).String(), Verdict: model.Yes, Certain: f.port, Possible: f.port}
	h.Why = "a pod always admits its own node"
	return h
}

// throughNodes are the ways of a load balancer over the port of a node.
func (l leg) throughNodes(front vpc.Side, place eks.Place) []variant {
	source := l.source(front)
	ports, exact := nodePort(l.route.Service, l.route.Port, l.route.Protocol)
	f := forwarding{
		engine: l.engine, to: l.to, port: l.port, local: l.route.Service.KeepsToNode(),
		sends: func(s *vpc.Subnet) model.Tri { return l.reaches(front, s) },
		arrive: func(node nodeAt, where string) []Hop {
			hops := whole(l.engine.cluster.Network.InVPC(source, node.Side, ports), exact, ports)
			return append([]Hop{l.service(where)}, l.admitted(hops, node.Side)...)
		},
		client: func() Hop { return l.policy(source.Addresses) },
	}
	return f.ways(place)
}

// nodePort is the port of the nodes, or all that it may be:
// https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
func nodePort(s *graph.Service, port int, p netset.Protocol) (ports netset.Ports, exact bool) {
	if n := s.Spec().Ports[port].NodePort; n > 0 && n <= int32(netset.LastPort) {
		return netset.PortRange(p, uint16(n), uint16(n)), true
	}
	return netset.PortRange(p, 30000, 32767), false
}

// whole makes hops certain only where they let every port pass that may be the
// one.
func whole(hops []Hop, exact bool, ports netset.Ports) []Hop {
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
