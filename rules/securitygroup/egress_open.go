package securitygroup

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// EgressOpen is SG-007.
func EgressOpen() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-007",
			Title:    "Egress to every address on every port",
			Category: "securitygroup",
			Description: `Fires on a rule of a security group of nodes, or of one that a SecurityGroupPolicy gives to pods, that lets traffic out to
0.0.0.0/0 or ::/0 on all ports of TCP. It is silent on rules that nobody wrote, which EKS, eksctl,
CloudFormation or a module add by themselves, and on groups and rules that are not known.`,
			Rationale: `What an intruder runs in a pod can send data anywhere and fetch what it likes, unless network policies or a firewall of the
VPC keep it from that.`,
			Remediation: `Let out what is needed: TCP 443, DNS, the groups of databases. Nodes need the API server, registries and the services of
AWS.`,
			Severity:         rule.Note,
			SecuritySeverity: 4.7,
			OptIn:            true,
			Kinds:            []string{eks.KindCluster},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(egressOpen),
	}
}

func egressOpen(p *rule.Pass, c *eks.Cluster) {
	told := map[model.Span]bool{} // groups are shared, and a rule may be written for both families at once
	for _, n := range slices.Concat(c.NodeGroups, c.Pools) {
		for _, g := range n.Groups.Known {
			reportOpenEgress(p, told, g, n.Title())
		}
	}
	for _, r := range p.Graph.Snapshot().All(model.KindSecurityGroupPolicy) {
		for _, g := range c.GroupsOf(r).Known {
			reportOpenEgress(p, told, g, "SecurityGroupPolicy "+r.Ref.NamespacedName())
		}
	}
}

func reportOpenEgress(p *rule.Pass, told map[model.Span]bool, g *vpc.SecurityGroup, of string) {
	for i, r := range g.Rules {
		block, known := r.Peer.CIDR.Get()
		all := netset.PortRange(netset.TCP, netset.FirstPort, netset.LastPort).Subtract(vpc.Covered(r.Traffic)).IsEmpty()
		if !r.Egress || !known || !block.IsValid() || block.Bits() > 0 || !all || told[r.At] || r.At == g.At {
			continue // a rule without a place of its own is a default that nobody wrote
		}
		told[r.At] = true
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Security group %s of %s lets everything out to %s", g.Title(), of, block),
			At:      rule.SpanAt(r.At), Key: fmt.Sprint(g.Title(), i),
		})
	}
}
