package path

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// leg is the way of a client to one workload; known is unset when the port of the
// pods is not.
func (e *Engine) leg(lb *eks.LoadBalancer, r eks.Route, to int, client vpc.Side) (_ leg, known bool) {
	target, found := r.Service.TargetPort(r.Port, e.reach.Endpoint(to).Workload)
	if found != model.Yes || target < 1 || target > int32(netset.LastPort) {
		return leg{}, false
	}
	return leg{
		engine: e, lb: lb, route: r, to: to, client: client, listener: listenerOf(r),
		port: netset.PortRange(r.Protocol, uint16(target), uint16(target)),
	}, true
}

// aims answers whether a load balancer sends from one of its interfaces to pods of a
// place, perhaps over nodes of other zones.
func (l leg) aims(front vpc.Side, p eks.Place) model.Tri {
	out := l.reaches(front, p.Subnet)
	if l.route.TargetType.Is("ip") || l.route.Service.KeepsToNode() {
		return out
	}
	for _, n := range l.engine.cluster.Nodes() {
		for _, s := range n.Subnets {
			out = out.Or(l.reaches(front, s))
		}
	}
	return out
}

// reaches answers whether a load balancer sends from one of its interfaces to
// targets in a subnet.
func (l leg) reaches(front vpc.Side, s *vpc.Subnet) model.Tri {
	zone, known := s.AvailabilityZone.Get()
	same := model.Unknown
	if known {
		same = front.Subnet.AvailabilityZone.Is(func(of string) bool { return of == zone })
	}
	return same.Or(l.lb.CrossZone)
}

// leg is the way of one client through one listener to one workload.
type leg struct {
	engine *Engine
	lb     *eks.LoadBalancer
	route  eks.Route
	to     int
	client vpc.Side
	// listener is the port of the load balancer, port that of the pods.
	listener, port netset.Ports
}

// variants are the ways from the client to one place.
func (l leg) variants(front vpc.Side, place eks.Place) []variant {
	front = front.Over(vpc.FamilyOf(l.client.Addresses))
	head := l.toListener(front)
	if closed(head) {
		return []variant{{hops: head}}
	}
	out := l.fromFront(front, place)
	for i := range out {
		back := vpc.Reply(l.client, front, l.listener, vpc.Anyone)
		out[i].hops = slices.Concat(head, out[i].hops, back)
	}
	return out
}

// fromFront are the ways from one interface of the load balancer to one place, and
// back to that interface. Where targets see the client, they answer it by its address.
func (l leg) fromFront(front vpc.Side, place eks.Place) []variant {
	front = front.Over(l.engine.cluster.Family)
	if v, stops := l.overIPv6(); stops {
		return []variant{v}
	}
	var out []variant
	switch {
	case l.route.TargetType.Is("ip"):
		out = []variant{{first: place.Pod, hops: l.toPod(front, place)}}
	case l.route.TargetType.Is("instance") && l.route.Service.NodePort(l.route.Port) == model.No:
		hop := l.service("through a port of the nodes")
		hop.Verdict, hop.Why = model.No, "it has no port of the nodes, to which target type instance sends"
		return []variant{{hops: []Hop{hop}}}
	case l.route.TargetType.Is("instance"):
		out = l.throughNodes(front, place)
	default:
		return []variant{{unknown: "the target type is not known"}}
	}
	for i := range out {
		if out[i].first.Subnet != nil && !closed(out[i].hops) {
			out[i].hops = append(out[i].hops, vpc.Reply(l.source(front), out[i].first, l.port, vpc.Anyone)...)
		}
	}
	return out
}

// toListener are the hops up to the load balancer.
func (l leg) toListener(front vpc.Side) []Hop {
	hops := append([]Hop{l.scheme()}, l.family()...)
	hops = append(hops, l.internetRoute(front))
	return append(hops, l.engine.cluster.Network.Entering(l.client, front, l.listener)...)
}

// scheme: an internal load balancer has no public address.
func (l leg) scheme() Hop {
	s := l.lb.Scheme
	h := Hop{Layer: LayerLoadBalancer, Where: "scheme of the " + l.lb.Title, Verdict: model.Unknown, Why: "the scheme is not known"}
	if s.Known {
		h.Verdict, h.Why = model.TriOf(s.Is("internet-facing")), "it is "+s.Text()
	}
	at := l.lb.Of.Resource().Locate(nil, model.PartKey)
	if s.Ref != nil {
		at = l.engine.cluster.Graph.Snapshot().Get(*s.Ref).Locate(s.Path, model.PartValue)
	}
	h.Rules = []Rule{{Text: "scheme " + s.Text(), At: at}}
	return h
}

// refused is the load balancer that the controller cannot make.
func (l leg) refused() Hop {
	return Hop{
		Layer: LayerLoadBalancer, Where: "subnets of the " + l.lb.Title, Verdict: model.No, Why: l.lb.Refused,
		Rules: []Rule{{Text: l.lb.Of.Ref().String(), At: l.lb.Of.Resource().Locate(nil, model.PartKey)}},
	}
}

// internetRoute: the subnet of a load balancer that faces the internet has to
// send answers to an internet gateway.
func (l leg) internetRoute(front vpc.Side) Hop {
	return routeHop(l.engine.cluster.Network.Ways(front.Subnet, l.client.Addresses)[0], front.Subnet, model.RouteInternetGateway)
}

// toPod are the hops from the load balancer to the pod itself.
func (l leg) toPod(front vpc.Side, place eks.Place) []Hop {
	source := l.source(front)
	hops := l.admitted(l.engine.cluster.Network.InVPC(source, place.Pod, l.port), place.Pod)
	hops = append([]Hop{l.service(fmt.Sprintf("on %s, in subnet %s", place.Nodes, place.Subnet.Title()))}, hops...)
	if closed(hops) {
		return hops
	}
	return append(hops, l.policy(source.Addresses))
}

// closed reports whether a hop lets nothing pass, so that those behind it do not
// matter.
func closed(hops []Hop) bool {
	return slices.ContainsFunc(hops, func(h Hop) bool { return h.Verdict == model.No })
}

// policy is that of the pods, which sees the source that they see.
func (l leg) policy(source netset.Ranges) Hop {
	if l.route.PreservesClient == model.Unknown {
		return Hop{Layer: LayerPolicy, Where: "ingress of " + l.engine.reach.Endpoint(l.to).String(), Why: "whether the pods see the client is not known"}
	}
	return l.engine.admits(source, l.to, l.port)
}

// service is the Service's port that the listener leads to.
func (l leg) service(where string) Hop {
	ref := l.route.Service.Ref()
	at := model.Path{"spec", "ports", fmt.Sprint(l.route.Port)}
	out := Hop{Layer: LayerService, Where: "Service " + ref.NamespacedName(), Verdict: model.Yes, Certain: l.port, Possible: l.port}
	out.Why = "to port " + portName(l.port) + ", " + where
	if l.route.From != l.route.Service {
		out.Rules = []Rule{{Text: l.route.From.Ref().String() + ", " + l.route.At.String(), At: l.route.From.Resource().Locate(l.route.At, model.PartKey)}}
	}
	out.Rules = append(out.Rules, Rule{Text: ref.String() + ", " + at.String(), At: l.route.Service.Resource().Locate(at, model.PartKey)})
	return out
}

func portName(p netset.Ports) string { return strings.ToLower(p.String()) }

// admitted replaces the hop of a target's security groups where the controller
// itself admits the load balancer there. It finds the group to edit only when an
// interface has one group, or one that carries the tag of the cluster:
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v2.13.0/pkg/networking/networking_manager.go
func (l leg) admitted(hops []Hop, target vpc.Side) []Hop {
	last := &hops[len(hops)-1]
	if l.lb.Admits == model.No || last.Verdict == model.Yes {
		return hops
	}
	if l.lb.Admits == model.Unknown {
		last.Verdict, last.Why = model.Unknown, "whether the controller admits the load balancer there is not known"
		return hops
	}
	switch l.engine.cluster.Edits(target.Groups) {
	case model.Yes:
		*last = Hop{Layer: last.Layer, Where: last.Where, Verdict: model.Yes, Certain: l.port, Possible: l.port, Why: "the controller admits the load balancer there"}
	case model.Unknown:
		last.Verdict, last.Why = model.Unknown, "whether the controller finds one security group to edit is not known"
	case model.No:
		last.Why += "; of several security groups the controller edits the one with the tag of the cluster, and not one of these has it"
	}
	return hops
}
