package terraform

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

func (x *reading) prefix(v *attr.Value, name string, otherwise model.Value[netip.Prefix]) model.Value[netip.Prefix] {
	return x.Prefix(given(v.Get(name)), name, otherwise)
}

// chosen is a block of addresses that AWS or an address manager picks.
func chosen(v *attr.Value) model.Value[netip.Prefix] {
	return model.Open[netip.Prefix]("AWS or the provider chooses the CIDR block", v.Span())
}

// vpc reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc
func (x *reading) vpc(r Resource) {
	v := r.Attributes
	out := &model.VPC{AWSMeta: x.meta(r), CreatedHere: !r.Data && !r.Exists}
	out.DNSSupport, out.DNSHostnames = x.boolOr(v, "enable_dns_support", true), x.boolOr(v, "enable_dns_hostnames", false)
	if r.Data {
		out.Observed = false // its subnets are others'
		out.DNSSupport, out.DNSHostnames = x.boolean(v, "enable_dns_support"), x.boolean(v, "enable_dns_hostnames")
	}
	out.CIDRs = append(out.CIDRs, x.prefix(v, "cidr_block", chosen(v)))
	six := given(v.Get("ipv6_cidr_block"))
	generated := x.boolOr(v, "assign_generated_ipv6_cidr_block", false)
	switch wanted, known := generated.Get(); {
	case six != nil:
		out.CIDRs = append(out.CIDRs, x.prefix(v, "ipv6_cidr_block", chosen(v)))
	case wanted, !known, given(v.Get("ipv6_ipam_pool_id")) != nil:
		out.CIDRs = append(out.CIDRs, chosen(v))
	}
	x.out.VPCs = append(x.out.VPCs, out)
}

// block reads a further block of a VPC.
func (x *reading) block(r Resource) {
	name := "cidr_block"
	if r.Type == "aws_vpc_ipv6_cidr_block_association" {
		name = "ipv6_cidr_block"
	}
	vpc := x.link(r.Attributes, "vpc_id")
	x.later = append(x.later, func() {
		for _, v := range x.out.VPCs {
			switch {
			case vpc.LeadsTo(v.Meta(), x.origin) == model.Yes && r.Conditional == "":
				v.CIDRs = append(v.CIDRs, x.prefix(r.Attributes, name, chosen(r.Attributes)))
			case vpc.LeadsTo(v.Meta(), x.origin) != model.No:
				v.CIDRs = append(v.CIDRs, chosen(r.Attributes))
			}
		}
	})
}

// subnet reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/subnet
func (x *reading) subnet(r Resource) {
	v := r.Attributes
	none := model.Known(netip.Prefix{}, v.Span())
	out := &model.Subnet{
		AWSMeta: x.meta(r), VPC: x.link(v, "vpc_id"), CIDR: x.prefix(v, "cidr_block", chosen(v)), CIDR6: x.prefix(v, "ipv6_cidr_block", none),
		AvailabilityZone: x.str(v, "availability_zone"),
		MapPublicIP:      x.boolOr(v, "map_public_ip_on_launch", false), AssignIPv6: x.boolOr(v, "assign_ipv6_address_on_creation", false),
		FreeIPs: model.Open[int]("Terraform does not tell the free addresses", v.Span()),
	}
	if native, known := x.boolOr(v, "ipv6_native", false).Get(); native || !known {
		out.CIDR = x.prefix(v, "cidr_block", none)
		out.CIDR6 = x.prefix(v, "ipv6_cidr_block", chosen(v))
	}
	if given(v.Get("ipv6_ipam_pool_id")) != nil || given(v.Get("ipv6_netmask_length")) != nil {
		out.CIDR6 = x.prefix(v, "ipv6_cidr_block", chosen(v))
	}
	if r.Data && !r.Exists { // what is not given is to be found
		out.MapPublicIP, out.AssignIPv6, out.CIDR6 = model.Value[bool]{}, model.Value[bool]{}, model.Value[netip.Prefix]{}
	}
	x.out.Subnets = append(x.out.Subnets, out)
}

func (x *reading) internetGateway(r Resource) {
	if vpc := x.link(r.Attributes, "vpc_id"); given(r.Attributes.Get("vpc_id")) != nil {
		out := &model.InternetGateway{AWSMeta: x.meta(r), VPC: vpc}
		if r.Type == "aws_internet_gateway_attachment" {
			out.ID = x.link(r.Attributes, "internet_gateway_id").ID
		}
		x.out.InternetGateways = append(x.out.InternetGateways, out)
	}
}

// natGateway reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/nat_gateway
func (x *reading) natGateway(r Resource) {
	kind := x.strOr(r.Attributes, "connectivity_type", "public")
	out := &model.NATGateway{AWSMeta: x.meta(r), Subnet: x.link(r.Attributes, "subnet_id"), Private: model.Open[bool](kind.Why(), kind.Span())}
	if text, known := kind.Get(); known {
		out.Private = model.Known(text == "private", kind.Span())
	}
	x.out.NATGateways = append(x.out.NATGateways, out)
}

// endpoint reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint
func (x *reading) endpoint(r Resource) {
	v := r.Attributes
	out := &model.VPCEndpoint{
		AWSMeta: x.meta(r), VPC: x.link(v, "vpc_id"), Service: x.str(v, "service_name"), Type: x.strOr(v, "vpc_endpoint_type", "Gateway"),
		Subnets: x.links(v, "subnet_ids"), SecurityGroups: x.links(v, "security_group_ids"), RouteTables: x.links(v, "route_table_ids"),
		PrivateDNS: x.boolOr(v, "private_dns_enabled", false),
	}
	if kind, known := out.Type.Get(); (!known || kind == "Interface") && len(out.SecurityGroups) == 0 && !r.Exists {
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
		out.SecurityGroups = []model.Link{x.resolved(beside(out.VPC, model.DefaultGroupSuffix))}
	}
	x.out.Endpoints = append(x.out.Endpoints, out)
}

// partOfEndpoint reads the association of an endpoint with a subnet, a route
// table or a security group, whichever it names.
func (x *reading) partOfEndpoint(r Resource) {
	endpoint := x.link(r.Attributes, "vpc_endpoint_id")
	subnets, tables := x.links(r.Attributes, "subnet_id"), x.links(r.Attributes, "route_table_id")
	groups := x.links(r.Attributes, "security_group_id")
	x.later = append(x.later, func() {
		for _, e := range x.out.Endpoints {
			certain := endpoint.LeadsTo(e.Meta(), x.origin)
			if certain == model.No {
				continue
			}
			sure := certain == model.Yes && r.Conditional == ""
			e.Subnets = append(e.Subnets, doubted(subnets, sure)...)
			e.RouteTables = append(e.RouteTables, doubted(tables, sure)...)
			e.SecurityGroups = append(e.SecurityGroups, doubted(groups, sure)...)
		}
	})
}

// doubted lowers the certainty of links unless they are sure.
func doubted(links []model.Link, sure bool) []model.Link {
	out := append([]model.Link(nil), links...)
	for i := range out {
		if !sure {
			out[i].Certainty = min(out[i].Certainty, model.LinkMay)
		}
	}
	return out
}

// flowLog reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/flow_log
func (x *reading) flowLog(r Resource) {
	out := &model.FlowLog{AWSMeta: x.meta(r)}
	for name, to := range map[string]**model.Link{"vpc_id": &out.VPC, "subnet_id": &out.Subnet} {
		if given(r.Attributes.Get(name)) != nil {
			link := x.link(r.Attributes, name)
			*to = &link
		}
	}
	x.out.FlowLogs = append(x.out.FlowLogs, out)
}

// prefixList reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_managed_prefix_list
func (x *reading) prefixList(r Resource) {
	out := &model.PrefixList{AWSMeta: x.meta(r)}
	entries := x.Objects(r.Attributes.Get("entry"), "entry")
	for _, e := range entries {
		out.CIDRs = append(out.CIDRs, x.prefix(e, "cidr", model.Value[netip.Prefix]{}))
	}
	if len(entries) == 0 && !r.Exists {
		out.Missing = "its entries may be resources of their own"
	}
	x.out.PrefixLists = append(x.out.PrefixLists, out)
}

// networkInterface reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_interface
func (x *reading) networkInterface(r Resource) {
	v := r.Attributes
	out := &model.NetworkInterface{
		AWSMeta: x.meta(r), Subnet: x.link(v, "subnet_id"), SecurityGroups: x.links(v, "security_groups"), Type: "interface",
	}
	for _, ip := range x.Strings(v.Get("private_ips"), "private_ips") {
		text, _ := ip.Get()
		if a, err := netip.ParseAddr(text); err == nil {
			out.Addresses = append(out.Addresses, a)
		}
	}
	x.out.Interfaces = append(x.out.Interfaces, out)
}

// loadBalancer reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb
func (x *reading) loadBalancer(r Resource) {
	v := r.Attributes
	out := &model.LoadBalancer{
		AWSMeta: x.meta(r), Type: x.strOr(v, "load_balancer_type", "application"), Scheme: x.scheme(v),
		VPC: x.link(v, "vpc_id"), Subnets: x.links(v, "subnets"), SecurityGroups: x.links(v, "security_groups"),
	}
	for _, m := range x.Objects(v.Get("subnet_mapping"), "subnet_mapping") {
		out.Subnets = append(out.Subnets, x.links(m, "subnet_id")...)
	}
	x.out.LoadBalancers = append(x.out.LoadBalancers, out)
}

// scheme is that of a load balancer: the provider makes one that faces the
// internet unless it is told otherwise.
func (x *reading) scheme(v *attr.Value) model.Value[string] {
	internal := x.boolOr(v, "internal", false)
	is, known := internal.Get()
	switch {
	case !known:
		return model.Open[string](internal.Why(), internal.Span())
	case is:
		return model.Known("internal", internal.Span())
	default:
		return model.Known("internet-facing", internal.Span())
	}
}

func (x *reading) classicLoadBalancer(r Resource) {
	v := r.Attributes
	x.out.LoadBalancers = append(x.out.LoadBalancers, &model.LoadBalancer{
		AWSMeta: x.meta(r), Type: model.Known("classic", v.Span()), Scheme: x.scheme(v),
		VPC: model.Link{Why: "the VPC is that of its subnets"}, Subnets: x.links(v, "subnets"), SecurityGroups: x.links(v, "security_groups"),
	})
}
