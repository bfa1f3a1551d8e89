package tfhcl

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
)

// isMeta reports whether an argument or a block of a resource is for Terraform
// and not for the provider:
// https://developer.hashicorp.com/terraform/language/resources/syntax#meta-arguments
func isMeta(name string) bool {
	return slices.Contains([]string{"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"}, name)
}

// body evaluates the attributes and blocks of a resource, to what expressions see and
// to what the mapping reads.
func (s scope) body(b *hclsyntax.Body) (map[string]cty.Value, *attr.Value) {
	return s.content(b, isMeta)
}

// inner evaluates a block within a resource. There all is for the provider, such as
// the block lifecycle of a container.
func (s scope) inner(b *hclsyntax.Body) (map[string]cty.Value, *attr.Value) {
	return s.content(b, func(string) bool { return false })
}

func (s scope) content(b *hclsyntax.Body, isSkipped func(name string) bool) (map[string]cty.Value, *attr.Value) {
	fields := map[string]cty.Value{}
	tree := &attr.Value{Kind: attr.Object, At: s.at(span(b.Range()))}
	for _, a := range slices.SortedFunc(maps.Values(b.Attributes), inOrder) {
		if !isSkipped(a.Name) {
			v := s.eval(a.Expr)
			fields[a.Name] = v
			tree.Fields = append(tree.Fields, attr.Field{Name: a.Name, Value: s.tree(v, a.Expr)})
		}
	}
	blocks := map[string]*blockList{}
	var order []string
	for _, inner := range b.Blocks {
		name := nestedType(inner)
		if isSkipped(name) {
			continue
		}
		if blocks[name] == nil {
			blocks[name] = &blockList{tree: &attr.Value{Kind: attr.List, At: s.at(span(inner.Range()))}}
			order = append(order, name)
		}
		s.addBlock(blocks[name], inner)
	}
	for _, name := range order {
		fields[name] = blocks[name].value()
		tree.Fields = append(tree.Fields, attr.Field{Name: name, Value: blocks[name].tree})
	}
	return fields, tree
}

func inOrder(a, b *hclsyntax.Attribute) int {
	return cmp.Or(cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte), cmp.Compare(a.Name, b.Name))
}

// blockList are the blocks of one type.
type blockList struct {
	values []cty.Value
	tree   *attr.Value
	why    string
}

func (l *blockList) value() cty.Value {
	if l.why != "" {
		return open(l.why)
	}
	return cty.TupleVal(l.values)
}

func (s scope) addBlock(l *blockList, b *hclsyntax.Block) {
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		s.addDynamic(l, b)
		return
	}
	fields, tree := s.inner(b.Body)
	if !b.TypeRange.Empty() {
		tree.At = s.at(span(b.Range()))
	}
	l.values = append(l.values, cty.ObjectVal(fields))
	l.tree.Items = append(l.tree.Items, tree)
}

// addDynamic adds a block for each element:
// https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
func (s scope) addDynamic(l *blockList, b *hclsyntax.Block) {
	content, elementsOf := contentOf(b), b.Body.Attributes["for_each"]
	if content == nil || elementsOf == nil {
		return
	}
	iterator := b.Labels[0]
	if a := b.Body.Attributes["iterator"]; a != nil {
		iterator = hcl.ExprAsKeyword(a.Expr)
	}
	v, marks := s.eval(elementsOf.Expr).Unmark()
	switch {
	case !v.IsKnown() || s.load.isTooMany(v):
		l.why = reasons(marks, s.text(elementsOf.Expr.Range()))
		l.tree.Items = append(l.tree.Items, &attr.Value{Kind: attr.Open, Why: l.why, At: s.at(span(b.Range()))})
		return
	case v.IsNull() || !v.CanIterateElements():
		return
	}
	for _, e := range elements(v) {
		names := maps.Clone(s.names)
		if names == nil {
			names = map[string]cty.Value{}
		}
		names[iterator] = cty.ObjectVal(map[string]cty.Value{"key": e.key, "value": e.value})
		scope{s.instance, names}.addBlock(l, &hclsyntax.Block{Type: b.Labels[0], Body: content})
	}
}

// isTooMany counts the blocks for the elements of a value, which multiply where one lies
// in another.
func (l *loading) isTooMany(v cty.Value) bool {
	if !v.IsNull() && v.CanIterateElements() {
		l.blocks += v.LengthInt()
	}
	return l.blocks > maxBlocks
}

func contentOf(b *hclsyntax.Block) *hclsyntax.Body {
	for _, inner := range b.Body.Blocks {
		if inner.Type == "content" {
			return inner.Body
		}
	}
	return nil
}

// tagged adds the attribute tags_all to a resource that is managed: its tags with
// the default tags of the provider, as a plan has them.
func (n *instance) tagged(d *declaration, tree *attr.Value) *attr.Value {
	if d.data {
		return tree
	}
	tags := tree.Get("tags")
	all := &attr.Value{Kind: attr.Object, At: tree.At}
	if tags.IsSet() {
		all.At = tags.At
	}
	for _, v := range []*attr.Value{n.defaultTags(d.body), tags} {
		switch {
		case !v.IsSet():
		case v.Kind == attr.Object:
			all.Fields = append(all.Fields, v.Fields...)
		default:
			all = &attr.Value{Kind: attr.Open, Why: v.Why, At: v.At}
		}
		if all.Kind == attr.Open {
			break
		}
	}
	out := *tree
	out.Fields = append(slices.Clip(out.Fields), attr.Field{Name: "tags_all", Value: all})
	return &out
}

// defaultTags are those of the provider that a block is for: nil when it has none.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags
func (n *instance) defaultTags(body *hclsyntax.Body) *attr.Value {
	root := n
	isOther := body.Attributes["provider"] != nil
	for root.caller != nil {
		isOther = isOther || root.call.body.Attributes["providers"] != nil
		if root.configures("aws") {
			return &attr.Value{Kind: attr.Open, Why: "the default tags of its provider", At: root.at(span(body.Range()))}
		}
		root = root.caller.instance
	}
	for _, p := range root.providers {
		for _, b := range p.Body.Blocks {
			if p.Labels[0] != "aws" || b.Type != "default_tags" {
				continue
			}
			if isOther {
				return &attr.Value{Kind: attr.Open, Why: "the default tags of its provider", At: root.at(span(b.Range()))}
			}
			if p.Body.Attributes["alias"] == nil {
				_, tree := scope{instance: root}.body(b.Body)
				return tree.Get("tags")
			}
		}
	}
	return nil
}
