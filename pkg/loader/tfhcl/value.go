package tfhcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// element is one of a list, a set, a map or an object.
type element struct{ key, value cty.Value }

// elements are those of a value that is known and not marked, in its order.
func elements(v cty.Value) []element {
	var out []element
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() {
			key = value
		}
		out = append(out, element{key, value})
	}
	return out
}

// maxElements is the size of the largest value that is kept.
const maxElements = 100_000

// limited gives up a value that grows without bound.
func limited(v cty.Value, key string) cty.Value {
	if size(v) > maxElements {
		return open(key + ", which is too large")
	}
	return v
}

func size(v cty.Value) int {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return 1
	}
	n := 1
	for it := v.ElementIterator(); it.Next() && n <= maxElements; {
		_, item := it.Element()
		n += size(item)
	}
	return n
}

// withField returns an object with one more field.
func withField(object cty.Value, name string, v cty.Value) cty.Value {
	fields := map[string]cty.Value{name: v}
	if object != cty.NilVal {
		for n, old := range object.AsValueMap() {
			fields[n] = old
		}
	}
	return cty.ObjectVal(fields)
}

// tree turns a value into one of the model's loaders. Parts of a list or object
// that is written as such have the place of their own expression.
func (s scope) tree(v cty.Value, x hclsyntax.Expression) *attr.Value {
	v, marks := v.Unmark()
	at, whole := s.span(x), s.text(x.Range())
	switch {
	case !v.IsKnown():
		return &attr.Value{Kind: attr.Open, Why: reasons(marks, whole), At: at}
	case v.IsNull():
		return &attr.Value{Kind: attr.Null, At: at}
	case v.Type() == cty.String:
		return s.load.text(v.AsString(), at)
	case v.Type() == cty.Bool:
		return &attr.Value{Kind: attr.Bool, Text: map[bool]string{false: "false", true: "true"}[v.True()], At: at}
	case v.Type() == cty.Number:
		return &attr.Value{Kind: attr.Number, Text: v.AsBigFloat().Text('f', -1), At: at}
	case v.Type().IsMapType() || v.Type().IsObjectType():
		return s.object(v, x)
	case v.CanIterateElements():
		return s.list(v, x)
	default:
		return &attr.Value{Kind: attr.Open, Why: whole, At: at}
	}
}

func (s scope) list(v cty.Value, x hclsyntax.Expression) *attr.Value {
	out := &attr.Value{Kind: attr.List, At: s.span(x)}
	written, _ := x.(*hclsyntax.TupleConsExpr)
	for i, item := range elements(v) {
		from := x
		if written != nil && i < len(written.Exprs) {
			from = written.Exprs[i]
		}
		out.Items = append(out.Items, s.tree(item.value, from))
	}
	return out
}

func (s scope) object(v cty.Value, x hclsyntax.Expression) *attr.Value {
	out := &attr.Value{Kind: attr.Object, At: s.span(x)}
	written, _ := x.(*hclsyntax.ObjectConsExpr)
	from := map[string]hclsyntax.Expression{}
	if written != nil {
		for _, item := range written.Items {
			if key, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && key.IsKnown() && !key.IsNull() && key.Type() == cty.String {
				from[key.AsString()] = item.ValueExpr
			}
		}
	}
	for _, item := range elements(v) {
		key, _ := item.key.Unmark()
		y := from[key.AsString()]
		if y == nil {
			y = x
		}
		out.Fields = append(out.Fields, attr.Field{Name: key.AsString(), Value: s.tree(item.value, y)})
	}
	return out
}

// text is a known text, or a link where it stands for a reference.
func (l *loading) text(text string, at model.Span) *attr.Value {
	if !strings.Contains(text, placeholderBegin) {
		return &attr.Value{Kind: attr.String, Text: text, At: at}
	}
	out := &attr.Value{Kind: attr.Open, At: at}
	if r, whole := l.referenceOf(text); whole {
		out.Why = r.address + "." + r.attribute
		out.Links = []model.Link{terraform.LinkTo(r.address, r.typ, r.attribute, at)}
		return out
	}
	out.Why = "a text with " + strings.Join(l.namesIn(text), " and ")
	return out
}

// namesIn are the references in a text.
func (l *loading) namesIn(text string) []string {
	var out []string
	for {
		_, rest, found := strings.Cut(text, placeholderBegin)
		if !found {
			return out
		}
		number, after, _ := strings.Cut(rest, placeholderEnd)
		if r, ok := l.referenceOf(placeholderBegin + number + placeholderEnd); ok {
			out = append(out, r.address+"."+r.attribute)
		}
		text = after
	}
}

// reasons are what the marks of an unknown value say, else the expression.
func reasons(marks cty.ValueMarks, expression string) string {
	var out []string
	for m := range marks {
		if reason, ok := m.(why); ok {
			out = append(out, string(reason))
		}
	}
	if len(out) == 0 {
		return expression
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// span is where an expression is written. What a module takes over from its call
// is written there, and what it chooses itself belongs to the call.
func (s scope) span(x hclsyntax.Expression) model.Span {
	if t, ok := x.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 2 && t.Traversal.RootName() == "var" && s.call != nil {
		if a := s.call.body.Attributes[stepName(t.Traversal, 1)]; a != nil {
			return s.caller.span(a.Expr)
		}
		return s.caller.at(span(s.call.at))
	}
	return s.at(span(x.Range()))
}

// at is a place in the module, or that of its call when the module is foreign.
func (n *instance) at(written model.Span) model.Span {
	if n.call == nil {
		return written
	}
	if n.isForeign {
		return n.caller.at(span(n.call.at))
	}
	return written
}
