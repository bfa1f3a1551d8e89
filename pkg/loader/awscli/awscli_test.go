package awscli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/awscli"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestGolden reads every key and field of the answers.
func TestGolden(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	part := awscli.Load("all.json", text)
	if len(part.Problems) > 0 {
		t.Errorf("problems: %v", part.Problems)
	}
	got := loadertest.Dump(part.AWS, text)
	loadertest.Golden(t, "testdata/all.golden", got)
}

// TestYAML: what --output yaml prints says the same.
func TestYAML(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !awscli.Claims(text) {
		t.Error("not claimed")
	}
	part := awscli.Load("all.yaml", text)
	if len(part.Problems) > 0 {
		t.Errorf("problems: %v", part.Problems)
	}
	loadertest.Golden(t, "testdata/all.yaml.golden", loadertest.Dump(part.AWS, text))
	json, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(loadertest.Dump(awscli.Load("all.json", json).AWS, nil), "all.json", "all.yaml")
	if diff := cmp.Diff(want, loadertest.Dump(part.AWS, nil)); diff != "" {
		t.Errorf("-json +yaml:\n%s", diff)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"Vpcs": [{"VpcId": "vpc-1"}]}`:                                      true,
		"\ufeff" + `{"Subnets": [{"SubnetId": "s"}], "NextToken": null}`:      true,
		`{"cluster": {"name": "c", "resourcesVpcConfig": {}}}`:                true,
		`{"Vpcs": [{"VpcId": "vpc-1"}`:                                        true, // cut off: said when it is read
		`{"apiVersion": "v1", "kind": "ConfigMap", "Vpcs": [{"VpcId": "x"}]}`: false,
		`{"cluster": {"server": "https://example.com"}}`:                      false,
		`{"name": "app", "Subnets": 3}`:                                       false,
		`{"items": [{"Vpcs": [{"VpcId": "vpc-1"}]}]}`:                         false,
		`[{"Vpcs": [{"VpcId": "vpc-1"}]}]`:                                    false,
		`{"format_version": "1.2", "planned_values": {"Vpcs": "VpcId"}}`:      false,
		"Vpcs:\n- VpcId: vpc-1\n":                                             true,
		"NextToken: x\r\nSubnets:\r\n  - SubnetId: s\r\n":                     true,
		"cluster:\n  name: c\n  resourcesVpcConfig:\n    vpcId: v\n":          true,
		"cluster:\n  name: c\n":                                               false,
		"apiVersion: v1\nSubnets:\n- SubnetId: s\n":                           false,
		"Subnets:\n  SubnetId: s\n":                                           false,
		"x:\n  Subnets:\n  - SubnetId: s\n":                                   false,
		"Subnets:\n- Name: s\n":                                               false,
		"":                                                                    false,
		`{"Subnets": []}`:                                                     false, // nothing in it
		`{"name": "app", "cluster": "prod", "dependencies": {}}`:              false,
		`{"cluster": {"clusterName": "web", "clusterArn": "arn:x"}}`:          false, // of another service
		`{"cluster": {"sensitive": false, "value": {"name": "c"}}}`:           false, // terraform output
		`{"nodegroup": {"nodegroupName": "n"}}`:                               true,
		`{"fargateProfile": {"fargateProfileName": "f"}}`:                     true,
		`{"addon": {"addonName": "a"}}`:                                       true,
		`{"Resources": {"Vpcs": {"VpcId": "x"}}, "Outputs": {}}`:              false,
		`{"cluster": {"resourcesVpcConfig": {}}} {"apiVersion": "v1"}`:        true,
		`{"kind": "List", "apiVersion": "v1", "Subnets": ["SubnetId"]}`:       false,
	} {
		if got := awscli.Claims([]byte(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// TestProblems: what cannot be used is a problem where it stands, and the rest is
// read.
func TestProblems(t *testing.T) {
	t.Parallel()
	const good = `{"Subnets": [{"SubnetId": "good", "CidrBlock": "10.0.0.0/24"}]}`
	for name, tt := range map[string]struct {
		text string
		want []string // "covered text: message"
	}{
		"a block that is none": {
			`{"Subnets": [{"SubnetId": "bad", "CidrBlock": "10.0.0.0"}]}`, []string{`"10.0.0.0": CidrBlock: want a CIDR block, got "10.0.0.0"`},
		},
		"a number for a text":     {`{"Subnets": [{"SubnetId": true}]}`, []string{`true: SubnetId: want text, got "true"`}},
		"an object for a list":    {`{"RouteTables": [{"RouteTableId": "r", "Routes": {"a": 1}}]}`, []string{`{"a": 1}: Routes: want a list, got an object`}},
		"a text for an object":    {`{"Subnets": ["SubnetId"]}`, []string{`"SubnetId": Subnets: want an object, got "SubnetId"`}},
		"a protocol that is none": {`{"SecurityGroupRules": [{"SecurityGroupRuleId": "x", "GroupId": "g", "IpProtocol": "tpc"}]}`, []string{`"tpc": IpProtocol: want a protocol, got "tpc"`}},
		"an address that is none": {
			`{"NetworkInterfaces": [{"NetworkInterfaceId": "e", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0"}]}]}`,
			[]string{`"10.0.0": PrivateIpAddress: want an address, got "10.0.0"`},
		},
		"half a port": {
			`{"NetworkAcls": [{"NetworkAclId": "a", "Entries": [{"RuleNumber": 1.5}]}]}`, []string{`1.5: RuleNumber: want a whole number, got "1.5"`},
		},
		"no JSON behind it": {`{"Vpcs": [{"VpcId": ]}`, []string{`]: not valid JSON: invalid character ']' looking for beginning of value`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := good + "\n" + tt.text
			part := awscli.Load("x.json", []byte(text))
			var got []string
			for _, p := range part.Problems {
				got = append(got, text[p.At.Start:p.At.End]+": "+p.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(part.AWS.Subnets) == 0 || part.AWS.Subnets[0].ID != "good" {
				t.Error("what stands before it is lost")
			}
		})
	}
}

// TestLists: the answers of eks describe-* may be gathered in a list.
func TestLists(t *testing.T) {
	t.Parallel()
	part := awscli.Load("x.json", []byte(`{"nodegroup": [{"nodegroupName": "a", "clusterName": "c"}, {"nodegroupName": "b", "clusterName": "c"}]} {"nodegroup": {"nodegroupName": "d", "clusterName": "c"}}`))
	var got []string
	for _, n := range part.AWS.NodeGroups {
		got = append(got, n.ID)
	}
	if diff := cmp.Diff([]string{"c/a", "c/b", "c/d"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestCorners: what answers leave out, or no longer mean.
func TestCorners(t *testing.T) {
	t.Parallel()
	const template = `{"LaunchTemplateVersions": [{"LaunchTemplateId": "lt-1", "LaunchTemplateData": {%s}}]}`
	for name, tt := range map[string]struct {
		text string
		want []string // lines that are there
		not  []string // texts that are not
	}{
		"a VPC of an old answer": {
			`{"Vpcs": [{"VpcId": "v", "CidrBlock": "10.0.0.0/16"}]}`, []string{`VPCs[0].CIDRs[0] = 10.0.0.0/16 @ "10.0.0.0/16"`}, nil,
		},
		"the first block stands twice": {
			`{"Vpcs": [{"VpcId": "v", "CidrBlock": "10.0.0.0/16", "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}]}]}`, nil, []string{"CIDRs[1]"},
		},
		"a block that is gone": {
			`{"Vpcs": [{"VpcId": "v", "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "disassociated"}}]}]}`, nil, []string{"CIDRs[0]"},
		},
		"a subnet without IPv4": {
			`{"Subnets": [{"SubnetId": "s", "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}]}]}`,
			[]string{`Subnets[0].CIDR6 = 2001:db8::/64 @ "2001:db8::/64"`, "Subnets[0].CIDR = invalid Prefix"},
			[]string{"MapPublicIP"},
		},
		"an association that is gone": {
			`{"RouteTables": [{"RouteTableId": "r", "Associations": [{"Main": true, "SubnetId": "s", "AssociationState": {"State": "disassociated"}}]}]}`,
			[]string{"RouteTables[0].Main = false"},
			[]string{"Subnets[0]"},
		},
		"an association with a gateway": {
			`{"RouteTables": [{"RouteTableId": "r", "Associations": [{"Main": false, "GatewayId": "igw-1"}]}]}`, []string{"RouteTables[0].Main = false"}, []string{"Subnets[0]"},
		},
		"the main one of a VPC, and of a subnet": {
			`{"RouteTables": [{"RouteTableId": "r", "Associations": [{"Main": true}, {"Main": false, "SubnetId": "s"}]}]}`, []string{"RouteTables[0].Main = true", "RouteTables[0].Subnets[0] = s"}, nil,
		},
		"a NAT gateway of an old answer": {`{"NatGateways": [{"NatGatewayId": "e"}, {"NatGatewayId": "f", "ConnectivityType": "private"}]}`, []string{"NATGateways[1].Private = true"}, []string{"NATGateways[0].Private"}},
		"a route to nowhere": {
			`{"RouteTables": [{"RouteTableId": "r", "Routes": [{"DestinationCidrBlock": "0.0.0.0/0"}]}]}`, []string{"Routes[0].Destination = 0.0.0.0/0", "Routes[0].Target =  certainty 0"}, []string{"Kind"},
		},
		"an endpoint that is gone":   {`{"VpcEndpoints": [{"VpcEndpointId": "e", "State": "Deleted"}, {"VpcEndpointId": "f", "State": "available"}]}`, []string{"Endpoints[0].ID = f"}, []string{"Endpoints[1]"}},
		"a NAT gateway that is gone": {`{"NatGateways": [{"NatGatewayId": "e", "State": "failed"}, {"NatGatewayId": "f", "State": "pending"}]}`, []string{"NATGateways[0].ID = f"}, []string{"NATGateways[1]"}},
		"an instance that is gone": {
			`{"Reservations": [{"Instances": [{"InstanceId": "i", "State": {"Name": "terminated"}, "NetworkInterfaces": [{"NetworkInterfaceId": "e"}]}]}]}`, nil, []string{"Interfaces"},
		},
		"an instance that is about to go": {
			`{"Reservations": [{"Instances": [{"InstanceId": "i", "State": {"Name": "shutting-down"}, "NetworkInterfaces": [{"NetworkInterfaceId": "e"}]}]}]}`, nil, []string{"Interfaces"},
		},
		"a block that fails": {
			`{"Vpcs": [{"VpcId": "v", "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "failing"}}]}]}`, nil, []string{"CIDRs[0]"},
		},
		"groups of the only interface": {strings.Replace(template, "%s", `"NetworkInterfaces": [{"Groups": ["sg-1"]}]`, 1), []string{"SecurityGroups[0] = sg-1"}, nil},
		"an entry without an action": {
			`{"NetworkAcls": [{"NetworkAclId": "a", "Entries": [{"RuleNumber": 1}]}]}`, []string{"Entries[0].Number = 1"}, []string{"Allow"},
		},
		"a rule about nobody": {
			`{"SecurityGroupRules": [{"SecurityGroupRuleId": "r"}]}`, []string{"Peer.Group =  certainty 0"}, []string{"Self"},
		},
		"a group without an identifier": {
			`{"SecurityGroups": [{"GroupName": "x", "IpPermissions": [{"UserIdGroupPairs": [{"UserId": "1"}]}]}]}`, []string{"Peer.Group =  certainty 0"}, []string{"Self", "Default"},
		},
		"a group of which a query leaves out the rules": {
			`{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": []}]}`, []string{"MissingEgress = the answer leaves out IpPermissionsEgress"}, []string{"MissingIngress"},
		},
		"a group of which a query leaves out the peers": {
			`{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "-1"}], "IpPermissionsEgress": []}]}`,
			[]string{"MissingIngress = the answer leaves out the peers of a rule"},
			[]string{"MissingEgress"},
		},
		"an ACL of which a query leaves out the entries": {
			`{"NetworkAcls": [{"NetworkAclId": "a", "Associations": []}]}`, []string{"NetworkACLs[0].Missing = the answer leaves out Entries"}, []string{"Subnets[0]"},
		},
		"an ACL of which a query leaves out the directions": {
			`{"NetworkAcls": [{"NetworkAclId": "a", "Entries": [{"RuleNumber": 1, "Egress": false}, {"RuleNumber": 2}]}]}`,
			[]string{"NetworkACLs[0].Missing = the answer leaves out Egress", "NetworkACLs[0].Subnets[0] =  certainty 0 (the answer leaves out Associations)"},
			nil,
		},
		"a table of which a query leaves out the routes": {
			`{"RouteTables": [{"RouteTableId": "r", "Associations": []}]}`, []string{"RouteTables[0].Missing = the answer leaves out Routes"}, []string{"Subnets[0]"},
		},
		"a table of which a query leaves out the associations": {
			`{"RouteTables": [{"RouteTableId": "r", "Routes": []}]}`, []string{"RouteTables[0].Subnets[0] =  certainty 0 (the answer leaves out Associations)"}, []string{"Missing"},
		},
		"a prefix list without its blocks": {`{"PrefixLists": [{"PrefixListId": "pl-1"}]}`, []string{"PrefixLists[0].Missing = describe-managed-prefix-lists"}, nil},
		"a tag without a key": {
			`{"Vpcs": [{"VpcId": "v", "Tags": [{"Value": "b"}, {"Key": "a"}]}]}`, []string{"VPCs[0].Tags.Missing = ", "VPCs[0].Tags.Values.a = "}, nil,
		},
		"user data that is none": {strings.Replace(template, "%s", `"UserData": "%%"`, 1), []string{"UserData = ? (the user data is not base64)"}, nil},
		"groups by name":         {strings.Replace(template, "%s", `"SecurityGroups": ["web"]`, 1), []string{"SecurityGroups[0] =  certainty 0 (the launch template gives its security groups by name)"}, nil},
		"groups by both":         {strings.Replace(template, "%s", `"SecurityGroups": ["web"], "SecurityGroupIds": ["sg-1"]`, 1), []string{"SecurityGroups[0] = sg-1 certainty 2"}, []string{"SecurityGroups[1]"}},
		"groups of an interface": {
			strings.Replace(template, "%s", `"NetworkInterfaces": [{"DeviceIndex": 1, "Groups": ["sg-2"]}, {"DeviceIndex": 0, "Groups": ["sg-1"]}]`, 1), []string{"SecurityGroups[0] = sg-1 certainty 2"}, []string{"= sg-2"},
		},
		"a cluster of IPv6": {
			`{"cluster": {"name": "c", "resourcesVpcConfig": {}, "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "serviceIpv6Cidr": "fd00::/108"}}}`,
			[]string{`Clusters[0].ServiceCIDR = fd00::/108 @ "fd00::/108"`, "Clusters[0].AutoMode = false"},
			nil,
		},
		"a taint without a value": {`{"nodegroup": {"nodegroupName": "n", "taints": [{"key": "k", "effect": "NO_EXECUTE"}]}}`, []string{"Taints[0].Value =  @", "Taints[0].Effect = NoExecute"}, nil},
		"an add-on as it comes":   {`{"addon": {"addonName": "vpc-cni", "clusterName": "c"}}`, []string{"Addons[0].ID = c/vpc-cni", "Addons[0].Configuration =  @"}, nil},
		"an interface's tags":     {`{"NetworkInterfaces": [{"NetworkInterfaceId": "e", "TagSet": [{"Key": "Name", "Value": "n"}]}]}`, []string{"Interfaces[0].Name = n"}, []string{"Missing"}},
		"which instances hide":    {`{"Reservations": [{"Instances": [{"InstanceId": "i", "NetworkInterfaces": [{"NetworkInterfaceId": "e"}]}]}]}`, []string{"Interfaces[0].Tags.Missing = ", "Interfaces[0].Instance = i"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := awscli.Load("x.json", []byte(tt.text))
			got := loadertest.Dump(part.AWS, []byte(tt.text))
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("there is no %q in\n%s", w, got)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(got, w) {
					t.Errorf("there is a %q in\n%s", w, got)
				}
			}
			if len(part.Problems) > 0 {
				t.Errorf("problems: %v", part.Problems)
			}
		})
	}
}

// TestSamples reads what others have published.
func TestSamples(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/samples/awscli"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the samples are not there: %v", err)
	}
	// What is not read, and what is empty, is not claimed. Nor are the files of
	// npguard-aws, which wrap the answers of a collector.
	others := []string{
		"Addresses", "AvailabilityZones", "CustomerGateways", "ElasticsearchDomains", "LoadBalancerAttributes", "LoadBalancerListeners",
		"LoadBalancerTargetHealth", "TargetGroups", "TransitGatewayAttachments", "TransitGatewayPropagations", "TransitGatewayRouteTables",
		"TransitGatewayStaticRoutes", "TransitGatewayVpcAttachments", "TransitGateways", "VpcEndpointServices", "VpcPeeringConnections", "VpnConnections", "VpnGateways",
	}
	empty := []string{"LoadBalancers", "NatGateways", "NetworkInterfaces", "PrefixLists", "RdsInstances", "Reservations", "VpcEndpoints", "InternetGateways"}
	claimed := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".json" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		kind := strings.TrimSuffix(d.Name(), ".json")
		isOther := strings.Contains(name, "npguard-aws") || slices.Contains(others, kind) || slices.Contains(empty, kind) && bytes.Contains(text, []byte("[]")) && len(text) < 60
		if got := awscli.Claims(text); got == isOther {
			t.Errorf("%s is claimed: %v", name, got)
		} else if !got {
			return nil
		}
		claimed++
		if part := awscli.Load(name, text); len(part.Problems) > 0 {
			t.Errorf("%s: %v", name, part.Problems)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if claimed < 20 {
		t.Errorf("only %d files are claimed", claimed)
	}
}

func FuzzLoad(f *testing.F) {
	text, err := os.ReadFile("testdata/all.json")
	if err != nil {
		f.Fatal(err)
	}
	var answers map[string]json.RawMessage
	if err := json.Unmarshal(text, &answers); err != nil {
		f.Fatal(err)
	}
	for key, answer := range answers {
		f.Add(fmt.Appendf(nil, "{%q: %s}", key, answer))
	}
	f.Add([]byte("Subnets:\n- SubnetId: a\nNextToken: x\nSubnets:\n- &a {SubnetId: b, Tags: [*a]}\n"))
	f.Add([]byte(`{"RouteTables": [], "NextToken": {}}`))
	f.Add([]byte(`{"Subnets": [{"SubnetId": 1, "Tags": {"a": null}}]} {"cluster": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		part := awscli.Load("x.json", text)
		inside := func(s model.Span) {
			if s.File != "x.json" || s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Errorf("span %v of a text of %d bytes", s, len(text))
			}
		}
		loadertest.Spans(part.AWS, inside)
		for _, p := range part.Problems {
			inside(p.At)
		}
		if again := awscli.Load("x.json", bytes.Clone(text)); loadertest.Dump(again.AWS, text) != loadertest.Dump(part.AWS, text) {
			t.Error("the same text is read in two ways")
		}
	})
}

// TestPlace: a resource stands at its identifier, or as a whole without one.
func TestPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"Vpcs": [{"CidrBlock": "10.0.0.0/16", "VpcId": "vpc-1"}]}`: `"vpc-1"`,
		`{"Vpcs": [{"CidrBlock": "10.0.0.0/16"}]}`:                   `{"CidrBlock": "10.0.0.0/16"}`,
		`{"Vpcs": [{"VpcId": null}]}`:                                `{"VpcId": null}`,
	} {
		at := awscli.Load("x.json", []byte(text)).AWS.VPCs[0].At
		if got := text[at.Start:at.End]; got != want {
			t.Errorf("%s stands at %s", text, got)
		}
	}
}
