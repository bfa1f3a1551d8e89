package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PublicNodesWithoutAddress is NET-003.
func PublicNodesWithoutAddress() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-003",
			Title:    "Nodes in a public subnet without public addresses",
			Category: "vpc",
			Description: `Fires on a managed node group in a subnet that sends public addresses to an internet gateway and gives instances no
public address, when the launch template does not ask for one. An internet gateway serves only what has a public
address. It is silent where the input does not show the routes of the subnet or the launch template.`,
			Rationale: `EKS refuses to make the nodes, or they cannot reach the control plane and the registries, and never join the
cluster.`,
			Remediation: `Use private subnets with a NAT gateway, or let the subnet give public addresses at launch.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(publicNodesWithoutAddress),
	}
}

func publicNodesWithoutAddress(p *rule.Pass, n *eks.NodeGroup) {
	if n.SelfManaged || n.TemplateUnknown != "" || n.Template != nil && !n.Template.PublicIP.Span().IsZero() {
		return // the template decides, or may
	}
	for _, s := range n.Subnets {
		if gives, known := s.MapPublicIP.Get(); gives || !known || p.Cluster().Network.Public(s) != model.Yes {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Subnet %s of %s leads to an internet gateway and gives its nodes no public address", s.Title(), n.Title()),
			At:      rule.SpanAt(s.MapPublicIP.Span()), Key: n.Name + s.Title(),
			Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
		})
	}
}
