package path

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ToService answers whether the pods of a workload, named by its number among the
// endpoints of the policies, reach a service of AWS such as s3 or ecr.api in the
// region of the cluster. They do so through an interface endpoint whose private DNS
// has the name of the service, else through a gateway endpoint of the route table of
// their subnet, else over the internet:
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (e *Engine) ToService(from int, service string, ports netset.Ports) Answer {
	end := e.reach.Endpoint(from)
	out := Answer{From: end.String(), To: "aws:" + service, Port: ports}
	places, others := e.cluster.Places(end.Workload)
	q := toService{engine: e, from: from, service: service, ports: ports}
	others = cmp.Or(others, q.find())
	// What egress policies refuse to every address needs no way.
	if h := e.letsOut(from, netset.IPv4(), ports); h.Verdict == model.No {
		out.settle([]variant{{hops: []Hop{h}}}, "")
		return out
	}
	var variants []variant
	for _, p := range places {
		variants = append(variants, placed(p, q.ways(p))...)
	}
	out.settle(variants, others)
	return out
}

// toService is the question for one service.
type toService struct {
	engine  *Engine
	from    int
	service string
	ports   netset.Ports
	// named are the interface endpoints to which the name of the service leads.
	named, gateways []*model.VPCEndpoint
}

// find sorts the endpoints for the service. It returns why there may be others.
func (q *toService) find() string {
	endpoints, unknown := q.engine.cluster.Endpoints(q.service)
	for _, e := range endpoints {
		kind, known := e.Type.Get()
		private, told := e.PrivateDNS.Get()
		switch {
		case !known:
			unknown = cmp.Or(unknown, "the type of endpoint "+e.Title()+" is not known")
		case kind == eks.EndpointGateway:
			q.gateways = append(q.gateways, e)
		case kind == eks.EndpointInterface && !told:
			unknown = cmp.Or(unknown, "whether endpoint "+e.Title()+" has private DNS is not known")
		case kind == eks.EndpointInterface && private:
			q.named = append(q.named, e)
		}
	}
	return unknown
}

// ways are those of a pod in one place. Of an interface endpoint beside a gateway
// endpoint an option tells which of them the name leads to inside the VPC:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html#private-dns
func (q *toService) ways(p eks.Place) []variant {
	var out []variant
	for _, e := range q.named {
		out = append(out, q.throughInterface(p, e)...)
	}
	if len(q.named) > 0 && len(q.gateways) == 0 {
		return out
	}
	return agreeing(append(out, q.byRoute(p)...), "which endpoint the name of "+q.service+" leads to is not known")
}

// agreeing are variants of which nobody knows which one is real: they answer where
// they agree.
func agreeing(variants []variant, doubt string) []variant {
	for _, v := range variants {
		if v.verdict() != variants[0].verdict() {
			return []variant{{unknown: doubt}}
		}
	}
	return variants
}

// throughInterface are the ways to the interfaces of an endpoint, whose addresses
// are those of the VPC.
func (q *toService) throughInterface(p eks.Place, e *model.VPCEndpoint) []variant {
	sides, unknown := q.engine.cluster.EndpointSides(e)
	var out []variant
	for _, side := range sides {
		hops := []Hop{q.endpoint(e, "its private DNS has the name of the service")}
		v := variant{hops: append(hops, q.engine.toInterface(q.from, p, side, q.ports)...)}
		v.narrow(q.ports)
		out = append(out, v)
	}
	if unknown != "" {
		out = append(out, variant{unknown: unknown})
	}
	return out
}

func (q *toService) endpoint(e *model.VPCEndpoint, why string) Hop {
	return Hop{
		Layer: LayerEndpoint, Where: "endpoint " + e.Title(), Verdict: model.Yes, Certain: q.ports, Possible: q.ports, Why: why,
		Rules: []Rule{{Text: "endpoint " + e.Title(), At: e.At}},
	}
}

// byRoute are the ways to the public addresses of the service.
func (q *toService) byRoute(p eks.Place) []variant {
	var out []variant
	for _, s := range q.engine.senders(q.from, p, vpc.IPv4) {
		out = append(out, q.bySender(s, p)...)
	}
	return agreeing(out, keptOrReplaced)
}

func (q *toService) bySender(s sender, p eks.Place) []variant {
	if s.side.Subnet.Table == nil {
		return []variant{{unknown: s.side.Subnet.TableUnknown}}
	}
	gateway, has := q.gateway(s.side.Subnet)
	if has == model.Unknown {
		return []variant{{unknown: "whether endpoint " + gateway.Title() + " serves subnet " + s.side.Subnet.Title() + " is not known"}}
	}
	if has == model.Yes {
		return []variant{q.throughGateway(s, gateway)}
	}
	var out []variant
	for _, atom := range q.engine.cutOutside(vpc.IPv4.Public(), []eks.Place{p}) {
		out = append(out, q.engine.leavesBy(s, q.from, netset.Ranges{atom}, q.ports))
	}
	return agreeing(out, "public addresses fare differently, and which of them "+q.service+" has is not known")
}

// gateway is the gateway endpoint that the route table of a subnet leads to.
func (q *toService) gateway(s *vpc.Subnet) (e *model.VPCEndpoint, has model.Tri) {
	has = model.No
	for _, g := range q.gateways {
		switch eks.Serves(g, s) {
		case model.Yes:
			return g, model.Yes
		case model.Unknown:
			e, has = g, model.Unknown
		case model.No:
		}
	}
	return e, has
}

// throughGateway is the way that the route of a prefix list gives. An interface
// needs no public address for it.
func (q *toService) throughGateway(s sender, e *model.VPCEndpoint) variant {
	outside := vpc.Side{Name: q.service, Addresses: q.addresses(), Endpoint: e}
	hops := []Hop{q.engine.letsOut(q.from, outside.Addresses, q.ports)}
	hops = append(hops, q.engine.cluster.Network.Leaving(s.side, outside, q.ports)...)
	hops = append(hops, q.endpoint(e, "the route table of subnet "+s.side.Subnet.Title()+" leads to it"))
	v := variant{hops: append(hops, vpc.Reply(s.side, outside, q.ports, s.initiator)...)}
	v.narrow(q.ports)
	return v
}

// addresses are those of the service where the input shows its prefix list, and
// else public ones.
func (q *toService) addresses() netset.Ranges {
	for _, list := range q.engine.cluster.Network.AWS().PrefixLists {
		if !strings.HasSuffix(list.Name, "."+q.service) || list.Missing != "" || slices.ContainsFunc(list.CIDRs, isOpen) {
			continue
		}
		var out netset.Ranges
		for _, c := range list.CIDRs {
			block, _ := c.Get()
			out = out.Union(netset.RangesOf(block))
		}
		if out = out.Intersect(netset.IPv4()); len(out) > 0 {
			return out
		}
	}
	return vpc.IPv4.Public()
}

func isOpen(v model.Value[netip.Prefix]) bool {
	_, known := v.Get()
	return !known
}
