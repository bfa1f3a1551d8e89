package tfhcl

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// An identifier that AWS gives at an apply is a text that nobody knows, and yet
// expressions count, sort out and pass on identifiers. So it is held as a
// placeholder text, and whatever looks into a text refuses one.

// reference is an attribute of a resource.
type reference struct{ address, typ, attribute string }

// The runes around the number of a reference are for private use and stand in no
// sensible configuration: https://www.unicode.org/faq/private_use
const (
	placeholderBegin = "\ue000"
	placeholderEnd   = "\ue001"
)

// placeholder returns the text that stands for a reference.
func (l *loading) placeholder(r reference) cty.Value {
	if text, done := l.placed[r]; done {
		return cty.StringVal(text)
	}
	text := placeholderBegin + strconv.Itoa(len(l.references)) + placeholderEnd
	l.references = append(l.references, r)
	l.placed[r] = text
	return cty.StringVal(text)
}

// referenceOf returns the reference that a text as a whole stands for.
func (l *loading) referenceOf(text string) (reference, bool) {
	number, isBegun := strings.CutPrefix(text, placeholderBegin)
	number, isEnded := strings.CutSuffix(number, placeholderEnd)
	i, err := strconv.Atoi(number)
	if !isBegun || !isEnded || err != nil || i < 0 || i >= len(l.references) {
		return reference{}, false
	}
	return l.references[i], true
}

// holdsPlaceholder reports whether a text, or any text in a value, has one.
func holdsPlaceholder(v cty.Value) bool {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
		return false
	case v.Type() == cty.String:
		return strings.Contains(v.AsString(), placeholderBegin)
	case v.Type().IsPrimitiveType() || !v.CanIterateElements():
		return false
	}
	for it := v.ElementIterator(); it.Next(); {
		key, item := it.Element()
		if holdsPlaceholder(key) || holdsPlaceholder(item) {
			return true
		}
	}
	return false
}

// replaceComparison makes == and != answer nothing where they cannot know.
func replaceComparison(x *hclsyntax.BinaryOpExpr) {
	switch x.Op {
	case hclsyntax.OpEqual:
		x.Op = equal
	case hclsyntax.OpNotEqual:
		x.Op = notEqual
	}
}

var (
	equal    = &hclsyntax.Operation{Impl: comparison(stdlib.EqualFunc), Type: cty.Bool}
	notEqual = &hclsyntax.Operation{Impl: comparison(stdlib.NotEqualFunc), Type: cty.Bool}
)

// comparison compares two values. An identifier is not null and is itself;
// whether it is another text is not known.
func comparison(f function.Function) function.Function {
	any := function.Parameter{
		Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true,
	}
	return function.New(&function.Spec{
		Params: []function.Parameter{any, any},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			a, b := args[0], args[1]
			if holdsPlaceholder(a) || holdsPlaceholder(b) {
				isNull := a.IsKnown() && a.IsNull() || b.IsKnown() && b.IsNull()
				if !isNull && !(a.IsWhollyKnown() && b.IsWhollyKnown() && a.RawEquals(b)) {
					return cty.UnknownVal(cty.Bool), nil
				}
			}
			return f.Call(args)
		},
	})
}
