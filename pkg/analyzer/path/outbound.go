package path

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ToInternet answers which of some public addresses the pods of a workload reach,
// named by its number among the endpoints of the policies: one answer for
// addresses of a family that fare alike. Where both families are asked for, it leaves
// IPv6 out if pods have no addresses of it.
func (e *Engine) ToInternet(from int, destinations netset.Ranges, ports netset.Ports) []Answer {
	destinations = e.beyond(destinations)
	four, six := destinations.Intersect(netset.IPv4()), destinations.Intersect(netset.IPv6())
	var out []Answer
	if len(four) > 0 {
		out = append(out, e.toInternet(from, four, ports)...)
	}
	if len(six) > 0 && (len(four) == 0 || e.cluster.Family == vpc.IPv6 || e.cluster.FamilyUnknown != "") {
		out = append(out, e.toInternet(from, six, ports)...)
	}
	return out
}

// toInternet answers for addresses of one family.
func (e *Engine) toInternet(from int, destinations netset.Ranges, ports netset.Ports) []Answer {
	w := e.reach.Endpoint(from).Workload
	places, others := e.cluster.Places(w)
	var f fared
	for _, atom := range e.cutOutside(destinations, places) {
		a := Answer{From: e.reach.Endpoint(from).String(), Port: ports}
		var variants []variant
		for _, p := range places {
			variants = append(variants, placed(p, e.leaves(from, p, netset.Ranges{atom}, ports))...)
		}
		a.settle(variants, others)
		f.add(atom, a)
	}
	for i, some := range f.ranges {
		f.answers[i].To = outsideName(some, destinations)
	}
	return f.answers
}

// cutOutside cuts addresses outside the cluster where a policy or a filter of
// some places does.
func (e *Engine) cutOutside(outside netset.Ranges, places []eks.Place) []netset.Range {
	var sides []vpc.Side
	for _, p := range places {
		sides = append(sides, p.Pod, p.Node)
		sides = append(sides, e.natSides(p.Subnet)...)
	}
	return e.finer(e.cluster.Network.Atoms(outside, sides...))
}

// finer cuts ranges where policies do.
func (e *Engine) finer(atoms []netset.Range) []netset.Range {
	var cuts []netset.Ranges
	for _, o := range e.outside {
		cuts = append(cuts, netset.Ranges{o.at})
	}
	var out []netset.Range
	for _, atom := range atoms {
		out = append(out, netset.Atoms(netset.Ranges{atom}, cuts...)...)
	}
	return out
}

// natSides are the interfaces of the NAT gateways that a subnet's routes name.
func (e *Engine) natSides(s *vpc.Subnet) []vpc.Side {
	if s.Table == nil {
		return nil
	}
	var out []vpc.Side
	for _, r := range s.Table.Routes {
		if nat, ok := e.gateway(s, r); ok {
			out = append(out, nat.Side)
		}
	}
	return out
}

// natGateway is the interface of a NAT gateway.
type natGateway struct {
	vpc.Side
	// private answers whether it has no public address.
	private model.Tri
}

// gateway is the NAT gateway that a route leads to.
func (e *Engine) gateway(s *vpc.Subnet, r model.Route) (natGateway, bool) {
	if r.Kind != model.RouteNATGateway {
		return natGateway{}, false
	}
	for _, g := range e.cluster.Network.AWS().NATGateways {
		if r.Target.LeadsTo(g.Meta(), s.Table.Origin) != model.Yes {
			continue
		}
		subnets, _ := e.cluster.Network.SubnetsOf([]model.Link{g.Subnet}, g.Origin)
		if len(subnets) == 1 {
			side := vpc.Side{Name: "NAT gateway " + g.Title(), Addresses: subnets[0].Ranges(vpc.IPv4), Subnet: subnets[0], Unfiltered: true}
			return natGateway{side, isPrivate(g)}, true
		}
	}
	return natGateway{}, false
}

// isPrivate answers whether a NAT gateway has no public address, as one has unless
// something says so.
func isPrivate(g *model.NATGateway) model.Tri {
	if _, known := g.Private.Get(); !known && g.Private.Span().IsZero() {
		return model.No
	}
	return g.Private.Is(func(private bool) bool { return private })
}

// sender is the interface by which the traffic of a pod leaves its VPC.
type sender struct {
	side      vpc.Side
	initiator vpc.Initiator
	// rewritten answers whether the address of the pod is replaced by the primary
	// one of its node.
	rewritten model.Tri
	// public answers whether it has a public IPv4 address.
	public model.Tri
	// none is Yes when it has no address of the family of the destination.
	none model.Tri
}

// sender: what leaves the VPC with the primary address of the node passes the groups of
// that interface.
// To addresses of the other family, an IPv6 cluster lets pods leave by that of their
// node: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#enable_v4_egress-v1151
func (e *Engine) sender(from int, p eks.Place, to vpc.Family) sender {
	if to != e.cluster.Family {
		on, _ := e.cluster.Graph.CNI().Switch("ENABLE_V4_EGRESS", true)
		switch {
		case to == vpc.IPv6 && e.hostNetwork(from):
			on = perhapsIPv6(p.Node.Subnet)
		case to == vpc.IPv6:
			on = model.No
		case p.Fargate:
			on = model.Unknown
		case e.hostNetwork(from):
			on = model.Yes
		}
		return sender{p.Node.Over(to), vpc.Anyone, model.Yes, p.Public, on.Not()}
	}
	out := sender{p.Pod, vpc.Linux, p.SNAT, p.Public, model.No}
	if to == vpc.IPv6 {
		out.rewritten = model.No
	}
	if out.rewritten != model.No {
		out.side, out.initiator = p.Node, vpc.Anyone
	}
	return out
}

// senders are those of a pod in one place, of which nobody knows which one is real:
// where its address may be replaced or kept, and that makes a difference.
func (e *Engine) senders(from int, p eks.Place, to vpc.Family) []sender {
	out := e.sender(from, p, to)
	if out.rewritten != model.Unknown || to != e.cluster.Family || samePlace(p.Pod, p.Node) {
		return []sender{out}
	}
	kept, replaced := p, p
	kept.SNAT, replaced.SNAT = model.No, model.Yes
	return []sender{e.sender(from, kept, to), e.sender(from, replaced, to)}
}

// samePlace reports whether two interfaces lie in one subnet and have the same groups.
func samePlace(a, b vpc.Side) bool {
	return a.Subnet == b.Subnet && a.Groups.Unknown == b.Groups.Unknown &&
		slices.Equal(a.Groups.Known, b.Groups.Known) && slices.Equal(a.Groups.May, b.Groups.May)
}

const keptOrReplaced = "whether the VPC CNI gives what leaves the VPC the address of the node (AWS_VPC_K8S_CNI_EXTERNALSNAT) is not known"

// leaves are the ways of a pod in one place to addresses outside the VPC, of which one
// is real.
func (e *Engine) leaves(from int, p eks.Place, to netset.Ranges, ports netset.Ports) []variant {
	var out []variant
	for _, s := range e.senders(from, p, vpc.FamilyOf(to)) {
		out = append(out, e.leavesBy(s, from, to, ports))
	}
	return agreeing(out, keptOrReplaced)
}

func (e *Engine) leavesBy(s sender, from int, to netset.Ranges, ports netset.Ports) variant {
	outside := vpc.Side{Name: "the destination", Addresses: to}
	v := variant{hops: append(s.family(e, from), e.letsOut(from, to, ports))}
	v.hops = append(v.hops, e.cluster.Network.Leaving(s.side, outside, ports)...)
	way := e.cluster.Network.Ways(s.side.Subnet, to)[0]
	v.hops = append(v.hops, e.outRoute(way, s)...)
	v.hops = append(v.hops, e.throughNAT(way, s.side, outside, ports, s.initiator)...)
	v.narrow(ports)
	return v
}

func (e *Engine) hostNetwork(endpoint int) bool {
	return e.reach.Endpoint(endpoint).Workload.HostNetwork()
}

// outRoute is the route out. An internet gateway serves only what has a public
// address.
func (e *Engine) outRoute(w vpc.Way, s sender) []Hop {
	six := vpc.FamilyOf(netset.Ranges{w.Addresses}) == vpc.IPv6
	hop := routeHop(w, s.side.Subnet, model.RouteInternetGateway, map[bool]model.RouteKind{false: model.RouteNATGateway, true: model.RouteEgressOnlyGateway}[six])
	switch {
	case w.Dropped():
	case leadsOn(w):
		return []Hop{hidden(hop, w)}
	case w.Kind == model.RouteInternetGateway:
		public := s.public.And(s.rewritten)
		if hop.Verdict == model.Yes && public != model.Yes && !six {
			hop.Verdict = public
			hop.Why = map[model.Tri]string{
				model.No:      "what sends has no public address, which an internet gateway needs",
				model.Unknown: "whether what sends has a public address, or the VPC CNI gives it that of its node (AWS_VPC_K8S_CNI_EXTERNALSNAT), is not known",
			}[public]
		}
	}
	return []Hop{hop}
}

// leadsOn reports whether what a way leads to may know a way on to the internet.
func leadsOn(w vpc.Way) bool {
	switch w.Kind {
	case model.RouteTransitGateway, model.RoutePeering, model.RouteVirtualPrivateGateway, model.RouteEndpoint, model.RouteOther, model.RouteLocal:
		return !w.Dropped()
	default:
		return false
	}
}

// hidden is the hop of a way that leads on.
func hidden(hop Hop, w vpc.Way) Hop {
	hop.Verdict, hop.Why = model.Unknown, fmt.Sprintf("the input does not show what is behind the %s", w.Kind)
	if w.Kind == model.RouteLocal {
		hop.Why = "the input does not show what has the address"
	}
	return hop
}

// throughNAT are the hops of a NAT gateway's subnet, and the way back.
func (e *Engine) throughNAT(w vpc.Way, side, outside vpc.Side, ports netset.Ports, initiator vpc.Initiator) []Hop {
	if w.Route == nil || w.Kind != model.RouteNATGateway {
		return vpc.Reply(side, outside, ports, initiator)
	}
	nat, ok := e.gateway(side.Subnet, *w.Route)
	if !ok {
		return []Hop{{Layer: vpc.LayerRoute, Where: "NAT gateway " + targetName(w.Route.Target), Why: "the input does not show its subnet"}}
	}
	n, gateway := e.cluster.Network, nat.Side
	differ := gateway.Subnet != side.Subnet
	var hops []vpc.Hop
	if differ {
		hops = append(hops, vpc.ACLHop(gateway, vpc.In, side, ports))
	}
	out := append(hops, n.Leaving(gateway, outside, ports)...)
	out = append(out, nat.route(n.Ways(gateway.Subnet, outside.Addresses)[0]))
	back := []vpc.Hop{vpc.ReplyACL(gateway, vpc.In, outside, ports, vpc.Anyone)}
	if differ {
		back = append(back, vpc.ReplyACL(gateway, vpc.Out, side, ports, initiator), vpc.ReplyACL(side, vpc.In, outside, ports, initiator))
	}
	return append(out, back...)
}

// route is the route from a NAT gateway on.
func (g natGateway) route(w vpc.Way) Hop {
	hop := routeHop(w, g.Subnet, model.RouteInternetGateway)
	switch {
	case leadsOn(w):
		return hidden(hop, w)
	case hop.Verdict != model.Yes:
	case g.private == model.Yes:
		hop.Verdict, hop.Why = model.No, g.Name+" is private and has no public address, which an internet gateway needs"
	case g.private == model.Unknown:
		hop.Verdict, hop.Why = model.Unknown, "whether "+g.Name+" has a public address is not known"
	}
	return hop
}
