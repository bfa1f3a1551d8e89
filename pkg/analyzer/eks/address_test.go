package eks_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestAddressSides: a block lies wholly in known subnets of the VPC, or it has no sides;
// one address has the groups of its interface.
func TestAddressSides(t *testing.T) {
	t.Parallel()
	const aws = "vpc v cidr=10.0.0.0/16\nvpc w cidr=10.9.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1\nsubnet b vpc=v cidr=10.0.1.0/24 az=az2\nsubnet open vpc=v cidr=? az=az1\n" +
		"subnet far vpc=w cidr=10.9.0.0/24 az=az1\ncluster c vpc=v group=sg-cluster subnets=a,b\ngroup sg-app\ngroup sg-far\n" +
		"interface eni-1 subnet=a groups=sg-app address=10.0.0.8\ninterface eni-2 subnet=far groups=sg-far address=10.0.1.8\n"
	for block, want := range map[string][]string{
		"10.0.0.8/32": {"a sg-app"},
		"10.0.0.9/32": {"a ?"},
		"10.0.0.8/31": {"a ?"},
		"10.0.1.8/32": {"b ?"},
		"10.0.0.0/23": {"a ?", "b ?"},
		"10.0.0.0/22": nil,
		"10.9.0.4/32": nil,
		"2600::1/128": nil,
	} {
		t.Run(block, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range clusterOf(t, podP, aws).AddressSides(netip.MustParsePrefix(block)) {
				got = append(got, s.Subnet.Title()+" "+groups(s.Groups))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDatabases: a database is found by each of its names.
func TestDatabases(t *testing.T) {
	t.Parallel()
	aws := &model.AWS{Databases: []*model.Database{
		{AWSMeta: model.AWSMeta{ID: "db-ABC", Address: "module.shop.aws_db_instance.orders[0]", Name: "shop-orders"}},
		{AWSMeta: model.AWSMeta{Address: "Bills", Name: "bills"}},
	}}
	c := eks.New(graph.New(graphtest.Snapshot(t, podP).WithAWS(aws)))
	for name, want := range map[string][]int{
		"db-ABC": {0}, "shop-orders": {0}, "module.shop.aws_db_instance.orders[0]": {0}, "orders": {0}, "Bills": {1}, "bills": {1}, "shop": nil,
	} {
		var got []int
		for i, db := range aws.Databases {
			if slices.Contains(c.Databases(name), db) {
				got = append(got, i)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
