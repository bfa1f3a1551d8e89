package securitygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// TooManyRules is SG-006.
func TooManyRules() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-006",
			Title:    "Security group with more rules than the quota",
			Category: "securitygroup",
			Description: `Fires on a security group of nodes or of the control plane that is still to be made and has more than 60 rules for one
direction and one family of addresses, which is the quota of an account unless it was raised (parameter quota). It is silent where the
rules are not all known, and for groups that exist.`,
			Rationale:   `AWS refuses the rules beyond the quota, and which of them are missing then is chance.`,
			Remediation: `Use a prefix list or references to security groups, spread the rules over several groups, or have the quota raised.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups",
			},
			Params: []rule.Param{{Name: "quota", Description: "The quota of rules of a security group, for one direction and one family of addresses.", Default: 60}},
			Since:  "0.1.0",
		},
		Run: rule.On(tooManyRules),
	}
}

func tooManyRules(p *rule.Pass, c *eks.Cluster) {
	seen := map[*vpc.SecurityGroup]bool{}
	sides := c.ControlPlane()
	for _, n := range c.NodeGroups {
		sides = append(sides, n.Sides()...)
	}
	for _, s := range sides {
		for _, g := range s.Groups.Known {
			if !seen[g] && !g.Observed {
				count(p, g)
			}
			seen[g] = true
		}
	}
}

// count counts the rules of a group by direction. Those that name a group or a
// list count for both families.
func count(p *rule.Pass, g *vpc.SecurityGroup) {
	for _, d := range []vpc.Direction{vpc.In, vpc.Out} {
		v4, v6 := 0, 0
		for _, r := range g.Rules {
			if r.Egress != (d == vpc.Out) {
				continue
			}
			block, _ := r.Peer.CIDR.Get()
			if !block.Addr().Is6() {
				v4++
			}
			if !block.Addr().Is4() {
				v6++
			}
		}
		missing := g.MissingIngress
		if d == vpc.Out {
			missing = g.MissingEgress
		}
		quota := p.Params.Int("quota")
		if most := max(v4, v6); most > quota && missing == "" {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Security group %s has %d rules %s, and the quota is %d", g.Title(), most, d, quota),
				At:      rule.SpanAt(g.At), Key: g.Title() + d.String(),
			})
		}
	}
}
