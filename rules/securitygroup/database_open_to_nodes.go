package securitygroup

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// DatabaseOpenToNodes is SG-010.
func DatabaseOpenToNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-010",
			Title:    "Database admits the nodes, and so every pod",
			Category: "securitygroup",
			Description: `Fires on a rule of a security group of an RDS database or an ElastiCache cache that admits a security group which pods
share with their node, when ENABLE_POD_ENI of the VPC CNI is on, so that the pods which need the database could have a
group of their own. It is silent where custom networking gives pods other groups than their nodes, and where the
setting, the groups of the nodes or those of the database are not known.`,
			Rationale: `Every pod of the cluster may connect to the database, also one that an intruder has taken over or that has nothing to do
with it.`,
			Remediation: `Give the pods that need the database a group with a SecurityGroupPolicy, and admit that one alone.`,
			Severity:    rule.Warning, SecuritySeverity: 6.9,
			OptIn: true,
			Kinds: []string{eks.KindCluster},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(databaseOpenToNodes),
	}
}

func databaseOpenToNodes(p *rule.Pass, c *eks.Cluster) {
	if on, _ := c.Graph.CNI().Switch("ENABLE_POD_ENI", false); on != model.Yes {
		return
	}
	told := map[*vpc.SecurityGroup]bool{}
	for _, db := range c.Network.AWS().Databases {
		for _, g := range c.Network.Groups(db.SecurityGroups, db.Origin).Known {
			if told[g] {
				continue // databases share it
			}
			told[g] = true
			for i, r := range g.Rules {
				if shared := sharedWithPods(c, g, r); shared != nil {
					p.Report(rule.Finding{
						Message: fmt.Sprintf("Security group %s of database %s admits %s of the nodes on %s, and so every pod without a group of its own",
							g.Title(), db.Title(), shared.Title(), vpc.Covered(r.Traffic)),
						At: rule.SpanAt(r.At), Key: fmt.Sprint(g.Title(), i),
						Related: []rule.Related{{Message: db.Title(), At: rule.SpanAt(db.At)}},
					})
				}
			}
		}
	}
}

// sharedWithPods is the group that a rule admits and that pods have from their node;
// nil when there is none.
func sharedWithPods(c *eks.Cluster, of *vpc.SecurityGroup, r model.SecurityGroupRule) *vpc.SecurityGroup {
	if r.Egress || r.Peer.Group == nil || vpc.Covered(r.Traffic).IsEmpty() {
		return nil
	}
	for _, admitted := range c.Network.Groups([]model.Link{*r.Peer.Group}, of.Origin).Known {
		for _, n := range slices.Concat(c.NodeGroups, c.Pools) {
			for _, s := range n.Subnets {
				network, unknown := c.PodNetwork(n, s)
				if unknown == "" && slices.ContainsFunc(network.Groups.Known, func(g *vpc.SecurityGroup) bool {
					return g == admitted || g.ID != "" && g.ID == admitted.ID
				}) {
					return admitted
				}
			}
		}
	}
	return nil
}
