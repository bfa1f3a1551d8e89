package tfhcl

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// children are the instances of a module that a call makes; none when its source
// is not among the files.
type children struct {
	expansion
	instances []*instance
}

func (n *instance) callNames() []string { return slices.Sorted(maps.Keys(n.calls)) }

// maxModules is the number of instances of modules that are looked at.
const maxModules = 5000

// child makes the instances of a call once.
func (n *instance) child(name string) *children {
	if c := n.children[name]; c != nil {
		return c
	}
	if n.children == nil {
		n.children = map[string]*children{}
	}
	call := n.calls[name]
	s := &scope{instance: n}
	out := &children{expansion: s.expand(call.body)}
	n.children[name] = out
	m, isForeign := n.source(call)
	switch {
	case m == nil && len(out.expansion.instances) > 0:
		n.load.unseen(n, call)
		return out
	case m == nil:
		return out
	}
	if n.load.modulesSeen += len(out.expansion.instances); n.load.modulesSeen > maxModules {
		n.load.note(n.dir, "only the first %d modules are looked at", maxModules)
		return out
	}
	for _, one := range out.expansion.instances {
		out.instances = append(out.instances, &instance{
			module: m, load: n.load, prefix: n.prefix + "module." + name + one.suffix + ".",
			call: call, caller: &scope{n, one.names}, isForeign: isForeign || n.isForeign,
			conditional: firstReason(n.conditional, out.why),
		})
	}
	return out
}

// source finds the module that a call names: beside the caller, where terraform
// init has put it, or among those that are known here.
func (n *instance) source(c *call) (m *module, isForeign bool) {
	if to, ok := local(n.dir, c.source); ok {
		if n.isWithin(to) {
			return nil, false
		}
		return n.load.module(to), false
	}
	if to, ok := n.load.installed[n.path()+c.name]; ok {
		if m := n.load.module(to); m != nil {
			return m, true
		}
	}
	m = n.load.standIn(c.source)
	if m != nil {
		n.load.note(c.at.Filename, "module %q is not among the files, its network is derived from its inputs", n.prefix+"module."+c.name)
	}
	return m, true
}

// isWithin reports whether the instance is called, directly or not, by a module of
// the folder.
func (n *instance) isWithin(dir string) bool {
	return n.dir == dir || n.caller != nil && n.caller.isWithin(dir)
}

// path is the address of the module as modules.json has it: eks.node_group.
func (n *instance) path() string {
	if n.call == nil {
		return ""
	}
	return n.caller.path() + n.call.name + "."
}

// local resolves a source that is a path:
// https://developer.hashicorp.com/terraform/language/modules/sources#local-paths
func local(dir, source string) (string, bool) {
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		return "", false
	}
	to := path.Join(dir, source)
	return to, fs.ValidPath(to)
}

// installedFile is where terraform init notes the folders of modules, below the
// root module.
const installedFile = ".terraform/modules/modules.json"

// readInstalled reads the folders of the modules that are installed.
func (l *loading) readInstalled(dir string) map[string]string {
	files, err := l.files(path.Join(dir, path.Dir(installedFile)))
	if err != nil {
		return nil // most are not installed
	}
	var manifest struct {
		Modules []struct{ Key, Dir string }
	}
	if json.Unmarshal(files[path.Base(installedFile)], &manifest) != nil {
		return nil
	}
	out := map[string]string{}
	for _, m := range manifest.Modules {
		if to := path.Join(dir, m.Dir); fs.ValidPath(to) {
			out[m.Key] = to
		}
	}
	return out
}

// outputNames are the outputs of a module that a traversal may read.
func (s scope) outputNames(t hcl.Traversal) []string {
	for _, step := range t[min(2, len(t)):] {
		if step, ok := step.(hcl.TraverseAttr); ok {
			return []string{step.Name}
		}
	}
	return slices.Sorted(maps.Keys(s.accessed))
}

// moduleValue is what expressions see of a call: the outputs of those names, and
// that there are others.
func (n *instance) moduleValue(name string, outputs []string) cty.Value {
	if n.calls[name] == nil {
		return open("module." + name)
	}
	c := n.child(name)
	if c.why != "" || len(c.instances) != len(c.expansion.instances) {
		return open(n.prefix + "module." + name)
	}
	var values []cty.Value
	for _, child := range c.instances {
		fields := map[string]cty.Value{}
		for o := range child.outputs {
			fields[o] = open(child.prefix + o)
		}
		for _, o := range outputs {
			fields[o] = child.output(o)
		}
		values = append(values, cty.ObjectVal(fields))
	}
	return (&resource{expansion: c.expansion, values: values}).value(name)
}

// unseen tells of a module that is not among the files. What it is given may get
// rules, routes or entries from it, and one that is called after nodes may make some.
func (l *loading) unseen(n *instance, c *call) {
	reason := fmt.Sprintf("its source %q is not among the files", c.source)
	if to, ok := local(n.dir, c.source); ok && n.isWithin(to) {
		reason = "it calls itself"
	}
	l.note(c.at.Filename, "module %q is not read: %s", n.prefix+"module."+c.name, reason)
	if strings.Contains(strings.ToLower(c.source+" "+c.name), "node") {
		l.resources = append(l.resources, l.part(n, c, "aws_eks_node_group", nil))
	}
	if n.makesObjects() {
		l.resources = append(l.resources, terraform.Doubt("kubernetes_manifest", n.prefix+"module."+c.name, reason, n.at(span(c.at))))
	}
	_, inputs := scope{instance: n}.body(c.body)
	seen := map[string]bool{}
	for _, link := range linksIn(inputs) {
		if !seen[link.Address] {
			seen[link.Address] = true
			l.resources = append(l.resources, l.parts(n, c, link)...)
		}
	}
}

// linksIn are the links of a value and all that it holds.
func linksIn(v *attr.Value) []model.Link {
	out := slices.Clone(v.Links)
	for _, item := range v.Items {
		out = append(out, linksIn(item)...)
	}
	for _, f := range v.Fields {
		out = append(out, linksIn(f.Value)...)
	}
	return out
}

// parts are resources that a module may make for one of its inputs.
func (l *loading) parts(n *instance, c *call, to model.Link) []terraform.Resource {
	types, owner := partsOf(to.Address)
	if (owner == "vpc_id" || owner == "subnet_id") && addsNothing(c.source) {
		return nil
	}
	link := attr.Field{Name: owner, Value: &attr.Value{Kind: attr.Open, Links: []model.Link{to}, At: n.at(span(c.at))}}
	var out []terraform.Resource
	for _, typ := range types {
		out = append(out, l.part(n, c, typ, []attr.Field{link}))
	}
	return out
}

// part is a resource that a module may make.
func (l *loading) part(n *instance, c *call, typ string, fields []attr.Field) terraform.Resource {
	at, address := n.at(span(c.at)), n.prefix+"module."+c.name
	return terraform.Resource{
		Type: typ, Address: address, Conditional: "the source of " + address + " is not among the files", At: at,
		Attributes: &attr.Value{Kind: attr.Object, At: at, Fields: fields},
	}
}

// addsNothing reports whether a module is one of those that add nothing that matters
// here to a VPC or a subnet that they are given: all of terraform-aws-modules but vpc.
// https://github.com/terraform-aws-modules
func addsNothing(source string) bool {
	name, registry := strings.CutPrefix(strings.TrimPrefix(source, "registry.terraform.io/"), "terraform-aws-modules/")
	return registry && !strings.HasPrefix(name, "vpc/")
}

// partsOf are the types of the resources that are parts of another: endpoints in the
// case of a VPC, and of a subnet what gives it a route table and a network ACL. Owner
// is the attribute that names what they are parts of.
func partsOf(address string) (types []string, owner string) {
	switch resource := keys.ReplaceAllString(address, ""); {
	case strings.HasSuffix(resource, model.ClusterGroupSuffix), strings.HasSuffix(resource, model.DefaultGroupSuffix),
		strings.Contains(resource, "aws_security_group."), strings.Contains(resource, "aws_default_security_group."):
		return []string{"aws_security_group_rule"}, "security_group_id"
	case strings.HasSuffix(resource, model.DefaultACLSuffix),
		strings.Contains(resource, "aws_network_acl."), strings.Contains(resource, "aws_default_network_acl."):
		return []string{"aws_network_acl_rule"}, "network_acl_id"
	case strings.HasSuffix(resource, model.MainTableSuffix),
		strings.Contains(resource, "aws_route_table."), strings.Contains(resource, "aws_default_route_table."):
		return []string{"aws_route"}, "route_table_id"
	case strings.Contains(resource, "aws_vpc."), strings.Contains(resource, "aws_default_vpc."):
		return []string{"aws_vpc_endpoint"}, "vpc_id"
	case strings.Contains(resource, "aws_subnet."), strings.Contains(resource, "aws_default_subnet."):
		return []string{"aws_route_table_association", "aws_network_acl_association"}, "subnet_id"
	default:
		return nil, ""
	}
}

// keys are the instance keys in an address.
var keys = regexp.MustCompile(`\[(\*|\d+|"(\\.|[^"\\])*")\]`)
