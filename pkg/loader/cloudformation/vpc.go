package cloudformation

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

const chosenByAWS = "AWS chooses it"

// vpc reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html
func (x *reading) vpc(r *resource, v *attr.Value) {
	out := &model.VPC{
		AWSMeta: x.meta(r, v), CreatedHere: true,
		DNSSupport: x.boolean(v, "EnableDnsSupport", defaultOf(true, r)), DNSHostnames: x.boolean(v, "EnableDnsHostnames", defaultOf(false, r)),
	}
	out.CIDRs = append(out.CIDRs, x.Prefix(v.Get("CidrBlock"), "CidrBlock", model.Open[netip.Prefix](chosenByAWS, r.at)))
	x.out.VPCs = append(x.out.VPCs, out)
}

// block is one that is added to a VPC or subnet.
type block struct {
	owner model.Link
	cidr  model.Value[netip.Prefix]
	from  *resource
}

func (x *reading) vpcBlock(r *resource, v *attr.Value) {
	x.vpcBlocks = append(x.vpcBlocks, block{perhaps(x.link(v, "VpcId"), r), x.blockOf(r, v, "CidrBlock", "Ipv6CidrBlock"), r})
}

func (x *reading) subnetBlock(r *resource, v *attr.Value) {
	x.subnetBlocks = append(x.subnetBlocks, block{perhaps(x.link(v, "SubnetId"), r), x.blockOf(r, v, "Ipv6CidrBlock"), r})
}

// blockOf reads the first of several properties that is written.
func (x *reading) blockOf(r *resource, v *attr.Value, names ...string) model.Value[netip.Prefix] {
	for _, name := range names {
		if v.Get(name).IsSet() {
			return x.prefix(v, name)
		}
	}
	return model.Open[netip.Prefix](chosenByAWS, r.at)
}

// addBlocks adds the blocks that are declared apart.
func (x *reading) addBlocks() {
	for _, b := range x.vpcBlocks {
		found := false
		for _, v := range x.out.VPCs {
			if leads := b.owner.LeadsTo(v.Meta(), x.file); leads != model.No {
				v.CIDRs = append(v.CIDRs, b.as(leads))
				found = true
			}
		}
		x.noteLost(b, found, "VPC")
	}
	for _, b := range x.subnetBlocks {
		found := false
		for _, s := range x.out.Subnets {
			if leads := b.owner.LeadsTo(s.Meta(), x.file); leads != model.No {
				s.CIDR6 = b.as(leads)
				found = true
			}
		}
		x.noteLost(b, found, "subnet")
	}
}

// as is the block as certain as that its owner has it.
func (b block) as(leads model.Tri) model.Value[netip.Prefix] {
	if leads == model.Yes {
		return b.cidr
	}
	return model.Open[netip.Prefix](b.from.id+" may add a block", b.from.at)
}

func (x *reading) noteLost(b block, found bool, owner string) {
	if !found {
		x.note("%s adds a block to a %s that is not in the template", b.from.id, owner)
	}
}

// subnet reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
func (x *reading) subnet(r *resource, v *attr.Value) {
	out := &model.Subnet{
		AWSMeta: x.meta(r, v), VPC: x.link(v, "VpcId"),
		CIDR:             x.Prefix(v.Get("CidrBlock"), "CidrBlock", model.Open[netip.Prefix](chosenByAWS, r.at)),
		CIDR6:            x.Prefix(v.Get("Ipv6CidrBlock"), "Ipv6CidrBlock", defaultOf(netip.Prefix{}, r)),
		AvailabilityZone: x.strOr(v, "AvailabilityZone", model.Open[string](chosenByAWS, r.at)),
		MapPublicIP:      x.boolean(v, "MapPublicIpOnLaunch", defaultOf(false, r)),
		AssignIPv6:       x.boolean(v, "AssignIpv6AddressOnCreation", defaultOf(false, r)),
	}
	if native, _ := x.boolean(v, "Ipv6Native", defaultOf(false, r)).Get(); native {
		out.CIDR = defaultOf(netip.Prefix{}, r)
	}
	if v.Get("Ipv6IpamPoolId").IsSet() && !v.Get("Ipv6CidrBlock").IsSet() {
		out.CIDR6 = model.Open[netip.Prefix](chosenByAWS, r.at)
	}
	x.out.Subnets = append(x.out.Subnets, out)
}

func (x *reading) internetGateway(r *resource, v *attr.Value) {
	x.out.InternetGateways = append(x.out.InternetGateways, &model.InternetGateway{AWSMeta: x.meta(r, v)})
}

// attachment joins an internet gateway to a VPC.
type attachment struct {
	gateway, vpc model.Link
	from         *resource
}

func (x *reading) gatewayAttachment(r *resource, v *attr.Value) {
	if v.Get("InternetGatewayId").IsSet() {
		x.attachments = append(x.attachments, attachment{
			perhaps(x.link(v, "InternetGatewayId"), r), perhaps(x.link(v, "VpcId"), r), r,
		})
	}
}

// attachGateways gives the internet gateways their VPC. One that is known by its
// identifier alone is added.
func (x *reading) attachGateways() {
	for _, g := range x.out.InternetGateways {
		g.VPC = model.Link{Why: "no attachment of " + g.Address + " to a VPC is in the template", At: g.At}
	}
	declared := x.out.InternetGateways
	for _, a := range x.attachments {
		for _, g := range declared {
			switch leads := a.gateway.LeadsTo(g.Meta(), x.file); {
			case leads == model.Yes && g.VPC.Certainty == model.LinkUnknown:
				g.VPC = a.vpc
			case leads != model.No:
				g.VPC = model.Link{Why: a.from.id + " may attach it to another VPC", At: a.from.at}
			}
		}
		if a.gateway.ID != "" {
			x.out.InternetGateways = append(x.out.InternetGateways, &model.InternetGateway{
				AWSMeta: model.AWSMeta{ID: a.gateway.ID, Address: a.gateway.ID, Origin: x.file, Conditional: a.from.conditional, At: a.from.at},
				VPC:     a.vpc,
			})
		}
	}
}

// natGateway is public unless it says otherwise:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html
func (x *reading) natGateway(r *resource, v *attr.Value) {
	out := &model.NATGateway{AWSMeta: x.meta(r, v), Subnet: x.link(v, "SubnetId")}
	connectivity := x.strOr(v, "ConnectivityType", defaultOf("public", r))
	if kind, known := connectivity.Get(); known {
		out.Private = model.Known(kind == "private", connectivity.Span())
	} else {
		out.Private = model.Open[bool](connectivity.Why(), connectivity.Span())
	}
	x.out.NATGateways = append(x.out.NATGateways, out)
}

// endpoint reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
func (x *reading) endpoint(r *resource, v *attr.Value) {
	out := &model.VPCEndpoint{
		AWSMeta: x.meta(r, v), VPC: x.link(v, "VpcId"), Service: x.str(v, "ServiceName"),
		Type:    x.strOr(v, "VpcEndpointType", defaultOf("Gateway", r)),
		Subnets: x.links(v, "SubnetIds"), SecurityGroups: x.links(v, "SecurityGroupIds"), RouteTables: x.links(v, "RouteTableIds"),
		PrivateDNS: x.boolean(v, "PrivateDnsEnabled", model.Value[bool]{}),
	}
	if kind, _ := out.Type.Get(); kind == "Interface" && !v.Get("SecurityGroupIds").IsSet() {
		out.SecurityGroups = groupOfVPC(r)
	}
	x.out.Endpoints = append(x.out.Endpoints, out)
}

// groupOfVPC stands for the default security group of a VPC, which interfaces
// have that name none.
func groupOfVPC(r *resource) []model.Link {
	return []model.Link{{Why: r.id + " names no security group and so has the default one of its VPC", At: r.at}}
}

// flowLog reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html
func (x *reading) flowLog(r *resource, v *attr.Value) {
	out := &model.FlowLog{AWSMeta: x.meta(r, v)}
	of := x.link(v, "ResourceId")
	switch kind, known := x.str(v, "ResourceType").Get(); {
	case !known, kind == "VPC":
		out.VPC = &of
	case kind == "Subnet":
		out.Subnet = &of
	}
	x.out.FlowLogs = append(x.out.FlowLogs, out)
}

// database reads the security groups of
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
// and its like, each of which has another name for them.
func (x *reading) database(r *resource, v *attr.Value) {
	out := &model.Database{AWSMeta: x.meta(r, v), Port: x.Int(v.Get("Port"), "Port", model.DatabasePort(x.str(v, "Engine")))}
	for _, name := range []string{"VPCSecurityGroups", "VpcSecurityGroupIds", "SecurityGroupIds"} {
		out.SecurityGroups = append(out.SecurityGroups, x.links(v, name)...)
	}
	for _, name := range []string{"DBInstanceIdentifier", "DBClusterIdentifier", "ClusterName", "ReplicationGroupId"} {
		if given, known := x.str(v, name).Get(); known && out.Name == "" {
			out.Name = given
		}
	}
	for _, name := range []string{"DBSubnetGroupName", "CacheSubnetGroupName"} {
		if v.Get(name).IsSet() {
			out.Subnets = append(out.Subnets, x.subnetsOfGroup(v, name)...)
		}
	}
	x.out.Databases = append(x.out.Databases, out)
}

// subnetsOfGroup are those of the subnet group to which an attribute refers.
func (x *reading) subnetsOfGroup(v *attr.Value, name string) []model.Link {
	link := x.link(v, name)
	if group := x.byID[link.Address]; group != nil && link.Certainty == model.LinkKnown {
		if subnets := x.links(x.of(group), "SubnetIds"); len(subnets) > 0 {
			return subnets
		}
	}
	return []model.Link{{Why: "the subnets of its subnet group are not known", At: link.At}}
}

// prefixList reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-prefixlist.html
func (x *reading) prefixList(r *resource, v *attr.Value) {
	out := &model.PrefixList{AWSMeta: x.meta(r, v)}
	if name, known := x.str(v, "PrefixListName").Get(); known {
		out.Name = name
	}
	for _, item := range x.Objects(v.Get("Entries"), "Entries") {
		cidr := x.prefix(item, "Cidr")
		out.CIDRs = append(out.CIDRs, cidr)
		if item.Kind == attr.Open {
			out.Missing = item.Why
		}
	}
	x.out.PrefixLists = append(x.out.PrefixLists, out)
}

// placeInVPC gives clusters and load balancers, which name subnets alone, the
// VPC of these.
func (x *reading) placeInVPC() {
	for _, c := range x.out.Clusters {
		c.VPC = x.vpcOf(c.Subnets)
	}
	for _, b := range x.out.LoadBalancers {
		b.VPC = x.vpcOf(b.Subnets)
	}
}

func (x *reading) vpcOf(subnets []model.Link) model.Link {
	for _, l := range subnets {
		for _, s := range x.out.Subnets {
			if l.LeadsTo(s.Meta(), x.file) == model.Yes {
				return s.VPC
			}
		}
	}
	return model.Link{Why: "the template does not show the VPC of the subnets"}
}
