package tfplan_test

import (
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/tfplan"
)

// TestModules: the ways into a module and out of it.
func TestModules(t *testing.T) {
	t.Parallel()
	const id = `"id": true`
	group := configured("aws_security_group.g", ``)
	user := func(references ...string) string {
		return configured("aws_lb.x", refs("security_groups", references...))
	}
	call := func(body string, more ...string) string {
		return `"module_calls": {"m": {"module": ` + strings.Join(append([]string{body}, more...), ", ") + `}}`
	}
	output := `"outputs": {"id": {"expression": {` + strings.Trim(refs("x", "aws_security_group.g.id", "aws_security_group.g")[5:], "{}") + `}}}`
	made := create("module.m.aws_security_group.g", ``, id)
	keyed := []string{create(`module.m["a.b"].aws_security_group.g`, ``, id), create(`module.m["c"].aws_security_group.g`, ``, id)}
	last := create("aws_lb.x", ``, `"security_groups": true`)
	for name, tt := range map[string]struct {
		root    string
		changes []string
		want    string
	}{
		"an output": {
			module([]string{user("module.m.id", "module.m")}, call(module([]string{group}, output))),
			[]string{made, last},
			"security_groups = ? module.m.aws_security_group.g.id before apply -> =module.m.aws_security_group.g",
		},
		"an output of an instance": {
			module([]string{user(`module.m[\"c\"].id`, `module.m[\"c\"]`, "module.m")}, call(module([]string{group}, output))), append(keyed[:2:2], last),
			`security_groups = ? module.m["c"].aws_security_group.g.id before apply -> =module.m["c"].aws_security_group.g`,
		},
		"an output of some instance": {
			module([]string{user("module.m.id", "module.m", "var.set")}, call(module([]string{group}, output))), append(keyed[:2:2], last),
			`security_groups = ? module.m["a.b"].aws_security_group.g.id, module.m["c"].aws_security_group.g.id before apply -> ~module.m["a.b"].aws_security_group.g -> ~module.m["c"].aws_security_group.g -> ~sg-0123456789abcdef0`,
		},
		"an output that is not there": {
			module([]string{user("module.m.other", "module.m")}, call(module([]string{group}, output))), []string{made, last}, "security_groups = ? module.m.other",
		},
		"all of a module": {
			module([]string{user("module.m")}, call(module([]string{group}, output))), []string{made, last}, "security_groups = ? module.m",
		},
		"a module that is not there": {module([]string{user("module.z.id", "module.z")}), []string{last}, "security_groups = ? module.z.id"},
		"through a module without resources": {
			module([]string{user("module.m.id", "module.m"), group}, call(
				module(nil, `"outputs": {"id": {"expression": {"references": ["var.v"]}}}`, `"variables": {"v": {}}`),
				`"expressions": {`+refs("v", "aws_security_group.g.id", "aws_security_group.g")+`}`)),
			[]string{create("aws_security_group.g", ``, id), last},
			"security_groups = ? aws_security_group.g.id before apply -> =aws_security_group.g",
		},
		"a variable": {
			module([]string{group}, call(module([]string{user("var.ids")}, `"variables": {"ids": {}}`), `"expressions": {`+refs("ids", "aws_security_group.g.id", "aws_security_group.g")+`}`)),
			[]string{create("aws_security_group.g", ``, id), create("module.m.aws_lb.x", ``, `"security_groups": true`)},
			"security_groups = ? aws_security_group.g.id before apply -> =aws_security_group.g",
		},
		"a variable that holds the resource": {
			module([]string{configured("aws_vpc.v", ``)}, call(module([]string{user("var.vpc.default_security_group_id", "var.vpc")}), `"expressions": {`+refs("vpc", "aws_vpc.v")+`}`)),
			[]string{create("aws_vpc.v", ``, id), create("module.m.aws_lb.x", ``, `"security_groups": true`)},
			"security_groups = ? aws_vpc.v.default_security_group_id before apply -> =aws_vpc.v/default-security-group",
		},
		"an element of a list, which may be in another order": {
			module([]string{configured("aws_subnet.s", ``)}, call(module([]string{configured("aws_instance.x", refs("subnet_id", "var.ids[0]", "var.ids"))}), `"expressions": {`+refs("ids", "aws_subnet.s")+`}`)),
			[]string{create("aws_subnet.s[0]", ``, id), create("aws_subnet.s[1]", ``, id), create("module.m.aws_instance.x", ``, `"subnet_id": true`)},
			"subnet_id = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]",
		},
		"a field of an object": {
			module([]string{group}, call(module([]string{user("var.ids.g", "var.ids")}), `"expressions": {`+refs("ids", "aws_security_group.g.id", "aws_security_group.g")+`}`)),
			[]string{create("aws_security_group.g", ``, id), create("module.m.aws_lb.x", ``, `"security_groups": true`)},
			"security_groups = ? aws_security_group.g.id before apply -> =aws_security_group.g",
		},
		"a default": {
			module(nil, call(module([]string{user("var.ids", "aws_security_group.g.id", "aws_security_group.g"), group}, `"variables": {"ids": {"default": ["sg-12345678"]}}`))),
			[]string{made, create("module.m.aws_lb.x", ``, `"security_groups": true`)},
			"security_groups = ? module.m.aws_security_group.g.id before apply -> =module.m.aws_security_group.g -> ~sg-12345678",
		},
		"the same key as the module": {
			module([]string{group}, call(module([]string{user("var.ids")}), `"for_each_expression": {"references": ["local.names"]}`, `"expressions": {`+refs("ids", "aws_security_group.g", "each.key")+`}`)),
			[]string{create(`aws_security_group.g["a"]`, ``, id), create(`aws_security_group.g["b"]`, ``, id), create(`module.m["b"].aws_lb.x`, ``, `"security_groups": true`)},
			`security_groups = ? aws_security_group.g["b"].id before apply -> =aws_security_group.g["b"]`,
		},
		"a value of for_each": {
			module([]string{configured("aws_lb.x", refs("security_groups", "each.value"), `"for_each_expression": {"references": ["aws_security_group.g.id", "aws_security_group.g", "local.other"]}`), group}),
			[]string{create("aws_security_group.g", ``, id), create(`aws_lb.x["a"]`, ``, `"security_groups": true`)},
			"security_groups = ? local.other -> ~aws_security_group.g -> ?(local.other)",
		},
		"circles": {
			module([]string{user("module.m.id", "module.m")}, call(
				module(nil, `"outputs": {"id": {"expression": {"references": ["var.a", "var.b"]}}}`),
				`"expressions": {`+refs("a", "module.m.id", "module.m")+`, `+refs("b", "module.m.id.x", "module.m.id")+`}`)),
			[]string{last},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.want == "" { // it is enough that it ends
				tfplan.Read("plan.json", []byte(plan(tt.root, tt.changes...)))
				return
			}
			checkLast(t, plan(tt.root, tt.changes...), tt.want)
		})
	}
}
