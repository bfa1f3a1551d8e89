package eks

import (
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// AddressSides are the interfaces that may have an address of a block in the VPC of the
// cluster, one for each subnet that holds some of them; none when the block does not lie
// wholly in the subnets of the VPC. The security groups are known where AWS was asked
// for the interface that has the address.
func (c *Cluster) AddressSides(block netip.Prefix) []vpc.Side {
	if c.VPC == nil {
		return nil
	}
	asked := netset.RangesOf(block)
	left, family := asked, vpc.FamilyOf(asked)
	var out []vpc.Side
	for _, s := range c.VPC.Subnets {
		own := s.Ranges(family).Intersect(asked)
		if s.Has(family) != model.Yes || len(own) == 0 {
			continue
		}
		left = left.Subtract(own)
		out = append(out, vpc.Side{Name: block.String(), Addresses: own, Subnet: s, Groups: c.groupsAt(block)})
	}
	if len(left) > 0 {
		return nil
	}
	return out
}

// groupsAt are the security groups of the interface that has an address.
func (c *Cluster) groupsAt(block netip.Prefix) vpc.Groups {
	for _, i := range c.Network.AWS().Interfaces {
		if block.IsSingleIP() && slices.Contains(i.Addresses, block.Addr()) && inVPC(c, i) {
			return c.Network.Groups(i.SecurityGroups, i.Origin)
		}
	}
	return vpc.Groups{Unknown: "which security groups " + block.String() + " has is not known"}
}

func inVPC(c *Cluster, i *model.NetworkInterface) bool {
	subnets, _ := c.Network.SubnetsOf([]model.Link{i.Subnet}, i.Origin)
	return len(subnets) == 1 && subnets[0].VPC == c.VPC
}
