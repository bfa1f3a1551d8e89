package eks

import (
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ControlPlane are the interfaces of the control plane, one for each of its
// subnets, with the cluster security group and those that are given besides:
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
func (c *Cluster) ControlPlane() []vpc.Side {
	if c.Config == nil {
		return nil
	}
	groups := c.clusterGroups().And(c.Network.Groups(c.Config.SecurityGroups, c.Config.Origin))
	subnets, _ := c.Network.SubnetsOf(c.Config.Subnets, c.Config.Origin)
	out := make([]vpc.Side, 0, len(subnets))
	for _, s := range subnets {
		out = append(out, vpc.Side{Name: "the control plane", Addresses: s.Ranges(), Subnet: s, Groups: groups})
	}
	return out
}

// Refused returns the hop of a layer that refuses a connection for certain,
// whichever of some interfaces begins it and whichever of others receives it;
// false when one pair may have it, or there is no pair.
func (c *Cluster) Refused(layer vpc.Layer, from, to []vpc.Side, ports netset.Ports) (vpc.Hop, bool) {
	var first *vpc.Hop
	for _, a := range from {
		for _, b := range to {
			hop := refusal(c.Network.InVPC(a, b, ports), layer)
			if hop == nil {
				return vpc.Hop{}, false
			}
			if first == nil {
				first = hop
			}
		}
	}
	if first == nil {
		return vpc.Hop{}, false
	}
	return *first, true
}

func refusal(hops []vpc.Hop, layer vpc.Layer) *vpc.Hop {
	for i, h := range hops {
		if h.Layer == layer && h.Verdict == model.No {
			return &hops[i]
		}
	}
	return nil
}
