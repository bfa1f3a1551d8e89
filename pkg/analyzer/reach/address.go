package reach

import (
	"net/netip"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// ipBlock compiles the addresses of a CIDR minus its exceptions. It fails for a
// text that is no CIDR.
func (c *compiler) ipBlock(b *networkingv1.IPBlock) (int32, bool) {
	ranges, ok := parseRanges(b.CIDR, b.Except)
	if !ok {
		return 0, false
	}
	key := "addresses " + b.CIDR + " except " + strings.Join(b.Except, ",")
	engine := c.g.Enforcement().Engine
	return c.intern(key, func() peerSet {
		switch {
		case engine == graph.EngineCilium:
			return addressed(outside{ranges: ranges, certain: true})
		case engine == graph.EngineUnknown && hasCilium(c.g):
			return c.perhapsAt(ranges)
		default:
			return c.at(ranges, engine == graph.EngineVPCCNI && c.holdsAll(ranges))
		}
	}), true
}

// hasCilium reports whether the input holds policies of Cilium, so that it may
// be what enforces the others.
func hasCilium(g *graph.Graph) bool {
	s := g.Snapshot()
	return len(s.All(model.KindCiliumNetworkPolicy))+len(s.All(model.KindCiliumClusterwideNetworkPolicy)) > 0
}

// someAddress are addresses outside the cluster that are not known, such as
// those behind a name.
func (c *compiler) someAddress() int32 {
	return c.intern("some address", func() peerSet { return addressed(outside{everywhere: true}) })
}

// outside are the addresses outside the cluster that peers name.
type outside struct {
	ranges netset.Ranges
	// everywhere stands for all addresses, whichever family the cluster uses.
	everywhere bool
	certain    bool
}

// parseRanges returns the addresses of a CIDR minus others.
func parseRanges(cidr string, except []string) (netset.Ranges, bool) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, false
	}
	out := netset.RangesOf(prefix)
	for _, text := range except {
		hole, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, false
		}
		out = out.Subtract(netset.RangesOf(hole))
	}
	return out, true
}

// at are the addresses in the ranges, outside the cluster and of pods.
// Kubernetes leaves it to the network plugin whether an ipBlock admits pods:
// the VPC CNI and the Kubernetes conformance tests compare addresses. Where the
// address of a pod is not known, so is the answer. A pod on the node's network
// has the address of a node, which no manifest shows. Cilium judges identities,
// and matches no pod by address:
// https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
//
// everyPod says that the ranges hold each pod, whatever its address is.
func (c *compiler) at(ranges netset.Ranges, everyPod bool) peerSet {
	match := func(_ *graph.Graph, e Endpoint) model.Tri {
		if answer := heldBy(ranges, e); answer != model.Unknown || !everyPod {
			return answer
		}
		return model.Yes
	}
	return c.scanned(match, outside{ranges: ranges, certain: true})
}

// perhapsAt are the addresses in the ranges, and perhaps pods that have one:
// Cilium may be what enforces the policies.
func (c *compiler) perhapsAt(ranges netset.Ranges) peerSet {
	match := func(_ *graph.Graph, e Endpoint) model.Tri { return heldBy(ranges, e).And(model.Unknown) }
	return c.scanned(match, outside{ranges: ranges, certain: true})
}

// heldBy answers whether ranges hold the addresses of a workload.
func heldBy(ranges netset.Ranges, e Endpoint) model.Tri {
	addresses := e.Addresses()
	inside := 0
	for _, a := range addresses {
		if ranges.Contains(a) {
			inside++
		}
	}
	switch {
	case len(addresses) == 0 || !e.Workload.ShowsAddresses():
		return model.Unknown
	case inside == 0:
		return model.No
	case inside == len(addresses):
		return model.Yes
	default:
		return model.Unknown
	}
}

// holdsAll reports whether ranges hold every address that a pod of the cluster
// can have.
func (c *compiler) holdsAll(ranges netset.Ranges) bool {
	covers := func(family netset.Ranges) bool { return len(family.Subtract(ranges)) == 0 }
	return covers(netset.IPv4()) && (c.g.IPv4() == model.Yes || covers(netset.IPv6()))
}

// addExternal cuts the address space at the ends of all blocks and adds the
// ranges as endpoints and as peers. IPv6 is cut only in a cluster of IPv6 and where a
// policy names an IPv6 address: elsewhere both families are treated alike.
func (c *compiler) addExternal() {
	universe := netset.IPv4()
	if c.g.IPv4() == model.No {
		universe = universe.Union(netset.IPv6())
	}
	var sets []netset.Ranges
	for _, p := range c.peers {
		o := p.outside
		sets = append(sets, o.ranges)
		if len(o.ranges.Intersect(netset.IPv6())) > 0 {
			universe = netset.IPv4().Union(netset.IPv6())
		}
	}
	for _, atom := range netset.Atoms(universe, sets...) {
		id := int32(c.endpoints.Len()) //nolint:gosec // endpoints are far fewer than 2^31
		c.external = append(c.external, c.endpoints.Len())
		c.endpoints.Add(Endpoint{Range: atom})
		for i := range c.peers {
			if o := &c.peers[i].outside; o.everywhere || o.ranges.Contains(atom.First) {
				c.peers[i].members = append(c.peers[i].members, entry{id, o.certain})
			}
		}
	}
}
