package tfhcl

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// instance is one instance of a module. What it holds is evaluated when it is
// first asked for.
type instance struct {
	*module
	load *loading
	// prefix is the address of the module with a point at its end, empty for the
	// root module.
	prefix string
	// call is how the module is called, in the scope of the caller; both are nil
	// for the root module.
	call   *call
	caller *scope
	// inputs are the values of variables of the root module.
	inputs map[string]cty.Value
	// isForeign is set when the module is no part of the input.
	isForeign bool
	// conditional says why the module may not be called, or more than once.
	conditional string
	values      map[string]cty.Value
	busy        map[string]bool
	expanded    map[string]*resource
	children    map[string]*children
}

// scope is an instance with the names that count only in a block: each, count
// and the iterators of dynamic blocks.
type scope struct {
	*instance
	names map[string]cty.Value
}

// why is the mark of an unknown value: the expression that nobody can resolve.
type why string

func open(reason string) cty.Value { return cty.DynamicVal.Mark(why(reason)) }

// eval evaluates an expression. Where it fails the result is unknown.
func (s scope) eval(x hclsyntax.Expression) cty.Value {
	v, diags := x.Value(&hcl.EvalContext{Functions: functions(), Variables: s.variables(x)})
	if diags.HasErrors() && (v == cty.NilVal || v.IsWhollyKnown()) {
		return open(s.text(x.Range()))
	}
	return v
}

// variables are the values of the names that an expression reads.
func (s scope) variables(x hclsyntax.Expression) map[string]cty.Value {
	groups := map[string]map[string]cty.Value{}
	set := func(group, name string, v cty.Value) {
		if groups[group] == nil {
			groups[group] = map[string]cty.Value{}
		}
		groups[group][name] = v
	}
	out := map[string]cty.Value{}
	outputs := map[string][]string{}
	for _, t := range x.Variables() {
		root := t.RootName()
		if v, own := s.names[root]; own {
			out[root] = v
			continue
		}
		name := stepName(t, 1)
		switch root {
		case "var":
			set(root, name, s.variable(name))
		case "local":
			set(root, name, s.local(name))
		case "module":
			outputs[name] = append(outputs[name], s.outputNames(t)...)
		case "data":
			set("data."+name, stepName(t, 2), s.resource("data."+name+"."+stepName(t, 2)))
		case "path":
			set(root, name, s.folder(name))
		case "each", "count", "terraform", "self":
			set(root, name, open(root+"."+name))
		default:
			set(root, name, s.resource(root+"."+name))
		}
	}
	for name, names := range outputs {
		set("module", name, s.moduleValue(name, names))
	}
	for group, values := range groups {
		if typ, isData := strings.CutPrefix(group, "data."); isData {
			defer func() { out["data"] = withField(out["data"], typ, cty.ObjectVal(values)) }()
			continue
		}
		out[group] = cty.ObjectVal(values)
	}
	return out
}

// folder is one as Terraform names it, which runs in that of the root module:
// https://developer.hashicorp.com/terraform/language/expressions/references#filesystem-and-workspace-info
func (n *instance) folder(name string) cty.Value {
	switch name {
	case "root":
		return cty.StringVal(".")
	case "module":
		if rel, err := filepath.Rel(n.load.root, n.dir); err == nil {
			return cty.StringVal(filepath.ToSlash(rel))
		}
	}
	return open("path." + name)
}

// stepName is the name in a step of a traversal, empty when it is not one.
func stepName(t hcl.Traversal, i int) string {
	if i < len(t) {
		if step, ok := t[i].(hcl.TraverseAttr); ok {
			return step.Name
		}
	}
	return ""
}

// once evaluates what a key stands for, and holds an evaluation that needs its
// own result for unknown.
func (n *instance) once(key string, f func() cty.Value) cty.Value {
	if v, done := n.values[key]; done {
		return v
	}
	if n.busy[key] {
		return open(key + ", which needs itself")
	}
	if n.values == nil {
		n.values, n.busy = map[string]cty.Value{}, map[string]bool{}
	}
	n.busy[key] = true
	v := limited(f(), key)
	n.busy[key] = false
	n.values[key] = v
	return v
}

func (n *instance) local(name string) cty.Value {
	x, declared := n.locals[name]
	if !declared {
		return open("local." + name)
	}
	return n.once("local."+name, func() cty.Value { return scope{instance: n}.eval(x) })
}

// variable is the value of a variable with its declared type:
// https://developer.hashicorp.com/terraform/language/values/variables
func (n *instance) variable(name string) cty.Value {
	key := "var." + name
	declared := n.module.variables[name]
	if declared == nil {
		return open(key)
	}
	return n.once(key, func() cty.Value {
		v, given := n.input(name)
		if given && declared.notNull && v.IsKnown() && v.IsNull() {
			given = false
		}
		switch {
		case given:
		case declared.defaultValue != nil:
			v = scope{instance: n}.eval(declared.defaultValue)
		default:
			return open(key)
		}
		return declared.convert(v, key)
	})
}

// input is the value that the caller, or the user, gives a variable.
func (n *instance) input(name string) (cty.Value, bool) {
	if n.call == nil {
		v, given := n.inputs[name]
		return v, given
	}
	if a := n.call.body.Attributes[name]; a != nil {
		return n.caller.eval(a.Expr), true
	}
	return cty.NilVal, false
}

func (v *variable) convert(value cty.Value, key string) cty.Value {
	if !value.IsKnown() {
		return value
	}
	if v.defaults != nil && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	out, err := convert.Convert(value, v.typ)
	if err != nil {
		return open(key + ", which has another type")
	}
	return out
}

// output is the value of an output.
func (n *instance) output(name string) cty.Value {
	x, declared := n.outputs[name]
	if !declared {
		return open("module." + path.Base(n.dir) + "." + name)
	}
	return n.once("output."+name, func() cty.Value { return scope{instance: n}.eval(x) })
}

// names are those of the attributes that any expression of the instance, or of
// those that call it, reads.
func (n *instance) names() []map[string]bool {
	out := []map[string]bool{n.accessed}
	if n.caller != nil {
		out = append(out, n.caller.instance.names()...)
	}
	return out
}
