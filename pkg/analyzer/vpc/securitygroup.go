package vpc

import (
	"cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Direction is the side of an interface or a subnet on which a filter acts.
type Direction uint8

// The directions.
const (
	In Direction = iota
	Out
)

// String is "in" or "out".
func (d Direction) String() string { return [...]string{"in", "out"}[d] }

// SecurityGroup is a security group of the input, or one of which nothing but
// its identifier is known.
type SecurityGroup struct {
	*model.SecurityGroup
	// peers are the groups that each rule names.
	peers []Groups
	// made is set for a group that a controller makes.
	made bool
}

// missing says why the group may have rules that the input does not show.
func (g *SecurityGroup) missing(d Direction) string {
	if d == Out {
		return g.MissingEgress
	}
	return g.MissingIngress
}

func (n *Network) addGroup(g *model.SecurityGroup) *SecurityGroup {
	out := &SecurityGroup{SecurityGroup: g}
	n.groups = append(n.groups, out)
	for _, key := range namesOf(g.Meta()) {
		n.groupsBy[key] = out
	}
	return out
}

// resolveRules finds the groups that rules name.
func (n *Network) resolveRules() {
	for _, g := range n.groups {
		g.peers = make([]Groups, len(g.Rules))
		for i, r := range g.Rules {
			if r.Peer.Group != nil {
				g.peers[i] = n.Groups([]model.Link{*r.Peer.Group}, g.Origin)
			}
		}
	}
}

// Groups returns the security groups that links of a resource lead to. One that
// the input does not show is known by its identifier alone.
func (n *Network) Groups(links []model.Link, origin string) Groups {
	var out Groups
	for _, l := range links {
		g := named(n.groupsBy, l, origin)
		switch {
		case g == nil && l.Certainty == model.LinkKnown && l.ID != "":
			out.Known = append(out.Known, stranger(l))
		case g == nil || l.Certainty == model.LinkUnknown:
			out.Unknown = cmp.Or(out.Unknown, l.Why, "the input does not show all security groups")
		case l.Certainty == model.LinkKnown:
			out.Known = append(out.Known, g)
		default:
			out.May = append(out.May, g)
		}
	}
	return out
}

// stranger is a group that the input does not show.
func stranger(l model.Link) *SecurityGroup {
	why := "the input does not show security group " + l.ID
	return &SecurityGroup{SecurityGroup: &model.SecurityGroup{
		AWSMeta: model.AWSMeta{ID: l.ID, Address: l.ID, At: l.At}, MissingIngress: why, MissingEgress: why,
	}}
}

// same answers whether two groups are one. A group that is not made yet has no
// identifier, and one that is known by its identifier alone may be it.
func same(a, b *SecurityGroup) model.Tri {
	switch {
	case a == b || a.ID != "" && a.ID == b.ID:
		return model.Yes
	case a.made || b.made:
		return model.No
	case a.ID != "" && b.ID != "", a.Origin == b.Origin && a.Address != b.Address && a.Address != a.ID && b.Address != b.ID:
		return model.No
	default:
		return model.Unknown
	}
}

// Filter answers what the groups of an interface let through, in or out, between
// it and a peer.
func (n *Network) Filter(of Side, d Direction, peer Side) Filtered {
	if of.Unfiltered {
		return Filtered{Certain: netset.AllPorts(), Possible: netset.AllPorts()}
	}
	out := Filtered{Unknown: of.Groups.Unknown}
	if out.Unknown != "" {
		out.Possible = netset.AllPorts()
	}
	for _, g := range of.Groups.Known {
		n.add(&out, g, d, peer, model.Yes)
	}
	for _, g := range of.Groups.May {
		n.add(&out, g, d, peer, model.Unknown)
	}
	return out
}

// add adds what one group lets through. on says whether the interface has it.
func (n *Network) add(out *Filtered, g *SecurityGroup, d Direction, peer Side, on model.Tri) {
	if why := g.missing(d); why != "" {
		out.Possible = netset.AllPorts()
		out.Unknown = cmp.Or(out.Unknown, why)
	}
	for i, r := range g.Rules {
		if r.Egress != (d == Out) {
			continue
		}
		match, why := n.matches(g, i, peer)
		if match = match.And(on); match == model.No {
			continue
		}
		certain, possible := portsOf(r.Traffic)
		out.Possible = out.Possible.Union(possible)
		if match == model.Yes {
			out.Certain = out.Certain.Union(certain)
		} else {
			out.Unknown = cmp.Or(out.Unknown, why)
		}
		out.Rules = append(out.Rules, Rule{
			Text: g.Title() + " allows " + words(r.Traffic) + " " + peerWords(d, r.Peer), At: r.At, ports: possible,
		})
	}
}

// matches answers whether a rule of a group names a peer.
func (n *Network) matches(g *SecurityGroup, rule int, peer Side) (_ model.Tri, why string) {
	p := g.Rules[rule].Peer
	switch {
	case p.Group != nil:
		return holds(g.peers[rule], peer)
	case p.PrefixList != nil && peer.Endpoint != nil && p.PrefixList.LeadsTo(peer.Endpoint.Meta(), g.Origin) == model.Yes:
		return model.Yes, ""
	case p.PrefixList != nil:
		return n.listed(*p.PrefixList, g.Origin, peer.Addresses)
	}
	block, known := p.CIDR.Get()
	if !known {
		return model.Unknown, p.CIDR.Why()
	}
	return covers(block, peer.Addresses), "which address " + peer.Name + " has is not known"
}

// holds answers whether a peer has a group that a rule names.
func holds(wanted Groups, peer Side) (answer model.Tri, why string) {
	if wanted.Unknown != "" {
		return model.Unknown, wanted.Unknown
	}
	answer = overlap(wanted.Known, peer.Groups.Known).
		Or(overlap(wanted.Known, peer.Groups.May).And(model.Unknown)).
		Or(overlap(wanted.May, peer.Groups.Known).And(model.Unknown)).
		Or(overlap(wanted.May, peer.Groups.May).And(model.Unknown))
	if peer.Groups.Unknown != "" {
		return answer.Or(model.Unknown), peer.Groups.Unknown
	}
	return answer, "which security groups " + peer.Name + " has is not known"
}

// overlap answers whether two lists share a group.
func overlap(a, b []*SecurityGroup) model.Tri {
	out := model.No
	for _, x := range a {
		for _, y := range b {
			out = out.Or(same(x, y))
		}
	}
	return out
}

// listed answers whether a prefix list holds an address that lies in ranges.
func (n *Network) listed(l model.Link, origin string, ranges netset.Ranges) (model.Tri, string) {
	for _, list := range n.aws.PrefixLists {
		if l.LeadsTo(list.Meta(), origin) != model.Yes {
			continue
		}
		answer := model.No
		for _, c := range list.CIDRs {
			block, known := c.Get()
			if !known {
				answer = answer.Or(model.Unknown)
				continue
			}
			answer = answer.Or(covers(block, ranges))
		}
		if list.Missing != "" {
			return answer.Or(model.Unknown), list.Missing
		}
		return answer, "the blocks of prefix list " + list.Title() + " are not all known"
	}
	return model.Unknown, "the input does not show the blocks of prefix list " + cmp.Or(l.ID, l.Address)
}

func peerWords(d Direction, p model.SecurityGroupPeer) string {
	word := map[Direction]string{In: "from ", Out: "to "}[d]
	switch {
	case p.Self:
		return word + "itself"
	case p.Group != nil:
		return word + cmp.Or(p.Group.Address, p.Group.ID, "an unknown group")
	case p.PrefixList != nil:
		return word + "prefix list " + cmp.Or(p.PrefixList.ID, p.PrefixList.Address)
	}
	if block, known := p.CIDR.Get(); known {
		return word + block.String()
	}
	return word + "an unknown block"
}

// GroupsTagged are the groups that certainly carry a tag with a value.
func (n *Network) GroupsTagged(key, value string) []*SecurityGroup {
	var out []*SecurityGroup
	for _, g := range n.groups {
		tag, _ := g.Tags.Get(key)
		if text, known := tag.Get(); known && text == value {
			out = append(out, g)
		}
	}
	return out
}

// Select returns the groups of the input that match for certain, and those that may.
func (n *Network) Select(match func(*SecurityGroup) model.Tri) Groups {
	var out Groups
	for _, g := range n.groups {
		switch match(g) {
		case model.Yes:
			out.Known = append(out.Known, g)
		case model.Unknown:
			out.May = append(out.May, g)
		case model.No:
		}
	}
	return out
}

// Made returns a group that is not in the input, because a controller makes it.
// Its rules name no groups, and no rule of the input names it.
func (n *Network) Made(g *model.SecurityGroup) *SecurityGroup {
	return &SecurityGroup{SecurityGroup: g, peers: make([]Groups, len(g.Rules)), made: true}
}
