package vpc_test

import (
	"testing"

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
