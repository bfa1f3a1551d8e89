package securitygroup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodeGroupsApart is SG-004.
func NodeGroupsApart() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-004",
			Title:    "Pods of two node groups cannot ask for names",
			Category: "securitygroup",
			Description: `Fires on node groups whose security groups refuse DNS, UDP and TCP port 53, in both directions. Wherever CoreDNS
runs, the pods of some groups do not reach it. It is silent where pods have security groups or subnets of their
own, where CoreDNS may run on Fargate, on nodes of EKS Auto Mode or of Karpenter, or behind a cache on each node, and
where a security group, a rule or the groups of the nodes are not known.`,
			Rationale: `Half of the pods cannot look up names, or every second lookup of all pods fails.`,
			Remediation: `Admit UDP and TCP 53 between the groups, better all that pods of the cluster say to each other, or give all nodes one
security group that admits its members.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindCluster},
			Reads:    []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nodeGroupsApart),
	}
}

func nodeGroupsApart(p *rule.Pass, c *eks.Cluster) {
	if len(c.Profiles) > 0 || len(c.Graph.NodePools()) > 0 || c.CustomNetworking() != model.No ||
		c.Config.AutoMode.Is(func(on bool) bool { return on }) != model.No {
		return
	}
	kinds := alike(c.NodeGroups)
	for i, a := range kinds {
		for _, b := range kinds[:i] {
			apart(p, b, a)
		}
	}
}

// alike are the node groups that have the same security groups, together.
func alike(all []*eks.NodeGroup) [][]*eks.NodeGroup {
	var out [][]*eks.NodeGroup
	for _, n := range all {
		i := slices.IndexFunc(out, func(kind []*eks.NodeGroup) bool {
			return n.Groups.Unknown == "" && kind[0].Groups.Unknown == "" && len(n.Groups.May)+len(kind[0].Groups.May) == 0 &&
				slices.Equal(n.Groups.Known, kind[0].Groups.Known)
		})
		if i < 0 {
			out = append(out, []*eks.NodeGroup{n})
		} else {
			out[i] = append(out[i], n)
		}
	}
	return out
}

func apart(p *rule.Pass, a, b []*eks.NodeGroup) {
	dns := netset.PortRange(netset.UDP, 53, 53).Union(netset.PortRange(netset.TCP, 53, 53))
	there, refused := p.Cluster().Refused(vpc.LayerSecurityGroup, sides(a), sides(b), dns)
	if _, back := p.Cluster().Refused(vpc.LayerSecurityGroup, sides(b), sides(a), dns); !refused || !back {
		return
	}
	f := rule.Finding{
		Related: rule.Deciding(there),
		Message: fmt.Sprintf("Security groups refuse DNS between %s and %s in both directions: %s", titles(a), titles(b), there.Why),
		At:      rule.SpanAt(b[0].At), Key: titles(a) + titles(b),
	}
	p.Report(f)
}

func sides(groups []*eks.NodeGroup) []vpc.Side {
	var out []vpc.Side
	for _, n := range groups {
		out = append(out, n.Sides()...)
	}
	return out
}

func titles(groups []*eks.NodeGroup) string {
	if len(groups) == 1 {
		return groups[0].Title()
	}
	var names []string
	for _, n := range groups {
		names = append(names, strings.TrimPrefix(n.Title(), "node group "))
	}
	return "node groups " + strings.Join(names, ", ")
}
