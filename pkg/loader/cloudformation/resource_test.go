package cloudformation_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/cloudformation"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/model"
)

// head is what the templates of TestCorners begin with.
const head = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Free: {Type: String}
Conditions:
  Free: !Equals [!Ref Free, a]
  Never: !Equals [a, b]
Resources:
`

// TestCorners: what properties mean that are left out, open or of another kind.
func TestCorners(t *testing.T) {
	t.Parallel()
	const vpc = "  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
	for name, tt := range map[string]struct {
		text string
		want []string // lines that are there
		not  []string // texts that are not
	}{
		"a VPC of an address pool":  {"  V: {Type: AWS::EC2::VPC, Properties: {Ipv4IpamPoolId: pool}}\n", []string{"VPCs[0].CIDRs[0] = ? (AWS chooses it)"}, nil},
		"a VPC without properties":  {"  V: {Type: AWS::EC2::VPC}\n", []string{"VPCs[0].Address = V", "VPCs[0].CreatedHere = true"}, nil},
		"a subnet without IPv4":     {"  S: {Type: AWS::EC2::Subnet, Properties: {Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64'}}\n", []string{"CIDR = invalid Prefix", "CIDR6 = 2001:db8::/64"}, nil},
		"a block of no subnet":      {"  B: {Type: AWS::EC2::SubnetCidrBlock, Properties: {SubnetId: subnet-1, Ipv6CidrBlock: '2001:db8::/64'}}\n", []string{"note: B adds a block to a subnet that is not in the template"}, nil},
		"a block that AWS provides": {vpc + "  B: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref V, Ipv4IpamPoolId: p}}\n", []string{"VPCs[0].CIDRs[1] = ? (AWS chooses it)"}, nil},
		"an internet gateway of nobody": {
			"  G: {Type: AWS::EC2::InternetGateway}\n", []string{"InternetGateways[0].VPC =  certainty 0 (no attachment of G to a VPC is in the template)"}, nil,
		},
		"an internet gateway of two": {
			vpc + "  G: {Type: AWS::EC2::InternetGateway}\n" +
				"  A: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref V, InternetGatewayId: !Ref G}}\n" +
				"  B: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-1, InternetGatewayId: !Ref G}}\n",
			[]string{"InternetGateways[0].VPC =  certainty 0 (B may attach it to another VPC)"},
			nil,
		},
		"an internet gateway that may be attached": {
			vpc + "  G: {Type: AWS::EC2::InternetGateway}\n" +
				"  A: {Type: AWS::EC2::VPCGatewayAttachment, Condition: Free, Properties: {VpcId: !Ref V, InternetGatewayId: !Ref G}}\n",
			[]string{"InternetGateways[0].VPC =  certainty 0 (A may attach it"},
			nil,
		},
		"a VPN gateway is no internet gateway": {
			"  A: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-1, VpnGatewayId: vgw-1}}\n", nil, []string{"InternetGateways"},
		},
		"a gateway by its identifier": {
			"  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1, GatewayId: vgw-1}}\n", []string{"Kind = virtual private gateway"}, nil,
		},
		"a gateway that nobody knows": {
			"  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1, GatewayId: !Ref Free}}\n",
			[]string{"Target =  certainty 0 (!Ref Free: the parameter has no default)"},
			[]string{"Routes[0].Kind"},
		},
		"a route of an imported NAT gateway": {
			"  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1, NatGatewayId: !ImportValue n}}\n", []string{"Kind = NAT gateway"}, nil,
		},
		"a route to nowhere": {
			"  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1}}\n", []string{"Target =  certainty 0 (the route names no target)"}, nil,
		},
		"a rule without a peer": {
			"  R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: sg-1, IpProtocol: tcp}}\n", nil, []string{"Separate"},
		},
		"a rule with two peers": {
			"  R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: sg-1, IpProtocol: tcp, CidrIp: 10.0.0.0/8, CidrIpv6: '::/0'}}\n",
			[]string{"Rules[0].Peer.CIDR = 10.0.0.0/8", "Rules[1].Peer.CIDR = ::/0"},
			[]string{"Rules[0].Traffic.From"},
		},
		"egress rules of AWS": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n" +
				"  R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref G, IpProtocol: -1, CidrIp: 10.0.0.0/8}}\n",
			[]string{"SecurityGroups[0].Rules[0].Egress = true", "Rules[0].Peer.CIDR = 0.0.0.0/0", "Rules[1].Peer.CIDR = ::/0"},
			[]string{"Missing"},
		},
		"inline egress": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}]}}\n",
			[]string{"Rules[0].Peer.CIDR = 10.0.0.0/8"},
			[]string{"0.0.0.0/0", "Missing"},
		},
		"egress that may be removed": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: !Ref AWS::NoValue}}\n", []string{"Peer.CIDR = 0.0.0.0/0"}, []string{"Missing"},
		},
		"egress of a group that may be another": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n" +
				"  R: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref Free, IpProtocol: -1, CidrIp: 10.0.0.0/8}}\n",
			[]string{"MissingEgress = whether the egress rules of AWS stay beside R is not known"},
			[]string{"0.0.0.0/0"},
		},
		"a rule that may not be made": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n" +
				"  R: {Type: AWS::EC2::SecurityGroupIngress, Condition: Free, Properties: {GroupId: !Ref G, IpProtocol: -1, CidrIp: 10.0.0.0/8}}\n",
			[]string{"Separate[0].Owner = G certainty 1", "Separate[0].Conditional = the condition Free is not known"},
			nil,
		},
		"a rule that is not made": {
			"  R: {Type: AWS::EC2::SecurityGroupIngress, Condition: Never, Properties: {GroupId: sg-1, IpProtocol: -1, CidrIp: 10.0.0.0/8}}\n", nil, []string{"Separate"},
		},
		"an entry of both directions": {
			"  E: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: acl-1, Egress: !Ref Free, RuleAction: allow}}\n",
			[]string{"Owner = acl-1 certainty 1"},
			[]string{"Entries[0].Egress"},
		},
		"a NAT gateway of either kind": {
			"  N: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: s, ConnectivityType: !Ref Free}}\n", []string{"Private = ? (!Ref Free: the parameter has no default)"}, nil,
		},
		"a prefix list that may have more": {
			"  P: {Type: AWS::EC2::PrefixList, Properties: {Entries: [{Cidr: 10.0.0.0/8}, !If [Free, {Cidr: 10.1.0.0/16}, !Ref AWS::NoValue]]}}\n",
			[]string{"CIDRs[0] = 10.0.0.0/8", "Missing = !If Free"},
			nil,
		},
		"a tag that nobody knows": {
			"  V: {Type: AWS::EC2::VPC, Properties: {Tags: [{Key: !Ref Free, Value: a}, {Key: b, Value: !Ref Free}]}}\n",
			[]string{"Tags.Values.b = ? (!Ref Free", "Tags.Missing = !Ref Free: the parameter has no default"},
			nil,
		},
		"nodes of a cluster that nobody knows": {
			"  A: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {Tags: [{Key: !Sub 'kubernetes.io/cluster/${Free}', Value: owned}]}}\n",
			[]string{"NodeGroups[0].Cluster = ? (!Ref Free: the parameter has no default)", "NodeGroups[0].SelfManaged = true"},
			nil,
		},
		"no nodes":                   {"  A: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {Tags: [{Key: !Ref Free, Value: owned}]}}\n", nil, []string{"NodeGroups"}},
		"groups by name":             {"  L: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {SecurityGroups: [web]}}}\n", []string{"SecurityGroups[0] =  certainty 0 (the launch template gives its security groups by name)"}, nil},
		"groups by both":             {"  L: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {SecurityGroups: [web], SecurityGroupIds: [sg-1]}}}\n", []string{"SecurityGroups[0] = sg-1"}, []string{"SecurityGroups[1]"}},
		"user data that is none":     {"  L: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {UserData: '%%'}}}\n", []string{"UserData = ? (the user data is not base64)"}, nil},
		"a template by another name": {"  N: {Type: AWS::EKS::Nodegroup, Properties: {LaunchTemplate: {Name: a}}}\n", []string{"LaunchTemplate =  certainty 0 (the launch template is given by its name a)", "LaunchTemplateVersion = $Default"}, []string{"t3.medium"}},
		"special images":             {"  N: {Type: AWS::EKS::Nodegroup, Properties: {AmiType: AL2023_ARM_64_STANDARD}}\n", nil, []string{"t3.medium"}},
		"a key that nobody knows":    {"  N: {Type: AWS::EKS::Nodegroup, Properties: {RemoteAccess: {Ec2SshKey: !If [Free, a, !Ref AWS::NoValue]}}}\n", []string{"RemoteAccess = ? (!If Free"}, nil},
		"an endpoint of IPv4 and IPv6": {
			"  C: {Type: AWS::EKS::Cluster, Properties: {KubernetesNetworkConfig: {IpFamily: !Ref Free}}}\n",
			[]string{"PublicCIDRs[0] = 0.0.0.0/0", "PublicCIDRs[1] = ? (EKS chooses the blocks of IPv6)", "ServiceCIDR = ? (EKS chooses it)"},
			nil,
		},
		"a network load balancer has no group of itself": {
			"  L: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, Subnets: [s]}}\n", nil, []string{"SecurityGroups"},
		},
		"a module": {
			"  M: {Type: Company::Vpc::MODULE}\n  S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref MVpc}}\n",
			[]string{"note: M is not expanded", "VPC =  certainty 0 (!Ref MVpc: M may make it)"},
			nil,
		},
		"an included resource": {"  I: {'Fn::Transform': {Name: AWS::Include}}\n", []string{"note: I is not expanded", "Separate[0].Address = I", "Separate[2].Address = I"}, nil},
		"a loop over associations": {
			"  Fn::ForEach::A:\n    - X\n    - [a]\n    - {'A${X}': {Type: AWS::EC2::SubnetRouteTableAssociation}}\n",
			[]string{"Separate[0].Kind = 2", "Subnets[0] =  certainty 0 (Fn::ForEach::A is not expanded)"},
			[]string{"Separate[1]"},
		},
		"a loop over topics":        {"  Fn::ForEach::A:\n    - X\n    - [a]\n    - {'A${X}': {Type: AWS::SNS::Topic}}\n", []string{"note: Fn::ForEach::A is not expanded"}, []string{"Separate"}},
		"included properties":       {"  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, 'Fn::Transform': {Name: AWS::Include}}}\n", []string{"CIDRs[0] = ? (Fn::Transform adds what the template does not show)", "Tags.Missing = Fn::Transform"}, nil},
		"a group of included parts": {"  G: {Type: AWS::EC2::SecurityGroup, Properties: {'Fn::Transform': {Name: AWS::Include}}}\n", []string{"MissingIngress = !Transform is not expanded", "MissingEgress = !Transform is not expanded"}, []string{"Rules"}},
		"a nested stack alone":      {"  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: u}}\n", []string{"note: the nested stack S is not followed"}, []string{"Separate"}},
		"a part of a group of included properties": {
			"  R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {'Fn::Transform': {Name: AWS::Include}}}\n",
			[]string{"Separate[0].Owner =  certainty 0 (!Transform is not expanded)", "Rules[0].Peer.CIDR = ? (!Transform is not expanded)"},
			[]string{"Rules[1]"},
		},
		"an included route":         {"  R: {Type: AWS::EC2::Route, Properties: {'Fn::Transform': {Name: AWS::Include}}}\n", []string{"Owner =  certainty 0", "Target =  certainty 0"}, []string{"Routes[0].Kind"}},
		"a gateway of an endpoint":  {"  E: {Type: AWS::EC2::VPCEndpoint}\n  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: r, GatewayId: !Ref E}}\n", []string{"Kind = VPC endpoint", "Target = E certainty 2"}, nil},
		"a gateway of another type": {"  E: {Type: AWS::X::Y}\n  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: r, GatewayId: !Ref E}}\n", []string{"Target = E certainty 2"}, []string{"Routes[0].Kind"}},
		"a nested stack that is given a list": {
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: []}}\n  S: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {Groups: [!Ref G, !Ref S]}}}\n",
			[]string{"Separate[0].Owner = G certainty 1 (the nested stack S is not followed)"},
			[]string{"Separate[1]"},
		},
		"a template by an unknown name": {"  N: {Type: AWS::EKS::Nodegroup, Properties: {LaunchTemplate: {Name: !Ref Free}}}\n", []string{"LaunchTemplate =  certainty 0 (!Ref Free"}, nil},
		"names": {
			"  L: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {LaunchConfigurationName: a}}\n  B: {Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: {SecurityGroups: [sg-1]}}\n",
			[]string{"LaunchTemplates[0].Name = a", "LoadBalancers[0].SecurityGroups[0] = sg-1"},
			[]string{"SecurityGroups[1]"},
		},
		"other types": {"  T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Nothing}}\n", nil, []string{"T"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := []byte(head + tt.text)
			part := cloudformation.Load("x.yaml", text)
			got := loadertest.Dump(part.AWS, text) + notes(part.Notes)
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

// TestRefused: what cannot be used is a problem where it stands, and the rest is
// read.
func TestRefused(t *testing.T) {
	t.Parallel()
	const good = "  Good: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
	for name, tt := range map[string]struct{ text, want string }{
		"a block that is none":       {"  S: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0}}\n", `10.0.0.0: CidrBlock: want a CIDR block, got "10.0.0.0"`},
		"a rule that is no list":     {"  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: {IpProtocol: tcp}}}\n", "{IpProtocol: tcp}: SecurityGroupIngress: want a list, got an object"},
		"an action that is none":     {"  E: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: a, RuleAction: permit}}\n", `permit: RuleAction: want allow or deny, got "permit"`},
		"an address that is none":    {"  E: {Type: AWS::EC2::NetworkInterface, Properties: {PrivateIpAddress: 10.0.0}}\n", `10.0.0: PrivateIpAddress: want an address, got "10.0.0"`},
		"properties that are none":   {"  V: {Type: AWS::EC2::VPC, Properties: [a]}\n", "[a]: V: the properties are no object"},
		"a resource without a type":  {"  V: {Properties: {}}\n", "V: V: a resource has a Type"},
		"a resource twice":           {"  Good: {Type: AWS::EC2::VPC}\n", "Good: there are two resources Good"},
		"a condition that is none":   {"  V: {Type: AWS::EC2::VPC, Condition: None}\n", "None: there is no condition None"},
		"resources that are no list": {"Resources: [a]\n", "[a]: Resources: want an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := head + good + tt.text
			if strings.HasPrefix(tt.text, "Resources") {
				text = tt.text
			}
			part := cloudformation.Load("x.yaml", []byte(text))
			var got []string
			for _, p := range part.Problems {
				got = append(got, text[p.At.Start:p.At.End]+": "+p.Message)
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(text, good) && (len(part.AWS.VPCs) == 0 || part.AWS.VPCs[0].Address != "Good") {
				t.Error("the rest is lost")
			}
		})
	}
	const sam = "Transform: AWS::Serverless-2016-10-31\n" + head + "  S: {Type: AWS::EC2::Subnet, Condition: Made, Properties: {VpcId: !Ref Made, CidrBlock: !FindInMap [Made, a, b]}}\n"
	if part := cloudformation.Load("x.yaml", []byte(sam)); len(part.Problems)+len(part.Notes)+len(part.AWS.Separate) > 0 {
		t.Errorf("what a transform may make is missed: %v", part)
	} else if s := part.AWS.Subnets[0]; s.VPC.Certainty != model.LinkUnknown || s.CIDR.Why() == "" || s.Conditional == "" {
		t.Errorf("what a transform may make is known: %v", s)
	}
	for text, want := range map[string]string{
		"Resources:\n\t a: b\n":      "not a template: ",
		`{"Resources": {"A": }}`:     "not a template: invalid character",
		"Resources: {}\n---\na: b\n": "not a template: ",
	} {
		part := cloudformation.Load("x.yaml", []byte(text))
		if len(part.Problems) != 1 || !strings.HasPrefix(part.Problems[0].Message, want) {
			t.Errorf("%q: %v", text, part.Problems)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"all.yaml", "open.yaml"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		before, resources, _ := strings.Cut(string(text), "Resources:\n")
		f.Add([]byte(before))
		for _, one := range regexp.MustCompile(`(?m)^  \w+:.*\n(    .*\n)*`).FindAllString(resources, -1) {
			f.Add([]byte("Resources:\n" + one))
		}
	}
	f.Add([]byte(`{"Resources": {"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Fn::Sub": "${A}"}}}}}`))
	f.Add([]byte("Resources:\n  V:\n    Type: AWS::EC2::VPC\n    Properties: &a {CidrBlock: !Select [0, !Cidr [10.0.0.0/16, 1, 8]], Tags: [*a]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		cloudformation.Claims(text)
		part := cloudformation.Load("x.yaml", text)
		checkSpans(t, "x.yaml", text, part)
		again := cloudformation.Load("x.yaml", text)
		if diff := cmp.Diff(loadertest.Dump(part.AWS, text), loadertest.Dump(again.AWS, text)); diff != "" {
			t.Errorf("it reads differently again:\n%s", diff)
		}
	})
}
