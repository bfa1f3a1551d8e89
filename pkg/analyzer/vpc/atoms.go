package vpc

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Atoms cuts addresses outside the VPC into ranges that neither the groups of
// some interfaces nor the network ACLs and routes of their subnets tell apart.
// Each may then be asked for as one side of a connection.
func (n *Network) Atoms(outside netset.Ranges, sides ...Side) []netset.Range {
	var sets []netset.Ranges
	add := func(v model.Value[netip.Prefix]) {
		if block, known := v.Get(); known && block.IsValid() {
			sets = append(sets, netset.RangesOf(block))
		}
	}
	for _, side := range sides {
		for _, list := range [][]*SecurityGroup{side.Groups.Known, side.Groups.May} {
			for _, g := range list {
				n.cutGroup(g, add)
			}
		}
		if side.Subnet == nil {
			continue
		}
		if side.Subnet.ACL != nil {
			for _, e := range side.Subnet.ACL.Entries {
				add(e.CIDR)
			}
		}
		if side.Subnet.Table != nil {
			for _, r := range side.Subnet.Table.Routes {
				add(r.Destination)
			}
		}
	}
	return netset.Atoms(outside, sets...)
}

func (n *Network) cutGroup(g *SecurityGroup, add func(model.Value[netip.Prefix])) {
	for _, r := range g.Rules {
		add(r.Peer.CIDR)
		if r.Peer.PrefixList == nil {
			continue
		}
		for _, list := range n.aws.PrefixLists {
			if r.Peer.PrefixList.LeadsTo(list.Meta(), g.Origin) == model.Yes {
				for _, c := range list.CIDRs {
					add(c)
				}
			}
		}
	}
}
