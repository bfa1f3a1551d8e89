package netset_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// samples are the ports at which random sets are compared with booleans: the
// ends of the range and a window that random intervals cut often.
func samples() []uint16 {
	out := []uint16{65530, 65534, 65535}
	for p := uint16(1); p < 40; p++ {
		out = append(out, p)
	}
	return out
}

func randomPorts(r *rand.Rand) netset.Ports {
	var out netset.Ports
	for range r.IntN(4) {
		first := samples()[r.IntN(len(samples()))]
		last := samples()[r.IntN(len(samples()))]
		p := netset.Protocol(r.IntN(3))
		out = out.Union(netset.PortRange(p, first, last))
	}
	if r.IntN(5) == 0 {
		out = netset.AllPorts().Subtract(out)
	}
	return out
}

func TestPortsAgreeWithMembership(t *testing.T) {
	t.Parallel()
	table := netset.NewTable()
	law := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test that can be repeated
		a, b := randomPorts(r), randomPorts(r)
		union, meet, rest := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, p := range netset.Protocols() {
			for _, port := range samples() {
				inA, inB := a.Contains(p, port), b.Contains(p, port)
				if union.Contains(p, port) != (inA || inB) || meet.Contains(p, port) != (inA && inB) ||
					rest.Contains(p, port) != (inA && !inB) {
					return false
				}
			}
		}
		ida, idb := table.ID(a), table.ID(b)
		return union.Other() == (a.Other() || b.Other()) && meet.Other() == (a.Other() && b.Other()) &&
			rest.Union(meet).Equal(a) && union.Equal(b.Union(a)) && a.Equal(b) == (ida == idb) &&
			table.Ports(table.Union(ida, idb)).Equal(union) && table.Ports(table.Intersect(ida, idb)).Equal(meet)
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestPortsString(t *testing.T) {
	t.Parallel()
	mixed := netset.PortRange(netset.TCP, 90, 100).Union(netset.PortRange(netset.UDP, 53, 53)).
		Union(netset.PortRange(netset.TCP, 80, 80))
	for want, s := range map[string]netset.Ports{
		"":                     {},
		"TCP 80,90-100,UDP 53": mixed,
		"TCP 80-81":            netset.PortRange(netset.TCP, 81, 81).Union(netset.PortRange(netset.TCP, 80, 80)),
		"SCTP 1-65535":         netset.PortRange(netset.SCTP, 0, 65535),
	} {
		if diff := cmp.Diff(want, s.String()); diff != "" {
			t.Error(diff)
		}
	}
	if got, want := netset.AllPorts().String(), "SCTP 1-65535,TCP 1-65535,UDP 1-65535,other"; got != want {
		t.Errorf("all ports are %q, want %q", got, want)
	}
}

// randomRanges draws prefixes in a window of 64 addresses of either family, at
// the two ends of the address space.
func randomRanges(r *rand.Rand) netset.Ranges {
	var out netset.Ranges
	for range r.IntN(5) {
		a := addresses()[r.IntN(len(addresses()))]
		out = out.Union(netset.RangesOf(netip.PrefixFrom(a, a.BitLen()-r.IntN(6))))
	}
	return out
}

func addresses() []netip.Addr {
	var out []netip.Addr
	for n := range byte(64) {
		out = append(out, netip.AddrFrom4([4]byte{0, 0, 0, n}), netip.AddrFrom4([4]byte{255, 255, 255, 192 + n}))
		last := [16]byte{15: n}
		out = append(out, netip.AddrFrom16(last))
		for i := range 15 {
			last[i] = 255
		}
		last[15] = 192 + n
		out = append(out, netip.AddrFrom16(last))
	}
	return out
}

func TestRangesAgreeWithMembership(t *testing.T) {
	t.Parallel()
	all := netset.IPv4().Union(netset.IPv6())
	law := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test that can be repeated
		a, b := randomRanges(r), randomRanges(r)
		union, meet, rest := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, x := range addresses() {
			inA, inB := a.Contains(x), b.Contains(x)
			if union.Contains(x) != (inA || inB) || meet.Contains(x) != (inA && inB) || rest.Contains(x) != (inA && !inB) {
				return false
			}
		}
		for _, atom := range netset.Atoms(all, a, b) {
			for _, set := range []netset.Ranges{a, b} {
				inside := set.Intersect(netset.Ranges{atom})
				if len(inside) > 0 && !cmp.Equal(inside, netset.Ranges{atom}, cmp.Comparer(equalAddr)) {
					return false
				}
			}
		}
		return cmp.Equal(rest.Union(meet), a.Union(nil), cmp.Comparer(equalAddr)) &&
			cmp.Equal(all.Subtract(all.Subtract(a)), a, cmp.Comparer(equalAddr))
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func equalAddr(a, b netip.Addr) bool { return a == b }

func TestRangesOf(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"10.1.2.3/8":          "10.0.0.0-10.255.255.255",
		"0.0.0.0/0":           "0.0.0.0-255.255.255.255",
		"10.0.0.7/32":         "10.0.0.7-10.0.0.7",
		"::ffff:10.0.0.0/104": "10.0.0.0-10.255.255.255",
		"2001:db8::/126":      "2001:db8::-2001:db8::3",
	} {
		got := netset.RangesOf(netip.MustParsePrefix(prefix))
		if len(got) != 1 || got[0].String() != want {
			t.Errorf("%s is %v, want %s", prefix, got, want)
		}
	}
}
