package tfplan

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// config is a module as it is written, which may have many instances.
type config struct {
	node      *syntax.Node
	resources map[string]*syntax.Node // by address without the module
	calls     map[string]*config
}

// configOf indexes a module and those it calls. The node may be nil.
func configOf(node *syntax.Node) *config {
	c := &config{node: node, resources: map[string]*syntax.Node{}, calls: map[string]*config{}}
	for _, r := range items(get(node, "resources")) {
		c.resources[text(get(r, "address"))] = r
	}
	for _, call := range fields(get(node, "module_calls")) {
		c.calls[call.Key.Value] = configOf(get(call.Value, "module"))
	}
	return c
}

// call returns the node of a module call, nil when there is none.
func (c *config) call(name string) *syntax.Node { return get(get(c.node, "module_calls"), name) }

// output returns the expression of an output, nil when there is none.
func (c *config) output(name string) *syntax.Node {
	return get(get(get(c.node, "outputs"), name), "expression")
}

// fallback returns the default of a variable, nil when there is none.
func (c *config) fallback(name string) *syntax.Node {
	return get(get(get(c.node, "variables"), name), "default")
}

// declared returns the addresses of resources and module calls, sorted.
func (c *config) declared() []string {
	var out []string
	for address := range c.resources {
		out = append(out, address)
	}
	for name := range c.calls {
		out = append(out, "module."+name)
	}
	slices.Sort(out)
	return out
}

// references returns the references of an expression. Terraform writes behind
// each one its prefixes, down to the object that it is about; these are left out.
func references(expression *syntax.Node) []string {
	var out []string
	last := ""
	for _, item := range items(get(expression, "references")) {
		ref := text(item)
		if ref != "" && !isPrefix(ref, last) && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
		last = ref
	}
	return out
}

// isPrefix reports whether a reference is the beginning of another one.
func isPrefix(ref, of string) bool {
	rest, found := strings.CutPrefix(of, ref)
	return found && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// origin is a part of the configuration that a value comes from.
type origin struct {
	*syntax.Node
	// isBlock is set for a block; else it is the expression of an attribute, a
	// list of blocks, or a block that stands alone.
	isBlock bool
}

// isExpression tells the expression of an attribute from blocks.
func (o origin) isExpression() bool {
	return !o.isBlock && o.Kind == syntax.Mapping && !slices.ContainsFunc(o.Fields, func(f syntax.Field) bool {
		return f.Key.Value != "constant_value" && (f.Key.Value != "references" || f.Value.Kind != syntax.Sequence)
	})
}

// source is how a value is configured: the blocks or the expressions that it may
// come from.
type source struct {
	from []origin
	// hidden is set when it may also come from a dynamic block, which the
	// configuration of a plan leaves out.
	hidden bool
	// whole is set when the expressions are those of an object around the value.
	whole bool
}

// field returns the source of a field of an object.
func (s source) field(name string) source {
	out := source{hidden: s.hidden, whole: s.whole}
	for _, o := range s.from {
		if o.isExpression() {
			out.from, out.whole = append(out.from, o), true
		} else if f := get(o.Node, name); f != nil {
			out.from = append(out.from, origin{Node: f})
		}
	}
	return out
}

// element returns the source of an element of a list of n elements. Blocks of a
// set are not in the order of its elements, so that any block counts that does
// not contradict what is known of the element.
func (s source) element(element *syntax.Node, n int) source {
	out := source{hidden: s.hidden, whole: s.whole}
	for _, o := range s.from {
		if o.Kind != syntax.Sequence {
			out.from = append(out.from, o)
			continue
		}
		for _, b := range blocksOf(element, o.Items) {
			out.from = append(out.from, origin{b, true})
		}
		out.hidden = out.hidden || len(o.Items) != n
	}
	return out
}

// blocksOf returns the blocks that an element may be.
func blocksOf(element *syntax.Node, blocks []*syntax.Node) []*syntax.Node {
	var out []*syntax.Node
	for _, b := range blocks {
		if !contradicts(b, element) {
			out = append(out, b)
		}
	}
	if len(out) == 0 { // a provider may write a constant in another way
		return blocks
	}
	return out
}

func contradicts(block, element *syntax.Node) bool {
	return slices.ContainsFunc(fields(block), func(f syntax.Field) bool {
		want, got := text(get(f.Value, "constant_value")), text(get(element, f.Key.Value))
		return want != "" && got != "" && want != got
	})
}

// isKnown reports whether the source is expressions that are in the plan.
func (s source) isKnown() bool {
	return len(s.from) > 0 && !s.hidden && !slices.ContainsFunc(s.from, func(o origin) bool { return !o.isExpression() })
}
