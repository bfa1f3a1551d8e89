package cni

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// SubnetWithoutPrefixes is CNI-003.
func SubnetWithoutPrefixes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-003",
			Title:    "Subnet of the pods holds no prefix",
			Category: "cni",
			Description: `Fires where the VPC CNI assigns prefixes and the subnet of the pods of a node group is a /27 or a /28: of its blocks of 16
addresses each has one that AWS keeps for itself, at the beginning or at the end of the subnet. It is silent for
IPv6, for instance types that take no prefixes, where the VPC CNI may put pods into another subnet, and where the
settings, the subnet or the instance types are not known. It does not count free addresses: they do not say whether 16
of them stand together, nor what a reservation holds back for prefixes.`,
			Rationale:   `The nodes get no addresses for pods, and all of these stay in ContainerCreating.`,
			Remediation: `Take a subnet of /26 or larger, better one that nothing else uses or with a reservation for prefixes.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.Kinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
				"https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(subnetWithoutPrefixes),
	}
}

// smallest is the length of the largest block without one of 16 addresses that AWS
// leaves whole: it keeps the first four of a subnet and the last.
const smallest = 27

func subnetWithoutPrefixes(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	if s := r.Settings; !s.Prefixes || s.IPv6 || s.Unknown != "" || !takesPrefixes(r, n) {
		return
	}
	for _, s := range n.Subnets {
		network, why := p.Cluster().PodNetwork(n, s)
		block, known := network.Subnet.CIDR.Get()
		if why != "" || !known || !block.Addr().Is4() || block.Bits() < smallest || elsewhere(p, network.Subnet) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The VPC CNI assigns prefixes, and subnet %s (%s) of the pods on %s has no block of %d addresses for one", network.Subnet.Title(), block, n.Title(), ipam.PrefixSize),
			At:      rule.SpanAt(network.Subnet.CIDR.Span()), Key: n.Name + s.Title(),
			Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
		})
	}
}

func takesPrefixes(r *capacity.Report, n *eks.NodeGroup) bool {
	return slices.ContainsFunc(r.Groups, func(g *capacity.Group) bool {
		return g.NodeGroup == n && slices.ContainsFunc(g.Types, func(t string) bool {
			limits, listed := ipam.LimitsOf(t)
			return listed && limits.Prefixes
		})
	})
}

// elsewhere reports whether the VPC CNI may put pods of nodes in a subnet into another
// that is tagged for it, as it does without ENIConfigs since 1.18:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#enable_subnet_discovery-v1180
func elsewhere(p *rule.Pass, s *vpc.Subnet) bool {
	c := p.Cluster()
	discovers, _ := c.Graph.CNI().Switch("ENABLE_SUBNET_DISCOVERY", true)
	if c.CustomNetworking() == model.Yes || discovers == model.No {
		return false
	}
	if s.VPC == nil || !s.Observed && !c.ShowsSubnets(s.VPC) {
		return true // the input may not show every subnet
	}
	return slices.ContainsFunc(s.VPC.Subnets, func(other *vpc.Subnet) bool {
		_, tagged := other.Tags.Get("kubernetes.io/role/cni")
		return other != s && tagged != model.No
	})
}
