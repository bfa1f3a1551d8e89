package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// NATGatewayMisplaced is NET-007.
func NATGatewayMisplaced() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-007",
			Title:    "NAT gateway without a way to the internet, or one for several zones",
			Category: "vpc",
			Description: `Fires as an error on a public NAT gateway whose own subnet has no route to an internet gateway, and as a note on one
that serves nodes of several zones. It is silent where routes, zones or the subnet of the gateway are not known.`,
			Rationale: `The first drops all that is sent to it. The second takes the way out of all zones with it when its zone fails, and
traffic between zones costs.`,
			Remediation: `Put NAT gateways into public subnets, one in each zone that has nodes.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(natGatewayMisplaced),
	}
}

func natGatewayMisplaced(p *rule.Pass, c *eks.Cluster) {
	for _, g := range c.Network.AWS().NATGateways {
		private, known := g.Private.Get()
		subnets, why := c.Network.SubnetsOf([]model.Link{g.Subnet}, g.Origin)
		zones := zonesServed(c, g)
		switch {
		case private || !known || why != "" || len(subnets) != 1 || len(zones) == 0:
		case c.Network.Public(subnets[0]) == model.No:
			if _, tagged := subnets[0].Tags.Get(tagPublic); tagged == model.Yes {
				continue // NET-004 tells of the subnet
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("NAT gateway %s lies in subnet %s, which has no route to an internet gateway", g.Title(), subnets[0].Title()),
				At:      rule.SpanAt(g.Subnet.At), Key: g.Title(), Related: []rule.Related{{Message: "subnet " + subnets[0].Title(), At: rule.SpanAt(subnets[0].At)}},
			})
		case len(zones) > 1:
			p.Report(rule.Finding{
				Severity: rule.Note, Key: g.Title(), At: rule.SpanAt(g.At),
				Message: fmt.Sprintf("NAT gateway %s is the way out of nodes in %d zones, and fails with its own", g.Title(), len(zones)),
			})
		}
	}
}

// zonesServed are the zones of the nodes that a NAT gateway serves.
func zonesServed(c *eks.Cluster, g *model.NATGateway) map[string]bool {
	out := map[string]bool{}
	for _, n := range c.NodeGroups {
		for _, s := range n.Subnets {
			zone, known := s.AvailabilityZone.Get()
			if known && s.Table != nil && leadsTo(s.Table, g) {
				out[zone] = true
			}
		}
	}
	return out
}

func leadsTo(t *model.RouteTable, g *model.NATGateway) bool {
	for _, r := range t.Routes {
		if r.Kind == model.RouteNATGateway && r.Target.LeadsTo(g.Meta(), t.Origin) == model.Yes {
			return true
		}
	}
	return false
}
