package ipam_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
)

// node is an instance of a type whose kubelet takes as many pods as have addresses.
func node(t *testing.T, kind string, s ipam.Settings) ipam.Node {
	t.Helper()
	limits, ok := ipam.LimitsOf(kind)
	if !ok {
		t.Fatalf("%s is not known", kind)
	}
	n := ipam.Node{Limits: limits, Settings: s}
	n.MaxPods = n.Holds()
	return n
}

// TestWarmTargets is the table of the VPC CNI:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/docs/eni-and-ip-target.md
func TestWarmTargets(t *testing.T) {
	t.Parallel()
	warmENI := ipam.Settings{WarmENIs: 1}
	oneOne := ipam.Settings{WarmIPs: 1, MinimumIPs: 1}
	twoFive := ipam.Settings{WarmIPs: 2, MinimumIPs: 5}
	fiveTen := ipam.Settings{WarmIPs: 5, MinimumIPs: 10}
	for _, row := range []struct {
		kind                        string
		settings                    ipam.Settings
		pods, interfaces, addresses int
	}{
		{"t3.small", warmENI, 0, 1, 3},
		{"t3.small", warmENI, 5, 3, 9},
		{"t3.small", warmENI, 9, 3, 9},
		{"t3.small", oneOne, 0, 1, 1},
		{"t3.small", oneOne, 5, 2, 6},
		{"t3.small", oneOne, 9, 3, 9},
		{"t3.small", twoFive, 0, 2, 5},
		{"t3.small", twoFive, 5, 3, 7},
		{"t3.small", twoFive, 9, 3, 9},
		{"p3dn.24xlarge", warmENI, 0, 1, 49},
		{"p3dn.24xlarge", warmENI, 3, 2, 98},
		{"p3dn.24xlarge", warmENI, 95, 3, 147},
		{"p3dn.24xlarge", fiveTen, 0, 1, 10},
		{"p3dn.24xlarge", fiveTen, 7, 1, 12},
		{"p3dn.24xlarge", fiveTen, 15, 1, 20},
		{"p3dn.24xlarge", fiveTen, 45, 2, 50},
	} {
		got := node(t, row.kind, row.settings).Take(row.pods)
		want := ipam.Taken{Interfaces: row.interfaces, Addresses: row.addresses, Node: row.interfaces + row.addresses}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, %+v, %d pods (-want +got):\n%s", row.kind, row.settings, row.pods, diff)
		}
	}
}

// TestTake are the cases that the table does not have: prefixes, custom networking,
// the trunk interface, and where the pool stops.
func TestTake(t *testing.T) {
	t.Parallel()
	prefixes := ipam.Settings{Prefixes: true, WarmPrefixes: 1}
	for name, tt := range map[string]struct {
		kind          string
		settings      ipam.Settings
		maxPods, pods int
		want          ipam.Taken
	}{
		"the defaults":                                    {"m5.large", ipam.Defaults(), 29, 1, ipam.Taken{Interfaces: 2, Addresses: 18, Node: 20}},
		"one prefix is warm":                              {"m5.large", prefixes, 110, 0, ipam.Taken{Interfaces: 1, Addresses: 16, Node: 17}},
		"a prefix in use and a warm one":                  {"m5.large", prefixes, 110, 1, ipam.Taken{Interfaces: 1, Addresses: 32, Node: 33}},
		"a prefix that is full is not warm":               {"m5.large", prefixes, 110, 16, ipam.Taken{Interfaces: 1, Addresses: 32, Node: 33}},
		"prefixes stop at max pods":                       {"m5.large", prefixes, 110, 110, ipam.Taken{Interfaces: 1, Addresses: 112, Node: 113}},
		"prefixes of a second interface":                  {"m5.large", prefixes, 250, 144, ipam.Taken{Interfaces: 2, Addresses: 160, Node: 162}},
		"prefixes by addresses":                           {"m5.large", ipam.Settings{Prefixes: true, WarmPrefixes: 1, WarmIPs: 5, MinimumIPs: 2}, 110, 12, ipam.Taken{Interfaces: 1, Addresses: 32, Node: 33}},
		"no warm prefix":                                  {"m5.large", ipam.Settings{Prefixes: true}, 110, 15, ipam.Taken{Interfaces: 1, Addresses: 16, Node: 17}},
		"no warm prefix, none free":                       {"m5.large", ipam.Settings{Prefixes: true}, 110, 16, ipam.Taken{Interfaces: 1, Addresses: 32, Node: 33}},
		"a type that has no prefixes":                     {"t2.medium", prefixes, 17, 0, ipam.Taken{Interfaces: 1, Addresses: 5, Node: 6}},
		"no warm interface":                               {"m5.large", ipam.Settings{}, 29, 8, ipam.Taken{Interfaces: 1, Addresses: 9, Node: 10}},
		"two warm interfaces":                             {"m5.large", ipam.Settings{WarmENIs: 2}, 29, 0, ipam.Taken{Interfaces: 2, Addresses: 18, Node: 20}},
		"secondary addresses stop at max pods":            {"m5.4xlarge", ipam.Defaults(), 29, 25, ipam.Taken{Interfaces: 1, Addresses: 29, Node: 30}},
		"addresses stop at max pods":                      {"m5.large", ipam.Settings{WarmIPs: 5}, 12, 10, ipam.Taken{Interfaces: 2, Addresses: 12, Node: 14}},
		"a minimum without a warm target is all there is": {"m5.large", ipam.Settings{MinimumIPs: 4}, 29, 20, ipam.Taken{Interfaces: 1, Addresses: 4, Node: 5}},
		"interfaces are bounded":                          {"m5.large", ipam.Settings{WarmENIs: 1, MaxENIs: 2}, 29, 29, ipam.Taken{Interfaces: 2, Addresses: 18, Node: 20}},
		"a bound above what the type has":                 {"m5.large", ipam.Settings{WarmENIs: 1, MaxENIs: 9}, 29, 29, ipam.Taken{Interfaces: 3, Addresses: 27, Node: 30}},
		"custom networking":                               {"m5.large", ipam.Settings{WarmENIs: 1, CustomNetworking: true}, 29, 29, ipam.Taken{Interfaces: 2, Addresses: 18, Node: 1, Pods: 20}},
		"custom networking of one interface":              {"m5.large", ipam.Settings{WarmENIs: 1, CustomNetworking: true, MaxENIs: 1}, 29, 5, ipam.Taken{Node: 1}},
		"a trunk takes the place of an interface":         {"m5.large", ipam.Settings{WarmENIs: 1, PodENI: true}, 29, 29, ipam.Taken{Interfaces: 2, Addresses: 18, Node: 21}},
		"a type without a trunk":                          {"t3.medium", ipam.Settings{WarmENIs: 1, PodENI: true}, 17, 17, ipam.Taken{Interfaces: 3, Addresses: 15, Node: 18}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := node(t, tt.kind, tt.settings)
			n.MaxPods = tt.maxPods
			if diff := cmp.Diff(tt.want, n.Take(tt.pods)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestHolds are figures of AWS:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/misc/eni-max-pods.txt
func TestHolds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind     string
		settings ipam.Settings
		want     int
	}{
		{"t3.nano", ipam.Settings{}, 4},
		{"t3.micro", ipam.Settings{}, 4},
		{"t3.small", ipam.Settings{}, 11},
		{"t3.medium", ipam.Settings{}, 17},
		{"c5.large", ipam.Settings{}, 29},
		{"m5.large", ipam.Settings{}, 29},
		{"p4d.24xlarge", ipam.Settings{}, 737},
		{"p5.48xlarge", ipam.Settings{}, 100},
		{"m5.large", ipam.Settings{CustomNetworking: true}, 20},
		{"m5.large", ipam.Settings{Prefixes: true}, 434},
		{"m5.large", ipam.Settings{MaxENIs: 1}, 11},
	} {
		if got := node(t, tt.kind, tt.settings).Holds(); got != tt.want {
			t.Errorf("%s, %+v: got %d pods, want %d", tt.kind, tt.settings, got, tt.want)
		}
	}
}

// TestNothing: an interface without room for pods gives none, and takes no more than
// its own address.
func TestNothing(t *testing.T) {
	t.Parallel()
	n := ipam.Node{Limits: ipam.Limits{Interfaces: 2, AddressesPerInterface: 1}, Settings: ipam.Defaults(), MaxPods: 2}
	if diff := cmp.Diff(ipam.Taken{Interfaces: 1, Node: 1}, n.Take(5)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]ipam.Limits{
		"m5.large":      {Interfaces: 3, AddressesPerInterface: 10, BranchInterfaces: 9, Prefixes: true, RecommendedPods: 110},
		"t3.medium":     {Interfaces: 3, AddressesPerInterface: 6, Prefixes: true, RecommendedPods: 110},
		"t2.medium":     {Interfaces: 3, AddressesPerInterface: 6, RecommendedPods: 110},
		"m5.4xlarge":    {Interfaces: 8, AddressesPerInterface: 30, BranchInterfaces: 54, Prefixes: true, RecommendedPods: 110},
		"m5.8xlarge":    {Interfaces: 8, AddressesPerInterface: 30, BranchInterfaces: 54, Prefixes: true, RecommendedPods: 250},
		"m5.metal":      {Interfaces: 15, AddressesPerInterface: 50, BranchInterfaces: 120, Prefixes: true},
		"hpc7g.4xlarge": {Interfaces: 4, AddressesPerInterface: 50, BranchInterfaces: 118, Prefixes: true},
	} {
		if got, ok := ipam.LimitsOf(kind); !ok || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", kind, got, ok, want)
		}
	}
	if _, ok := ipam.LimitsOf("m5.enormous"); ok {
		t.Error("a type that does not exist is known")
	}
}
