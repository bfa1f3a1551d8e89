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
		out = append(out, vpc.Side{Name: "the control plane", Addresses: s.Ranges(c.Family), Subnet: s, Groups: groups})
	}
	return out
}

// Refused returns the hop of a layer that refuses a connection for certain,
// whichever of some interfaces begins it and whichever of others receives it;
// false when one pair may have it, or there is no pair. Nodes and control plane of an
// IPv6 cluster have addresses of both families, and either will do.
func (c *Cluster) Refused(layer vpc.Layer, from, to []vpc.Side, ports netset.Ports) (vpc.Hop, bool) {
	families := []vpc.Family{c.Family}
	if c.Family == vpc.IPv6 {
		families = append(families, vpc.IPv4)
	}
	var all First
	for _, a := range from {
		for _, b := range to {
			for _, f := range families {
				if all.Add(refusal(c.Network.InVPC(a.Over(f), b.Over(f), ports), layer)); all.fails {
					return vpc.Hop{}, false
				}
			}
		}
	}
	return all.Refused()
}

func refusal(hops []vpc.Hop, layer vpc.Layer) (vpc.Hop, bool) {
	for _, h := range hops {
		if h.Layer == layer && h.Verdict == model.No {
			return h, true
		}
	}
	return vpc.Hop{}, false
}

// First keeps the first of several refusals while all of them are; a connection that
// one pair may have clears it.
type First struct {
	hop   *vpc.Hop
	fails bool
}

// Add adds the answer of Refused for some pairs.
func (f *First) Add(hop vpc.Hop, refused bool) {
	f.fails = f.fails || !refused
	if f.hop == nil {
		f.hop = &hop
	}
}

// Refused returns the first refusal; false when there was none, or not each was one.
func (f *First) Refused() (vpc.Hop, bool) {
	if f.fails || f.hop == nil {
		return vpc.Hop{}, false
	}
	return *f.hop, true
}
