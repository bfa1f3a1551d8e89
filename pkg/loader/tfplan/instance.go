package tfplan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
)

// module is one instance of a module.
type module struct {
	config *config
	// parent called it under a name, with the key of this instance if any.
	parent    *module
	name, key string
	children  map[string][]*module   // by name
	instances map[string][]*instance // by address without module and key
	byKey     map[string]*instance   // by address without module, and key
}

func newModule(c *config) *module {
	return &module{
		config: c, children: map[string][]*module{}, instances: map[string][]*instance{}, byKey: map[string]*instance{},
	}
}

// child returns the instance of a called module with a key. It is made when it
// is not there: it may have outputs only, and the plan then does not name it.
func (m *module) child(name, key string) *module {
	for _, c := range m.children[name] {
		if c.key == key {
			return c
		}
	}
	called := m.config.calls[name]
	if called == nil {
		called = configOf(nil)
	}
	c := newModule(called)
	c.parent, c.name, c.key = m, name, key
	m.children[name] = append(m.children[name], c)
	return c
}

// call returns the node of the call of the module, nil for the root module.
func (m *module) call() *syntax.Node {
	if m.parent == nil {
		return nil
	}
	return m.parent.config.call(m.name)
}

// instance is one instance of a resource.
type instance struct {
	module       *module
	address      string
	typ, key     string
	data, exists bool
	provider     string // the configuration of its provider, where a stored state tells
	after        *syntax.Node
	unknown      *syntax.Node // after_unknown
	config       *syntax.Node // nil when the plan does not tell
}

// alias is that of the configuration of its provider.
func (of *instance) alias() string {
	if of.provider != "" {
		return terraform.AliasOf(of.provider)
	}
	return terraform.AliasOf(text(get(of.config, "provider_config_key")))
}

// collect finds the instances. What a plan changes or keeps is in resource_changes;
// data sources that were read for it, and what -target leaves alone, are only in
// prior_state.
func (x *reading) collect(doc *syntax.Node) {
	if isTrue(get(doc, "errored")) {
		x.Refuse(x.span(get(doc, "errored")), "the plan is of a run that failed: resources may be missing")
	}
	if deferred := get(doc, "deferred_changes"); len(items(deferred)) > 0 {
		x.Refuse(x.span(deferred), "deferred_changes: they are not read")
	}
	prior := get(get(get(doc, "prior_state"), "values"), "root_module")
	modules := map[string]*module{}
	for _, change := range x.list(doc, "resource_changes") {
		x.change(change, modules)
	}
	existed := map[string]bool{}
	x.walk(prior, func(r *syntax.Node) { existed[text(get(r, "address"))] = true })
	x.walk(get(get(doc, "planned_values"), "root_module"), func(r *syntax.Node) {
		x.stored(r, existed[text(get(r, "address"))], modules)
	})
	x.walk(prior, func(r *syntax.Node) { x.stored(r, true, modules) })
	x.walk(get(get(doc, "values"), "root_module"), func(r *syntax.Node) { x.stored(r, true, modules) })
}

// change takes one element of resource_changes. What Terraform only forgets stays
// in AWS, and is taken from prior_state.
func (x *reading) change(n *syntax.Node, modules map[string]*module) {
	if get(n, "deposed") != nil {
		return
	}
	change := get(n, "change")
	has := func(action string) bool {
		return slices.ContainsFunc(items(get(change, "actions")), func(a *syntax.Node) bool { return text(a) == action })
	}
	switch {
	case has("create"):
		x.add(n, &instance{after: get(change, "after"), unknown: get(change, "after_unknown")}, modules)
	case has("no-op"), has("update"):
		x.add(n, &instance{after: get(change, "after"), unknown: get(change, "after_unknown"), exists: true}, modules)
	case has("read"):
		x.add(n, &instance{after: get(change, "after"), unknown: get(change, "after_unknown")}, modules)
	case has("delete"):
		x.gone[text(get(n, "address"))] = true
	}
	x.gone[text(get(n, "previous_address"))] = true
}

// stored takes a resource of planned values or of a state.
func (x *reading) stored(n *syntax.Node, exists bool, modules map[string]*module) {
	address := text(get(n, "address"))
	if x.gone[address] || x.taken[address] || get(n, "deposed_key") != nil || get(n, "values") == nil {
		return
	}
	x.add(n, &instance{after: get(n, "values"), exists: exists, provider: providerKey(text(get(n, "provider")))}, modules)
}

// add names an instance and puts it into its module.
func (x *reading) add(n *syntax.Node, of *instance, modules map[string]*module) {
	mode, name := text(get(n, "mode")), text(get(n, "name"))
	of.address, of.typ, of.data = text(get(n, "address")), text(get(n, "type")), mode == "data"
	switch {
	case mode != "data" && mode != "managed": // ephemeral
		return
	case of.address == "" || of.typ == "" || of.after == nil || of.after.Kind != syntax.Mapping:
		x.Refuse(x.span(n), "want a resource with an address, a type and attributes")
		return
	case x.taken[of.address]:
		x.Refuse(x.span(n), "%s stands twice", of.address)
		return
	}
	x.taken[of.address] = true
	of.key = keyOf(get(n, "index"))
	of.module = x.moduleAt(moduleAddress(of.address), modules)
	base := of.typ + "." + name
	if of.data {
		base = "data." + base
	}
	of.config = of.module.config.resources[base]
	of.module.instances[base] = append(of.module.instances[base], of)
	of.module.byKey[base+of.key] = of
	x.instances = append(x.instances, of)
}

// moduleAt returns the instance of a module by its address.
func (x *reading) moduleAt(address string, modules map[string]*module) *module {
	if m := modules[address]; m != nil {
		return m
	}
	m := x.root
	for rest := address; rest != ""; {
		var name, key string
		name, rest = cutName(strings.TrimPrefix(rest, "module."))
		key, rest = cutKey(rest)
		rest = strings.TrimPrefix(rest, ".")
		m = m.child(name, key)
	}
	modules[address] = m
	return m
}

// walk calls visit for each resource of a module of values and of its children.
func (x *reading) walk(m *syntax.Node, visit func(*syntax.Node)) {
	if m == nil {
		return
	}
	for _, r := range x.list(m, "resources") {
		visit(r)
	}
	for _, child := range x.list(m, "child_modules") {
		x.walk(child, visit)
	}
}

// list returns the elements of a list that may be left out.
func (x *reading) list(n *syntax.Node, name string) []*syntax.Node {
	v := get(n, name)
	if v != nil && v.Kind != syntax.Sequence && (v.Kind != syntax.Scalar || text(v) != "") {
		x.Refuse(x.span(v), "%s: want a list", name)
	}
	return items(v)
}

// keyOf returns the key of an instance in the way in which addresses write it: a
// number, or a text in quotes.
func keyOf(index *syntax.Node) string {
	if index != nil && index.Quoted {
		return strconv.Quote(index.Value)
	}
	return text(index)
}

// moduleAddress returns the address of the module of a resource, empty for the
// root module.
func moduleAddress(address string) string {
	rest := address
	for strings.HasPrefix(rest, "module.") {
		_, after := cutName(strings.TrimPrefix(rest, "module."))
		_, after = cutKey(after)
		rest = strings.TrimPrefix(after, ".")
	}
	return strings.TrimSuffix(address[:len(address)-len(rest)], ".")
}

// cutName splits a reference behind its first name.
func cutName(ref string) (name, rest string) {
	if i := strings.IndexAny(ref, ".["); i >= 0 {
		return ref[:i], ref[i:]
	}
	return ref, ""
}

// cutKey splits a reference behind the key that it begins with, if any.
func cutKey(ref string) (key, rest string) {
	if !strings.HasPrefix(ref, "[") {
		return "", ref
	}
	if quoted, err := strconv.QuotedPrefix(ref[1:]); err == nil {
		unquoted, _ := strconv.Unquote(quoted)
		return strconv.Quote(unquoted), strings.TrimPrefix(ref[1+len(quoted):], "]")
	}
	key, rest, _ = strings.Cut(ref[1:], "]")
	return key, rest
}
