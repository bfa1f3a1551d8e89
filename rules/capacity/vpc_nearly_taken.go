package capacity

import (
	"fmt"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// VPCNearlyTaken is CAP-005.
func VPCNearlyTaken() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-005",
			Title:    "Subnets take most of the only block of the VPC",
			Category: "capacity",
			Description: `Fires on the VPC of an EKS cluster with one block of addresses and none of IPv6 when its subnets take more than 70 % of the
block. It is silent on VPCs with further blocks, and where the input does not show the VPC or all of its blocks.`,
			Rationale:   `There is little room for further subnets when nodes and pods need more addresses: a subnet cannot be made larger.`,
			Remediation: `Add a secondary block for pods, such as one of 100.64.0.0/10 with custom networking, or plan for a cluster of IPv6.`,
			Severity:    rule.Note,
			OptIn:       true,
			Kinds:       []string{eks.KindCluster},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/ip-opt.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
			},
			Params: []rule.Param{{Name: "percent", Description: "The share of the block, in percent, that subnets may take.", Default: 70}},
			Since:  "0.1.0",
		},
		Run: rule.On(vpcNearlyTaken),
	}
}

func vpcNearlyTaken(p *rule.Pass, c *eks.Cluster) {
	block, only := onlyBlock(c.VPC)
	if !only {
		return
	}
	taken := 0
	for _, s := range c.VPC.Subnets {
		part, known := s.CIDR.Get()
		if known && part.IsValid() && s.Conditional == "" && part.Overlaps(block) {
			taken += size(part)
		}
	}
	if percent := taken * 100 / size(block); percent > p.Params.Int("percent") {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Subnets take %d %% of %s, the only block of VPC %s", percent, block, c.VPC.Title()),
			At:      rule.SpanAt(c.VPC.CIDRs[0].Span()),
		})
	}
}

// onlyBlock is the block of a VPC that has no other of any family.
func onlyBlock(v *vpc.VPC) (block netip.Prefix, only bool) {
	if v == nil || len(v.CIDRs) != 1 || !v.CreatedHere && !v.Observed {
		return netip.Prefix{}, false
	}
	block, known := v.CIDRs[0].Get()
	return block, known && block.Addr().Is4()
}

func size(block netip.Prefix) int { return 1 << (block.Addr().BitLen() - block.Bits()) }
