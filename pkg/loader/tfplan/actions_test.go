package tfplan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestActions: which resources there are after an apply.
func TestActions(t *testing.T) {
	t.Parallel()
	after := func(address, actions string) string {
		return strings.Replace(changed(address, "x", `{"id": "i"}`, `{}`), `["x"]`, actions, 1)
	}
	stored := func(address, more string) string {
		typ, name, _ := strings.Cut(strings.TrimPrefix(address, "data."), ".")
		mode := "managed"
		if strings.HasPrefix(address, "data.") {
			mode = "data"
		}
		return fmt.Sprintf(`{"address": %q, "mode": %q, "type": %q, "name": %q%s}`, address, mode, typ, name, more)
	}
	values := func(resources ...string) string {
		return `{"root_module": {"child_modules": [{"address": "module.m", "resources": [` + strings.Join(resources, ", ") + `]}]}}`
	}
	const some = `, "values": {"id": "i"}`
	for name, tt := range map[string]struct {
		changes, planned, prior []string
		want                    []string
	}{
		"made":         {changes: []string{after("aws_vpc.a", `["create"]`)}, want: []string{"aws_vpc.a"}},
		"kept":         {changes: []string{after("aws_vpc.a", `["no-op"]`)}, want: []string{"aws_vpc.a exists"}},
		"changed":      {changes: []string{after("aws_vpc.a", `["update"]`)}, want: []string{"aws_vpc.a exists"}},
		"replaced":     {changes: []string{after("aws_vpc.a", `["delete", "create"]`)}, want: []string{"aws_vpc.a"}},
		"made before":  {changes: []string{after("aws_vpc.a", `["create", "delete"]`)}, want: []string{"aws_vpc.a"}},
		"left behind":  {changes: []string{after("aws_vpc.a", `["create", "forget"]`)}, want: []string{"aws_vpc.a"}},
		"read later":   {changes: []string{after("data.aws_vpc.a", `["read"]`)}, prior: []string{stored("data.aws_vpc.a", some)}, want: []string{"data.aws_vpc.a data"}},
		"read already": {prior: []string{stored("data.aws_vpc.a", some)}, want: []string{"data.aws_vpc.a exists data"}},
		"deleted":      {changes: []string{after("aws_vpc.a", `["delete"]`)}, prior: []string{stored("aws_vpc.a", some)}},
		"forgotten": {
			changes: []string{after("aws_vpc.a", `["forget"]`)}, planned: []string{stored("aws_vpc.a", "")}, prior: []string{stored("aws_vpc.a", some)}, want: []string{"aws_vpc.a exists"},
		},
		"moved": {
			changes: []string{strings.Replace(after("aws_vpc.b", `["no-op"]`), `"module_address"`, `"previous_address": "aws_vpc.a", "module_address"`, 1)},
			prior:   []string{stored("aws_vpc.a", some)}, want: []string{"aws_vpc.b exists"},
		},
		"deposed": {
			changes: []string{strings.Replace(after("aws_vpc.a", `["delete"]`), `"module_address"`, `"deposed": "1234abcd", "module_address"`, 1), after("aws_vpc.a", `["update"]`)},
			prior:   []string{stored("aws_vpc.a", some+`, "deposed_key": "1234abcd"`)}, want: []string{"aws_vpc.a exists"},
		},
		"deposed alone": {
			changes: []string{strings.Replace(after("aws_vpc.a", `["delete"]`), `"module_address"`, `"deposed": "1234abcd", "module_address"`, 1)},
			prior:   []string{stored("aws_vpc.a", some+`, "deposed_key": "1234abcd"`)},
		},
		"deposed, and kept outside the target": {
			changes: []string{strings.Replace(changed("aws_vpc.a", "delete", `null`, `{}`), `"module_address"`, `"deposed": "1234abcd", "module_address"`, 1)},
			prior:   []string{stored("aws_vpc.a", some)}, want: []string{"aws_vpc.a exists"},
		},
		"not a target":         {changes: []string{after("aws_vpc.a", `["create"]`)}, prior: []string{stored("aws_vpc.b", some)}, want: []string{"aws_vpc.a", "aws_vpc.b exists"}},
		"planned":              {planned: []string{stored("aws_vpc.a", some)}, want: []string{"aws_vpc.a"}},
		"planned and existing": {planned: []string{stored("aws_vpc.a", some)}, prior: []string{stored("aws_vpc.a", some)}, want: []string{"aws_vpc.a exists"}},
		"of another mode":      {prior: []string{strings.Replace(stored("aws_vpc.a", some), "managed", "ephemeral", 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := `{"format_version": "1.2", "planned_values": ` + values(tt.planned...) + `, "prior_state": {"values": ` + values(tt.prior...) + `},
				"resource_changes": [` + strings.Join(tt.changes, ", ") + `]}`
			r := tfplan.Read("plan.json", []byte(text))
			var got []string
			for _, of := range r.Resources {
				line := of.Address
				if of.Exists {
					line += " exists"
				}
				if of.Data {
					line += " data"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(r.Problems) > 0 {
				t.Errorf("%v, -want +got:\n%s", r.Problems, diff)
			}
		})
	}
}

// TestPlanned: without resource_changes, what is configured and not there is not
// known.
func TestPlanned(t *testing.T) {
	t.Parallel()
	const text = `{"format_version": "0.1", "planned_values": {"root_module": {"resources": [
		{"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v", "values": {"cidr_block": "10.0.0.0/16"}},
		{"address": "aws_subnet.s", "mode": "managed", "type": "aws_subnet", "name": "s", "values": {"cidr_block": "10.0.0.0/24"}}]}},
		"configuration": {"root_module": {"resources": [
		{"address": "aws_subnet.s", "expressions": {"cidr_block": {"constant_value": "10.0.0.0/24"}, "vpc_id": {"references": ["aws_vpc.v"]}}}]}}}`
	checkLast(t, text, "cidr_block = 10.0.0.0/24\nvpc_id = ? aws_vpc.v.id before apply -> =aws_vpc.v")
}

// TestProblems: what cannot be used is a problem where it stands, and the rest is
// read.
func TestProblems(t *testing.T) {
	t.Parallel()
	good := create("aws_vpc.a", "", "")
	for name, tt := range map[string]struct {
		text      string
		want      []string // "covered text: message"
		resources int
	}{
		"no JSON":           {`{"format_version": "1.2", "planned_values": ]}`, []string{"]: not valid JSON: invalid character ']' looking for beginning of value"}, 0},
		"cut off":           {`{"format_version": "1.2"`, []string{": not valid JSON: unexpected end of JSON input"}, 0},
		"no plan":           {`[]`, []string{"[]: neither a plan nor a state of Terraform"}, 0},
		"another version":   {`{"format_version": "2.0", "values": {}}`, []string{`"2.0": format_version: want 0 or 1, got "2.0"`}, 0},
		"no list":           {`{"format_version": "1.2", "resource_changes": {"a": 1}}`, []string{`{"a": 1}: resource_changes: want a list`}, 0},
		"no list of values": {`{"format_version": "1.2", "values": {"root_module": {"resources": "a", "child_modules": null}}}`, []string{`"a": resources: want a list`}, 0},
		"no address": {
			`{"format_version": "1.2", "resource_changes": [{"mode": "managed", "change": {"actions": ["create"], "after": {}}}, ` + good + `]}`,
			[]string{`{"mode": "managed", "change": {"actions": ["create"], "after": {}}}: want a resource with an address, a type and attributes`},
			1,
		},
		"no attributes": {
			`{"format_version": "1.2", "values": {"root_module": {"resources": [{"mode": "data", "address": "a", "type": "t", "values": 1}]}}}`,
			[]string{`{"mode": "data", "address": "a", "type": "t", "values": 1}: want a resource with an address, a type and attributes`},
			0,
		},
		"twice": {`{"format_version": "1.2", "resource_changes": [` + good + `, ` + good + `]}`, []string{good + ": aws_vpc.a stands twice"}, 1},
		"a run that failed": {
			`{"format_version": "1.2", "resource_changes": [` + good + `], "errored": true}`, []string{"true: the plan is of a run that failed: resources may be missing"}, 1,
		},
		"deferred changes": {
			`{"format_version": "1.2", "resource_changes": [` + good + `], "deferred_changes": [{}]}`, []string{"[{}]: deferred_changes: they are not read"}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tfplan.Read("plan.json", []byte(tt.text))
			var got []string
			for _, p := range r.Problems {
				got = append(got, tt.text[p.At.Start:p.At.End]+": "+p.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(r.Resources) != tt.resources || r.Missing == "" {
				t.Errorf("got %d resources, missing %q", len(r.Resources), r.Missing)
			}
		})
	}
}

// TestPlace: where a resource and its values stand.
func TestPlace(t *testing.T) {
	t.Parallel()
	text := plan(module([]string{configured("aws_lb.x", refs("subnets", "aws_subnet.s")+", "+refs("name", "local.n"))}),
		create("aws_lb.x", `"subnets": [null, "subnet-1"]`, `"subnets": [true, false], "name": true`))
	of := tfplan.Read("plan.json", []byte(text)).Resources[0]
	for name, at := range map[string]model.Span{
		`{"subnets": [null, "subnet-1"]}`: of.At,
		`[null, "subnet-1"]`:              of.Attributes.Get("subnets").At,
		`true`:                            of.Attributes.Get("subnets").Items[0].At,
		`"subnet-1"`:                      of.Attributes.Get("subnets").Items[1].At,
		`"name": true`:                    of.Attributes.Get("name").At,
	} {
		if got := text[at.Start:at.End]; got != name {
			t.Errorf("want %s, got %s", name, got)
		}
	}
}

// TestSampleLinks: what plans of others link to.
func TestSampleLinks(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/samples"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the samples are not there: %v", err)
	}
	for pattern, tt := range map[string]struct {
		resources int
		want      []string
	}{
		"tfplan-real-1.11.4/plan.json": {13, []string{
			`input.security_group_id = ? terraform_data.node_sg.id before apply -> =terraform_data.node_sg`,
			`input.peer = ? module.alb.terraform_data.sg["a"].id, module.alb.terraform_data.sg["b"].id before apply -> ~module.alb.terraform_data.sg["a"]`,
			`input.sg = ? local.wrapped -> `,
			`-> ?(module.multi)`,
		}},
		"checkov-plans/*enrichment_tf_plan.json": {7, []string{`module.sg["bad_example"].aws_security_group.bad`}},
		"checkov-plans/*tags_tfplan.json": {59, []string{
			"vpc_config[0].subnet_ids = ? aws_subnet.eks_subnet1.id, aws_subnet.eks_subnet2.id before apply -> ~aws_subnet.eks_subnet1 -> ~aws_subnet.eks_subnet2",
			"vpc_id = ? aws_vpc.web_vpc.id before apply -> =aws_vpc.web_vpc",
			"gateway_id = ? aws_internet_gateway.web_igw.id before apply -> =aws_internet_gateway.web_igw",
			"security_group_id = ? aws_security_group.default.id before apply -> =aws_security_group.default",
		}},
		"checkov-plans/*change_keys_tfplan.json":     {2, []string{"aws_security_group_rule.foo"}},
		"checkov-plans/*partial_values_tfplan.json":  {2, []string{"vpc_config = ? module.child.module.b.data.aws_eks_cluster.cluster.vpc_config before apply"}},
		"checkov-plans/*nested_child_modules_*.json": {3, []string{"module.child_0.module.child_1_a.aws_eks_cluster.cluster"}},
		"trivy-plans/arbitrary_name.json":            {1, nil},
		"trivy-plans/plan.json":                      {4, []string{"bucket = ? aws_s3_bucket.planbucket.id before apply -> =aws_s3_bucket.planbucket", "data.aws_s3_bucket.logging_bucket"}},
		"trivy-plans/plan_with_template.json":        {4, nil},
		"infracost-plan/*.json":                      {32, []string{"module.db.aws_default_vpc.default"}},
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob(filepath.Join(root, pattern))
			if err != nil || len(files) != 1 {
				t.Fatalf("%v: %v", files, err)
			}
			text, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			r := tfplan.Read("plan.json", text)
			if len(r.Resources) != tt.resources || !r.Configured || len(r.Declared) == 0 {
				t.Errorf("%d resources, configured %v, declared %v", len(r.Resources), r.Configured, r.Declared)
			}
			var got string
			for _, of := range r.Resources {
				got += of.Address + "\n" + lines(of) + "\n"
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("there is no %q in\n%s", want, got)
				}
			}
		})
	}
}
