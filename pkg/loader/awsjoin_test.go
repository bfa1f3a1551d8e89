package loader

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/model"
)

// joinedAnswers loads AWS CLI answers, each from a file of its own, and writes what is
// known of AWS.
func joinedAnswers(t *testing.T, answers ...string) string {
	t.Helper()
	files := fstest.MapFS{}
	for i, a := range answers {
		files["aws/"+string(rune('a'+i))+".json"] = &fstest.MapFile{Data: []byte(a)}
	}
	r, err := Load(t.Context(), files, Options{Paths: []string{"aws"}})
	if err != nil || len(r.Clusters) != 1 || len(r.Problems) > 0 {
		t.Fatalf("got %d clusters, %v, %v", len(r.Clusters), r.Problems, err)
	}
	return loadertest.Dump(r.Clusters[0].AWS(), nil)
}

// TestJoinedAnswers: answers that overlap make one AWS side.
func TestJoinedAnswers(t *testing.T) {
	t.Parallel()
	const (
		group = `{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}], "IpPermissionsEgress": []}]}`
		rules = `{"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIpv4": "10.0.0.0/8"},` +
			` {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 2, "ToPort": 2, "CidrIpv4": "10.0.0.0/8", "IsEgress": true}]}`
	)
	for name, tt := range map[string]struct {
		answers   []string
		want, not []string
	}{
		"each kind once": {
			slices.Repeat([]string{
				`{"Vpcs": [{"VpcId": "v"}], "Subnets": [{"SubnetId": "s"}], "RouteTables": [{"RouteTableId": "r"}], "NatGateways": [{"NatGatewayId": "n"}], ` +
					`"VpcEndpoints": [{"VpcEndpointId": "e"}], "PrefixLists": [{"PrefixListId": "p"}], "NetworkAcls": [{"NetworkAclId": "a"}], ` +
					`"SecurityGroups": [{"GroupId": "g"}], "NetworkInterfaces": [{"NetworkInterfaceId": "i"}], "LoadBalancers": [{"LoadBalancerArn": "l"}], ` +
					`"cluster": {"name": "c"}, "nodegroup": {"nodegroupName": "n", "clusterName": "c"}, "fargateProfile": {"fargateProfileName": "f"}, "addon": {"addonName": "a"}}`,
			}, 2),
			[]string{"VPCs[0].ID = v", "Addons[0].ID = a", "LoadBalancers[0].ID = l"},
			[]string{
				"\nVPCs[1]", "\nSubnets[1]", "\nRouteTables[1]", "\nNATGateways[1]", "\nEndpoints[1]", "\nPrefixLists[1]", "\nNetworkACLs[1]",
				"\nSecurityGroups[1]", "\nInterfaces[1]", "\nLoadBalancers[1]", "\nClusters[1]", "\nNodeGroups[1]", "\nFargateProfiles[1]", "\nAddons[1]",
			},
		},
		"the first of two answers": {
			[]string{`{"Vpcs": [{"VpcId": "v", "CidrBlock": "10.0.0.0/16"}]}`, `{"Vpcs": [{"VpcId": "v", "CidrBlock": "10.1.0.0/16"}]}`}, []string{"VPCs[0].CIDRs[0] = 10.0.0.0/16"}, []string{"10.1.0.0/16"},
		},
		"versions of a template": {
			[]string{`{"LaunchTemplateVersions": [{"LaunchTemplateId": "lt-1", "VersionNumber": 1}, {"LaunchTemplateId": "lt-1", "VersionNumber": 2}]}`}, []string{"LaunchTemplates[1].Version = 2"}, nil,
		},
		"a prefix list with its blocks": {
			[]string{`{"PrefixLists": [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]}`, `{"PrefixLists": [{"PrefixListId": "pl-1", "Cidrs": ["192.0.2.0/24"]}]}`},
			[]string{"PrefixLists[0].ID = pl-1", "PrefixLists[0].CIDRs[0] = 192.0.2.0/24", "PrefixLists[1].ID = pl-2", "PrefixLists[1].Missing"},
			[]string{"PrefixLists[0].Missing", "PrefixLists[2]"},
		},
		"a group and its rules": {[]string{group, rules}, []string{"SecurityGroups[0].Rules[0]"}, []string{"SecurityGroups[0].Rules[1]", "Missing", "SecurityGroups[1]"}},
		"rules without a group": {
			[]string{rules}, []string{"SecurityGroups[0].ID = sg-1", "SecurityGroups[0].Rules[1].Egress = true", "SecurityGroups[0].MissingIngress", "SecurityGroups[0].MissingEgress"}, []string{"SecurityGroups[0].Rules[2]", "SecurityGroups[1]"},
		},
		"rules of nobody": {
			[]string{`{"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1"}], "Vpcs": [{"VpcId": "v"}]}`}, []string{"VPCs[0].ID = v"}, []string{"SecurityGroups"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := "\n" + joinedAnswers(t, tt.answers...)
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("there is no %q in%s", w, got)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(got, w) {
					t.Errorf("there is a %q in%s", w, got)
				}
			}
		})
	}
}

// TestJoinedWithPlan: rules that a plan writes for a group that AWS shows are
// added to it, as they may not be there yet.
func TestJoinedWithPlan(t *testing.T) {
	t.Parallel()
	group := &model.SecurityGroup{AWSMeta: model.AWSMeta{ID: "sg-1", Observed: true}, Rules: make([]model.SecurityGroupRule, 1)}
	apart := &model.Separate{AWSMeta: meta("p", "rule", ""), Owner: model.LinkTo("sg-1", model.Span{}), Rules: make([]model.SecurityGroupRule, 1)}
	out := joinAWS([]*model.AWS{{SecurityGroups: []*model.SecurityGroup{group}, Separate: []*model.Separate{apart, apart}}})
	if g := out.SecurityGroups[0]; len(out.SecurityGroups) != 1 || len(g.Rules) != 3 || g.MissingIngress != "" || len(group.Rules) != 1 {
		t.Errorf("got %+v, and the part has %d rules", g, len(group.Rules))
	}
}

// TestParts: what is written apart of ACLs and tables, by how sure its owner is.
func TestParts(t *testing.T) {
	t.Parallel()
	subnet := model.Link{ID: "s", Certainty: model.LinkKnown}
	for name, tt := range map[string]struct {
		owner           model.Link
		part            model.Separate // besides its name and owner
		entries, routes int
		subnets         []model.Certainty
		missing         bool
		main            model.Tri
	}{
		"entries":            {at("x", model.LinkKnown), model.Separate{Entries: make([]model.NetworkACLEntry, 2), Routes: make([]model.Route, 2)}, 2, 2, nil, false, model.No},
		"perhaps":            {at("x", model.LinkMay), model.Separate{Entries: make([]model.NetworkACLEntry, 2), Routes: make([]model.Route, 2)}, 0, 0, nil, true, model.No},
		"whose is not known": {model.Link{Why: "var.x"}, model.Separate{Entries: make([]model.NetworkACLEntry, 2), Routes: make([]model.Route, 2)}, 0, 0, nil, true, model.No},
		"of another":         {at("y", model.LinkKnown), model.Separate{Entries: make([]model.NetworkACLEntry, 2), Routes: make([]model.Route, 2)}, 0, 0, nil, false, model.No},
		"subnets":            {at("x", model.LinkKnown), model.Separate{Subnets: []model.Link{subnet, {Why: "var.s"}}}, 0, 0, []model.Certainty{model.LinkKnown, model.LinkUnknown}, false, model.No},
		"perhaps subnets":    {at("x", model.LinkMay), model.Separate{Subnets: []model.Link{subnet, {Why: "var.s"}}}, 0, 0, []model.Certainty{model.LinkMay, model.LinkUnknown}, false, model.No},
		"the main one":       {at("x", model.LinkKnown), model.Separate{Main: true}, 0, 0, nil, false, model.Yes},
		"perhaps the main":   {at("x", model.LinkMay), model.Separate{Main: true}, 0, 0, nil, false, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acl := &model.NetworkACL{AWSMeta: meta("p", "x", "")}
			table := &model.RouteTable{AWSMeta: meta("p", "x", ""), Main: model.Known(false, model.Span{})}
			of := func(kind model.SeparateKind) *model.Separate {
				out := tt.part
				out.AWSMeta, out.Kind, out.Owner = meta("p", "apart", ""), kind, tt.owner
				return &out
			}
			in := &model.AWS{
				NetworkACLs: []*model.NetworkACL{acl}, RouteTables: []*model.RouteTable{table},
				Separate: []*model.Separate{of(model.OfNetworkACL), of(model.OfRouteTable)},
			}
			for range 2 {
				out := joinAWS([]*model.AWS{in})
				a, r := out.NetworkACLs[0], out.RouteTables[0]
				if len(a.Entries) != tt.entries || len(r.Routes) != tt.routes || (a.Missing != "") != tt.missing || (r.Missing != "") != tt.missing {
					t.Errorf("%d entries, missing %q; %d routes, missing %q", len(a.Entries), a.Missing, len(r.Routes), r.Missing)
				}
				for _, links := range [][]model.Link{a.Subnets, r.Subnets} {
					var got []model.Certainty
					for _, l := range links {
						got = append(got, l.Certainty)
					}
					if diff := cmp.Diff(tt.subnets, got); diff != "" {
						t.Errorf("subnets: -want +got:\n%s", diff)
					}
				}
				if got := r.Main.Is(func(is bool) bool { return is }); got != tt.main {
					t.Errorf("is it the main one: %s", got)
				}
			}
			if len(acl.Subnets)+len(acl.Entries)+len(table.Subnets)+len(table.Routes) > 0 || acl.Missing != "" || len(in.Separate) != 2 ||
				len(tt.subnets) > 0 && in.Separate[0].Subnets[0] != subnet {
				t.Error("the part is changed")
			}
		})
	}
}

// TestDoubtsOnRules: each direction has doubts of its own.
func TestDoubtsOnRules(t *testing.T) {
	t.Parallel()
	group := &model.SecurityGroup{AWSMeta: meta("p", "a", "")}
	apart := &model.Separate{AWSMeta: meta("p", "apart", ""), Owner: at("a", model.LinkMay), Rules: []model.SecurityGroupRule{{Egress: true}}}
	out := joinAWS([]*model.AWS{{SecurityGroups: []*model.SecurityGroup{group}, Separate: []*model.Separate{apart}}}).SecurityGroups
	if len(out) != 1 || out[0].MissingEgress != "apart may belong to it" || out[0].MissingIngress != "" || len(out[0].Rules) > 0 {
		t.Errorf("got %+v", out[0])
	}
}

// TestSynthesisedContent: what AWS makes of a VPC and of a cluster.
func TestSynthesisedContent(t *testing.T) {
	t.Parallel()
	vpc := &model.VPC{AWSMeta: model.AWSMeta{Address: "vpc", Origin: "p", Conditional: "count"}, CreatedHere: true}
	cluster := &model.EKSCluster{
		AWSMeta: meta("p", "eks", ""), ClusterName: model.Open[string]("var.name", model.Span{}), VPC: at("vpc", model.LinkKnown),
		ClusterSecurityGroup: at("eks"+model.ClusterGroupSuffix, model.LinkKnown),
	}
	got := loadertest.Dump(joinAWS([]*model.AWS{{VPCs: []*model.VPC{vpc}, Clusters: []*model.EKSCluster{cluster}}}), nil)
	for _, want := range []string{
		"SecurityGroups[0].Address = eks/cluster-security-group", "SecurityGroups[0].Tags.Missing = var.name", "SecurityGroups[0].VPC = vpc certainty 2",
		"SecurityGroups[0].Rules[0].Peer.Group = eks/cluster-security-group certainty 2", "SecurityGroups[0].Rules[0].Peer.Self = true",
		"SecurityGroups[0].Rules[1].Egress = true", "SecurityGroups[0].Rules[1].Peer.CIDR = 0.0.0.0/0", "SecurityGroups[0].Rules[2].Peer.CIDR = ::/0",
		"SecurityGroups[1].Address = vpc/default-security-group", "SecurityGroups[1].Default = true", "SecurityGroups[1].GroupName = default", "SecurityGroups[1].Conditional = count",
		"NetworkACLs[0].Default = true", "NetworkACLs[0].VPC = vpc certainty 2", "NetworkACLs[0].Conditional = count",
		"NetworkACLs[0].Entries[0].CIDR = 0.0.0.0/0", "NetworkACLs[0].Entries[1].Egress = true", "NetworkACLs[0].Entries[1].Allow = true",
		"NetworkACLs[0].Entries[3].Egress = true", "NetworkACLs[0].Entries[3].CIDR = ::/0", "NetworkACLs[0].Entries[3].Traffic.Protocol = -1",
		"RouteTables[0].Address = vpc/main-route-table", "RouteTables[0].Main = true", "RouteTables[0].VPC = vpc certainty 2",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
}

// TestSynthesisedBeside: only what certainly is not there is made up.
func TestSynthesisedBeside(t *testing.T) {
	t.Parallel()
	yes, no, open := model.Known(true, model.Span{}), model.Known(false, model.Span{}), model.Open[bool]("var.x", model.Span{})
	here, there, unknown := at("vpc", model.LinkKnown), at("other", model.LinkKnown), model.Link{Why: "var.vpc"}
	declared := func(vpc model.Link, is model.Value[bool]) model.AWS {
		isDefault, _ := is.Get()
		return model.AWS{
			SecurityGroups: []*model.SecurityGroup{{AWSMeta: meta("p", "declared", ""), VPC: vpc, Default: isDefault}},
			NetworkACLs:    []*model.NetworkACL{{AWSMeta: meta("p", "declared", ""), VPC: vpc, Default: is}},
			RouteTables:    []*model.RouteTable{{AWSMeta: meta("p", "declared", ""), VPC: vpc, Main: is}},
		}
	}
	main := func(origin string, is bool) model.AWS {
		return model.AWS{Separate: []*model.Separate{{AWSMeta: meta(origin, "apart", ""), Kind: model.OfRouteTable, Main: is, Owner: at("z", model.LinkKnown)}}}
	}
	for name, tt := range map[string]struct {
		in                model.AWS
		group, acl, table bool // whether they are made up
	}{
		"default ones":                   {declared(here, yes), false, false, false},
		"others of the VPC":              {declared(here, no), true, true, true},
		"default ones of another":        {declared(there, yes), true, true, true},
		"default ones of an unknown":     {declared(unknown, yes), false, false, false},
		"perhaps default ones":           {declared(here, open), true, false, false},
		"another main table":             {main("p", true), true, true, false},
		"a main table of another plan":   {main("q", true), true, true, true},
		"an association that is no such": {main("p", false), true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := tt.in
			in.VPCs = []*model.VPC{{AWSMeta: meta("p", "vpc", ""), CreatedHere: true}}
			got := loadertest.Dump(joinAWS([]*model.AWS{&in}), nil)
			for suffix, want := range map[string]bool{model.DefaultGroupSuffix: tt.group, model.DefaultACLSuffix: tt.acl, model.MainTableSuffix: tt.table} {
				if strings.Contains(got, "Address = vpc"+suffix+"\n") != want {
					t.Errorf("%s is made up: %v", suffix, !want)
				}
			}
		})
	}
}

// TestStdinShares: manifests on standard input have the AWS side of the files.
func TestStdinShares(t *testing.T) {
	t.Parallel()
	r, err := Load(t.Context(), files("aws/vpc.json", someVPC), Options{Paths: []string{"aws", "-"}, Stdin: []byte(object("Service", "a", ""))})
	if err != nil || len(r.Clusters) != 1 || len(r.Clusters[0].AWS().VPCs) != 1 || r.Clusters[0].Len() != 1 {
		t.Errorf("got %d clusters, %v", len(r.Clusters), err)
	}
	r, err = Load(t.Context(), files("k/a.json", `{"Subnets": []}`), Options{Paths: []string{"k"}})
	if err != nil || len(r.Clusters)+len(r.Problems) > 0 {
		t.Errorf("an empty answer makes %d clusters and the problems %v, %v", len(r.Clusters), r.Problems, err)
	}
}
