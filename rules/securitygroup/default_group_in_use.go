package securitygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// DefaultGroupInUse is SG-008.
func DefaultGroupInUse() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-008",
			Title:    "Nodes have the default security group of their VPC",
			Category: "securitygroup",
			Description: `Fires on a node group whose nodes have the default security group of their VPC. It is silent where the security groups
of the nodes are not known.`,
			Rationale: `Everything in the VPC for which nobody chose a security group has the same one, and as AWS makes it, its members reach
each other on all ports.`,
			Remediation:      `Give the nodes a security group of their own, or the cluster security group.`,
			Severity:         rule.Warning,
			SecuritySeverity: 4.0,
			Kinds:            []string{eks.KindNodeGroup},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(defaultGroupInUse),
	}
}

func defaultGroupInUse(p *rule.Pass, n *eks.NodeGroup) {
	for _, g := range n.Groups.Known {
		if g.Default {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Nodes of %s have the default security group of their VPC, %s", n.Title(), g.Title()),
				At:      rule.SpanAt(n.At), Key: g.Title(),
				Related: []rule.Related{{Message: "security group " + g.Title(), At: rule.SpanAt(g.At)}},
			})
		}
	}
}
