package cloudformation

import (
	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// routeTable is never the main one of its VPC, which CloudFormation cannot
// change: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-routetable.html
func (x *reading) routeTable(r *resource, v *attr.Value) {
	x.out.RouteTables = append(x.out.RouteTables, &model.RouteTable{
		AWSMeta: x.meta(r, v), VPC: x.link(v, "VpcId"), Main: defaultOf(false, r),
	})
}

func (x *reading) routeTableAssociation(r *resource, v *attr.Value) {
	s := x.separate(r, v, model.OfRouteTable, x.link(v, "RouteTableId"))
	s.Subnets = x.links(v, "SubnetId")
	x.out.Separate = append(x.out.Separate, s)
}

// route reads the one destination and the one target that a route has:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html
func (x *reading) route(r *resource, v *attr.Value) {
	out := model.Route{At: r.at}
	switch {
	case v.Get("DestinationPrefixListId").IsSet():
		list := x.link(v, "DestinationPrefixListId")
		out.PrefixList = &list
	case v.Get("DestinationIpv6CidrBlock").IsSet():
		out.Destination = x.prefix(v, "DestinationIpv6CidrBlock")
	default:
		out.Destination = x.prefix(v, "DestinationCidrBlock")
	}
	out.Target, out.Kind = x.routeTarget(r, v)
	s := x.separate(r, v, model.OfRouteTable, x.link(v, "RouteTableId"))
	s.Routes = []model.Route{out}
	x.out.Separate = append(x.out.Separate, s)
}

// routeTargets are the properties of a target. A gateway may be one of several
// kinds.
var routeTargets = []struct {
	name string
	kind model.RouteKind
}{
	{"GatewayId", model.RouteUnknown},
	{"NatGatewayId", model.RouteNATGateway},
	{"EgressOnlyInternetGatewayId", model.RouteEgressOnlyGateway},
	{"TransitGatewayId", model.RouteTransitGateway},
	{"VpcPeeringConnectionId", model.RoutePeering},
	{"VpcEndpointId", model.RouteEndpoint},
	{"NetworkInterfaceId", model.RouteOther},
	{"InstanceId", model.RouteOther},
	{"LocalGatewayId", model.RouteOther},
	{"CarrierGatewayId", model.RouteOther},
	{"CoreNetworkArn", model.RouteOther},
}

// routeTarget is not known when several are written, of which conditions leave
// one.
func (x *reading) routeTarget(r *resource, v *attr.Value) (model.Link, model.RouteKind) {
	target, kind, written := model.Link{Why: "the route names no target", At: r.at}, model.RouteUnknown, 0
	for _, p := range routeTargets {
		if !v.Get(p.name).IsSet() {
			continue
		}
		target, kind = x.link(v, p.name), p.kind
		written++
		if p.name == "GatewayId" {
			kind = x.gatewayKind(target)
		}
	}
	if written > 1 {
		return model.Link{Why: "the route names several targets", At: r.at}, model.RouteUnknown
	}
	if v.Kind == attr.Open {
		kind = model.RouteUnknown
	}
	return target, kind
}

// gatewayKind tells a kind from the type of the target or its identifier.
func (x *reading) gatewayKind(l model.Link) model.RouteKind {
	if l.ID != "" {
		return model.RouteKindOf(l.ID)
	}
	to := x.byID[l.Address]
	if to == nil {
		return model.RouteUnknown
	}
	switch to.typ {
	case "AWS::EC2::InternetGateway":
		return model.RouteInternetGateway
	case "AWS::EC2::VPNGateway":
		return model.RouteVirtualPrivateGateway
	case "AWS::EC2::VPCEndpoint":
		return model.RouteEndpoint
	default:
		return model.RouteUnknown
	}
}

// propagation adds the routes that a virtual private gateway learns.
func (x *reading) propagation(r *resource, v *attr.Value) {
	for _, table := range x.links(v, "RouteTableIds") {
		table.Certainty = min(table.Certainty, model.LinkMay)
		s := x.separate(r, v, model.OfRouteTable, table)
		s.Routes = []model.Route{{Kind: model.RouteVirtualPrivateGateway, Target: x.link(v, "VpnGatewayId"), At: r.at}}
		x.out.Separate = append(x.out.Separate, s)
	}
}
