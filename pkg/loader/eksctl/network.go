package eksctl

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// subnets are those of one topology, by the names that node groups use.
type subnets struct {
	links []model.Link
	names map[string]model.Link
	zones map[string][]model.Link
	// unknown says why there may be others.
	unknown string
}

// all are the subnets, with one that stands for those that are not known.
func (s subnets) all(at model.Span) []model.Link {
	if s.unknown != "" {
		return append(s.links[:len(s.links):len(s.links)], model.Link{Why: s.unknown, At: at})
	}
	return s.links
}

func (s *subnets) add(name, zone string, l model.Link) {
	if s.names == nil {
		s.names, s.zones = map[string]model.Link{}, map[string][]model.Link{}
	}
	s.links = append(s.links, l)
	s.names[name] = l
	if zone != "" {
		s.zones[zone] = append(s.zones[zone], l)
	}
}

const vpcAddress = "vpc"

// network reads the VPC, which eksctl makes unless the config names one or
// subnets of one.
func (x *reading) network() {
	v := x.config.Get("vpc")
	given := v.Get("subnets")
	switch {
	case v.Get("id").IsSet() || v != nil && v.Kind == attr.Open || hasIDs(given):
		x.existing(given)
	case x.isUnusual(v) != "":
		why := x.isUnusual(v)
		x.public.unknown, x.private.unknown = why, why
	default:
		x.made(v, given)
	}
}

// isUnusual says why the subnets that eksctl makes are not derived.
func (x *reading) isUnusual(v *attr.Value) string {
	for _, name := range []string{"outpost", "localZones"} {
		if x.config.Get(name).IsSet() {
			return "the subnets of a cluster with " + name + " are not derived"
		}
	}
	family, known := x.strOr(x.config.Get("kubernetesNetworkConfig"), "ipFamily", "IPv4").Get()
	if !known || family != "IPv4" && family != "ipv4" {
		return "the subnets of a cluster of IPv6 are not derived"
	}
	if v.Get("ipv6Cidr").IsSet() {
		return "the subnets with blocks of IPv6 are not derived"
	}
	return ""
}

// hasIDs reports whether a subnet exists already.
func hasIDs(given *attr.Value) bool {
	for _, topology := range []string{"public", "private"} {
		for _, f := range fields(given.Get(topology)) {
			if f.Value.Get("id").IsSet() {
				return true
			}
		}
	}
	return given != nil && given.Kind == attr.Open
}

func fields(v *attr.Value) []attr.Field {
	if v == nil {
		return nil
	}
	return v.Fields
}

// existing takes down the subnets that the config names by their identifiers. AWS
// or another input says the rest of them.
func (x *reading) existing(given *attr.Value) {
	for topology, into := range map[string]*subnets{"public": &x.public, "private": &x.private} {
		list := given.Get(topology)
		if list.IsSet() && list.Kind != attr.Object {
			into.unknown = "the subnets cannot be read"
		}
		for _, f := range fields(list) {
			link := model.Link{Why: "eksctl asks AWS for subnet " + f.Name, At: f.Value.At}
			if f.Value.Get("id").IsSet() {
				link = x.Link(f.Value.Get("id"), "id")
			}
			zone, _ := zoneOf(f.Name, x.str(f.Value, "az")).Get()
			into.add(f.Name, zone, link)
		}
	}
}

// zoneName is the name of an availability zone.
var zoneName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d[a-z]$`)

// zoneOf is the zone of a subnet: the one that is given, or its name if it is one.
func zoneOf(name string, given model.Value[string]) model.Value[string] {
	if _, known := given.Get(); !known && given.Span().IsZero() && zoneName.MatchString(name) {
		return model.Known(name, given.Span())
	}
	return given
}

// plan is a subnet that eksctl makes.
type plan struct {
	name, topology string
	zone           model.Value[string]
	block          model.Value[netip.Prefix]
	at             model.Span
}

// made takes down the VPC that eksctl makes, with a public and a private subnet
// in each zone:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/cfn/builder/vpc_ipv4.go
func (x *reading) made(v, given *attr.Value) {
	at := x.config.Get("metadata").Span()
	if v.IsSet() {
		at = v.At
	}
	block := x.Prefix(v.Get("cidr"), "cidr", model.Known(netip.MustParsePrefix("192.168.0.0/16"), at))
	blocks := append([]model.Value[netip.Prefix]{block}, x.Prefixes(v.Get("extraCIDRs"), "extraCIDRs")...)
	on := model.Known(true, at)
	x.out.VPCs = append(x.out.VPCs, &model.VPC{AWSMeta: x.meta(vpcAddress, at), CIDRs: blocks, DNSSupport: on, DNSHostnames: on, CreatedHere: true})
	x.flowLog(at)
	plans, why := x.plans(given, block, at)
	if why != "" {
		x.public.unknown, x.private.unknown = why, why
		return
	}
	isPrivate := x.isOn(x.config.Get("privateCluster"), "enabled")
	if !isPrivate {
		x.out.InternetGateways = append(x.out.InternetGateways, &model.InternetGateway{AWSMeta: x.meta("vpc/internet-gateway", at), VPC: to(vpcAddress, at)})
	}
	for _, p := range plans {
		if p.topology == "private" || !isPrivate {
			x.addSubnet(p)
		}
	}
	if isPrivate {
		x.endpoints(plans, at)
	} else {
		x.nat(v.Get("nat"), plans)
	}
}

// flowLog stands for one that another tool may add, as eksctl makes none.
func (x *reading) flowLog(at model.Span) {
	of := to(vpcAddress, at)
	out := &model.FlowLog{AWSMeta: x.meta("vpc/flow-log", at), VPC: &of}
	out.Conditional = "eksctl makes no flow logs"
	x.out.FlowLogs = append(x.out.FlowLogs, out)
}

// endpoints are those of a private cluster, which eksctl makes for the services
// that nodes need: https://docs.aws.amazon.com/eks/latest/eksctl/eks-private-cluster.html
func (x *reading) endpoints(plans []plan, at model.Span) {
	for _, p := range plans {
		if p.topology == "private" {
			x.privateTable(p, "", nil, at).Missing = "eksctl makes VPC endpoints"
		}
	}
}

// plans are the subnets that the config gives with their blocks, or those of its
// zones.
func (x *reading) plans(given *attr.Value, block model.Value[netip.Prefix], at model.Span) (out []plan, why string) {
	if given.IsSet() {
		for _, topology := range []string{"public", "private"} {
			for _, f := range fields(given.Get(topology)) {
				zone := zoneOf(f.Name, x.str(f.Value, "az"))
				cidr := x.Prefix(f.Value.Get("cidr"), "cidr", model.Open[netip.Prefix]("eksctl chooses the block", f.Value.At))
				out = append(out, plan{f.Name, topology, zone, cidr, f.Value.At})
			}
		}
		return out, ""
	}
	zones, why := x.zones(at)
	if why != "" {
		return nil, why
	}
	for i, topology := range []string{"public", "private"} {
		for j, zone := range zones {
			name, known := zone.Get()
			if !known {
				name = fmt.Sprint(j)
			}
			out = append(out, plan{name, topology, zone, slice(block, len(zones), i*len(zones)+j), at})
		}
	}
	return out, ""
}

// zones are those that the config names. Else eksctl chooses three by chance, two
// in us-east-1:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/az/az.go
func (x *reading) zones(at model.Span) (out []model.Value[string], why string) {
	if list := x.config.Get("availabilityZones"); list.IsSet() {
		for _, zone := range x.Strings(list, "availabilityZones") {
			if _, known := zone.Get(); !known {
				return nil, "the zones of the cluster are not known"
			}
			out = append(out, zone)
		}
		return out, ""
	}
	count := 3
	switch region, known := x.region.Get(); {
	case !known, region == "us-west-1", region == "cn-north-1":
		return nil, "how many zones eksctl chooses is not known"
	case region == "us-east-1":
		count = 2
	}
	for range count {
		out = append(out, model.Open[string]("eksctl chooses the zone", at))
	}
	return out, ""
}

// slice is one of the eight equal parts of a block, of sixteen where there are more
// than four zones: https://github.com/eksctl-io/eksctl/blob/main/pkg/vpc/vpc.go
func slice(block model.Value[netip.Prefix], zones, i int) model.Value[netip.Prefix] {
	whole, known := block.Get()
	bits := 3
	if zones > 4 {
		bits = 4
	}
	if !known || !whole.Addr().Is4() || whole.Bits()+bits > 28 || i >= 1<<bits {
		return model.Open[netip.Prefix]("eksctl divides the block of the VPC", block.Span())
	}
	first := whole.Masked().Addr().As4()
	n := binary.BigEndian.Uint32(first[:]) + uint32(i)<<(32-whole.Bits()-bits) //nolint:gosec // i is at most 16
	binary.BigEndian.PutUint32(first[:], n)
	return model.Known(netip.PrefixFrom(netip.AddrFrom4(first), whole.Bits()+bits), block.Span())
}

// roleTags are those by which load balancer controllers find subnets.
var roleTags = map[string]string{"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}

func (x *reading) addSubnet(p plan) {
	address := fmt.Sprintf("vpc/subnets/%s/%s", p.topology, p.name)
	m := x.meta(address, p.at)
	m.Tags = x.tagsOf(x.config.Get("metadata").Get("tags"))
	m.Tags.Values[roleTags[p.topology]] = model.Known("1", p.at)
	zone, _ := p.zone.Get()
	link := to(address, p.at)
	x.out.Subnets = append(x.out.Subnets, &model.Subnet{
		AWSMeta: m, VPC: to(vpcAddress, p.at), CIDR: p.block, AvailabilityZone: p.zone,
		MapPublicIP: model.Known(p.topology == "public", p.at), AssignIPv6: model.Known(false, p.at), CIDR6: x.noIPv6(p.at),
	})
	if p.topology == "public" {
		x.public.add(p.name, zone, link)
		x.publicTable(link, p.at)
		return
	}
	x.private.add(p.name, zone, link)
}

// noIPv6 is the block of IPv6 of a subnet.
func (x *reading) noIPv6(at model.Span) model.Value[netip.Prefix] {
	if x.isOn(x.config.Get("vpc"), "autoAllocateIPv6") {
		return model.Open[netip.Prefix]("AWS chooses the block", at)
	}
	return model.Known(netip.Prefix{}, at)
}

// publicTable is the one route table of public subnets.
func (x *reading) publicTable(subnet model.Link, at model.Span) {
	const address = "vpc/route-tables/public"
	for _, t := range x.out.RouteTables {
		if t.Address == address {
			t.Subnets = append(t.Subnets, subnet)
			return
		}
	}
	x.out.RouteTables = append(x.out.RouteTables, &model.RouteTable{
		AWSMeta: x.meta(address, at), VPC: to(vpcAddress, at), Main: model.Known(false, at), Subnets: []model.Link{subnet},
		Routes: []model.Route{{
			Destination: model.Known(everywhere, at), Kind: model.RouteInternetGateway, Target: to("vpc/internet-gateway", at), At: at,
		}},
	})
}

// nat adds the NAT gateways, one unless the config says otherwise, and the route
// tables of private subnets.
func (x *reading) nat(v *attr.Value, plans []plan) {
	mode, known := x.strOr(v, "gateway", "Single").Get()
	at := x.config.Get("metadata").Span()
	if v.Get("gateway").IsSet() {
		at = v.Get("gateway").At
	}
	gateways := map[string]string{}
	for _, p := range plans {
		if !known || p.topology != "public" || mode == "Disable" || mode == "Single" && len(gateways) > 0 {
			continue
		}
		gateways[p.name] = "vpc/nat-gateways/" + p.name
		x.out.NATGateways = append(x.out.NATGateways, &model.NATGateway{
			AWSMeta: x.meta(gateways[p.name], at), Subnet: to("vpc/subnets/public/"+p.name, at), Private: model.Known(false, at),
		})
	}
	for _, p := range plans {
		if p.topology != "private" {
			continue
		}
		if table := x.privateTable(p, mode, gateways, at); !known {
			table.Missing = "whether there are NAT gateways is not known"
		}
	}
}

// privateTable is the route table of one private subnet. Of the gateways it has the
// one of its zone, or the only one.
func (x *reading) privateTable(p plan, mode string, gateways map[string]string, at model.Span) *model.RouteTable {
	out := &model.RouteTable{
		AWSMeta: x.meta("vpc/route-tables/private/"+p.name, at), VPC: to(vpcAddress, at), Main: model.Known(false, at),
		Subnets: []model.Link{to("vpc/subnets/private/"+p.name, p.at)},
	}
	x.out.RouteTables = append(x.out.RouteTables, out)
	if len(gateways) == 0 {
		return out
	}
	target := model.Link{Why: "eksctl chooses the NAT gateway", At: at}
	if mode == "HighlyAvailable" && gateways[p.name] != "" {
		target = to(gateways[p.name], at)
	}
	for _, address := range gateways {
		if mode == "Single" {
			target = to(address, at)
		}
	}
	out.Routes = []model.Route{{Destination: model.Known(everywhere, at), Kind: model.RouteNATGateway, Target: target, At: at}}
	return out
}
