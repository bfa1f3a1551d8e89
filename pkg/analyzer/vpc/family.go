package vpc

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Family is a version of the Internet Protocol.
type Family uint8

// The families.
const (
	IPv4 Family = iota
	IPv6
)

// String is "IPv4" or "IPv6".
func (f Family) String() string { return [...]string{"IPv4", "IPv6"}[f] }

// All are the addresses of the family.
func (f Family) All() netset.Ranges {
	if f == IPv6 {
		return netset.IPv6()
	}
	return netset.IPv4()
}

// Public are the addresses of the family on the internet.
func (f Family) Public() netset.Ranges { return netset.Public().Intersect(f.All()) }

// FamilyOf is the family of the first of some addresses, IPv4 where there is none.
func FamilyOf(addresses netset.Ranges) Family {
	if len(addresses) > 0 && addresses[0].First.Is6() {
		return IPv6
	}
	return IPv4
}

// Ranges are the addresses of a family that the subnet has, or every one when its block
// is not known or it has none.
func (s *Subnet) Ranges(f Family) netset.Ranges {
	if block, known := s.block(f).Get(); known && block.IsValid() {
		return netset.RangesOf(block)
	}
	return f.All()
}

// Has answers whether the subnet has a block of a family.
func (s *Subnet) Has(f Family) model.Tri {
	block, known := s.block(f).Get()
	if !known {
		return model.Unknown
	}
	return model.TriOf(block.IsValid())
}

func (s *Subnet) block(f Family) model.Value[netip.Prefix] {
	if f == IPv6 {
		return s.CIDR6
	}
	return s.CIDR
}

// Over is the interface with its addresses of a family.
func (s Side) Over(f Family) Side {
	if s.Subnet != nil && FamilyOf(s.Addresses) != f {
		s.Addresses = s.Subnet.Ranges(f)
	}
	return s
}
