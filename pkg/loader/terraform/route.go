package terraform

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// routeTable reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route_table
func (x *reading) routeTable(r Resource) {
	out := &model.RouteTable{AWSMeta: x.meta(r), VPC: x.link(r.Attributes, "vpc_id"), Main: model.Known(false, r.At)}
	x.addRoutes(out, r)
}

// defaultRouteTable reads the main route table of a VPC that Terraform takes over:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_route_table
func (x *reading) defaultRouteTable(r Resource) {
	out := &model.RouteTable{AWSMeta: x.meta(r), VPC: x.vpcBeside(r, "default_route_table_id", model.MainTableSuffix), Main: model.Known(true, r.At)}
	x.addRoutes(out, r)
}

// vpcBeside is the VPC that AWS has made something with.
func (x *reading) vpcBeside(r Resource, name, suffix string) model.Link {
	if given(r.Attributes.Get("vpc_id")) != nil {
		return x.link(r.Attributes, "vpc_id")
	}
	return owner(x.Link(given(r.Attributes.Get(name)), name), suffix)
}

func (x *reading) addRoutes(out *model.RouteTable, r Resource) {
	for _, item := range x.Objects(r.Attributes.Get("route"), "route") {
		if item.Kind == attr.Open {
			out.Missing = item.Why
			continue
		}
		out.Routes = append(out.Routes, x.route(item, ""))
	}
	if gateways := r.Attributes.Get("propagating_vgws"); gateways != nil && (gateways.Kind == attr.Open || len(gateways.Items) > 0) {
		out.Missing = "a virtual private gateway adds routes"
	}
	x.out.RouteTables = append(x.out.RouteTables, out)
}

// separateRoute reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route
func (x *reading) separateRoute(r Resource) {
	x.separate(r, &model.Separate{
		Kind: model.OfRouteTable, Owner: x.link(r.Attributes, "route_table_id"),
		Routes: []model.Route{x.route(r.Attributes, "destination_")},
	})
}

func (x *reading) routeTableAssociation(r Resource) {
	if given(r.Attributes.Get("subnet_id")) == nil {
		return // it is for a gateway
	}
	x.separate(r, &model.Separate{
		Kind: model.OfRouteTable, Owner: x.link(r.Attributes, "route_table_id"), Subnets: x.links(r.Attributes, "subnet_id"),
	})
}

func (x *reading) mainRouteTable(r Resource) {
	x.separate(r, &model.Separate{Kind: model.OfRouteTable, Owner: x.link(r.Attributes, "route_table_id"), Main: true})
}

func (x *reading) separate(r Resource, s *model.Separate) {
	s.AWSMeta = x.meta(r)
	x.out.Separate = append(x.out.Separate, s)
}

// route reads a route whose attributes for the destination have a prefix.
func (x *reading) route(v *attr.Value, before string) model.Route {
	out := model.Route{At: v.Span()}
	six, list := before+"ipv6_cidr_block", "destination_prefix_list_id"
	switch {
	case isKnown(v.Get(before + "cidr_block")):
		out.Destination = x.prefix(v, before+"cidr_block", model.Value[netip.Prefix]{})
	case isKnown(v.Get(six)):
		out.Destination = x.prefix(v, six, model.Value[netip.Prefix]{})
	case given(v.Get(list)) != nil && given(v.Get(before+"cidr_block")) == nil && given(v.Get(six)) == nil:
		link := x.link(v, list)
		out.PrefixList = &link
	default:
		out.Destination = model.Open[netip.Prefix]("the destination of the route is not known", v.Span())
	}
	out.Kind, out.Target = x.target(v)
	return out
}

func isKnown(v *attr.Value) bool { return given(v) != nil && v.Kind != attr.Open }

// targets are the attributes of which a route has one, with what they lead to.
var targets = []struct {
	name string
	kind model.RouteKind
}{
	{"gateway_id", model.RouteUnknown}, // an internet gateway, a virtual private gateway, or local
	{"nat_gateway_id", model.RouteNATGateway},
	{"egress_only_gateway_id", model.RouteEgressOnlyGateway},
	{"transit_gateway_id", model.RouteTransitGateway},
	{"vpc_peering_connection_id", model.RoutePeering},
	{"vpc_endpoint_id", model.RouteEndpoint},
	{"network_interface_id", model.RouteOther},
	{"carrier_gateway_id", model.RouteOther},
	{"local_gateway_id", model.RouteOther},
	{"core_network_arn", model.RouteOther},
	{"odb_network_arn", model.RouteOther},
	{"instance_id", model.RouteOther},
}

// target is the one that is set. One that is open counts when no other is given,
// as it may be null.
func (x *reading) target(v *attr.Value) (model.RouteKind, model.Link) {
	var open []string
	for _, t := range targets {
		value := given(v.Get(t.name))
		switch {
		case value == nil:
		case value.Kind == attr.Open && len(value.Links) == 0:
			open = append(open, t.name)
		default:
			link := x.link(v, t.name)
			return x.kindOf(t.kind, link), link
		}
	}
	if len(open) == 1 {
		link := x.link(v, open[0])
		for _, t := range targets {
			if t.name == open[0] {
				return t.kind, link
			}
		}
	}
	return model.RouteUnknown, model.Link{Why: "the target of the route is not known", At: v.Span()}
}

// kindOf tells a gateway by its identifier or by the type of its resource.
func (x *reading) kindOf(kind model.RouteKind, l model.Link) model.RouteKind {
	switch {
	case kind != model.RouteUnknown || l.Certainty != model.LinkKnown:
		return kind
	case l.ID != "":
		return model.RouteKindOf(l.ID)
	}
	switch x.typeOf[l.Address] {
	case "aws_internet_gateway":
		return model.RouteInternetGateway
	case "aws_vpn_gateway":
		return model.RouteVirtualPrivateGateway
	case "aws_vpc_endpoint":
		return model.RouteEndpoint
	default:
		return model.RouteUnknown
	}
}
