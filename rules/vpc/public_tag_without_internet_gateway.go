package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// PublicTagWithoutInternetGateway is NET-004.
func PublicTagWithoutInternetGateway() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-004",
			Title:    "Subnet for internet-facing load balancers without an internet gateway",
			Category: "vpc",
			Description: `Fires on a subnet with the tag kubernetes.io/role/elb, in which controllers put internet-facing load balancers,
when its route table sends no public address to an internet gateway. It is silent where the input does not show
the route table of the subnet or all of its routes.`,
			Rationale:   `The load balancer is made and answers nobody: its packets to clients never leave the VPC.`,
			Remediation: `Route 0.0.0.0/0 to an internet gateway in the subnet, or remove the tag.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindSubnet},
			Reads:       []string{},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/",
				"https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(publicTagWithoutInternetGateway),
	}
}

func publicTagWithoutInternetGateway(p *rule.Pass, s eks.Of[*vpc.Subnet]) {
	tag, found := s.Is.Tags.Get(tagPublic)
	value, known := tag.Get()
	if found != model.Yes || !known || value != "1" && value != "" || p.Cluster().Network.Public(s.Is) != model.No {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("Subnet %s is tagged for internet-facing load balancers, and its route table %s leads to no internet gateway", s.Is.Title(), s.Is.Table.Title()),
		At:      rule.SpanAt(tag.Span()),
		Related: []rule.Related{{Message: "route table " + s.Is.Table.Title(), At: rule.SpanAt(s.Is.Table.At)}},
	})
}

// tagPublic is the tag of subnets for internet-facing load balancers.
const tagPublic = "kubernetes.io/role/elb"
