package loader

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	someVPC  = `{"Vpcs": [{"VpcId": "vpc-1"}]}`
	otherVPC = `{"Vpcs": [{"VpcId": "vpc-2"}]}`
)

// TestAWSOfClusters: what describes AWS belongs to the cluster whose files it is
// among, and else to each.
func TestAWSOfClusters(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	manifest := func(data string) *fstest.MapFile {
		return file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: " + data + "}\n")
	}
	for name, tt := range map[string]struct {
		files fstest.MapFS
		o     Options
		want  map[string][]string // VPCs by cluster
	}{
		"beside the manifests": {
			fstest.MapFS{"k/a.yaml": manifest("x"), "k/vpc.json": file(someVPC)}, Options{Paths: []string{"k"}}, map[string][]string{"k": {"vpc-1"}},
		},
		"no manifests": {
			fstest.MapFS{"aws/vpc.json": file(someVPC)}, Options{Paths: []string{"aws"}}, map[string][]string{"aws": {"vpc-1"}},
		},
		"two folders that contradict each other share it": {
			fstest.MapFS{"a/a.yaml": manifest("x"), "b/a.yaml": manifest("y"), "vpc.json": file(someVPC)},
			Options{Paths: []string{"."}},
			map[string][]string{"a": {"vpc-1"}, "b": {"vpc-1"}},
		},
		"on standard input": {
			fstest.MapFS{"k/a.yaml": manifest("x")}, Options{Paths: []string{"k", "-"}, Stdin: []byte(someVPC)}, map[string][]string{"k": {"vpc-1"}},
		},
		"clusters with their own": {
			fstest.MapFS{"a/a.yaml": manifest("x"), "a/vpc.json": file(someVPC), "b/a.yaml": manifest("y"), "b/vpc.json": file(otherVPC)},
			Options{Paths: []string{"."}, Clusters: []ClusterConfig{{Name: "one", Paths: []string{"a"}}, {Name: "two", Paths: []string{"b"}}}},
			map[string][]string{"one": {"vpc-1"}, "two": {"vpc-2"}},
		},
		"a cluster without its own has what is shared": {
			fstest.MapFS{"a/a.yaml": manifest("x"), "a/vpc.json": file(someVPC), "b/a.yaml": manifest("y"), "aws/vpc.json": file(otherVPC)},
			Options{Paths: []string{"."}, Clusters: []ClusterConfig{{Name: "one", Paths: []string{"a"}}, {Name: "two", Paths: []string{"b"}}}},
			map[string][]string{"one": {"vpc-1"}, "two": {"vpc-2"}},
		},
		"a cluster of AWS alone": {
			fstest.MapFS{"a/vpc.json": file(someVPC)},
			Options{Paths: []string{"."}, Clusters: []ClusterConfig{{Name: "one", Paths: []string{"a"}}}},
			map[string][]string{"one": {"vpc-1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Load(t.Context(), tt.files, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string][]string{}
			for _, c := range result.Clusters {
				for _, v := range c.AWS().VPCs {
					got[c.Scope().Name] = append(got[c.Scope().Name], v.ID)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func meta(origin, address, id string) model.AWSMeta {
	return model.AWSMeta{Origin: origin, Address: address, ID: id}
}

func at(address string, certainty model.Certainty) model.Link {
	return model.Link{Address: address, Certainty: certainty}
}

func TestJoinByIdentifier(t *testing.T) {
	t.Parallel()
	observed := &model.VPC{AWSMeta: model.AWSMeta{ID: "vpc-1", Observed: true}}
	declared := &model.VPC{AWSMeta: meta("plan", "aws_vpc.a", "vpc-1")}
	planned := &model.VPC{AWSMeta: meta("plan", "aws_vpc.b", "")}
	other := &model.VPC{AWSMeta: meta("plan", "aws_vpc.c", "")}
	got := joinAWS([]*model.AWS{{VPCs: []*model.VPC{declared, planned, other}}, {VPCs: []*model.VPC{observed}}}).VPCs
	if !slices.Equal(got, []*model.VPC{observed, planned, other}) {
		t.Errorf("got %v", got)
	}
}

// TestSeparate: what is written apart joins its owner, and leaves a doubt on each
// that may be it.
func TestSeparate(t *testing.T) {
	t.Parallel()
	rule := model.SecurityGroupRule{At: model.Span{File: "x", Start: 1, End: 2}}
	side := func() *model.AWS {
		return &model.AWS{
			SecurityGroups: []*model.SecurityGroup{{AWSMeta: meta("p", "a", "")}, {AWSMeta: meta("p", "b", "")}, {AWSMeta: meta("q", "a", "")}},
			NetworkACLs:    []*model.NetworkACL{{AWSMeta: meta("p", "acl", "")}},
			RouteTables:    []*model.RouteTable{{AWSMeta: meta("p", "table", "")}},
		}
	}
	of := func(kind model.SeparateKind, owner model.Link) *model.Separate {
		return &model.Separate{AWSMeta: meta("p", "apart", ""), Kind: kind, Owner: owner}
	}
	for name, tt := range map[string]struct {
		owner model.Link
		rules []int
		doubt []bool
	}{
		"known":   {at("a", model.LinkKnown), []int{1, 0, 0}, []bool{false, false, false}},
		"may be":  {at("b", model.LinkMay), []int{0, 0, 0}, []bool{false, true, false}},
		"unknown": {model.Link{Why: "var.group"}, []int{0, 0, 0}, []bool{true, true, true}},
	} {
		in := side()
		s := of(model.OfSecurityGroup, tt.owner)
		s.Rules = []model.SecurityGroupRule{rule}
		in.Separate = []*model.Separate{s}
		for range 2 { // a second cluster shares the part and finds it as it was
			for i, g := range joinAWS([]*model.AWS{in}).SecurityGroups {
				if len(g.Rules) != tt.rules[i] || (g.MissingIngress != "") != tt.doubt[i] || g.MissingEgress != "" {
					t.Errorf("%s: group %d has %d rules and lacks %q", name, i, len(g.Rules), g.MissingIngress)
				}
			}
		}
	}
	in := side()
	entries, routes, main := of(model.OfNetworkACL, at("acl", model.LinkKnown)), of(model.OfRouteTable, at("table", model.LinkMay)), of(model.OfRouteTable, at("table", model.LinkKnown))
	entries.Entries, entries.Subnets = []model.NetworkACLEntry{{}}, []model.Link{at("s", model.LinkKnown)}
	routes.Routes, routes.Subnets = []model.Route{{}}, []model.Link{at("s", model.LinkKnown)}
	main.Main = true
	in.Separate = []*model.Separate{entries, routes, main}
	out := joinAWS([]*model.AWS{in})
	acl, table := out.NetworkACLs[0], out.RouteTables[0]
	if len(acl.Entries) != 1 || acl.Missing != "" || acl.Subnets[0].Certainty != model.LinkKnown {
		t.Errorf("the ACL is %+v", acl)
	}
	if isMain, known := table.Main.Get(); len(table.Routes) != 0 || table.Missing == "" || table.Subnets[0].Certainty != model.LinkMay || !isMain || !known {
		t.Errorf("the table is %+v", table)
	}
	if len(in.RouteTables[0].Subnets) != 0 || len(out.Separate) != 0 {
		t.Error("the part is changed, or something is left apart")
	}
}

// TestRulesWithoutTheirGroup: of a group that only its rules show, nothing else is
// known, and describe-security-groups prints all rules itself.
func TestRulesWithoutTheirGroup(t *testing.T) {
	t.Parallel()
	apart := &model.Separate{AWSMeta: model.AWSMeta{ID: "sgr-1", Observed: true}, Owner: model.LinkTo("sg-1", model.Span{}), Rules: make([]model.SecurityGroupRule, 1)}
	out := joinAWS([]*model.AWS{{Separate: []*model.Separate{apart}}})
	if g := out.SecurityGroups[0]; g.ID != "sg-1" || len(g.Rules) != 1 || g.MissingIngress == "" || g.MissingEgress == "" {
		t.Errorf("got %+v", g)
	}
	group := &model.SecurityGroup{AWSMeta: model.AWSMeta{ID: "sg-1", Observed: true}, Rules: make([]model.SecurityGroupRule, 1)}
	out = joinAWS([]*model.AWS{{SecurityGroups: []*model.SecurityGroup{group}, Separate: []*model.Separate{apart}}})
	if g := out.SecurityGroups[0]; len(g.Rules) != 1 || g.MissingIngress != "" {
		t.Errorf("got %+v", g)
	}
}

// TestSynthesised: AWS makes some resources beside those that are declared.
func TestSynthesised(t *testing.T) {
	t.Parallel()
	vpc := &model.VPC{AWSMeta: meta("p", "vpc", ""), CreatedHere: true}
	cluster := &model.EKSCluster{AWSMeta: meta("p", "eks", ""), ClusterName: model.Known("c", model.Span{}), ClusterSecurityGroup: at("eks"+model.ClusterGroupSuffix, model.LinkKnown)}
	for name, tt := range map[string]struct {
		in   model.AWS
		want []string
	}{
		"all of them": {
			model.AWS{VPCs: []*model.VPC{vpc}, Clusters: []*model.EKSCluster{cluster}},
			[]string{"eks/cluster-security-group", "vpc/default-security-group", "vpc/default-network-acl", "vpc/main-route-table"},
		},
		"declared ones take their place": {
			model.AWS{
				VPCs:           []*model.VPC{vpc},
				SecurityGroups: []*model.SecurityGroup{{AWSMeta: meta("p", "g", ""), Default: true, VPC: at("vpc", model.LinkKnown)}},
				NetworkACLs:    []*model.NetworkACL{{AWSMeta: meta("p", "l", ""), Default: model.Known(true, model.Span{}), VPC: at("vpc", model.LinkKnown)}},
				RouteTables:    []*model.RouteTable{{AWSMeta: meta("p", "t", ""), Main: model.Known(true, model.Span{}), VPC: at("vpc", model.LinkKnown)}},
			},
			[]string{"g", "l", "t"},
		},
		"an association may make another table the main one": {
			model.AWS{VPCs: []*model.VPC{vpc}, Separate: []*model.Separate{{AWSMeta: meta("p", "x", ""), Kind: model.OfRouteTable, Main: true, Owner: model.Link{Why: "var.t"}}}},
			[]string{"vpc/default-security-group", "vpc/default-network-acl"},
		},
		"a VPC that others make": {model.AWS{VPCs: []*model.VPC{{AWSMeta: meta("p", "vpc", "")}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := joinAWS([]*model.AWS{&tt.in})
			var got []string
			for _, g := range out.SecurityGroups {
				got = append(got, g.Address)
			}
			for _, l := range out.NetworkACLs {
				got = append(got, l.Address)
			}
			for _, x := range out.RouteTables {
				got = append(got, x.Address)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	group := joinAWS([]*model.AWS{{Clusters: []*model.EKSCluster{cluster}}}).SecurityGroups[0]
	if tag, found := group.Tags.Get("kubernetes.io/cluster/c"); found != model.Yes || tag.Why() != "" || len(group.Rules) != 3 || !group.Rules[0].Peer.Self {
		t.Errorf("the cluster security group is %+v", group)
	}
}

// TestPages: a page that nothing continues is noted, and what it leaves out may be
// there.
func TestPages(t *testing.T) {
	t.Parallel()
	page := &fstest.MapFile{Data: []byte(`{"Subnets": [{"SubnetId": "subnet-1"}], "NextToken": "x"}`)}
	last := &fstest.MapFile{Data: []byte(`{"Subnets": [{"SubnetId": "subnet-2"}]}`)}
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  []string
	}{
		"one page": {fstest.MapFS{"1.json": page}, []string{
			"1.json: one page of several: by its NextToken there are more Subnets, which are not known", "subnet-1", "on a later page of 1.json",
		}},
		"all pages": {fstest.MapFS{"1.json": page, "2.json": last}, []string{"subnet-1", "subnet-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Load(t.Context(), tt.files, Options{Paths: []string{"."}})
			if err != nil || len(r.Problems) > 0 || len(r.Clusters) != 1 {
				t.Fatal(err, r.Problems, r.Clusters)
			}
			var got []string
			for _, n := range r.Notes {
				got = append(got, n.File+": "+n.Message)
			}
			for _, s := range r.Clusters[0].AWS().Subnets {
				got = append(got, s.Title())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
