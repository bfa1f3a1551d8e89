package path_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

// TestAddress: something with an address of the VPC, from the pods and to them.
func TestAddress(t *testing.T) {
	t.Parallel()
	const (
		eni     = "interface eni-1 subnet=pub-a groups=sg-app address=10.0.0.9\n"
		admits  = "group sg-app in=tcp:80:sg-node out=all::0.0.0.0/0\n"
		unknown = "which security groups 10.0.0.9/32 has is not known"
	)
	replace := func(in, old, with string) string {
		if !strings.Contains(in, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.ReplaceAll(in, old, with)
	}
	from80 := replace(network, "in=tcp:8080:sg-lb", "in=tcp:80:10.0.0.0/24")
	for name, tt := range map[string]struct{ block, aws, to, from string }{
		"an interface with its groups": {
			"10.0.0.9/32", network + eni + admits, "open", "blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 80 from sg-app (10.0.0.9/32)",
		},
		"that the nodes admit by its block": {"10.0.0.9/32", from80 + eni + admits, "open", "open"},
		"that does not admit the nodes": {
			"10.0.0.9/32", from80 + eni + "group sg-app out=all::0.0.0.0/0\n", "blocked; security groups of 10.0.0.9/32, in: no rule of sg-app admits tcp 80 from sg-node (x/web[Deployment])", "open",
		},
		"an address that nothing shows": {
			"10.0.0.9/32", network, "unknown; security groups of 10.0.0.9/32, in: " + unknown, "unknown; security groups of 10.0.0.9/32, out: " + unknown,
		},
		"that a network ACL keeps apart": {
			"10.0.0.9/32", network + "acl strict vpc=v subnets=pub-a\n",
			"blocked; network ACL of subnet pub-a, in: no entry of strict matches, so that it is refused",
			"blocked; security groups of 10.0.0.9/32, out: " + unknown,
		},
		"two subnets": {"10.0.0.0/23", network + "acl strict vpc=v subnets=pub-b\n", "unknown; security groups of 10.0.0.0/23, in: which security groups 10.0.0.0/23 has is not known", "unknown; security groups of 10.0.0.0/23, out: which security groups 10.0.0.0/23 has is not known"},
		"IPv6 of an IPv4 cluster": {
			"2600:1f:0:aa00::9/128", replace(network6, "family=ipv6", "family=ipv4"),
			"blocked; addresses of x/web[Deployment]: the pods have no IPv6 address", "blocked; addresses of x/web[Deployment]: the pods have no IPv6 address",
		},
		"outside the subnets": {"10.0.9.9/32", network, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, web, tt.aws)
			block := netip.MustParsePrefix(tt.block)
			if e.InVPC(block) != (tt.to != "") {
				t.Fatalf("in the VPC: %v", e.InVPC(block))
			}
			if tt.to == "" {
				return
			}
			to, from := e.ToAddress(find(t, r, "x/web"), block, port80()), e.FromAddress(block, find(t, r, "x/web"), port80())
			if to.To != tt.block || from.From != tt.block {
				t.Errorf("to %s, from %s", to.To, from.From)
			}
			to.From, from.From = "", ""
			if diff := cmp.Diff([]string{" TCP 80: " + tt.to, " TCP 80: " + tt.from}, summarise([]path.Answer{to, from})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
