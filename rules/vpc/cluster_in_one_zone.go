package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ClusterInOneZone is NET-006.
func ClusterInOneZone() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-006",
			Title:    "Cluster subnets in fewer than two zones, or full",
			Category: "vpc",
			Description: `Fires on an EKS cluster whose subnets lie in fewer than two zones, and on one of its subnets with fewer than six
free addresses. It is silent for local clusters on AWS Outposts, which have one zone, and where the input does not
show the subnets, their zones or how many addresses are free.`,
			Rationale: `EKS refuses the cluster, or cannot place the network interfaces of the control plane when it replaces or
upgrades it.`,
			Remediation: `Give the cluster subnets in two zones or more, with at least six and better sixteen free addresses each.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets",
			},
			Since: "0.1.0",
		},
		Run: rule.On(clusterInOneZone),
	}
}

func clusterInOneZone(p *rule.Pass, c *eks.Cluster) {
	subnets, why := c.Network.SubnetsOf(c.Config.Subnets, c.Config.Origin)
	zones := map[string]bool{}
	for _, s := range subnets {
		zone, known := s.AvailabilityZone.Get()
		if !known {
			why = s.AvailabilityZone.Why()
		}
		zones[zone] = true
		if free, known := s.FreeIPs.Get(); known && free < 6 {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Subnet %s of cluster %s has %d free addresses, and the control plane needs six", s.Title(), c.Config.Title(), free),
				At:      rule.SpanAt(s.FreeIPs.Span()), Key: s.Title(), Severity: rule.Warning,
			})
		}
	}
	if why == "" && !c.Config.Local && len(subnets) > 0 && len(zones) < 2 {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The subnets of cluster %s lie in one zone, and EKS needs two", c.Config.Title()), At: rule.SpanAt(c.Config.At), Key: "zones",
		})
	}
}
