package cluster

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// PublicEndpoint is EKS-002.
func PublicEndpoint() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "EKS-002",
			Title:    "Kubernetes API on the internet",
			Category: "cluster",
			Description: `Fires on an EKS cluster whose public endpoint is on and admits some addresses, all of which are known. EKS-001 tells of one
that admits every address. It is silent where the input does not tell whether the endpoint is public or which addresses
it admits.`,
			Rationale: `Whoever holds one of the addresses, as all behind the NAT of an office or a provider do, can try tokens and faults of the
API server.`,
			Remediation:      `Switch the public endpoint off and come by VPN, Direct Connect or a bastion in the VPC.`,
			Severity:         rule.Note,
			SecuritySeverity: 3.0,
			OptIn:            true,
			Kinds:            []string{eks.KindCluster},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(publicEndpoint),
	}
}

func publicEndpoint(p *rule.Pass, c *eks.Cluster) {
	if public, _ := c.Config.PublicAccess.Get(); !public || c.Config.Local || len(c.Config.PublicCIDRs) == 0 {
		return
	}
	var blocks []string
	for _, v := range c.Config.PublicCIDRs {
		block, known := v.Get()
		if !known || block.Bits() == 0 {
			return
		}
		blocks = append(blocks, block.String())
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The endpoint of cluster %s is on the internet, for %s", c.Config.Title(), strings.Join(blocks, ", ")),
		At:      rule.SpanAt(c.Config.PublicAccess.Span()),
	})
}
