package eks

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// The types of VPC endpoints that lead to services of AWS:
// https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html
const (
	EndpointInterface = "Interface"
	EndpointGateway   = "Gateway"
)

// ShowsEndpoints reports whether the input shows every endpoint of a VPC: it makes
// the VPC, or AWS was asked for endpoints too.
func (c *Cluster) ShowsEndpoints(v *vpc.VPC) bool {
	asked := slices.ContainsFunc(c.Network.AWS().Endpoints, func(e *model.VPCEndpoint) bool {
		return e.Observed && e.VPC.LeadsTo(v.Meta(), e.Origin) == model.Yes
	})
	return !c.Extended(v) && (v.CreatedHere && !v.Observed || asked)
}

// ShowsSubnets reports whether the input shows every subnet of a VPC: AWS told of it,
// or it is made here, by parts that are all read.
func (c *Cluster) ShowsSubnets(v *vpc.VPC) bool {
	return (v.Observed || v.CreatedHere && !c.Extended(v)) && !slices.ContainsFunc(c.Network.Subnets(), func(s *vpc.Subnet) bool {
		return s.Subnet.VPC.LeadsTo(v.Meta(), s.Origin) == model.Unknown
	})
}

// Extended reports whether something that is not read may add to a VPC, for which
// loaders let an endpoint stand.
func (c *Cluster) Extended(v *vpc.VPC) bool {
	return slices.ContainsFunc(c.Network.AWS().Endpoints, func(e *model.VPCEndpoint) bool {
		_, known := e.Service.Get()
		belongs := e.VPC.LeadsTo(v.Meta(), e.Origin)
		return belongs != model.No && (!known || e.Conditional != "") || belongs == model.Unknown
	})
}

// Endpoints are those of the VPC of the cluster for a service such as s3 or ecr.api.
// Unknown says why there may be others; it is empty when these are all.
func (c *Cluster) Endpoints(service string) (out []*model.VPCEndpoint, unknown string) {
	if c.VPC == nil {
		return nil, "the VPC of the cluster is not known"
	}
	if !c.ShowsEndpoints(c.VPC) {
		unknown = "the input may not show every endpoint of the VPC"
	}
	for _, e := range c.Network.AWS().Endpoints {
		name, _ := e.Service.Get()
		if e.VPC.LeadsTo(c.VPC.Meta(), e.Origin) == model.Yes && strings.HasSuffix(name, "."+service) && c.ofRegion(name) {
			out = append(out, e)
			unknown = cmp.Or(unknown, e.Conditional)
		}
	}
	return out, unknown
}

// ofRegion reports whether a name such as com.amazonaws.eu-west-1.s3 may be that of a
// service in the region of the VPC. Interface endpoints lead to other regions, too, whose
// services have other names:
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
func (c *Cluster) ofRegion(name string) bool {
	own := c.Region()
	of, ok := strings.CutPrefix(name, "com.amazonaws.")
	if !ok || own == "" {
		return true
	}
	region, _, _ := strings.Cut(of, ".")
	return region == own || !nameOfRegion.MatchString(region)
}

// nameOfRegion is what names of regions look like, such as eu-west-1.
var nameOfRegion = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+$`)

// Serves answers whether a gateway endpoint gives the route table of a subnet, which is
// known, a route to its service:
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func Serves(gateway *model.VPCEndpoint, s *vpc.Subnet) model.Tri {
	out := model.No
	for _, table := range gateway.RouteTables {
		switch table.LeadsTo(s.Table.Meta(), gateway.Origin) {
		case model.Yes:
			return model.Yes
		case model.Unknown:
			out = model.Unknown
		case model.No:
		}
	}
	return out
}

// EndpointSides are the interfaces of an endpoint, one for each of its subnets.
// Unknown says why there may be others. An endpoint for which nobody chose security
// groups has the default one of its VPC, which is found where AWS tells it.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (c *Cluster) EndpointSides(e *model.VPCEndpoint) (out []vpc.Side, unknown string) {
	name := "endpoint " + e.Title()
	subnets, unknown := c.Network.SubnetsOf(e.Subnets, e.Origin)
	if len(e.Subnets) == 0 {
		unknown = "the subnets of " + name + " are not known"
	}
	return sidesIn(subnets, name, c.writtenGroups(name, e.SecurityGroups, e.Origin)), unknown
}

// writtenGroups are the security groups of something that gets the default one of its
// VPC where none are written.
func (c *Cluster) writtenGroups(name string, groups []model.Link, origin string) vpc.Groups {
	if len(groups) == 0 {
		return vpc.Groups{Unknown: "the security groups of " + name + " are not written"}
	}
	return c.Network.Groups(groups, origin)
}

// sidesIn are interfaces of one thing, one in each of some subnets.
func sidesIn(subnets []*vpc.Subnet, name string, groups vpc.Groups) []vpc.Side {
	var out []vpc.Side
	for _, s := range subnets {
		out = append(out, vpc.Side{Name: name, Addresses: s.Ranges(vpc.IPv4), Subnet: s, Groups: groups})
	}
	return out
}
