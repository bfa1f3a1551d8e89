package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// RouteLost is NET-009.
func RouteLost() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-009",
			Title:    "Route of nodes leads nowhere",
			Category: "vpc",
			Description: `Fires on a route that AWS reports as a blackhole, as its target is gone, in the route table of a subnet with nodes or
with interfaces of the control plane, and on a block of addresses for Services that overlaps the VPC, which EKS
refuses. It is silent where the input does not show the state of routes or the blocks.`,
			Rationale:   `What is sent to the destination of the route is dropped.`,
			Remediation: `Delete the route or give it a target that exists; choose a block for Services outside the VPC.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html",
				"https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(routeLost),
	}
}

func routeLost(p *rule.Pass, c *eks.Cluster) {
	sides := c.ControlPlane()
	for _, n := range c.NodeGroups {
		sides = append(sides, n.Sides()...)
	}
	told := map[string]bool{}
	for _, s := range sides {
		if s.Subnet.Table == nil || told[s.Subnet.Table.Title()] {
			continue
		}
		told[s.Subnet.Table.Title()] = true
		for _, r := range s.Subnet.Table.Routes {
			block, known := r.Destination.Get()
			if r.Blackhole && known {
				p.Report(rule.Finding{
					Message: fmt.Sprintf("The route of subnet %s to %s is a blackhole: its target %s is gone", s.Subnet.Title(), block, r.Target.ID),
					At:      rule.SpanAt(r.At), Key: s.Subnet.Table.Title() + block.String(),
				})
			}
		}
	}
	services, known := c.Config.ServiceCIDR.Get()
	if !known || c.VPC == nil {
		return
	}
	for _, v := range c.VPC.CIDRs {
		if block, known := v.Get(); known && block.Overlaps(services) {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("The addresses of Services, %s, overlap the block %s of the VPC", services, block),
				At:      rule.SpanAt(c.Config.ServiceCIDR.Span()), Key: block.String(),
				Related: []rule.Related{{Message: "the block of the VPC", At: rule.SpanAt(v.Span())}},
			})
		}
	}
}
