package tfplan_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

func dump(r tfplan.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "state %v, configured %v\ndeclared %s\n", r.State, r.Configured, strings.Join(r.Declared, " "))
	for _, x := range r.Resources {
		fmt.Fprintf(&b, "%s", x.Address)
		if x.Exists {
			b.WriteString(" exists")
		}
		fmt.Fprintf(&b, " %s\n", loadertest.Show(x.Attributes))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem: %s\n", p.Message)
	}
	return b.String()
}

// TestGolden: what real plans and a real state say; see testdata/plan/make.sh.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"created", "plan", "state"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("testdata/plan/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if !tfplan.Claims(text) {
				t.Error("not claimed")
			}
			got := dump(tfplan.Read(name+".json", text))
			loadertest.Golden(t, "testdata/plan/"+name+".golden", got)
		})
	}
}

// TestRawGolden: a state as it is stored says what terraform show makes of it.
func TestRawGolden(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/plan/raw.json")
	if err != nil {
		t.Fatal(err)
	}
	if !tfplan.Claims(text) {
		t.Error("not claimed")
	}
	loadertest.Golden(t, "testdata/plan/state.golden", dump(tfplan.Read("raw.json", text)))
}

// rawState writes a stored state of one resource.
func rawState(resource string) string {
	return `{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {}, "resources": [` + resource + `]}`
}

// TestRawState: which instances a stored state has.
func TestRawState(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"in modules with keys": {
			rawState(`{"module": "module.a[0].module.b[\"x\"]", "mode": "managed", "type": "aws_vpc", "name": "v", "instances": [
				{"index_key": 0, "attributes": {"id": "vpc-1"}}, {"index_key": "k", "attributes": {"id": "vpc-2"}}]}`),
			`module.a[0].module.b["x"].aws_vpc.v[0] exists {id=vpc-1}
module.a[0].module.b["x"].aws_vpc.v["k"] exists {id=vpc-2}
`,
		},
		"a data source": {
			rawState(`{"mode": "data", "type": "aws_vpc", "name": "v", "instances": [{"attributes": {"id": "vpc-1"}}]}`),
			"data.aws_vpc.v exists {id=vpc-1}\n",
		},
		"deposed and tainted": {
			rawState(`{"mode": "managed", "type": "aws_vpc", "name": "v", "instances": [
				{"deposed": "0a1b2c3d", "attributes": {"id": "vpc-1"}}, {"status": "tainted", "attributes": {"id": "vpc-2"}}]}`),
			"aws_vpc.v exists {id=vpc-2}\n",
		},
		"values whose type is any": {
			rawState(`{"mode": "managed", "type": "kubernetes_manifest", "name": "m", "instances": [
				{"attributes": {"manifest": {"value": {"kind": "Service"}, "type": ["object", {"kind": "string"}]}, "object": null}}]}`),
			"kubernetes_manifest.m exists {manifest={kind=Service} object=null}\n",
		},
		"tags that look like one": {
			rawState(`{"mode": "managed", "type": "aws_vpc", "name": "v", "instances": [{"attributes": {"tags": {"value": "a", "type": "string"}}}]}`),
			"aws_vpc.v exists {tags={value=a type=string}}\n",
		},
		"attributes of Terraform 0.11": {
			rawState(`{"mode": "managed", "type": "aws_vpc", "name": "v", "instances": [{"attributes_flat": {"tags.%": "0"}}]}`),
			"problem: aws_vpc.v: want attributes\n",
		},
		"no name": {
			rawState(`{"mode": "managed", "type": "aws_vpc", "instances": [{"attributes": {}}]}`),
			"problem: want a resource with an address, a type and attributes\n",
		},
		"nothing": {rawState(""), ""},
		"encrypted": {
			`{"serial": 1, "lineage": "l", "meta": {"key_provider.pbkdf2.x": "e30="}, "encrypted_data": "AA==", "encryption_version": "v0"}`,
			"problem: a state that OpenTofu encrypted\n",
		},
		"version 3": {
			`{"version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "l", "modules": []}`,
			`problem: a Terraform state of version "3", only version 4 is read: Terraform 0.12 and later rewrite it` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !tfplan.Claims([]byte(tt.text)) {
				t.Error("not claimed")
			}
			got := dump(tfplan.Read("s.tfstate", []byte(tt.text)))
			_, got, _ = strings.Cut(got, "declared \n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// change writes a plan of one resource.
func change(change, expressions string) string {
	return `{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
		{"address": "aws_security_group.a", "mode": "managed", "type": "aws_security_group", "name": "a", "change": {"actions": ["create"], "after": {"name": "a"}, "after_unknown": {"id": true}}},
		{"address": "aws_x.x", "mode": "managed", "type": "aws_x", "name": "x", "change": ` + change + `}],
	"configuration": {"root_module": {"resources": [
		{"address": "aws_security_group.a", "mode": "managed", "type": "aws_security_group", "name": "a", "expressions": {"name": {"constant_value": "a"}}},
		{"address": "aws_x.x", "mode": "managed", "type": "aws_x", "name": "x", "expressions": ` + expressions + `}]}}}`
}

// TestValues: what a change leaves open, and what it says.
func TestValues(t *testing.T) {
	t.Parallel()
	const toGroup = `{"references": ["aws_security_group.a.id", "aws_security_group.a"]}`
	for name, tt := range map[string]struct{ change, expressions, want string }{
		"known": {
			`{"actions": ["create"], "after": {"p": "tcp", "n": null}, "after_unknown": {}}`, `{}`, "{p=tcp n=null}",
		},
		"chosen by AWS": {
			`{"actions": ["create"], "after": {"p": "tcp"}, "after_unknown": {"arn": true}}`, `{"p": {"constant_value": "tcp"}}`, "{p=tcp}",
		},
		"one reference": {
			`{"actions": ["create"], "after": {}, "after_unknown": {"g": true}}`, `{"g": ` + toGroup + `}`,
			"{g=?->aws_security_group.a(2)(aws_security_group.a.id before apply)}",
		},
		"in a nested block": {
			`{"actions": ["create"], "after": {"b": [{"port": 1}]}, "after_unknown": {"b": [{"g": [true]}]}}`, `{"b": [{"g": ` + toGroup + `, "port": {"constant_value": 1}}]}`,
			"{b=[{port=1 g=?->aws_security_group.a(2)(aws_security_group.a.id before apply)}]}",
		},
		"what stays": {
			`{"actions": ["no-op"], "after": {"id": "x-1", "g": "sg-1"}, "after_unknown": {}}`, `{"g": ` + toGroup + `}`, "exists {id=x-1 g=sg-1}",
		},
		"what is deleted": {`{"actions": ["delete"], "after": null, "after_unknown": {}}`, `{}`, ""},
		"what is replaced": {
			`{"actions": ["delete", "create"], "after": {"p": "tcp"}, "after_unknown": {"id": true}}`, `{"p": {"constant_value": "tcp"}}`, "{p=tcp}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tfplan.Read("p.json", []byte(change(tt.change, tt.expressions)))
			got := ""
			for _, x := range r.Resources {
				if x.Address != "aws_x.x" {
					continue
				}
				got = loadertest.Show(x.Attributes)
				if x.Exists {
					got = "exists " + got
				}
			}
			if got != tt.want || len(r.Problems) > 0 {
				t.Errorf("got %s, want %s; %v", got, tt.want, r.Problems)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}}`:  true,
		`{"format_version": "0.1", "resource_changes": []}`:                               true,
		`{"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}`:          true,
		`{"format_version": "1.0", "terraform_version": "1.11.4"}`:                        false, // an empty state
		`{"format_version": "1.0", "values": {}}`:                                         false,
		`{"apiVersion": "v1", "format_version": "1.0", "planned_values": {}}`:             false,
		`{"version": 4, "resources": []}`:                                                 false,
		`{"version": 4, "serial": 1, "lineage": "", "resources": []}`:                     true,
		`{"apiVersion": "v1", "version": 4, "serial": 1, "lineage": "", "resources": []}`: false,
		`{"version": 1, "serial": 1, "modules": []}`:                                      true, // before Terraform 0.9
		"planned_values: {}\nformat_version: 1":                                           false,
		``:                                                                                false,
	} {
		if got := tfplan.Claims([]byte(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// TestBroken: text that is cut off is a problem at its place.
func TestBroken(t *testing.T) {
	t.Parallel()
	r := tfplan.Read("p.json", []byte(`{"format_version": "1.2", "planned_values": `))
	if len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0].Message, "not valid JSON: ") || r.Problems[0].At.Start == 0 {
		t.Errorf("got %v", r.Problems)
	}
}

// TestSamples: plans of others have resources, and no problem.
func TestSamples(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/samples"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the samples are not here: %v", err)
	}
	read := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".json" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil || !tfplan.Claims(text) {
			return err
		}
		r := tfplan.Read("p.json", text)
		if len(r.Problems) > 0 {
			t.Errorf("%s: %v", name, r.Problems)
		}
		read += len(r.Resources)
		checkSpans(t, r, len(text))
		return nil
	})
	if err != nil || read < 50 {
		t.Errorf("%d resources, %v", read, err)
	}
}

func checkSpans(t *testing.T, r tfplan.Result, size int) {
	t.Helper()
	check := func(s model.Span) {
		if s.Start < 0 || s.End < s.Start || s.End > size {
			t.Errorf("%v is not in the file", s)
		}
	}
	for _, x := range r.Resources {
		check(x.At)
		loadertest.EachValue(x.Attributes, func(v *attr.Value) {
			check(v.At)
			for _, l := range v.Links {
				check(l.At)
			}
		})
	}
	for _, p := range r.Problems {
		check(p.At)
	}
}

// FuzzRead: no text makes it panic, and every place lies in the file.
func FuzzRead(f *testing.F) {
	f.Add(change(`{"actions": ["create"], "after": {"b": [{"port": 1}]}, "after_unknown": {"b": [{"g": [true]}], "v": true}}`,
		`{"b": [{"g": {"references": ["aws_security_group.a.id", "module.m.o", "var.x", "each.value"]}}], "v": {"references": ["local.x"]}}`))
	f.Add(`{"format_version": "1.0", "terraform_version": "1", "values": {"root_module": {"resources": [{"address": "aws_x.x", "mode": "data", "type": "aws_x", "values": {"a": [1]}}],
		"child_modules": [{"address": "module.m[\"k\"]", "resources": []}]}}}`)
	f.Add(`{"format_version": "1.0", "planned_values": {}, "configuration": {"root_module": {"module_calls": {"m": {"expressions": {"x": {"references": ["module.m.o"]}},
		"module": {"outputs": {"o": {"expression": {"references": ["var.x"]}}}, "variables": {"x": {}}}}}}}}`)
	f.Add(`{"version": 4, "serial": 1, "lineage": "l", "encrypted_data": 1, "resources": 2}`)
	f.Add(rawState(`{"module": "module.a[0]", "mode": "data", "type": "aws_vpc", "name": "v", "instances": [{"index_key": "k", "attributes": {"id": "vpc-1"}}, {"deposed": "1"}]}`))
	f.Add(rawState(`{"mode": "managed", "type": "kubernetes_manifest", "name": "m", "instances": [{"attributes": {"manifest": {"value": {}, "type": "x"}}}, {"attributes": 1}]}`))
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, tfplan.Read("p.json", []byte(text)), len(text)) })
}

// BenchmarkRead reads a plan of 5 MB: groups, rules and subnets in modules.
func BenchmarkRead(b *testing.B) {
	var changes, calls []string
	for m := range 100 {
		calls = append(calls, fmt.Sprintf(`"m%d": {"source": "./m", "expressions": {"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}, "module": {
			"variables": {"vpc_id": {}}, "resources": [
			{"address": "aws_security_group.g", "mode": "managed", "type": "aws_security_group", "name": "g", "expressions": {"vpc_id": {"references": ["var.vpc_id"]}}},
			{"address": "aws_security_group_rule.r", "mode": "managed", "type": "aws_security_group_rule", "name": "r", "for_each_expression": {"references": ["local.rules"]},
			 "expressions": {"security_group_id": {"references": ["aws_security_group.g.id", "aws_security_group.g"]}}}]}}`, m))
		changes = append(changes, fmt.Sprintf(`{"address": "module.m%d.aws_security_group.g", "module_address": "module.m%d", "mode": "managed", "type": "aws_security_group", "name": "g",
			"change": {"actions": ["create"], "after": {"name": "g"}, "after_unknown": {"id": true, "vpc_id": true, "ingress": true}}}`, m, m))
		for r := range 100 {
			changes = append(changes, fmt.Sprintf(`{"address": "module.m%d.aws_security_group_rule.r[%d]", "module_address": "module.m%d", "mode": "managed",
				"type": "aws_security_group_rule", "name": "r", "index": %d, "provider_name": "registry.terraform.io/hashicorp/aws",
				"change": {"actions": ["create"], "before": null, "after": {"type": "ingress", "protocol": "tcp", "from_port": %d, "to_port": %d, "cidr_blocks": ["10.0.0.0/8"],
				"description": null, "ipv6_cidr_blocks": null, "prefix_list_ids": null, "self": false}, "after_unknown": {"id": true, "security_group_id": true,
				"security_group_rule_id": true, "source_security_group_id": true, "cidr_blocks": [false]}, "before_sensitive": false}}`,
				m, r, m, r, r, r))
		}
	}
	text := []byte(`{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [` + strings.Join(changes, ",") +
		`], "configuration": {"root_module": {"module_calls": {` + strings.Join(calls, ",") + `}}}}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if r := tfplan.Read("p.json", text); len(r.Resources) != 10_100 || len(r.Problems) > 0 {
			b.Fatal(len(r.Resources), r.Problems)
		}
	}
}
