package tfplan

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxSteps bounds the references that are followed for one value.
const maxSteps = 4096

// found is what the expressions of a value lead to.
type found struct {
	variables *syntax.Node
	leaf      string // the attribute that is asked for
	targets   []target
	seen      map[string]bool
	ids       []string // identifiers that are known already
	dead      []string // references that lead to nothing known
	steps     int
}

// target is an attribute of an instance that AWS chooses.
type target struct {
	of   *instance
	path string
}

func (t target) link(at model.Span) model.Link {
	return terraform.LinkTo(t.of.address, t.of.typ, t.path, at)
}

// scope is where an expression stands: in an instance of a module, for an
// instance with a key that for_each gives.
type scope struct {
	module  *module
	key     string
	forEach *syntax.Node
	// sameKey is set for an expression that speaks of the key, so that of a
	// resource with the same keys it means the instance with this one. An index
	// does not tell: a plan shows count.index for count.index + 1 as well.
	sameKey bool
}

func scopeOf(of *instance) scope {
	return scope{module: of.module, key: of.key, forEach: get(of.config, "for_each_expression")}
}

// find follows the expressions of a value.
func (x *reading) find(p place) *found {
	f := &found{variables: x.variables, leaf: p.leaf}
	if p.hidden {
		f.end(p.address())
	}
	s := scopeOf(p.of)
	for _, o := range p.from {
		if o.isExpression() {
			f.expression(o.Node, s, "", !p.whole)
		} else {
			f.end(p.address())
		}
	}
	return f
}

// end records a reference that cannot be followed.
func (f *found) end(ref string) {
	if !slices.Contains(f.dead, ref) {
		f.dead = append(f.dead, ref)
	}
}

// target records an attribute that AWS chooses, once for what it names.
func (f *found) target(of *instance, path string) {
	t := target{of, path}
	address := t.link(model.Span{}).Address
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	if !f.seen[address] {
		f.seen[address] = true
		f.targets = append(f.targets, t)
	}
}

// expression follows the references of an expression. rest is the path of what
// is asked for in its value.
func (f *found) expression(n *syntax.Node, s scope, rest string, byKey bool) {
	f.known(get(n, "constant_value"))
	refs := references(n)
	s.sameKey = s.sameKey || byKey && slices.ContainsFunc(refs, func(ref string) bool {
		return ref == "each" || strings.HasPrefix(ref, "each.")
	})
	for _, ref := range refs {
		if f.steps++; f.steps > maxSteps {
			f.end(ref)
			return
		}
		f.reference(ref, s, rest)
	}
}

// reference follows a reference: https://developer.hashicorp.com/terraform/language/expressions/references
func (f *found) reference(ref string, s scope, rest string) {
	kind, after := cutName(ref)
	name, path := cutName(strings.TrimPrefix(after, "."))
	switch kind {
	case "path", "terraform", "count":
	case "each":
		if name == "value" {
			f.each(ref, s, path+rest)
		}
	case "var":
		f.variable(ref, name, s.module, path+rest)
	case "module":
		f.output(ref, name, s, path, rest)
	case "data":
		typ := name
		name, path = cutName(strings.TrimPrefix(path, "."))
		f.resource("data."+typ+"."+name, s, path, rest)
	case "local", "ephemeral", "self":
		f.end(ref)
	default:
		f.resource(kind+"."+name, s, path, rest)
	}
}

// each follows each.value. That of a resource in for_each is the instance with
// the same key.
func (f *found) each(ref string, s scope, rest string) {
	if s.forEach == nil {
		f.end(ref)
		return
	}
	f.expression(s.forEach, scope{module: s.module, key: s.key, sameKey: true}, rest, true)
}

func (f *found) variable(ref, name string, m *module, rest string) {
	call := m.call()
	expression := get(get(call, "expressions"), name)
	value := m.config.fallback(name)
	if given := get(get(f.variables, name), "value"); m.parent == nil && given != nil {
		value = given
	}
	switch {
	case expression != nil:
		s := scope{module: m.parent, key: m.key, forEach: get(call, "for_each_expression")}
		f.expression(expression, s, rest, true)
	case value != nil:
		f.known(value)
	default:
		f.end(ref)
	}
}

// output follows an output of a called module.
func (f *found) output(ref, call string, s scope, path, rest string) {
	key, path := cutKey(path)
	name, path := cutName(strings.TrimPrefix(path, "."))
	for _, m := range f.called(call, key, s) {
		if expression := m.config.output(name); expression != nil {
			f.expression(expression, scope{module: m}, path+rest, true)
		} else {
			f.end(ref)
		}
	}
}

// called returns the instances of a module that a reference may mean.
func (f *found) called(call, key string, s scope) []*module {
	all := s.module.children[call]
	if key != "" || len(all) == 0 {
		return []*module{s.module.child(call, key)}
	}
	for _, m := range all {
		if s.sameKey && s.key != "" && m.key == s.key {
			return []*module{m}
		}
	}
	f.steps += len(all)
	return all
}

// resource follows an attribute of a resource to the instances that the reference
// may mean. One that has no such instance adds nothing: its count is 0.
func (f *found) resource(base string, s scope, path, rest string) {
	key, path := cutKey(path)
	if key == "" && s.sameKey && s.module.byKey[base+s.key] != nil {
		key = s.key
	}
	if key != "" {
		if of := s.module.byKey[base+key]; of != nil {
			f.attribute(of, base, path, rest)
		}
		return
	}
	for _, of := range s.module.instances[base] {
		if f.steps++; f.steps > maxSteps {
			f.end(base)
			return
		}
		f.attribute(of, base, path, rest)
	}
}

// attribute follows an attribute of an instance, which may be configured by an
// expression of its own. The expression with the reference may be a list or an
// object, so that a key in rest does not tell an instance.
func (f *found) attribute(of *instance, base, path, rest string) {
	if path == "" {
		for strings.HasPrefix(rest, "[") {
			_, rest = cutKey(rest)
		}
		path, rest = rest, ""
	}
	path = strings.TrimPrefix(path, ".")
	if path == "" {
		f.bare(of, base)
		return
	}
	if value, _, isKnown := of.lookup(path); isKnown {
		f.known(value)
		return
	}
	if names(of, path) {
		f.target(of, path)
		return
	}
	path += rest
	value, from, isKnown := of.lookup(path)
	switch {
	case isKnown:
		f.known(value)
	case names(of, path):
		f.target(of, path)
	case from.isKnown():
		for _, o := range from.from {
			f.expression(o.Node, scopeOf(of), "", !from.whole)
		}
	default:
		f.end(base + "." + path)
	}
}

// bare follows a reference without an attribute, as Terraform writes it for
// aws_subnet.a[*].id, or any in version 0.12: that to the resource, or to what
// its attribute of the same name leads to.
func (f *found) bare(of *instance, base string) {
	isLink := strings.HasSuffix(f.leaf, "_id") || strings.HasSuffix(f.leaf, "_ids")
	switch {
	case isLink && of.has(f.leaf):
		f.attribute(of, base, f.leaf, "")
	case !suits(of.typ, f.leaf):
		f.end(base)
	default:
		f.attribute(of, base, "id", "")
	}
}

// known keeps the identifiers that a known value holds.
func (f *found) known(n *syntax.Node) {
	if f.steps++; n == nil || f.steps > maxSteps {
		return
	}
	if n.Quoted && isIdentifier(n.Value) && !slices.Contains(f.ids, n.Value) {
		f.ids = append(f.ids, n.Value)
	}
	for _, item := range n.Items {
		f.known(item)
	}
	for _, field := range n.Fields {
		f.known(field.Value)
	}
}

// open returns an unknown value with what was found for it.
func (x *reading) open(p place, at model.Span, f *found) *attr.Value {
	return &attr.Value{Kind: attr.Open, Links: f.links(p.leaf, at), Why: f.why(p), At: at}
}
