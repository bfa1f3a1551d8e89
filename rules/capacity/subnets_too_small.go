package capacity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// SubnetsTooSmall is CAP-001.
func SubnetsTooSmall() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-001",
			Title:    "Node groups need more addresses than their subnets have",
			Category: "capacity",
			Description: `Fires on a node group when the nodes of its subnets need more addresses than these hold together, however they are
spread: as an error when the nodes at desired size do not fit with the addresses that the VPC CNI takes for a node
without pods, as a warning when those at max size do not, and as a note when those at max size do not fit once they
are full of pods. Where AWS was asked, it counts the nodes to come against the addresses that are free. It is silent
where the instance types, the sizes, the blocks or the settings of the VPC CNI are not known, and also when the
input does not show the VPC CNI.`,
			Rationale: `Nodes do not start, or their pods stay in ContainerCreating for want of an address, and they do so when the
cluster grows, which is when it is loaded.`,
			Remediation: `Give the group larger subnets or ones of a secondary block, lower its max size, or let the VPC CNI keep fewer
addresses ready with WARM_IP_TARGET and MINIMUM_IP_TARGET.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindNodeGroup},
			Reads:    capacity.Kinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/ip-opt.html",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/eni-and-ip-target.md",
			},
			Since: "0.1.0",
		},
		Run: rule.On(subnetsTooSmall),
	}
}

func subnetsTooSmall(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	if r.Settings.Assumed {
		return
	}
	for _, pool := range r.Pools {
		if pool.Of.NodeGroup != n {
			continue
		}
		desired, most := pool.Needs[capacity.Desired], pool.Needs[capacity.Max]
		switch {
		case desired.Low > pool.Room:
			report(p, pool, rule.Error, n.Desired, fmt.Sprintf("at desired size need %d addresses", desired.Low))
		case most.Low > pool.Room:
			report(p, pool, rule.Warning, n.Max, fmt.Sprintf("at max size need %d addresses", most.Low))
		case most.High > pool.Room:
			report(p, pool, rule.Note, n.Max, fmt.Sprintf("at max size need %d addresses when they are full of pods", most.High))
		}
	}
}

func report(p *rule.Pass, pool capacity.Pool, severity rule.Severity, size model.Value[int], what string) {
	holds := "have"
	if pool.Subnets[0].Asked {
		what, holds = "that are still to come "+what, "have free"
	}
	f := rule.Finding{
		Severity: severity,
		Message:  fmt.Sprintf("The nodes of %s %s, and %s %s %d", groups(pool.Groups), what, subnets(pool.Subnets), holds, pool.Room),
		At:       rule.SpanAt(size.Span()), Key: pool.Of.Name,
	}
	for _, s := range pool.Subnets {
		f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.CIDR.Span())})
	}
	p.Report(f)
}

// fit reports whether the nodes of a group may have addresses at desired size.
func fit(r *capacity.Report, n *eks.NodeGroup) bool {
	return !slices.ContainsFunc(r.Pools, func(pool capacity.Pool) bool {
		return pool.Needs[capacity.Desired].Low > pool.Room &&
			slices.ContainsFunc(pool.Groups, func(g *capacity.Group) bool { return g.NodeGroup == n })
	})
}

func groups(list []*capacity.Group) string {
	if len(list) == 1 {
		return list[0].Title()
	}
	names := make([]string, len(list))
	for i, g := range list {
		names[i] = strings.TrimPrefix(g.Title(), "node group ")
	}
	return "node groups " + strings.Join(names, ", ")
}

func subnets(list []*capacity.Subnet) string {
	if len(list) == 1 {
		return "its subnet " + list[0].Title()
	}
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Title()
	}
	return "their subnets " + strings.Join(names, ", ")
}

func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", n)
}
