package tfhcl

import (
	"errors"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// The functions of Terraform that no library has, or that tell more of unknown
// values here.

var same = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 1 {
		return cty.DynamicVal, errors.New("want one argument")
	}
	return args[0], nil
})

// length counts elements, and the characters of a text that is known.
var length = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 1 {
		return cty.DynamicVal, errors.New("want one argument")
	}
	v, marks := args[0].Unmark()
	switch {
	case v.IsKnown() && !v.IsNull() && v.Type() == cty.String:
		if holdsPlaceholder(v) {
			return openOf(args), nil
		}
		n, err := stdlib.Strlen(v)
		return n.WithMarks(marks), err
	case v.Type() == cty.DynamicPseudoType || v.Type() == cty.String:
		return cty.UnknownVal(cty.Number).WithMarks(marks), nil
	case v.Type().IsTupleType():
		return cty.NumberIntVal(int64(v.Type().Length())), nil
	case v.Type().IsObjectType():
		return cty.NumberIntVal(int64(len(v.Type().AttributeTypes()))), nil
	}
	n, err := stdlib.Length(v)
	return n.WithMarks(marks), err
})

// one is the only element, or null.
var one = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 1 {
		return cty.DynamicVal, errors.New("want one argument")
	}
	v, marks := args[0].Unmark()
	switch {
	case !v.IsKnown():
		return cty.DynamicVal.WithMarks(marks), nil
	case v.IsNull() || !isList(v):
		return cty.DynamicVal, errors.New("want a list")
	}
	items := elements(v)
	switch len(items) {
	case 0:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case 1:
		return items[0].value.WithMarks(marks), nil
	}
	return cty.DynamicVal, errors.New("more than one element")
})

func isList(v cty.Value) bool {
	return v.Type().IsListType() || v.Type().IsSetType() || v.Type().IsTupleType()
}

// index is where a value stands in a list.
var index = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 2 {
		return cty.DynamicVal, errors.New("want two arguments")
	}
	list, _ := args[0].UnmarkDeep()
	value, _ := args[1].UnmarkDeep()
	switch {
	case !list.IsWhollyKnown() || !value.IsWhollyKnown():
		return openOf(args), nil
	case list.IsNull() || !isList(list) || list.Type().IsSetType():
		return cty.DynamicVal, errors.New("want a list")
	}
	for i, item := range elements(list) {
		isSame, err := stdlib.Equal(item.value, value)
		if err == nil && isSame.True() {
			return cty.NumberIntVal(int64(i)), nil
		}
	}
	return cty.DynamicVal, errors.New("no such element")
})

// slice of a list that nobody knows still has as many elements as its bounds say,
// as it fails otherwise.
var slice = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 3 {
		return cty.DynamicVal, errors.New("want three arguments")
	}
	list, marks := args[0].Unmark()
	from, fromKnown := wholeNumber(args[1])
	to, toKnown := wholeNumber(args[2])
	switch {
	case !fromKnown || !toKnown:
		return openOf(args), nil
	case from < 0 || to < from || to-from > maxInstances:
		return cty.DynamicVal, errors.New("bounds out of range")
	case list.IsKnown():
		converted, err := convertAll(stdlib.SliceFunc, args)
		if err != nil {
			return cty.DynamicVal, err
		}
		return stdlib.SliceFunc.Call(converted)
	}
	items := make([]cty.Value, to-from)
	for i := range items {
		items[i] = cty.DynamicVal.WithMarks(marks)
	}
	return cty.TupleVal(items), nil
})

// lookup is the value of a key, else the default.
var lookup = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 2 && len(args) != 3 {
		return cty.DynamicVal, errors.New("want two or three arguments")
	}
	object, marks := args[0].Unmark()
	key, _ := args[1].Unmark()
	if !object.IsKnown() || object.IsNull() || !key.IsKnown() || key.IsNull() || key.Type() != cty.String || holdsPlaceholder(key) {
		return openOf(args), nil
	}
	if !object.Type().IsMapType() && !object.Type().IsObjectType() {
		return cty.DynamicVal, errors.New("want a map")
	}
	if v, found := object.AsValueMap()[key.AsString()]; found {
		return v.WithMarks(marks), nil
	}
	switch {
	case len(args) == 2:
		return cty.DynamicVal, errors.New("no such key")
	case object.Type().IsMapType():
		return convert.Convert(args[2], object.Type().ElementType())
	}
	return args[2], nil
})

func wholeNumber(v cty.Value) (int, bool) {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, exact := v.AsBigFloat().Int64()
	return int(n), exact == 0
}

var (
	allTrue = truth(false)
	anyTrue = truth(true)
)

// truth asks whether an element has the deciding value.
func truth(deciding bool) function.Function {
	return dynamic(func(args []cty.Value) (cty.Value, error) {
		if len(args) != 1 {
			return cty.DynamicVal, errors.New("want one argument")
		}
		list, _ := args[0].Unmark()
		switch {
		case !list.IsKnown():
			return openOf(args), nil
		case list.IsNull() || !isList(list):
			return cty.DynamicVal, errors.New("want a list")
		}
		known, decided := true, false
		for _, item := range elements(list) {
			v, _ := item.value.Unmark()
			v, err := convert.Convert(v, cty.Bool)
			switch {
			case err != nil:
				return cty.DynamicVal, err //nolint:wrapcheck // only that it failed counts
			case !v.IsKnown():
				known = false
			case (!v.IsNull() && v.True()) == deciding: // null is not true
				decided = true
			}
		}
		switch {
		case decided:
			return cty.BoolVal(deciding), nil
		case !known:
			return openOf(args), nil
		}
		return cty.BoolVal(!deciding), nil
	})
}

var sum = dynamic(func(args []cty.Value) (cty.Value, error) {
	if len(args) != 1 {
		return cty.DynamicVal, errors.New("want one argument")
	}
	list, _ := args[0].UnmarkDeep()
	switch {
	case !list.IsWhollyKnown():
		return openOf(args), nil
	case list.IsNull() || !isList(list) || list.LengthInt() == 0:
		return cty.DynamicVal, errors.New("want a list with elements")
	}
	total := cty.Zero
	for _, item := range elements(list) {
		n, err := convert.Convert(item.value, cty.Number)
		if err != nil || n.IsNull() {
			return cty.DynamicVal, errors.New("want numbers")
		}
		total = total.Add(n)
	}
	return total, nil
})

// replace takes a regular expression between slashes:
// https://developer.hashicorp.com/terraform/language/functions/replace
var replace = dynamic(func(args []cty.Value) (cty.Value, error) {
	converted, err := convertAll(stdlib.ReplaceFunc, args)
	if err != nil {
		return cty.DynamicVal, err
	}
	pattern, _ := converted[1].Unmark()
	if !pattern.IsKnown() || pattern.IsNull() {
		return openOf(args), nil
	}
	if text := pattern.AsString(); len(text) > 1 && text[0] == '/' && text[len(text)-1] == '/' {
		return stdlib.RegexReplaceFunc.Call([]cty.Value{converted[0], cty.StringVal(text[1 : len(text)-1]), converted[2]})
	}
	return stdlib.ReplaceFunc.Call(converted)
})

func hasPrefix(text, part string) bool { return strings.HasPrefix(text, part) }
func hasSuffix(text, part string) bool { return strings.HasSuffix(text, part) }
func hasPart(text, part string) bool   { return strings.Contains(text, part) }

// withText makes a function of two texts.
func withText(f func(text, part string) bool) function.Function {
	text := function.Parameter{Name: "text", Type: cty.String}
	return function.New(&function.Spec{
		Params: []function.Parameter{text, text},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}
