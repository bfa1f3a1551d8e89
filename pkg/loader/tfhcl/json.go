package tfhcl

import (
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// The JSON syntax of the configuration is turned into what the parser of the
// native syntax makes, so that there is one evaluation for both:
// https://developer.hashicorp.com/terraform/language/syntax/json

// parseJSON reads the text of a *.tf.json file.
func parseJSON(text []byte, name string) (*hclsyntax.Body, hcl.Diagnostics) {
	f := &jsonFile{name: name}
	root := f.parse(text)
	out := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	for _, field := range f.fields(root) {
		switch typ := field.Key.Value; typ {
		case "locals":
			f.addBlocks(out, typ, 0, field, f.ofRoot)
		case "variable", "output", "module", "provider":
			f.addBlocks(out, typ, 1, field, f.ofRoot)
		case "resource", "data":
			f.addBlocks(out, typ, 2, field, f.ofRoot)
		}
	}
	return out, f.diags
}

// parseValuesJSON reads the text of a file of values, in which texts are no
// templates.
func parseValuesJSON(text []byte, name string) (*hclsyntax.Body, hcl.Diagnostics) {
	f := &jsonFile{name: name}
	out := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	for _, field := range f.fields(f.parse(text)) {
		f.addAttribute(out, field, f.literal)
	}
	return out, f.diags
}

type jsonFile struct {
	name  string
	diags hcl.Diagnostics
}

func (f *jsonFile) parse(text []byte) *syntax.Node {
	root, err := syntax.ParseJSON(text)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		f.refuse(f.between(bad.Offset, min(bad.Offset+1, len(text))), "Not JSON", bad.Message)
	}
	return root
}

func (f *jsonFile) refuse(at hcl.Range, summary, detail string) {
	f.diags = f.diags.Append(&hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at})
}

// between is a range of the file. Nothing here asks for lines.
func (f *jsonFile) between(start, end int) hcl.Range {
	at := func(offset int) hcl.Pos { return hcl.Pos{Line: 1, Column: 1 + offset, Byte: offset} }
	return hcl.Range{Filename: f.name, Start: at(start), End: at(end)}
}

func (f *jsonFile) at(n *syntax.Node) hcl.Range { return f.between(n.Start, n.End) }

// fields are those of an object, or of all objects in a list, without comments.
func (f *jsonFile) fields(n *syntax.Node) []syntax.Field {
	var out []syntax.Field
	switch {
	case n == nil || isNull(n):
	case n.Kind == syntax.Mapping:
		out = slices.DeleteFunc(slices.Clone(n.Fields), func(field syntax.Field) bool { return field.Key.Value == "//" })
	case n.Kind == syntax.Sequence:
		for _, item := range n.Items {
			if item.Kind == syntax.Mapping {
				out = append(out, f.fields(item)...)
			} else {
				f.refuse(f.at(item), "Not an object", "Want an object with arguments or blocks")
			}
		}
	default:
		f.refuse(f.at(n), "Not an object", "Want an object, or a list of objects, with arguments or blocks")
	}
	return out
}

func isNull(n *syntax.Node) bool { return n.Kind == syntax.Scalar && !n.Quoted && n.Value == "null" }

// fill adds the arguments and blocks of an object to a block.
type fill func(*hclsyntax.Block, syntax.Field)

// addBlocks adds the blocks of a type, which lie below the objects that hold their
// labels. A block stands at the last key above it, and one of a list at its begin.
func (f *jsonFile) addBlocks(to *hclsyntax.Body, typ string, labels int, field syntax.Field, fill fill, above ...string) {
	switch v := field.Value; {
	case labels > 0:
		for _, inner := range f.fields(v) {
			f.addBlocks(to, typ, labels-1, inner, fill, append(slices.Clip(above), inner.Key.Value)...)
		}
	case v.Kind == syntax.Sequence:
		for _, item := range v.Items {
			to.Blocks = append(to.Blocks, f.block(typ, above, f.between(item.Start, item.Start+1), item, fill))
		}
	case !isNull(v):
		to.Blocks = append(to.Blocks, f.block(typ, above, f.at(field.Key), v, fill))
	}
}

func (f *jsonFile) block(typ string, labels []string, begin hcl.Range, n *syntax.Node, fill fill) *hclsyntax.Block {
	out := &hclsyntax.Block{
		Type: typ, Labels: labels, Body: &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: f.at(n)},
		TypeRange: begin, OpenBraceRange: f.between(n.Start, n.Start+1), CloseBraceRange: f.between(n.End, n.End),
	}
	for range labels {
		out.LabelRanges = append(out.LabelRanges, begin)
	}
	for _, field := range f.fields(n) {
		fill(out, field)
	}
	return out
}

// ofRoot adds to a block of the root.
func (f *jsonFile) ofRoot(b *hclsyntax.Block, field syntax.Field) {
	switch {
	case b.Type == "variable" && field.Key.Value == "type":
		f.addAttribute(b.Body, field, f.expression)
	case b.Type == "variable":
		f.addAttribute(b.Body, field, f.literal)
	case b.Type == "provider" || len(b.Labels) == 2 && hasBlocks(b.Labels[0]):
		f.ofResource(b, field)
	default:
		f.addAttribute(b.Body, field, f.template)
	}
}

// hasBlocks reports whether resources of a type are written with blocks. Which
// fields are blocks only the schema of the provider tells.
func hasBlocks(typ string) bool {
	return strings.HasPrefix(typ, "aws_") || strings.HasPrefix(typ, "kubernetes_") && typ != "kubernetes_manifest"
}

// isMap reports whether an object is the value of an argument. The other arguments
// that are maps are of no interest here.
func isMap(name string) bool {
	return slices.Contains([]string{"tags", "tags_all", "labels", "annotations", "data"}, name)
}

// ofResource adds to the block of a resource.
func (f *jsonFile) ofResource(b *hclsyntax.Block, field syntax.Field) {
	if field.Key.Value == "for_each" {
		f.addAttribute(b.Body, field, f.template)
		return
	}
	f.ofBlock(b, field)
}

// ofBlock adds to a block that may have others in it: an object is one, and so
// is each of a list of objects.
func (f *jsonFile) ofBlock(b *hclsyntax.Block, field syntax.Field) {
	switch name := field.Key.Value; {
	case name == "dynamic":
		f.addBlocks(b.Body, name, 1, field, f.ofDynamic)
	case !isMap(name) && isObjects(field.Value):
		f.addBlocks(b.Body, name, 0, field, f.ofBlock)
	default:
		f.addAttribute(b.Body, field, f.template)
	}
}

// isObjects reports whether a value is an object of arguments, or a list of nothing
// but such. A key that no argument can have is one of a map.
func isObjects(n *syntax.Node) bool {
	if n.Kind == syntax.Mapping {
		return !slices.ContainsFunc(n.Fields, func(field syntax.Field) bool {
			return field.Key.Value != "//" && !hclsyntax.ValidIdentifier(field.Key.Value)
		})
	}
	return len(n.Items) > 0 && !slices.ContainsFunc(n.Items, func(item *syntax.Node) bool { return item.Kind != syntax.Mapping || !isObjects(item) })
}

// ofDynamic adds to a dynamic block.
func (f *jsonFile) ofDynamic(b *hclsyntax.Block, field syntax.Field) {
	switch field.Key.Value {
	case "content":
		f.addBlocks(b.Body, "content", 0, field, f.ofBlock)
	case "iterator":
		f.addAttribute(b.Body, field, f.expression)
	default:
		f.addAttribute(b.Body, field, f.template)
	}
}

func (f *jsonFile) addAttribute(to *hclsyntax.Body, field syntax.Field, read func(*syntax.Node) hclsyntax.Expression) {
	to.Attributes[field.Key.Value] = &hclsyntax.Attribute{
		Name: field.Key.Value, Expr: read(field.Value), NameRange: f.at(field.Key), SrcRange: f.between(field.Key.Start, field.Value.End),
	}
}

func (f *jsonFile) constant(v cty.Value, n *syntax.Node) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: f.at(n)}
}

// literal is a value in which texts stand for themselves.
func (f *jsonFile) literal(n *syntax.Node) hclsyntax.Expression {
	return f.value(n, func(text *syntax.Node) hclsyntax.Expression { return f.constant(cty.StringVal(text.Value), text) })
}

// template is a value in which texts are templates.
func (f *jsonFile) template(n *syntax.Node) hclsyntax.Expression {
	return f.value(n, func(text *syntax.Node) hclsyntax.Expression {
		if !strings.Contains(text.Value, "${") && !strings.Contains(text.Value, "%{") {
			return f.constant(cty.StringVal(text.Value), text)
		}
		x := f.parsed(text, hclsyntax.ParseTemplate)
		if one, ok := x.(*hclsyntax.TemplateWrapExpr); ok {
			return one.Wrapped // as the native syntax has it without quotes
		}
		return x
	})
}

// expression is a text that is an expression.
func (f *jsonFile) expression(n *syntax.Node) hclsyntax.Expression {
	return f.parsed(n, hclsyntax.ParseExpression)
}

// parsed is a text that is parsed; unknown when it is not valid. Escapes move the
// places in it to the front, as much as they are longer than what they stand for.
func (f *jsonFile) parsed(n *syntax.Node, parse func([]byte, string, hcl.Pos) (hclsyntax.Expression, hcl.Diagnostics)) hclsyntax.Expression {
	const quotes = 2
	if !n.Quoted || len(n.Value)+quotes > n.End-n.Start {
		return f.constant(cty.DynamicVal, n)
	}
	if isTooDeep([]byte(n.Value)) {
		f.diags = f.diags.Extend(tooDeep(f.at(n)))
		return f.constant(cty.DynamicVal, n)
	}
	x, diags := parse([]byte(n.Value), f.name, f.between(n.Start+1, n.End).Start)
	f.diags = f.diags.Extend(diags)
	if x == nil || diags.HasErrors() {
		return f.constant(cty.DynamicVal, n)
	}
	return x
}

// value is what a value of JSON is as an expression.
func (f *jsonFile) value(n *syntax.Node, text func(*syntax.Node) hclsyntax.Expression) hclsyntax.Expression {
	switch {
	case n.Kind == syntax.Sequence:
		out := &hclsyntax.TupleConsExpr{SrcRange: f.at(n), OpenRange: f.between(n.Start, n.Start+1)}
		for _, item := range n.Items {
			out.Exprs = append(out.Exprs, f.value(item, text))
		}
		return out
	case n.Kind == syntax.Mapping:
		out := &hclsyntax.ObjectConsExpr{SrcRange: f.at(n), OpenRange: f.between(n.Start, n.Start+1)}
		for _, field := range n.Fields {
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: text(field.Key), ValueExpr: f.value(field.Value, text)})
		}
		return out
	case n.Quoted:
		return text(n)
	case n.Value == "true", n.Value == "false":
		return f.constant(cty.BoolVal(n.Value == "true"), n)
	case isNull(n):
		return f.constant(cty.NullVal(cty.DynamicPseudoType), n)
	}
	number, _, err := big.ParseFloat(n.Value, 10, 512, big.ToNearestEven)
	if err != nil {
		return f.constant(cty.DynamicVal, n)
	}
	return f.constant(cty.NumberVal(number), n)
}
