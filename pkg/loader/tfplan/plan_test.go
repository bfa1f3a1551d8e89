package tfplan_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

// configured is the configuration of a resource with its expressions.
func configured(address, expressions string, more ...string) string {
	mode, local := "managed", address
	if rest, isData := strings.CutPrefix(address, "data."); isData {
		mode, local = "data", rest
	}
	typ, name, _ := strings.Cut(local, ".")
	return fmt.Sprintf(`{"address": %q, "mode": %q, "type": %q, "name": %q, "expressions": {%s}%s}`,
		address, mode, typ, name, expressions, strings.Join(append([]string{""}, more...), ", "))
}

// refs is the expression of an attribute that refers to others.
func refs(attribute string, references ...string) string {
	return fmt.Sprintf(`%q: {"references": ["%s"]}`, attribute, strings.Join(references, `", "`))
}

func module(resources []string, more ...string) string {
	return `{"resources": [` + strings.Join(resources, ", ") + `]` + strings.Join(append([]string{""}, more...), ", ") + `}`
}

func plan(root string, changes ...string) string {
	return `{"format_version": "1.2", "variables": {"set": {"value": ["sg-0123456789abcdef0", "web"]}}, "resource_changes": [` +
		strings.Join(changes, ",\n") + `], "configuration": {"root_module": ` + root + `}}`
}

// create is the change of a resource that is made.
func create(address, after, unknown string) string {
	return changed(address, "create", "{"+after+"}", "{"+unknown+"}")
}

// changed is an element of resource_changes.
func changed(address, action, after, unknown string) string {
	local := regexp.MustCompile(`(data\.)?[a-z]+_[a-z_]+\.[a-z_]+(\[[^]]*\])?$`).FindString(address)
	module := strings.TrimSuffix(strings.TrimSuffix(address, local), ".")
	mode := "managed"
	if rest, isData := strings.CutPrefix(local, "data."); isData {
		mode, local = "data", rest
	}
	typ, name, _ := strings.Cut(local, ".")
	name, index, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if index != "" {
		index = `"index": ` + index + `, `
	}
	return fmt.Sprintf(`{"address": %q, "module_address": %q, "mode": %q, "type": %q, "name": %q, %s"provider_name": "registry.terraform.io/hashicorp/aws", "change": {"actions": [%q], "before": null, "after": %s, "after_unknown": %s, "before_sensitive": false, "after_sensitive": {}}}`,
		address, module, mode, typ, name, index, action, after, unknown)
}

// checkLast compares the attributes of the last resource of a plan.
func checkLast(t *testing.T, text, want string) {
	t.Helper()
	r := tfplan.Read("plan.json", []byte(text))
	if len(r.Problems) > 0 || len(r.Resources) == 0 {
		t.Fatalf("%d resources, %v", len(r.Resources), r.Problems)
	}
	if diff := cmp.Diff(want, lines(r.Resources[len(r.Resources)-1])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// lines writes the attributes of a resource, one value a line: port = 443, and of
// an open one ? with its reason and behind arrows what it links to: = known, ~ may
// be, ? unknown.
func lines(of terraform.Resource) string {
	var b strings.Builder
	for _, f := range of.Attributes.Fields {
		dumpValue(&b, f.Name, f.Value)
	}
	return strings.TrimSpace(b.String())
}

func dumpValue(b *strings.Builder, path string, v *attr.Value) {
	switch v.Kind {
	case attr.Object, attr.List:
		for _, f := range v.Fields {
			dumpValue(b, path+"."+f.Name, f.Value)
		}
		for i, item := range v.Items {
			dumpValue(b, fmt.Sprintf("%s[%d]", path, i), item)
		}
		if len(v.Fields)+len(v.Items) == 0 {
			fmt.Fprintf(b, "%s = %s\n", path, v.Kind)
		}
	case attr.Open:
		fmt.Fprintf(b, "%s = ? %s%s\n", path, v.Why, dumpLinks(v.Links))
	case attr.Null:
		fmt.Fprintf(b, "%s = null\n", path)
	default:
		fmt.Fprintf(b, "%s = %s\n", path, v.Text)
	}
}

func dumpLinks(links []model.Link) string {
	var out string
	for _, l := range links {
		out += " -> " + [...]string{"?", "~", "="}[l.Certainty] + l.ID + l.Address
		if l.Why != "" {
			out += "(" + l.Why + ")"
		}
	}
	return out
}

// TestAlias: which configuration of its provider makes a resource.
func TestAlias(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"aws": "", "aws.west": "west", "module.m:aws": "module.m:", "module.m:aws.west": "module.m:west"} {
		text := plan(module([]string{configured("aws_vpc.v", "", fmt.Sprintf(`"provider_config_key": %q`, key))}), create("aws_vpc.v", "", ""))
		r := tfplan.Read("plan.json", []byte(text))
		if len(r.Resources) != 1 || r.Resources[0].Alias != want {
			t.Errorf("%s: got %+v", key, r.Resources)
		}
	}
}

// TestStoredAlias: which configuration of its provider a stored state names.
func TestStoredAlias(t *testing.T) {
	t.Parallel()
	for provider, want := range map[string]string{
		`provider["registry.terraform.io/hashicorp/aws"]`:                "",
		`provider["registry.terraform.io/hashicorp/aws"].west`:           "west",
		`module.a.module.b.provider["registry.terraform.io/x/aws"].west`: "module.a.module.b:west",
		"provider.aws": "", "provider.aws.west": "west", "module.a.provider.aws": "module.a:",
	} {
		text := rawState(fmt.Sprintf(`{"mode": "managed", "type": "aws_vpc", "name": "v", "provider": %q, "instances": [{"attributes": {}}]}`, provider))
		r := tfplan.Read("s.tfstate", []byte(text))
		if len(r.Resources) != 1 || r.Resources[0].Alias != want {
			t.Errorf("%s: got %+v", provider, r.Resources)
		}
	}
}
