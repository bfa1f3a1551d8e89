package cluster

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// EndpointOpen is EKS-001.
func EndpointOpen() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "EKS-001",
			Title:    "Kubernetes API open to every address",
			Category: "cluster",
			Description: `Fires on an EKS cluster whose public endpoint is on and admits every address: publicAccessCidrs holds 0.0.0.0/0
or ::/0, or is absent, which means the same. It is silent for local clusters on AWS Outposts,
whose endpoint is private, and where the input does not tell whether the endpoint is public or which addresses it
admits.`,
			Rationale: `The API server answers anybody, so that a leaked token, a weak role binding or a fault of the server is enough
to get in.`,
			Remediation:      `List the addresses that need the API server in publicAccessCidrs, or switch the public endpoint off.`,
			Severity:         rule.Warning,
			SecuritySeverity: 5.0,
			Kinds:            []string{eks.KindCluster},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(endpointOpen),
	}
}

func endpointOpen(p *rule.Pass, c *eks.Cluster) {
	if public, _ := c.Config.PublicAccess.Get(); !public || c.Config.Local {
		return
	}
	for _, v := range c.Config.PublicCIDRs {
		if block, known := v.Get(); known && block.Bits() == 0 {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("The public endpoint of cluster %s admits every address: %s", c.Config.Title(), block),
				At:      rule.SpanAt(v.Span()), Key: block.String(),
			})
		}
	}
}
