package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// NamesSwitchedOff is NET-005.
func NamesSwitchedOff() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-005",
			Title:    "VPC of a cluster without DNS support or DNS hostnames",
			Category: "vpc",
			Description: `Fires on the VPC of an EKS cluster when its DNS support or its DNS hostnames are off. Hostnames are off unless a VPC of
Terraform or CloudFormation switches them on. It is silent where the input does not tell, as describe-vpcs and data
sources do not.`,
			Rationale: `Nodes cannot register with the cluster: they find the API server, and have the names they register by, through the DNS
of the VPC.`,
			Remediation: `Set enable_dns_support and enable_dns_hostnames of the VPC to true.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(namesSwitchedOff),
	}
}

func namesSwitchedOff(p *rule.Pass, c *eks.Cluster) {
	if c.VPC == nil {
		return
	}
	check := func(v model.Value[bool], what string) {
		if on, known := v.Get(); known && !on {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("VPC %s of cluster %s has no %s, which nodes need to register", c.VPC.Title(), c.Config.Title(), what),
				At:      rule.SpanAt(v.Span()), Key: what,
				Related: []rule.Related{{Message: "cluster " + c.Config.Title(), At: rule.SpanAt(c.Config.At)}},
			})
		}
	}
	check(c.VPC.DNSSupport, "DNS support")
	check(c.VPC.DNSHostnames, "DNS hostnames")
}
