package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// FargateInPublicSubnet is VPC-006.
func FargateInPublicSubnet() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "VPC-006",
			Title:    "Fargate profile with a public subnet",
			Category: "vpc",
			Description: `Fires on a Fargate profile of the cluster with a subnet that leads to an internet gateway. It is silent where the routes of
the subnet are not known.`,
			Rationale:   `EKS takes private subnets alone for Fargate and refuses the profile.`,
			Remediation: `List private subnets, which reach the internet through a NAT gateway.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(fargateInPublicSubnet),
	}
}

func fargateInPublicSubnet(p *rule.Pass, c *eks.Cluster) {
	for _, profile := range c.Profiles {
		for _, link := range profile.Subnets {
			subnets, _ := c.Network.SubnetsOf([]model.Link{link}, profile.Origin)
			if len(subnets) != 1 || c.Network.Public(subnets[0]) != model.Yes {
				continue
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Fargate profile %s has subnet %s, which leads to an internet gateway", profile.Title(), subnets[0].Title()),
				At:      rule.SpanAt(link.At), Key: profile.Title() + subnets[0].Title(),
				Related: []rule.Related{{Message: "subnet " + subnets[0].Title(), At: rule.SpanAt(subnets[0].At)}},
			})
		}
	}
}
