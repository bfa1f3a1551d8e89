package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// SubnetWithoutIPv6 is VPC-005.
func SubnetWithoutIPv6() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "VPC-005",
			Title:    "Subnet of an IPv6 cluster has no block of IPv6",
			Category: "vpc",
			Description: `Fires on a node group of a cluster whose pods have addresses of IPv6 when one of its subnets has no block of IPv6. It is
silent where the family of the cluster or the blocks are not known.`,
			Rationale:   `EKS refuses the subnet, or the pods of its nodes get no address.`,
			Remediation: `Give the subnet a block of IPv6 and let it assign addresses.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(subnetWithoutIPv6),
	}
}

func subnetWithoutIPv6(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if c.Config == nil {
		return
	}
	if family, _ := c.Config.IPFamily.Get(); family != "ipv6" {
		return
	}
	for _, s := range n.Subnets {
		if s.Has(vpc.IPv6) == model.No {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Subnet %s of %s has no block of IPv6, and the pods of the cluster need addresses of it", s.Title(), n.Title()),
				At:      rule.SpanAt(s.At), Key: n.Name + s.Title(),
				Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}, {Message: "the family of the cluster", At: rule.SpanAt(c.Config.IPFamily.Span())}},
			})
		}
	}
}
