package awscli

import (
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

func (x *reading) vpc(v *attr.Value) {
	out := &model.VPC{AWSMeta: x.meta(v, "VpcId")}
	out.CIDRs = append(
		x.blocks(v, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
		x.blocks(v, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState")...,
	)
	if v.Get("CidrBlockAssociationSet") == nil && v.Get("CidrBlock").IsSet() {
		out.CIDRs = append(out.CIDRs, x.prefix(v, "CidrBlock"))
	}
	x.out.VPCs = append(x.out.VPCs, out)
}

// blocks reads the blocks that are associated.
func (x *reading) blocks(v *attr.Value, list, name, state string) []model.Value[netip.Prefix] {
	var out []model.Value[netip.Prefix]
	for _, item := range x.Objects(v.Get(list), list) {
		if !x.is(item.Get(state), "State", "disassociated", "disassociating", "failed", "failing") {
			out = append(out, x.prefix(item, name))
		}
	}
	return out
}

func (x *reading) prefix(v *attr.Value, name string) model.Value[netip.Prefix] {
	return x.Prefix(v.Get(name), name, model.Value[netip.Prefix]{})
}

func (x *reading) subnet(v *attr.Value) {
	out := &model.Subnet{
		AWSMeta: x.meta(v, "SubnetId"), VPC: x.link(v, "VpcId"),
		CIDR:             x.Prefix(v.Get("CidrBlock"), "CidrBlock", model.Known(netip.Prefix{}, v.At)), // absent from an IPv6-only subnet
		CIDR6:            model.Known(netip.Prefix{}, v.At),
		AvailabilityZone: x.str(v, "AvailabilityZone"),
		MapPublicIP:      x.boolean(v, "MapPublicIpOnLaunch"),
		AssignIPv6:       x.boolean(v, "AssignIpv6AddressOnCreation"),
		FreeIPs:          x.number(v, "AvailableIpAddressCount"),
	}
	if six := x.blocks(v, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"); len(six) > 0 {
		out.CIDR6 = six[0]
	}
	x.out.Subnets = append(x.out.Subnets, out)
}

func (x *reading) routeTable(v *attr.Value) {
	out := &model.RouteTable{
		AWSMeta: x.meta(v, "RouteTableId"), VPC: x.link(v, "VpcId"), Subnets: unseen(v, "Associations"), Missing: leftOut(v, "Routes"),
	}
	main := false
	for _, item := range x.Objects(v.Get("Associations"), "Associations") {
		if x.is(item.Get("AssociationState"), "State", "disassociated", "disassociating", "failed") {
			continue
		}
		isMain, _ := x.boolean(item, "Main").Get()
		main = main || isMain
		out.Subnets = append(out.Subnets, x.links(item, "SubnetId")...)
	}
	out.Main = model.Known(main, v.At)
	for _, item := range x.Objects(v.Get("Routes"), "Routes") {
		out.Routes = append(out.Routes, x.route(item))
	}
	x.out.RouteTables = append(x.out.RouteTables, out)
}

// route reads the one destination and the one target that a route has:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (x *reading) route(v *attr.Value) model.Route {
	out := model.Route{At: v.At, Blackhole: x.is(v, "State", "blackhole")}
	switch {
	case v.Get("DestinationPrefixListId").IsSet():
		list := x.link(v, "DestinationPrefixListId")
		out.PrefixList = &list
	case v.Get("DestinationIpv6CidrBlock").IsSet():
		out.Destination = x.prefix(v, "DestinationIpv6CidrBlock")
	default:
		out.Destination = x.prefix(v, "DestinationCidrBlock")
	}
	for _, name := range []string{
		"GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "TransitGatewayId", "VpcPeeringConnectionId",
		"NetworkInterfaceId", "InstanceId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn",
	} {
		if v.Get(name).IsSet() {
			out.Target = x.link(v, name)
			out.Kind = model.RouteKindOf(out.Target.ID)
			return out
		}
	}
	return out
}

func (x *reading) internetGateway(v *attr.Value) {
	for _, vpc := range x.linksIn(v, "Attachments", "VpcId") {
		x.out.InternetGateways = append(x.out.InternetGateways, &model.InternetGateway{
			AWSMeta: x.meta(v, "InternetGatewayId"), VPC: vpc,
		})
	}
}

func (x *reading) natGateway(v *attr.Value) {
	if x.is(v, "State", "deleted", "deleting", "failed") {
		return
	}
	private := model.Value[bool]{}
	if kind, known := x.str(v, "ConnectivityType").Get(); known {
		private = model.Known(kind == "private", v.Get("ConnectivityType").Span())
	}
	x.out.NATGateways = append(x.out.NATGateways, &model.NATGateway{
		AWSMeta: x.meta(v, "NatGatewayId"), Subnet: x.link(v, "SubnetId"), Private: private,
	})
}

func (x *reading) endpoint(v *attr.Value) {
	if x.is(v, "State", "deleted", "deleting", "failed", "rejected", "expired") {
		return
	}
	x.out.Endpoints = append(x.out.Endpoints, &model.VPCEndpoint{
		AWSMeta: x.meta(v, "VpcEndpointId"), VPC: x.link(v, "VpcId"),
		Service: x.str(v, "ServiceName"), Type: x.str(v, "VpcEndpointType"),
		Subnets: x.links(v, "SubnetIds"), SecurityGroups: x.linksIn(v, "Groups", "GroupId"),
		RouteTables: x.links(v, "RouteTableIds"), PrivateDNS: x.boolean(v, "PrivateDnsEnabled"),
	})
}

// flowLog reads what the identifier of its resource tells apart:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
func (x *reading) flowLog(v *attr.Value) {
	out := &model.FlowLog{AWSMeta: x.meta(v, "FlowLogId")}
	of := x.link(v, "ResourceId")
	switch {
	case strings.HasPrefix(of.ID, "vpc-"), of.ID == "":
		out.VPC = &of
	case strings.HasPrefix(of.ID, "subnet-"):
		out.Subnet = &of
	}
	x.out.FlowLogs = append(x.out.FlowLogs, out)
}

// prefixList reads both describe-prefix-lists, which has the blocks, and
// describe-managed-prefix-lists, which has not.
func (x *reading) prefixList(v *attr.Value) {
	out := &model.PrefixList{AWSMeta: x.meta(v, "PrefixListId"), CIDRs: x.Prefixes(v.Get("Cidrs"), "Cidrs")}
	out.Name, _ = x.str(v, "PrefixListName").Get()
	if v.Get("Cidrs") == nil {
		out.Missing = "describe-managed-prefix-lists does not print the blocks of a list"
	}
	x.out.PrefixLists = append(x.out.PrefixLists, out)
}

// database reads the answers of rds describe-db-instances and its like, which name
// what they tell of in different fields.
func database(id string) func(*reading, *attr.Value) {
	return func(x *reading, v *attr.Value) {
		out := &model.Database{
			AWSMeta:        x.meta(v, id),
			SecurityGroups: append(x.linksIn(v, "VpcSecurityGroups", "VpcSecurityGroupId"), x.linksIn(v, "SecurityGroups", "SecurityGroupId")...),
			Subnets:        x.linksIn(v.Get("DBSubnetGroup"), "Subnets", "SubnetIdentifier"),
			Port:           model.DatabasePort(x.str(v, "Engine")),
		}
		for _, at := range []*attr.Value{v, v.Get("Endpoint"), v.Get("ConfigurationEndpoint")} {
			if port := at.Get("Port"); port.IsSet() { // that of the answer itself is for clusters
				out.Port = x.Int(port, "Port", out.Port)
			}
		}
		x.out.Databases = append(x.out.Databases, out)
	}
}
