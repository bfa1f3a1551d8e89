package cni

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// SecondarySubnetsUntagged is CNI-009.
func SecondarySubnetsUntagged() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-009",
			Title:    "Subnets of another block that the VPC CNI does not find",
			Category: "cni",
			Description: `Fires on a cluster whose VPC has subnets in the zones of the nodes that lie in a block without nodes, that nothing in the
input uses, and of which none has the tag kubernetes.io/role/cni. It is silent for IPv6, with ENIConfigs or custom
networking, without subnet discovery, about public subnets and those tagged for load balancers, and where the settings
of the VPC CNI, the tags, the blocks of the subnets or the subnets of the nodes are not known. It has to be enabled, as
such subnets may be meant for something else than pods.`,
			Rationale: `Subnets of a second block are most often made for pods. Without the tag the VPC CNI takes addresses of the subnets of the nodes
alone, until these are used up.`,
			Remediation: `Give the subnets that are for pods the tag kubernetes.io/role/cni with the value 1.`,
			Severity:    rule.Note,
			OptIn:       true,
			Kinds:       []string{eks.KindCluster},
			Reads:       capacity.Kinds(),
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#enable_subnet_discovery-v1180",
				"https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(secondarySubnetsUntagged),
	}
}

func secondarySubnetsUntagged(p *rule.Pass, c *eks.Cluster) {
	cni := p.Graph.CNI()
	discovers, _ := cni.Switch("ENABLE_SUBNET_DISCOVERY", true)
	configs := p.Graph.Snapshot().All(model.KindENIConfig)
	if discovers != model.Yes || c.CustomNetworking() != model.No || len(configs) > 0 || p.Capacity().Settings.IPv6 || !allKnown(c) {
		return
	}
	var names []string
	var f rule.Finding
	for _, s := range spare(c) {
		names = append(names, s.Title())
		f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
	}
	if len(names) > 0 {
		f.Message = fmt.Sprintf("Nothing in the input uses %s of another block of the VPC, and without the tag kubernetes.io/role/cni the VPC CNI does not either", strings.Join(names, ", "))
		f.At = f.Related[0].At
		p.Report(f)
	}
}

// allKnown reports whether the input shows all subnets of the VPC with their tags, and
// none of them is found.
func allKnown(c *eks.Cluster) bool {
	if c.VPC == nil || c.VPC.CreatedHere && !c.ShowsSubnets(c.VPC) || c.PoolsUnknown != "" || len(c.NodeGroups) == 0 {
		return false
	}
	for _, n := range c.Objects(eks.KindNodeGroup) {
		if n, ok := n.(*eks.NodeGroup); !ok || n.SubnetsUnknown != "" {
			return false
		}
	}
	return !slices.ContainsFunc(c.VPC.Subnets, func(s *vpc.Subnet) bool {
		_, tagged := s.Tags.Get("kubernetes.io/role/cni")
		return tagged != model.No || !c.VPC.CreatedHere && !s.Observed || s.Conditional != ""
	})
}

// spare are the private subnets in the zones of the nodes that nothing uses, in blocks
// without nodes.
func spare(c *eks.Cluster) []*vpc.Subnet {
	zones, blocks := map[string]bool{}, map[netip.Prefix]bool{}
	for _, n := range c.NodeGroups {
		for _, s := range n.Subnets {
			zone, _ := s.AvailabilityZone.Get()
			zones[zone] = true
			blocks[blockOf(c.VPC, s)] = true
		}
	}
	used := inUse(c)
	var out []*vpc.Subnet
	for _, s := range c.VPC.Subnets {
		zone, known := s.AvailabilityZone.Get()
		block := blockOf(c.VPC, s)
		if known && zones[zone] && block.IsValid() && !blocks[block] && !blocks[netip.Prefix{}] && !used[s] && c.Network.Public(s) == model.No && !forLoadBalancers(s) {
			out = append(out, s)
		}
	}
	return out
}

// blockOf is the block of the VPC that a subnet lies in, invalid when it is not known.
func blockOf(v *vpc.VPC, s *vpc.Subnet) netip.Prefix {
	own, known := s.CIDR.Get()
	for _, c := range v.CIDRs {
		if block, _ := c.Get(); known && block.IsValid() && block.Overlaps(own) {
			return block
		}
	}
	return netip.Prefix{}
}

func forLoadBalancers(s *vpc.Subnet) bool {
	_, public := s.Tags.Get("kubernetes.io/role/elb")
	_, internal := s.Tags.Get("kubernetes.io/role/internal-elb")
	return public.Or(internal) != model.No
}

// inUse are the subnets that something in the input lies in.
func inUse(c *eks.Cluster) map[*vpc.Subnet]bool {
	out := map[*vpc.Subnet]bool{}
	add := func(origin string, links ...model.Link) {
		subnets, _ := c.Network.SubnetsOf(links, origin)
		for _, s := range subnets {
			out[s] = true
		}
	}
	aws := c.Network.AWS()
	for _, x := range aws.Clusters {
		add(x.Origin, x.Subnets...)
	}
	for _, x := range aws.NodeGroups {
		add(x.Origin, x.Subnets...)
	}
	for _, x := range aws.FargateProfiles {
		add(x.Origin, x.Subnets...)
	}
	for _, x := range aws.LoadBalancers {
		add(x.Origin, x.Subnets...)
	}
	for _, x := range aws.Endpoints {
		add(x.Origin, x.Subnets...)
	}
	for _, x := range aws.NATGateways {
		add(x.Origin, x.Subnet)
	}
	for _, x := range aws.Interfaces {
		add(x.Origin, x.Subnet)
	}
	return out
}
