package vpc

import (
	"fmt"
	"net/netip"
	"sync"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Network is the AWS side with its links resolved. It is immutable and safe for
// concurrent use.
type Network struct {
	aws     *model.AWS
	vpcs    []*VPC
	subnets []*Subnet
	groups  []*SecurityGroup
	// The groups and subnets by what links name them.
	groupsBy  map[name]*SecurityGroup
	subnetsBy map[name]*Subnet
}

// name is what a link names a resource by: its identifier alone, or its address
// in its origin.
type name struct{ origin, id, address string }

func namesOf(m *model.AWSMeta) []name {
	return []name{{id: m.ID}, {origin: m.Origin, address: m.Address}}
}

// named returns what a link names, nil when the input does not show it.
func named[T any](index map[name]*T, l model.Link, origin string) *T {
	if t := index[name{id: l.ID}]; t != nil && l.ID != "" {
		return t
	}
	if l.Address == "" {
		return nil
	}
	return index[name{origin: origin, address: l.Address}]
}

// VPC is a virtual private cloud with what lies in it.
type VPC struct {
	*model.VPC
	Subnets []*Subnet
}

// Subnet is a subnet with the filter and the routes that it uses.
type Subnet struct {
	*model.Subnet
	// VPC is nil when the input does not show it.
	VPC *VPC
	// Table is nil when it is not known which table the subnet uses, and then
	// TableUnknown says why. So are ACL and ACLUnknown.
	Table        *model.RouteTable
	TableUnknown string
	ACL          *model.NetworkACL
	ACLUnknown   string
	// entries are those of the ACL in their order, by direction.
	entries [2]ordered
	// public is what Public answers, found when it is first asked for.
	public func() model.Tri
}

// New resolves the links of an AWS side.
func New(aws *model.AWS) *Network {
	n := &Network{aws: aws, groupsBy: map[name]*SecurityGroup{}, subnetsBy: map[name]*Subnet{}}
	for _, v := range aws.VPCs {
		n.vpcs = append(n.vpcs, &VPC{VPC: v})
	}
	for _, g := range aws.SecurityGroups {
		n.addGroup(g)
	}
	for _, s := range aws.Subnets {
		n.addSubnet(s)
	}
	n.resolveRules()
	return n
}

// VPCs are those of the input.
func (n *Network) VPCs() []*VPC { return n.vpcs }

// Subnets are those of the input.
func (n *Network) Subnets() []*Subnet { return n.subnets }

// AWS is what the network was made from.
func (n *Network) AWS() *model.AWS { return n.aws }

func (n *Network) addSubnet(s *model.Subnet) {
	out := &Subnet{Subnet: s}
	out.public = sync.OnceValue(func() model.Tri { return n.readPublic(out) })
	for _, v := range n.vpcs {
		if s.VPC.LeadsTo(v.Meta(), s.Origin) == model.Yes {
			out.VPC = v
			v.Subnets = append(v.Subnets, out)
		}
	}
	out.Table, out.TableUnknown = choose(
		s, n.aws.RouteTables, "route table",
		func(t *model.RouteTable) ([]model.Link, model.Value[bool]) { return t.Subnets, t.Main },
		func(t *model.RouteTable) model.Link { return t.VPC },
	)
	out.ACL, out.ACLUnknown = choose(
		s, n.aws.NetworkACLs, "network ACL",
		func(a *model.NetworkACL) ([]model.Link, model.Value[bool]) { return a.Subnets, a.Default },
		func(a *model.NetworkACL) model.Link { return a.VPC },
	)
	if out.ACL != nil {
		out.entries = [2]ordered{orderedEntries(out.ACL, In), orderedEntries(out.ACL, Out)}
	}
	n.subnets = append(n.subnets, out)
	for _, key := range namesOf(s.Meta()) {
		n.subnetsBy[key] = out
	}
}

// resource is a pointer to a type that embeds model.AWSMeta.
type resource interface{ Meta() *model.AWSMeta }

// choose finds the one resource of a kind that a subnet uses: the one that names
// the subnet, and else the one that serves the rest of the VPC.
func choose[R resource](
	s *model.Subnet, all []R, kind string, members func(R) ([]model.Link, model.Value[bool]), vpc func(R) model.Link,
) (out R, unknown string) {
	var none, rest R
	found, restFound := 0, 0
	for _, r := range all {
		links, isRest := members(r)
		for _, l := range links {
			switch l.LeadsTo(s.Meta(), r.Meta().Origin) {
			case model.Yes:
				out = r
				found++
			case model.Unknown:
				unknown = fmt.Sprintf("%s %s may be that of subnet %s", kind, r.Meta().Title(), s.Title())
			case model.No:
			}
		}
		if v, known := isRest.Get(); known && v && sameVPC(s.VPC, s.Origin, vpc(r), r.Meta().Origin) {
			rest = r
			restFound++
		}
	}
	switch {
	case found == 1:
		return out, ""
	case found == 0 && unknown == "" && restFound == 1:
		return rest, ""
	case unknown != "":
		return none, unknown
	default:
		return none, fmt.Sprintf("the input does not show the %s of subnet %s", kind, s.Title())
	}
}

// sameVPC reports whether two links certainly lead to the same VPC.
func sameVPC(a model.Link, aOrigin string, b model.Link, bOrigin string) bool {
	if a.Certainty != model.LinkKnown || b.Certainty != model.LinkKnown {
		return false
	}
	return a.ID != "" && a.ID == b.ID || a.Address != "" && a.Address == b.Address && aOrigin == bOrigin
}

// SubnetsOf returns the subnets that links of a resource lead to. Why says what
// is missing; it is empty when these are certainly all.
func (n *Network) SubnetsOf(links []model.Link, origin string) (out []*Subnet, why string) {
	for _, l := range links {
		s := named(n.subnetsBy, l, origin)
		switch {
		case s != nil && l.Certainty == model.LinkKnown:
			out = append(out, s)
		case l.Why != "":
			why = l.Why
		case l.ID != "":
			why = "the input does not show subnet " + l.ID
		default:
			why = "the input does not show all subnets"
		}
	}
	return out, why
}

// Ranges are the addresses of the VPC; known is false when it may have more.
func (v *VPC) Ranges() (out netset.Ranges, known bool) {
	known = len(v.CIDRs) > 0
	for _, c := range v.CIDRs {
		block, ok := c.Get()
		known = known && ok
		if ok {
			out = out.Union(netset.RangesOf(block))
		}
	}
	return out, known
}

// covers answers whether a block holds an address that lies somewhere in ranges.
func covers(block netip.Prefix, ranges netset.Ranges) model.Tri {
	block = block.Masked()
	all, some := true, false
	for _, r := range ranges {
		first, last := block.Contains(r.First), block.Contains(r.Last)
		all = all && first && last
		some = some || first || last || r.Contains(block.Addr())
	}
	switch {
	case !some:
		return model.No
	case all:
		return model.Yes
	default:
		return model.Unknown
	}
}
