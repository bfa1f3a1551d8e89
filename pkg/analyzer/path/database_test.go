package path_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
)

func TestToDatabase(t *testing.T) {
	t.Parallel()
	const (
		db      = "database orders subnets=pub-a groups=sg-db port=5432\n"
		admits  = "group sg-db in=tcp:5432:sg-node out=all::0.0.0.0/0\n"
		refused = "blocked; security groups of database orders, in: no rule of sg-db admits tcp 5432 from sg-node (x/web[Deployment])"
	)
	for name, tt := range map[string]struct{ objects, aws, want string }{
		"a group that admits the nodes":         {web, network + db + admits, "open"},
		"a group that admits another port":      {web, network + db + strings.Replace(admits, "5432", "3306", 1), refused},
		"a group that is not shown":             {web, network + db, "unknown; security groups of database orders, in: the input does not show security group sg-db"},
		"no groups written":                     {web, network + strings.Replace(db, " groups=sg-db", "", 1), "unknown; security groups of database orders, in: the security groups of database orders are not written"},
		"subnets that are not written":          {web, network + strings.Replace(db, " subnets=pub-a", "", 1) + admits, "unknown; network ACL of database orders, in: the subnet of database orders is not known"},
		"and a group that refuses all the same": {web, network + strings.Replace(db, " subnets=pub-a", "", 1) + "group sg-db\n", "blocked; network ACL of database orders, in: the subnet of database orders is not known"},
		"a network ACL that keeps answers in": {
			web, network + db + admits + "acl strict vpc=v subnets=pub-a in=100:allow:all::0.0.0.0/0 out=100:allow:tcp:443:0.0.0.0/0\n",
			"blocked; way back, network ACL of subnet pub-a, out: no entry of strict matches, so that it is refused",
		},
		"one of two subnets": {
			web, network + strings.Replace(db, "pub-a", "pub-a,pub-b", 1) + admits + "acl strict vpc=v subnets=pub-b\n",
			"depends on placement; network ACL of subnet pub-b, in: no entry of strict matches, so that it is refused",
		},
		"another VPC": {web, network + strings.Replace(db, "pub-a", "far", 1) + admits + "vpc w cidr=10.9.0.0/16\nsubnet far vpc=w cidr=10.9.0.0/24 az=a\n", "unknown; database orders does not lie in the VPC of the cluster"},
		"a policy": {
			web + "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 5433}]}]}\n", network + db + admits,
			"blocked; egress of x/web[Deployment]: ",
		},
		"pods of an IPv6 cluster, by the address of their node": {
			web, network6 + db + admits, "open",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			db := vpctest.Read(t, tt.aws).Databases[0]
			a := e.ToDatabase(find(t, r, "x/web"), db, netset.PortRange(netset.TCP, 5432, 5432))
			if a.To != "db:orders" {
				t.Errorf("to %s", a.To)
			}
			a.From = ""
			if diff := cmp.Diff([]string{" TCP 5432: " + tt.want}, summarise([]path.Answer{a})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
