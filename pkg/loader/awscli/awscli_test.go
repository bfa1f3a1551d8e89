package awscli_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/awscli"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

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
	golden := "testdata/all.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("run go test -update; -want +got:\n%s", diff)
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
		"Vpcs:\n- VpcId: vpc-1\n":                                             false,
		"":                                                                    false,
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

// TestSamples reads what others have published.
func TestSamples(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/samples/awscli"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the samples are not there: %v", err)
	}
	claimed := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".json" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil || !awscli.Claims(text) {
			return err
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
	f.Add(text)
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
