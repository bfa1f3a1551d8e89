package netset

import (
	"net/netip"
	"slices"
	"sync"
)

// Range is a range of addresses of one family with both ends in it. Addresses
// have no zone, and an IPv4 address is never written as IPv6.
type Range struct{ First, Last netip.Addr }

// String writes first-last, also for a single address.
func (r Range) String() string { return r.First.String() + "-" + r.Last.String() }

// Contains reports whether the address lies in the range.
func (r Range) Contains(a netip.Addr) bool {
	return a.BitLen() == r.First.BitLen() && r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0
}

// Ranges is a set of addresses: sorted ranges that neither overlap nor touch,
// IPv4 before IPv6. Nil is the empty set.
type Ranges []Range

// RangesOf holds the addresses of a prefix; bits below its length are ignored.
func RangesOf(p netip.Prefix) Ranges {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	if !p.IsValid() {
		return nil
	}
	last := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last) // the slice has the length of an address
	return Ranges{{p.Addr(), end}}
}

// IPv4 holds every IPv4 address.
func IPv4() Ranges { return RangesOf(netip.PrefixFrom(netip.IPv4Unspecified(), 0)) }

// IPv6 holds every IPv6 address.
func IPv6() Ranges { return RangesOf(netip.PrefixFrom(netip.IPv6Unspecified(), 0)) }

// Contains reports whether the address is in the set.
func (s Ranges) Contains(a netip.Addr) bool {
	n, found := slices.BinarySearchFunc(s, a, func(r Range, a netip.Addr) int { return r.First.Compare(a) })
	return found || n > 0 && s[n-1].Contains(a)
}

// Union holds what is in either set.
func (s Ranges) Union(o Ranges) Ranges {
	all := slices.Concat(s, o)
	slices.SortFunc(all, func(a, b Range) int { return a.First.Compare(b.First) })
	var out Ranges
	for _, r := range all {
		if n := len(out); n > 0 && out[n-1].reaches(r) {
			if out[n-1].Last.Less(r.Last) {
				out[n-1].Last = r.Last
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// reaches reports whether o, which starts no earlier, overlaps r or follows it
// without a gap.
func (r Range) reaches(o Range) bool {
	return r.First.BitLen() == o.First.BitLen() && (!r.Last.Less(o.First) || r.Last.Next() == o.First)
}

// Intersect holds what is in both sets.
func (s Ranges) Intersect(o Ranges) Ranges {
	var out Ranges
	for len(s) > 0 && len(o) > 0 {
		first, last := s[0].First, s[0].Last
		if first.Less(o[0].First) {
			first = o[0].First
		}
		if o[0].Last.Less(last) {
			last = o[0].Last
		}
		if !last.Less(first) {
			out = append(out, Range{first, last})
		}
		if s[0].Last.Less(o[0].Last) {
			s = s[1:]
		} else {
			o = o[1:]
		}
	}
	return out
}

// Subtract holds what is in s and not in o.
func (s Ranges) Subtract(o Ranges) Ranges {
	var out Ranges
	for _, r := range s {
		rest := r
		for _, hole := range o.Intersect(Ranges{r}) {
			if rest.First.Less(hole.First) {
				out = append(out, Range{rest.First, hole.First.Prev()})
			}
			if rest.First = hole.Last.Next(); !rest.First.IsValid() || rest.Last.Less(rest.First) {
				rest.First = netip.Addr{}
				break
			}
		}
		if rest.First.IsValid() {
			out = append(out, rest)
		}
	}
	return out
}

// Atoms cuts a universe at the ends of all given sets: each range that it
// returns lies wholly inside or wholly outside of each set.
func Atoms(universe Ranges, sets ...Ranges) []Range {
	var cuts []netip.Addr
	for _, set := range sets {
		for _, r := range set {
			cuts = append(cuts, r.First)
			if next := r.Last.Next(); next.IsValid() {
				cuts = append(cuts, next)
			}
		}
	}
	slices.SortFunc(cuts, netip.Addr.Compare)
	var out []Range
	for _, r := range universe {
		for _, cut := range cuts {
			if r.First.Less(cut) && r.Contains(cut) {
				out = append(out, Range{r.First, cut.Prev()})
				r.First = cut
			}
		}
		out = append(out, r)
	}
	return out
}

// Public are the addresses that the internet routes: those that no registry
// entry reserves. The blocks of IPv4 for documentation are among them, since where one
// is written it stands for an address of the internet.
// https://www.iana.org/assignments/iana-ipv4-special-registry/
// https://www.iana.org/assignments/ipv6-address-space/
func Public() Ranges { return slices.Clone(public()) }

var public = sync.OnceValue(func() Ranges {
	out := IPv4().Union(RangesOf(netip.MustParsePrefix("2000::/3")))
	for _, reserved := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "2001:db8::/32",
	} {
		out = out.Subtract(RangesOf(netip.MustParsePrefix(reserved)))
	}
	return out
})
