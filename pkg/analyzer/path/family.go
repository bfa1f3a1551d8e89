package path

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// beyond leaves out the addresses of the VPC, which has public ones of IPv6, unless they
// are all.
func (e *Engine) beyond(addresses netset.Ranges) netset.Ranges {
	if e.cluster.VPC == nil {
		return addresses
	}
	own, _ := e.cluster.VPC.Ranges()
	if out := addresses.Subtract(own); len(out) > 0 {
		return out
	}
	return addresses
}

// mayUseIPv6 reports whether the pods of a workload, or a load balancer that leads to
// them, may have IPv6 addresses.
func (e *Engine) mayUseIPv6(to int) bool {
	return e.cluster.Family == vpc.IPv6 || e.cluster.FamilyUnknown != "" ||
		slices.ContainsFunc(e.cluster.LoadBalancers(), func(lb *eks.LoadBalancer) bool {
			return lb.IPv6 != model.No && slices.ContainsFunc(lb.Routes, func(r eks.Route) bool {
				return slices.Contains(r.Service.Pods(), e.reach.Endpoint(to).Workload)
			})
		})
}

// directly answers for clients that need no load balancer, because pods have public
// IPv6 addresses.
func (e *Engine) directly(sources netset.Ranges, to int, ports netset.Ports) []Answer {
	places, others := e.cluster.Places(e.reach.Endpoint(to).Workload)
	var sides []vpc.Side
	for _, p := range places {
		sides = append(sides, p.Pod)
	}
	var f fared
	for _, atom := range e.finer(e.cluster.Network.Atoms(sources, sides...)) {
		client := vpc.Side{Name: "clients", Addresses: netset.Ranges{atom}}
		a := Answer{To: e.reach.Endpoint(to).String(), Port: ports}
		var variants []variant
		for _, p := range places {
			way := e.cluster.Network.Ways(p.Pod.Subnet, client.Addresses)[0]
			hops := []Hop{routeHop(way, p.Pod.Subnet, model.RouteInternetGateway)}
			hops = append(hops, e.cluster.Network.Entering(client, p.Pod, ports)...)
			hops = append(hops, e.admits(client.Addresses, to, ports))
			v := variant{hops: append(hops, vpc.Reply(client, p.Pod, ports, vpc.Anyone)...)}
			v.narrow(ports)
			variants = append(variants, placed(p, []variant{v})...)
		}
		a.settle(variants, others)
		f.add(atom, a)
	}
	return f.from(sources)
}

// perhapsIPv6 answers whether nodes of an IPv4 cluster in a subnet have IPv6 addresses,
// which it may give to all that is made there.
func perhapsIPv6(s *vpc.Subnet) model.Tri {
	if s.Has(vpc.IPv6) == model.No {
		return model.No
	}
	return model.Unknown
}

// overIPv6 is what keeps a load balancer from targets with IPv6 addresses: the
// controller refuses them unless it has such addresses itself.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ip-address-type
func (l leg) overIPv6() (v variant, stops bool) {
	switch {
	case l.engine.cluster.Family != vpc.IPv6:
		return variant{}, false
	case l.lb.IPv6 == model.Unknown:
		return variant{unknown: "whether the " + l.lb.Title + " has IPv6 addresses, as its targets do, is not known"}, true
	case l.lb.IPv6 == model.No:
		h := l.addresses("its targets have IPv6 addresses, and it has none")
		return variant{hops: []Hop{h}}, true
	case !l.route.TargetType.Is("ip"):
		return variant{unknown: "targets of type instance with IPv6 addresses are not judged"}, true
	default:
		return variant{}, false
	}
}

// addresses is the hop of a load balancer that lacks the addresses of a family.
func (l leg) addresses(why string) Hop {
	return Hop{
		Layer: LayerLoadBalancer, Where: "addresses of the " + l.lb.Title, Verdict: model.No, Why: why,
		Rules: []Rule{{Text: l.lb.Of.Ref().String(), At: l.lb.Of.Resource().Locate(nil, model.PartKey)}},
	}
}

// family is the hop of a load balancer that clients of one family reach.
func (l leg) family() []Hop {
	has := l.lb.PublicIPv4
	f := vpc.FamilyOf(l.client.Addresses)
	if f == vpc.IPv6 {
		has = l.lb.IPv6
	}
	h := l.addresses("it has no public " + f.String() + " address")
	switch has {
	case model.Yes:
		return nil
	case model.No:
	case model.Unknown:
		h.Verdict, h.Why = model.Unknown, "whether it has public "+f.String()+" addresses is not known"
	}
	return []Hop{h}
}

// source is the interface of a load balancer as its targets see it: with the address
// of the client where that is kept, which it is not from one family to the other, and
// with either where that is not known.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
func (l leg) source(front vpc.Side) vpc.Side {
	if vpc.FamilyOf(l.client.Addresses) != vpc.FamilyOf(front.Addresses) {
		return front
	}
	switch l.route.PreservesClient {
	case model.Yes:
		front.Addresses = l.client.Addresses
	case model.Unknown:
		front.Addresses = front.Addresses.Union(l.client.Addresses)
	case model.No:
	}
	return front
}

// family is the hop of a pod that may lack an address of the family of its
// destination.
func (s sender) family(e *Engine, from int) []Hop {
	if s.none == model.No {
		return nil
	}
	f := vpc.FamilyOf(s.side.Addresses)
	h := Hop{Layer: LayerAddress, Where: "addresses of " + e.reach.Endpoint(from).String(), Verdict: s.none.Not(), Why: "the pods have no " + f.String() + " address"}
	if s.none == model.Unknown {
		h.Why = "whether the pods leave by an " + f.String() + " address is not known"
	}
	return []Hop{h}
}

// letsOut is the network policies of the pods that begin, for a destination outside
// the VPC or of the other family. Whether pods that leave by the other family are
// filtered at all is up to the engine.
func (e *Engine) letsOut(from int, to netset.Ranges, ports netset.Ports) Hop {
	h := e.lets(from, to, ports)
	if vpc.FamilyOf(to) != e.cluster.Family && h.Layer == LayerPolicy && h.Verdict == model.No {
		h.Verdict, h.Why = model.Unknown, "whether policies filter "+vpc.FamilyOf(to).String()+" in an "+e.cluster.Family.String()+" cluster is not known"
	}
	return h
}
