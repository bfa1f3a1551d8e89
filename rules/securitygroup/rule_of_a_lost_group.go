package securitygroup

import (
	"cmp"
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// RuleOfALostGroup is SG-009.
func RuleOfALostGroup() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-009",
			Title:    "Security group rule names a group that is gone",
			Category: "securitygroup",
			Description: `Fires on the rules of security groups in the VPC of a cluster that AWS itself reports to be stale: those of
describe-stale-security-groups, and those of describe-security-groups whose peering connection is deleted. It says
nothing of other groups that the input lacks: AWS deletes no group that a rule of its own VPC names, and those of other
VPCs and accounts are not in the answers.`,
			Rationale:   `The rule admits nobody. What it was written for is refused, or goes by another rule that is wider.`,
			Remediation: `Remove the rule, or name the group or the block that has taken the place of the lost one.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html",
				"https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(ruleOfALostGroup),
	}
}

func ruleOfALostGroup(p *rule.Pass, c *eks.Cluster) {
	told := map[string]bool{}
	for _, r := range c.Network.AWS().StaleRules {
		if c.VPC == nil || r.VPC.LeadsTo(c.VPC.Meta(), r.Origin) != model.Yes {
			continue
		}
		direction := map[bool]string{false: "from", true: "to"}[r.Egress]
		key := fmt.Sprintf("%s %s %s", r.ID, direction, r.Names.ID)
		if told[key] {
			continue // both answers may tell of it
		}
		told[key] = true
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Security group %s has a rule for traffic %s %s, which AWS reports as stale: that group is deleted or out of reach",
				r.Title(), direction, cmp.Or(r.Names.ID, "a group")),
			At: rule.SpanAt(r.At), Key: key,
		})
	}
}
