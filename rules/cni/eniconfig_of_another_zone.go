package cni

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ENIConfigOfAnotherZone is CNI-005.
func ENIConfigOfAnotherZone() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-005",
			Title:    "ENIConfig with a subnet that its nodes cannot use",
			Category: "cni",
			Description: `Fires on an ENIConfig that nodes of a node group use under custom networking when its subnet lies in another zone or another
VPC than theirs. It is silent where the label by which nodes find their ENIConfig, the zones or the subnets are not
known, and where custom networking is not switched on.`,
			Rationale: `An interface cannot be attached to an instance in another zone: the nodes get no addresses for pods, and these stay in
ContainerCreating.`,
			Remediation: `Make an ENIConfig for each zone, with a subnet of that zone, and name it by the zone.`,
			Severity:    rule.Error,
			Kinds:       []string{"ENIConfig.crd.k8s.amazonaws.com"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html",
			},
			Since: "0.1.0",
		},
		Run: eniConfigOfAnotherZone,
	}
}

func eniConfigOfAnotherZone(p *rule.Pass, o graph.Object) {
	c := p.Cluster()
	config, ok := o.Resource().Object.(*model.ENIConfig)
	if !ok || c.CustomNetworking() != model.Yes {
		return
	}
	for _, n := range c.NodeGroups {
		for _, s := range n.Subnets {
			if text := misplaced(c, n, s, o.Ref().Name); text != "" {
				p.Report(rule.Finding{
					Message: fmt.Sprintf("ENIConfig %q has subnet %s %s", o.Ref().Name, config.Spec.Subnet, text),
					At:      rule.ValueAt(o.Resource(), "spec", "subnet"), Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
				})
				return
			}
		}
	}
}

// misplaced says how the subnet of an ENIConfig does not fit nodes that use it; empty
// when it fits, or they use another.
func misplaced(c *eks.Cluster, n *eks.NodeGroup, s *vpc.Subnet, config string) string {
	name, why := c.ENIConfigName(n, s)
	network, unknown := c.PodNetwork(n, s)
	if name != config || why != "" || unknown != "" {
		return ""
	}
	own, known := s.AvailabilityZone.Get()
	zone, alsoKnown := network.Subnet.AvailabilityZone.Get()
	switch {
	case known && alsoKnown && own != zone:
		return fmt.Sprintf("in zone %s, and nodes of %s that use it are in %s", zone, n.Title(), own)
	case s.VPC != nil && network.Subnet.VPC != nil && s.VPC != network.Subnet.VPC:
		return fmt.Sprintf("in another VPC than nodes of %s that use it", n.Title())
	default:
		return ""
	}
}
