package vpc

import (
	"cmp"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Way is where the route table of a subnet sends some addresses.
type Way struct {
	Addresses netset.Range
	Kind      model.RouteKind
	// Route is nil where no route matches and for the VPC's own addresses when
	// the input does not write that route.
	Route *model.Route
	// Unknown says why another route may be taken; empty when this one is.
	Unknown string
}

// Dropped reports whether what goes this way is certainly lost.
func (w Way) Dropped() bool {
	return w.Unknown == "" && (w.Route == nil && w.Kind != model.RouteLocal || w.Route != nil && w.Route.Blackhole)
}

// Hidden reports whether the input does not show where the way goes on: its target
// is not known, or is an endpoint or an interface, which may be those of a
// firewall.
func (w Way) Hidden() bool {
	return w.Route != nil && (w.Kind == model.RouteUnknown || w.Kind == model.RouteEndpoint || w.Kind == model.RouteOther)
}

// Ways answers where a subnet sends addresses, cut into ranges that no route
// tells apart. The route with the longest prefix is taken, and each table has
// one for the VPC itself:
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (n *Network) Ways(s *Subnet, to netset.Ranges) []Way {
	if s.Table == nil {
		return one(to, Way{Unknown: s.TableUnknown})
	}
	sets := []netset.Ranges{}
	if s.VPC != nil {
		own, _ := s.VPC.Ranges()
		sets = append(sets, own)
	}
	for _, r := range s.Table.Routes {
		if block, known := r.Destination.Get(); known && r.PrefixList == nil {
			sets = append(sets, netset.RangesOf(block))
		}
	}
	var out []Way
	for _, atom := range netset.Atoms(to, sets...) {
		out = append(out, n.way(s, atom))
	}
	return out
}

func one(to netset.Ranges, w Way) []Way {
	var out []Way
	for _, r := range to {
		w.Addresses = r
		out = append(out, w)
	}
	return out
}

// way finds the route of a range that no block of the table cuts.
func (n *Network) way(s *Subnet, atom netset.Range) Way {
	best, length := -1, -1
	unknown := s.Table.Missing
	for i, r := range s.Table.Routes {
		block, known := r.Destination.Get()
		switch {
		case r.PrefixList != nil:
			unknown = cmp.Or(unknown, n.viaList(s.Table, r, atom))
		case !known:
			unknown = cmp.Or(unknown, r.Destination.Why())
		case netset.RangesOf(block).Contains(atom.First) && block.Bits() > length:
			best, length = i, block.Bits()
		}
	}
	out := Way{Addresses: atom, Unknown: unknown}
	if best >= 0 {
		out.Route = &s.Table.Routes[best]
		out.Kind = out.Route.Kind
	}
	if s.VPC == nil {
		return out
	}
	own, known := s.VPC.Ranges()
	if own.Contains(atom.First) && (best < 0 || length < longest(s.VPC, atom)) {
		return Way{Addresses: atom, Kind: model.RouteLocal, Unknown: unknown}
	}
	if !known {
		out.Unknown = cmp.Or(out.Unknown, "the blocks of the VPC are not all known")
	}
	return out
}

// longest is the length of the VPC's longest block that holds a range.
func longest(v *VPC, atom netset.Range) int {
	out := -1
	for _, c := range v.CIDRs {
		if block, known := c.Get(); known && netset.RangesOf(block).Contains(atom.First) {
			out = max(out, block.Bits())
		}
	}
	return out
}

// viaList says why a route of a prefix list may take a range; empty when it does
// not. The lists of AWS services hold public addresses of theirs, which a range
// of the internet at large is not taken for, unless the list certainly holds all of it.
func (n *Network) viaList(t *model.RouteTable, r model.Route, atom netset.Range) string {
	answer, why := n.listed(*r.PrefixList, t.Origin, netset.Ranges{atom})
	if answer == model.Yes {
		return "a route of prefix list " + cmp.Or(r.PrefixList.ID, r.PrefixList.Address) + " holds it, too"
	}
	if answer == model.No || r.Kind == model.RouteEndpoint && atom.First != atom.Last {
		return ""
	}
	return why
}

// Public answers whether a subnet sends public addresses to an internet gateway,
// so that what has a public address in it talks to the internet. Behind an endpoint
// or an interface there may be a firewall, and the gateway behind that:
// https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types
func (n *Network) Public(s *Subnet) model.Tri { return s.public() }

func (n *Network) readPublic(s *Subnet) model.Tri {
	ways := n.Ways(s, IPv4.Public())
	if slices.ContainsFunc(ways, func(w Way) bool {
		return w.Unknown == "" && w.Kind == model.RouteInternetGateway && !w.Dropped()
	}) {
		return model.Yes
	}
	if slices.ContainsFunc(ways, func(w Way) bool { return w.Unknown != "" || w.Hidden() }) {
		return model.Unknown
	}
	return model.No
}

// CutOff reports whether for certain no public address is routed out of a subnet.
func (n *Network) CutOff(s *Subnet) bool {
	return !slices.ContainsFunc(n.Ways(s, IPv4.Public()), func(w Way) bool { return !w.Dropped() })
}

// NeedsPublicAddress reports whether for certain what lies in a subnet reaches the
// internet with a public address of its own and not without: each public address that
// is routed at all is routed to an internet gateway.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (n *Network) NeedsPublicAddress(s *Subnet) bool {
	return n.Public(s) == model.Yes && !slices.ContainsFunc(n.Ways(s, IPv4.Public()), func(w Way) bool {
		return w.Unknown != "" || w.Kind != model.RouteInternetGateway && !w.Dropped()
	})
}
