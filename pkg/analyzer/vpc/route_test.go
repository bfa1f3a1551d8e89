package vpc_test

import (
	"net/netip"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
)

// TestNeedsPublicAddress: one way out by a NAT gateway, or one that is not known, is
// enough for what has no public address.
func TestNeedsPublicAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		table string
		want  bool
	}{
		"an internet gateway":      {"route=0.0.0.0/0:igw-1", true},
		"some of the internet":     {"route=8.0.0.0/8:igw-1", true},
		"a NAT gateway":            {"route=0.0.0.0/0:nat-1", false},
		"both":                     {"route=0.0.0.0/0:igw-1 route=8.0.0.0/8:nat-1", false},
		"a transit gateway beside": {"route=0.0.0.0/1:igw-1 route=128.0.0.0/1:tgw-1", false},
		"an interface":             {"route=0.0.0.0/0:eni-1", false},
		"no route":                 {"", false},
		"one that is gone":         {"route=0.0.0.0/0:igw-1 gone", false},
		"routes that are missing":  {"route=0.0.0.0/0:igw-1 missing", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := vpc.New(vpctest.Read(t, "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24\ntable r vpc=v main "+tt.table+"\n"))
			if got := n.NeedsPublicAddress(n.Subnets()[0]); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestPrefixListRoutes: the list of a service holds a part of the internet, unless it is
// known to hold what is asked for.
func TestPrefixListRoutes(t *testing.T) {
	t.Parallel()
	const list = "a route of prefix list pl-1 holds it, too"
	for name, tt := range map[string]struct{ list, to, want string }{
		"a list that is not shown": {"", "8.0.0.0/8", ""},
		"and one address":          {"", "8.8.8.8/32", "the input does not show the blocks of prefix list pl-1"},
		"a list that holds a part": {"list pl-1 cidr=8.8.0.0/16\n", "8.0.0.0/8", ""},
		"all of it":                {"list pl-1 cidr=8.0.0.0/7\n", "8.0.0.0/8", list},
		"one address of it":        {"list pl-1 cidr=8.0.0.0/7\n", "8.8.8.8/32", list},
		"none":                     {"list pl-1 cidr=9.0.0.0/8\n", "8.8.8.8/32", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := vpc.New(vpctest.Read(t, "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24\ntable r vpc=v main route=0.0.0.0/0:nat-1 route=pl-1:vpce-1\n"+tt.list))
			if got := n.Ways(n.Subnets()[0], netset.RangesOf(netip.MustParsePrefix(tt.to)))[0]; got.Unknown != tt.want {
				t.Errorf("got %q, want %q", got.Unknown, tt.want)
			}
		})
	}
}

// TestOver: an interface keeps what is known of its address of a family.
func TestOver(t *testing.T) {
	t.Parallel()
	n := vpc.New(vpctest.Read(t, "subnet a cidr=10.0.0.0/24 cidr6=2600::/64\n"))
	side := vpc.Side{Subnet: n.Subnets()[0], Addresses: netset.RangesOf(netip.MustParsePrefix("10.0.0.7/32"))}
	for family, want := range map[vpc.Family]string{vpc.IPv4: "10.0.0.7/32", vpc.IPv6: "2600::/64"} {
		got, all := side.Over(family).Addresses, netset.RangesOf(netip.MustParsePrefix(want))
		if len(got.Subtract(all)) > 0 || len(all.Subtract(got)) > 0 {
			t.Errorf("%s: got %v, want %s", family, got, want)
		}
	}
	none := vpc.New(vpctest.Read(t, "subnet a cidr=10.0.0.0/24\n")).Subnets()[0]
	if got := none.Ranges(vpc.IPv6); len(netset.IPv6().Subtract(got)) > 0 {
		t.Errorf("of a subnet without IPv6: got %v", got)
	}
}
