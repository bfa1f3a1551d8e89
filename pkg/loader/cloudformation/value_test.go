package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/cloudformation"
	"github.com/ekslint/ekslint/pkg/model"
)

// around is a template with an expression as a text and as a list of subnets.
const around = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Default: shop}
  Port: {Type: Number, Default: 443}
  Flag: {Type: String, Default: yes}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  Free: {Type: String}
  Zones: {Type: "List<AWS::EC2::AvailabilityZone::Name>"}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a}
  Odd: {Type: String, Default: [a]}
Mappings:
  Map: {top: {one: "1", list: [x, y], none: !Ref AWS::NoValue}}
Conditions:
  Holds: !Equals [!Ref Name, shop]
  Fails: !Equals [!Ref Name, other]
  Free: !Equals [!Ref Free, a]
  IsYes: !Equals [!Ref Flag, yes]
  IsQuoted: !Equals [!Ref Flag, "yes"]
  BothFree: !And [!Condition Free, !Condition Holds]
  NotBoth: !And [!Condition Free, !Condition Fails]
  OneFree: !Or [!Condition Free, !Condition Holds]
  Long: {"Fn::Or": [{"Fn::Not": [{Condition: Holds}]}, {"Fn::Equals": [1, "1"]}]}
  Circle: !Not [!Condition Circle]
  Lists: !Equals [[a], [a]]
  Word: true
  Empty: !And []
  NotTwo: !Not [!Condition Holds, !Condition Holds]
  NoFunction: !Contains [a, b]
  OneArgument: !Equals [a]
Resources:
  Other:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Gone:
    Type: AWS::EC2::VPC
    Condition: Fails
    Properties: {CidrBlock: 10.0.0.0/16}
  Self:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !GetAtt Self.VpcId, CidrBlock: 10.0.0.0/24}
  Named: {Type: AWS::EKS::Cluster, Properties: {Name: !Sub "${Name}-1", RoleArn: a}}
  Unnamed: {Type: AWS::EKS::Cluster, Properties: {RoleArn: a}}
  Text:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: text, Value: %s}]}
  Subnets:
    Type: AWS::EKS::Nodegroup
    Properties: {ClusterName: c, Subnets: %s}
`

// TestTexts evaluates expressions as a text.
func TestTexts(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"a":                               "a",
		`"1"`:                             "1",
		"1.30":                            "1.30",
		"true":                            "true",
		"Yes":                             "true",
		"off":                             "false",
		`"off"`:                           "off",
		"012":                             "012",
		"1_000":                           "1_000",
		`"{{resolve:ssm:/a}}"`:            "? {{resolve:…}}: another service has the value",
		"!Sub '{{resolve:ssm:/${Name}}}'": "? {{resolve:…}}: another service has the value",

		"!Ref Name":                          "shop",
		"{Ref: Name}":                        "shop",
		"!Ref Port":                          "443",
		"!Ref Flag":                          "true",
		"!Ref Free":                          "? !Ref Free: the parameter has no default",
		"!Ref Secret":                        "? !Ref Secret: Systems Manager has the value of the parameter",
		"!Ref AWS::Region":                   "? !Ref AWS::Region: the deployment gives it",
		"!Ref AWS::NoValue":                  "absent",
		"!Ref Other":                         "? !Ref Other",
		"!Ref Gone":                          "? !Ref Gone: its condition is false",
		"!Ref Named":                         "shop-1",
		"!Ref Unnamed":                       "? !Ref Unnamed",
		"!GetAtt Other.CidrBlock":            "10.0.0.0/16",
		"{'Fn::GetAtt': [Other, CidrBlock]}": "10.0.0.0/16",
		"!GetAtt [Other, !Ref Free]":         "? !Ref Free: the parameter has no default",
		"!GetAtt Other.Ipv6CidrBlocks":       "? !GetAtt Other.Ipv6CidrBlocks",
		"!GetAtt Self.AvailabilityZone":      "? !GetAtt Self.AvailabilityZone",
		"!GetAtt Self.VpcId":                 "? Self refers to itself",

		`!Sub "${Name}:${Port}"`:                                     "shop:443",
		`!Sub "${Name}"`:                                             "shop",
		`!Sub "a ${!Name} ${ Name } $ {x} ${"`:                       "a ${Name} shop $ {x} ${",
		`!Sub "${Name}-${Free}"`:                                     "? !Ref Free: the parameter has no default",
		`!Sub "${Other.CidrBlock}!"`:                                 "10.0.0.0/16!",
		`!Sub ["${A.b}-${Name}", {A.b: !Ref Port}]`:                  "443-shop",
		`!Sub ["${Name}", {Name: mine}]`:                             "mine",
		`!Sub ["${A}", {A: !Ref Free}]`:                              "? !Ref Free: the parameter has no default",
		`{"Fn::Sub": "x${AWS::Partition}"}`:                          "? !Ref AWS::Partition: the deployment gives it",
		`!Join ["-", [a, !Ref Name, 3, true]]`:                       "a-shop-3-true",
		`!Join ["", !Ref List]`:                                      "abc",
		`!Join [",", !Ref Zones]`:                                    "? !Ref Zones: the parameter has no default",
		`!Join [",", [a, !Ref AWS::NoValue, b]]`:                     "a,b",
		`!Join [!Ref Free, [a, b]]`:                                  "? !Ref Free: the parameter has no default",
		`!Join [",", []]`:                                            "",
		`!Select [1, !Ref List]`:                                     "b",
		`!Select ["2", [a, b, !Ref Name]]`:                           "shop",
		`!Select [0, !GetAZs ""]`:                                    "? element 0 of !GetAZs: the zones of the region",
		`!Select [1, {"Fn::GetAZs": !Ref AWS::Region}]`:              "? element 1 of !GetAZs: the zones of the region",
		`!Select [!Ref Free, [a]]`:                                   "? !Ref Free: the parameter has no default",
		`!Select [1, [!If [Free, a, !Ref AWS::NoValue], b]]`:         "? element 1 of a list with elements that may be left out",
		`!Select [1, !Split [".", a.b.c]]`:                           "b",
		`!Select [1, !Split [".", !Ref Free]]`:                       "? element 1 of !Ref Free: the parameter has no default",
		`!FindInMap [Map, top, none]`:                                "absent",
		`!FindInMap [Map, top, one]`:                                 "1",
		`!Select [1, !FindInMap [Map, top, list]]`:                   "y",
		`!FindInMap [Map, !Ref Free, one]`:                           "? !FindInMap: the key !Ref Free: the parameter has no default",
		`!FindInMap [Map, none, one, {DefaultValue: !Ref Name}]`:     "shop",
		`!Length [a, b]`:                                             "2",
		`!Length {Ref: Zones}`:                                       "? the length of !Ref Zones: the parameter has no default",
		`!Length [!If [Free, a, !Ref AWS::NoValue]]`:                 "? the length of a list with elements that may be left out",
		`!ToJsonString {a: [1, "2", true, null], b: {c: !Ref Name}}`: `{"a":[1,"2",true,null],"b":{"c":"shop"}}`,
		`!ToJsonString {a: !Ref Free}`:                               "? !Ref Free: the parameter has no default",
		`!Base64 a`:                                                  "YQ==",
		`{"Fn::Base64": !Ref Free}`:                                  "? !Ref Free: the parameter has no default",
		`!ImportValue net`:                                           "? !ImportValue net: an export of another stack",
		`{"Fn::ImportValue": {"Fn::Sub": "${Name}-a"}}`:              "? !ImportValue !Sub: an export of another stack",
		`!Transform {Name: AWS::Include}`:                            "? !Transform is not expanded",

		`!Select [0, !Cidr [10.0.0.0/16, 2, 8]]`:               "10.0.0.0/24",
		`!Select [255, !Cidr [10.0.0.0/16, 256, 8]]`:           "10.0.255.0/24",
		`!Select [1, !Cidr [10.1.2.3/24, 6, 5]]`:               "10.1.2.32/27",
		`!Select [1, !Cidr [!GetAtt Other.CidrBlock, 2, "4"]]`: "10.0.0.16/28",
		`!Select [2, !Cidr ["2001:db8::/56", 4, 64]]`:          "2001:db8:0:2::/64",
		`!Select [0, !Cidr [10.0.0.0/24, 1, 8]]`:               "10.0.0.0/24",
		`!Select [3, !Cidr [10.0.0.0/16, !Ref Free, 8]]`:       "10.0.3.0/24",
		`!Select [0, !Cidr [!Ref Free, 2, 8]]`:                 "? element 0 of !Ref Free: the parameter has no default",
		`!Select [0, !Cidr [10.0.0.0/16, 2, !Ref Free]]`:       "? element 0 of !Ref Free: the parameter has no default",
		`!Select [0, !Cidr [10.0.0.0/16, 2]]`:                  "? element 0 of !Cidr: the bits of a block are not written",

		`!If [Holds, a, b]`:                 "a",
		`!If [Fails, a, b]`:                 "b",
		`!If [Fails, a, !Ref AWS::NoValue]`: "absent",
		`!If [Free, a, b]`:                  "? !If Free: !Ref Free: the parameter has no default",
		`{"Fn::If": [IsYes, a, b]}`:         "a",
		`!If [IsQuoted, a, b]`:              "b",
		`!If [BothFree, a, b]`:              "? !If BothFree: !Ref Free: the parameter has no default",
		`!If [NotBoth, a, b]`:               "b",
		`!If [OneFree, a, b]`:               "a",
		`!If [Long, a, b]`:                  "a",
		`!If [Circle, a, b]`:                "? !If Circle: the condition Circle depends on itself",
		`!If [Lists, a, b]`:                 "? !If Lists: !Equals compares what is no text",
		`!If [Holds, !If [Fails, a, b], c]`: "b",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			part := load(expression, "[]")
			got := "absent"
			if v, found := part.AWS.VPCs[1].Tags.Get("text"); found == model.Yes && !v.Span().IsZero() {
				text, known := v.Get()
				if got = text; !known {
					got = "? " + v.Why()
				}
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if len(part.Problems) > 0 {
				t.Errorf("problems: %v", part.Problems)
			}
		})
	}
}

// load reads the template around a text and a list.
func load(text, list string) model.Fragment {
	whole := strings.Replace(around, "  Odd: {Type: String, Default: [a]}\n", "", 1)
	return cloudformation.Load("t.yaml", fmt.Appendf(nil, whole, text, list))
}

// TestLinks evaluates expressions as a list of identifiers.
func TestLinks(t *testing.T) {
	t.Parallel()
	const free = "(!If Free: !Ref Free: the parameter has no default)"
	for expression, want := range map[string][]string{
		"[subnet-1, !Ref Other]":                                       {"subnet-1 2 ", "Other 2 "},
		"!Ref List":                                                    {"a 2 ", "b 2 ", "c 2 "},
		"!Ref Zones":                                                   {" 0 !Ref Zones: the parameter has no default"},
		"!Ref AWS::NoValue":                                            nil,
		`[!Join ["", [!Ref Other]]]`:                                   {"Other 2 "},
		`[!Join ["-", [!Ref Other, x]]]`:                               {" 0 !Ref Other"},
		`[!Sub "${Other}"]`:                                            {"Other 2 "},
		`[!Sub "${Other.DefaultSecurityGroup}"]`:                       {"Other/default-security-group 2 "},
		`[!Sub "${Other}x"]`:                                           {" 0 !Ref Other"},
		"[!GetAtt Named.ClusterSecurityGroupId]":                       {"Named/cluster-security-group 2 "},
		"[!GetAtt Other.DefaultNetworkAcl]":                            {"Other/default-network-acl 2 "},
		"[!GetAtt Other.VpcId, !GetAtt Other.Arn]":                     {"Other 2 ", " 0 !GetAtt Other.Arn"},
		"[!Ref Gone]":                                                  {" 0 !Ref Gone: its condition is false"},
		"!If [Holds, [!Ref Other], []]":                                {"Other 2 "},
		"!If [Free, [!Ref Other], [subnet-1]]":                         {"Other 1 " + free, "subnet-1 1 " + free},
		"[a, !If [Free, !Ref Other, !Ref AWS::NoValue]]":               {"a 2 ", "Other 1 " + free},
		"[!If [Free, !If [Free, a, !Ref Other], !Ref Zones]]":          {"a 1 " + free, "Other 1 " + free, " 0 !Ref Zones: the parameter has no default"},
		"!If [Free, [!Ref Other], !Ref AWS::NoValue]":                  {"Other 1 " + free, " 0 a property that may be left out"},
		"!If [Free, [!Ref Other], []]":                                 {"Other 1 " + free, " 0 a property that may be left out"},
		"!If [Free, [!Ref Other], {a: b}]":                             {"Other 1 " + free, " 0 " + free},
		"!If [Free, [!If [Free, !Ref Other, !Ref AWS::NoValue]], [b]]": {"Other 1 " + free, "b 1 " + free},
		"[!Select [0, [!Ref Other]]]":                                  {"Other 2 "},
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			part := load("a", expression)
			var got []string
			for _, l := range part.AWS.NodeGroups[0].Subnets {
				got = append(got, fmt.Sprintf("%s%s %d %s", l.ID, l.Address, l.Certainty, strings.ReplaceAll(l.Why, free[1:len(free)-1], free)))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(part.Problems) > 0 {
				t.Errorf("problems: %v", part.Problems)
			}
		})
	}
}

// TestProblems: what makes no sense is a problem where it stands, and open.
func TestProblems(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"!Ref None":                "None: !Ref None: there is no such parameter or resource",
		"!Ref [a]":                 "[a]: !Ref takes the name of a parameter or resource",
		"!Ref Odd":                 "[a]: the default of the parameter Odd is a text or number",
		"!GetAtt None.Id":          "None.Id: !GetAtt None.Id: there is no such resource",
		"!GetAtt None":             "None: !GetAtt takes a resource and an attribute",
		"!GetAtt [a, b, c]":        "[a, b, c]: !GetAtt takes a resource and an attribute",
		`!Sub "${None}"`:           `"${None}": !Ref None: there is no such parameter or resource`,
		"!Sub [a]":                 "[a]: !Sub takes a text, or a text and a mapping",
		"!Sub ['${A}b', {A: [c]}]": "['${A}b', {A: [c]}]: !Sub joins texts",
		"!Join [a]":                "[a]: !Join takes 2 arguments in a list",
		"!Join [a, b]":             "[a, b]: !Join takes a text and a list",
		`!Join [a, [[b], c]]`:      "[a, [[b], c]]: !Join joins texts",
		"!Split ['', a]":           "['', a]: !Split takes a delimiter and a text",
		"!Select [3, !Ref List]":   "[3, !Ref List]: !Select 3: the list has 3 elements",
		"!Select [-1, !Ref List]":  "[-1, !Ref List]: !Select takes an index that is not negative",
		"!Select [a, !Ref List]":   "[a, !Ref List]: !Select takes an index that is not negative",
		"!Select [0, a]":           "[0, a]: !Select takes an index and a list",
		"!Select [0]":              "[0]: !Select takes an index and a list",
		"!Select [999, !Cidr [10.0.0.0/16, !Ref Free, 8]]": "[999, !Cidr [10.0.0.0/16, !Ref Free, 8]]: !Cidr makes no more than 256 blocks of this size",
		"!FindInMap [Map, top, other]":                     "[Map, top, other]: !FindInMap: there is no Map.top.other",
		"!FindInMap [Map, top]":                            "[Map, top]: !FindInMap takes a map and two keys",
		"!FindInMap [Map, [], one]":                        "[Map, [], one]: !FindInMap takes a map and two keys",
		"!Cidr [10.0.0.0/16, 0, 8]":                        "[10.0.0.0/16, 0, 8]: !Cidr makes 1 to 256 blocks",
		"!Cidr [10.0.0.0/16, 257, 4]":                      "[10.0.0.0/16, 257, 4]: !Cidr makes 1 to 256 blocks",
		"!Cidr [10.0.0.0/24, 3, 7]":                        "[10.0.0.0/24, 3, 7]: !Cidr: 3 blocks of this size do not fit",
		"!Cidr [10.0.0.0/24, 1, 9]":                        "[10.0.0.0/24, 1, 9]: !Cidr: 1 blocks of this size do not fit",
		"!Cidr [10.0.0.0, 1, 8]":                           "[10.0.0.0, 1, 8]: !Cidr takes a block, a count and the bits of a block",
		"!Cidr [10.0.0.0/24, 1, 33]":                       "[10.0.0.0/24, 1, 33]: !Cidr takes a block, a count and the bits of a block",
		"!Cidr [a]":                                        "[a]: !Cidr takes a block, a count and the bits of a block",
		"!Base64 [a]":                                      "[a]: !Base64 takes a text",
		"!Length a":                                        "a: !Length takes a list",
		"!ToJsonString a":                                  "a: !ToJsonString takes a list or an object",
		"!If [Holds, a]":                                   "[Holds, a]: !If takes a condition and two values",
		"!If [None, a, b]":                                 "None: there is no condition None",
		"!If [Word, a, b]":                                 "true: a condition is a call of a function",
		"!If [Empty, a, b]":                                "[]: !And takes a list of conditions",
		"!If [NotTwo, a, b]":                               "[!Condition Holds, !Condition Holds]: !Not takes one condition in a list",
		"!If [NoFunction, a, b]":                           "[a, b]: !Contains is no function of conditions",
		"!If [OneArgument, a, b]":                          "[a]: !Equals takes 2 arguments in a list",
		"!If [[Holds], a, b]":                              "[Holds]: there is no condition sequence",
		"!Split [a]":                                       "[a]: !Split takes 2 arguments in a list",
		"!Cidr [[], 1, 8]":                                 "[[], 1, 8]: !Cidr takes a block, a count and the bits of a block",
		"!ToJsonString [1.]":                               "[1.]: !ToJsonString: json: invalid number literal \"1.\"",
		"!Reff a":                                          "a: !Reff is no function of CloudFormation",
		`{"Fn::Foo": a}`:                                   `{"Fn::Foo": a}: !Foo is no function of CloudFormation`,
		"[a]":                                              "[a]: Value: want text, got a list",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			text := fmt.Appendf(nil, around, expression, "[]")
			part := cloudformation.Load("t.yaml", text)
			var got []string
			for _, p := range part.Problems {
				got = append(got, string(text[p.At.Start:p.At.End])+": "+p.Message)
			}
			if diff := cmp.Diff([]string{want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if tag, _ := part.AWS.VPCs[1].Tags.Get("text"); tag.Why() == "" {
				t.Errorf("the value is known: %v", tag)
			}
		})
	}
}

// TestBombs: input that grows without bound ends soon.
func TestBombs(t *testing.T) {
	t.Parallel()
	aliases := "a0: &a0 [x, x, x, x, x, x, x, x]\n"
	for i := range 20 {
		aliases += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 7), i)
	}
	sub := "x"
	for range 60 {
		sub = `!Sub ["${A}${A}", {A: ` + sub + "}]"
	}
	joins := "{Ref: Name}"
	for range 400 {
		joins = `{"Fn::Join": ["", [a, ` + joins + "]]}"
	}
	for name, text := range map[string]string{
		"aliases":  aliases + fmt.Sprintf(around, "!ToJsonString [*a20]", "*a20"),
		"circle":   fmt.Sprintf(around, "&c [*c]", "&d [!If [Free, *d, *d]]"),
		"texts":    fmt.Sprintf(around, sub, "[]"),
		"depth":    fmt.Sprintf(around, joins, "[]"),
		"nothing":  fmt.Sprintf(around, strings.Repeat("[", 5000)+strings.Repeat("]", 5000), "[]"),
		"long":     strings.Replace(fmt.Sprintf(around, "!Sub '"+strings.Repeat("${Name}", 40)+"'", "[]"), "shop", strings.Repeat("x", 1<<20), 1),
		"pieces":   strings.Replace(fmt.Sprintf(around, "!Select [0, !Split [',', !Ref Name]]", "[]"), "shop", "'"+strings.Repeat(",", 1<<20)+"'", 1),
		"sections": "AWSTemplateFormatVersion: x\nParameters: [a]\nMappings: x\nConditions: [!Ref a]\nResources: [b]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			checkSpans(t, "t.yaml", []byte(text), cloudformation.Load("t.yaml", []byte(text)))
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
