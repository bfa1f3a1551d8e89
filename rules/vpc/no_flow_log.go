package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NoFlowLog is VPC-002.
func NoFlowLog() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "VPC-002",
			Title:    "VPC of a cluster without flow logs",
			Category: "vpc",
			Description: `Fires on the VPC of an EKS cluster when neither it nor one of its subnets has a flow log: in the Terraform or the template
that makes the VPC, or where AWS was asked for flow logs and told of others alone. It is silent where a module, a nested
stack or a condition may add one.`,
			Rationale:   `What was refused, and who talked to whom before an incident, cannot be found out afterwards.`,
			Remediation: `Add a flow log to the VPC, at least for refused traffic.`,
			Severity:    rule.Note,
			OptIn:       true,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(noFlowLog),
	}
}

func noFlowLog(p *rule.Pass, c *eks.Cluster) {
	if c.VPC == nil || c.Extended(c.VPC) {
		return
	}
	asked := false
	for _, l := range c.Network.AWS().FlowLogs {
		if mayRecord(l, c.VPC) {
			return
		}
		asked = asked || l.Observed
	}
	if c.VPC.CreatedHere && !c.VPC.Observed || c.VPC.Observed && asked {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("VPC %s of cluster %s has no flow log", c.VPC.Title(), c.Config.Title()),
			At:      rule.SpanAt(c.VPC.At),
		})
	}
}

// mayRecord reports whether a flow log is that of a VPC or of one of its subnets,
// or may be.
func mayRecord(l *model.FlowLog, v *vpc.VPC) bool {
	if l.VPC != nil && l.VPC.LeadsTo(v.Meta(), l.Origin) != model.No {
		return true
	}
	for _, s := range v.Subnets {
		if l.Subnet != nil && l.Subnet.LeadsTo(s.Meta(), l.Origin) != model.No {
			return true
		}
	}
	return false
}
