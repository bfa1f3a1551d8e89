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
			Description: `Fires on the VPC of an EKS cluster when its DNS support is off (error) or its DNS hostnames are (warning: EKS asks for
them, and many nodes register without). Hostnames are off unless a VPC of Terraform or CloudFormation switches them on.
It is silent where the input does not tell, as describe-vpcs and data sources do not.`,
			Rationale: `Without DNS support the resolver of the VPC does not answer, and nodes do not find the API server. Without hostnames it
passes over private zones, those of the private endpoint of the cluster and of interface endpoints among them.`,
			Remediation: `Set enable_dns_support and enable_dns_hostnames of the VPC to true.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
				"https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
				"https://github.com/terraform-aws-modules/terraform-aws-eks/pull/446",
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
	check := func(v model.Value[bool], what string, severity rule.Severity) {
		if on, known := v.Get(); known && !on {
			p.Report(rule.Finding{
				Message:  fmt.Sprintf("VPC %s of cluster %s has no %s, which EKS requires", c.VPC.Title(), c.Config.Title(), what),
				Severity: severity, At: rule.SpanAt(v.Span()), Key: what,
				Related: []rule.Related{{Message: "cluster " + c.Config.Title(), At: rule.SpanAt(c.Config.At)}},
			})
		}
	}
	check(c.VPC.DNSSupport, "DNS support", rule.Error)
	check(c.VPC.DNSHostnames, "DNS hostnames", rule.Warning)
}
