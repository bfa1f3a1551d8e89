package path_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

func TestToService(t *testing.T) {
	t.Parallel()
	const (
		sts     = "endpoint vpce-sts vpc=v service=com.amazonaws.eu-west-1.sts type=Interface subnets=prv-a groups=sg-end private\n"
		gateway = "endpoint vpce-s3 vpc=v service=com.amazonaws.eu-west-1.s3 type=Gateway tables=private\n"
		admits  = "group sg-end in=tcp:443:10.0.0.0/16 out=all::0.0.0.0/0\n"
		other   = "endpoint vpce-ec2 vpc=v service=com.amazonaws.eu-west-1.ec2 type=Interface subnets=prv-a groups=sg-end private\n" + admits
		egress  = "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress]%s}\n"
	)
	nat := network + "natgateway nat-1 subnet=pub-a\n"
	replace := func(old, with string) string {
		if !strings.Contains(network, old) {
			t.Fatalf("the network does not hold %q", old)
		}
		return strings.ReplaceAll(network, old, with)
	}
	for name, tt := range map[string]struct {
		objects, aws, service, want string
	}{
		"an interface endpoint":               {web, network + sts + admits, "sts", "open"},
		"of another service with that ending": {web, nat + strings.ReplaceAll(sts, ".sts", ".notsts") + "group sg-end\n", "sts", "open"},
		"that does not admit the pods": {
			web, network + sts + "group sg-end in=tcp:443:10.9.0.0/16 out=all::0.0.0.0/0\n", "sts",
			"blocked; security groups of endpoint vpce-sts, in: no rule of sg-end admits tcp 443 from sg-node (x/web[Deployment])",
		},
		"whose security groups are not shown": {web, network + sts, "sts", "unknown; security groups of endpoint vpce-sts, in: the input does not show security group sg-end"},
		"beside one of which nobody knows": {
			web, network + sts + admits + "endpoint vpce-x vpc=v service=? type=Interface\n", "sts", "unknown; the input may not show every endpoint of the VPC",
		},
		"of another type": {
			web, nat + strings.ReplaceAll(strings.ReplaceAll(sts, " private", " private=?"), "=Interface", "=GatewayLoadBalancer") + "group sg-end\n", "sts", "open",
		},
		"that leads to another region": {
			web, strings.ReplaceAll(strings.ReplaceAll(nat, "az=a", "az=eu-west-1a"), "az=b", "az=eu-west-1b") + strings.ReplaceAll(sts, "eu-west-1", "us-east-1") + "group sg-end\n", "sts", "open",
		},
		"that has none":               {web, network + strings.ReplaceAll(sts, " groups=sg-end", ""), "sts", "unknown; security groups of endpoint vpce-sts, in: the security groups of endpoint vpce-sts are not written"},
		"whose subnets are not shown": {web, network + strings.ReplaceAll(sts, "prv-a", "prv-x") + admits, "sts", "unknown; the input does not show subnet prv-x"},
		"answers of the endpoint are kept out": {
			web, network + sts + admits + "acl strict vpc=v subnets=prv-b in=100:allow:tcp:443:0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n", "sts",
			"depends on placement; way back, network ACL of subnet prv-b, in: no entry of strict matches, so that it is refused",
		},
		"its name leads elsewhere":        {web, nat + strings.ReplaceAll(sts, " private", "") + admits, "sts", "open"},
		"its name may lead elsewhere":     {web, nat + strings.ReplaceAll(sts, " private", " private=?") + admits, "sts", "unknown; whether endpoint vpce-sts has private DNS is not known"},
		"what type it is is not known":    {web, nat + strings.ReplaceAll(sts, "=Interface", "=?") + admits, "sts", "unknown; the type of endpoint vpce-sts is not known"},
		"a gateway endpoint":              {web, replace("route=0.0.0.0/0:nat-1", "") + gateway, "s3", "open"},
		"of another route table":          {web, replace("route=0.0.0.0/0:nat-1", "") + strings.ReplaceAll(gateway, "=private", "=public"), "s3", "blocked; route of subnet prv-a: no route of private leads there"},
		"perhaps of this route table":     {web, replace("route=0.0.0.0/0:nat-1", "") + strings.ReplaceAll(gateway, "=private", "=?"), "s3", "unknown; whether endpoint vpce-s3 serves subnet prv-a is not known"},
		"that needs no public address":    {web, replace("subnets=prv-a,prv-b template", "subnets=pub-a template") + strings.ReplaceAll(gateway, "=private", "=public"), "s3", "open"},
		"for which groups have no rule":   {web, replace("in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=all::10.0.0.0/8") + gateway, "s3", "blocked; security groups of node group ng, out: no rule of sg-node admits tcp 443 to s3"},
		"for which groups name its list":  {web, replace("in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=tcp:443:pl-1") + gateway + "list pl-1 name=com.amazonaws.eu-west-1.s3 cidr=52.218.0.0/17\n", "s3", "open"},
		"for which groups name some list": {web, replace("in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=tcp:443:pl-1") + gateway, "s3", "unknown; security groups of node group ng, out: the input does not show the blocks of prefix list pl-1"},
		"for which groups name its own":   {web, replace("in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=tcp:443:pl-s3") + strings.ReplaceAll(gateway, "vpce-s3", "pl-s3"), "s3", "open"},
		"answers of the service are kept out": {
			web, network + gateway + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::10.0.0.0/16 out=100:allow:all::0.0.0.0/0\n", "s3",
			"blocked; way back, network ACL of subnet prv-a, in: no entry of strict matches, so that it is refused",
		},
		"both kinds of endpoints that agree": {web, network + gateway + strings.ReplaceAll(sts, "sts", "s3") + admits, "s3", "open"},
		"and that do not": {
			web, network + gateway + strings.ReplaceAll(sts, "sts", "s3") + "group sg-end out=all::0.0.0.0/0\n", "s3",
			"unknown; which endpoint the name of s3 leads to is not known",
		},
		"over the internet":                   {web, nat + other, "sts", "open"},
		"and there is no way":                 {web, replace("route=0.0.0.0/0:nat-1", "") + other, "sts", "blocked; route of subnet prv-a: no route of private leads there"},
		"which not all addresses have":        {web, nat + strings.Replace(other, "out=all::0.0.0.0/0\n", "out=all::0.0.0.0/0\nacl strict vpc=v subnets=pub-a in=90:deny:all::1.0.0.0/8 in=100:allow:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n", 1), "sts", "unknown; public addresses fare differently, and which of them sts has is not known"},
		"endpoints that nobody asked for":     {web, nat, "sts", "unknown; the input may not show every endpoint of the VPC"},
		"egress is refused, whatever the way": {web + strings.TrimPrefix(strings.ReplaceAll(egress, "%s", ""), "---\n"), nat, "sts", "blocked; egress of x/web[Deployment]: "},
		"egress to the endpoint alone": {
			web + strings.TrimPrefix(strings.ReplaceAll(egress, "%s", ", egress: [{to: [{ipBlock: {cidr: 10.0.2.0/24}}]}]"), "---\n"), network + sts + admits, "sts", "open",
		},
		"egress to another subnet": {
			web + strings.TrimPrefix(strings.ReplaceAll(egress, "%s", ", egress: [{to: [{ipBlock: {cidr: 10.0.3.0/24}}]}]"), "---\n"), network + sts + admits, "sts",
			"blocked; egress of x/web[Deployment]: ",
		},
		"egress to a part of the subnet": {
			web + strings.TrimPrefix(strings.ReplaceAll(egress, "%s", ", egress: [{to: [{ipBlock: {cidr: 10.0.2.0/25}}]}]"), "---\n"), network + sts + admits, "sts",
			"unknown; egress of x/web[Deployment]: policies tell addresses apart, and which one the destination has is not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			a := e.ToService(find(t, r, "x/web"), tt.service, netset.PortRange(netset.TCP, 443, 443))
			if a.To != "aws:"+tt.service {
				t.Errorf("to %s", a.To)
			}
			a.From = ""
			if diff := cmp.Diff([]string{" TCP 443: " + tt.want}, summarise([]path.Answer{a})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
