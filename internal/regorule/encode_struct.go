package regorule

import (
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// field is one member of a struct as encoding/json sees it.
type field struct {
	name   string
	key    *ast.Term
	index  []int
	tagged bool
	skip   func(reflect.Value) bool // nil: never
	plan   *plan
}

// structure plans a struct. The names of embedded structs are promoted and
// hidden by the rules of encoding/json.
func (b *planner) structure(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	fields, simple := b.fields(t)
	if !simple {
		return viaJSON
	}
	return func(e *encoder, v reflect.Value) (*ast.Term, error) {
		var buffer [24][2]*ast.Term // most structs fit; NewObject does not keep it
		pairs := buffer[:0]
		for i := range fields {
			f := &fields[i]
			value, ok := f.of(v)
			if !ok || f.skip != nil && f.skip(value) {
				continue
			}
			term, err := f.plan.encode(e, value)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*ast.Term{f.key, term})
		}
		return ast.ObjectTerm(pairs...), nil
	}
}

// of returns the field's value in v; false behind a nil embedded pointer.
func (f *field) of(v reflect.Value) (reflect.Value, bool) {
	if len(f.index) == 1 {
		return v.Field(f.index[0]), true
	}
	for n, i := range f.index {
		if n > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// fields lists what a struct writes; simple is false when a tag asks for a
// form that only encoding/json knows.
func (b *planner) fields(t reflect.Type) (visible []field, simple bool) {
	all := map[string][]field{}
	simple = b.collect(t, nil, all)
	for _, candidates := range all {
		if f, ok := dominant(candidates); ok {
			visible = append(visible, f)
		}
	}
	slices.SortFunc(visible, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return visible, simple
}

// dominant picks the field that a name means: the shallowest, among several of
// that depth the only one with a tag, else none.
func dominant(candidates []field) (field, bool) {
	depth := len(slices.MinFunc(candidates, func(a, b field) int { return len(a.index) - len(b.index) }).index)
	var plain, tagged []field
	for _, f := range candidates {
		switch {
		case len(f.index) > depth:
		case f.tagged:
			tagged = append(tagged, f)
		default:
			plain = append(plain, f)
		}
	}
	if len(tagged) == 1 {
		return tagged[0], true
	}
	if len(tagged) == 0 && len(plain) == 1 {
		return plain[0], true
	}
	return field{}, false
}

func (b *planner) collect(t reflect.Type, at []int, into map[string][]field) (simple bool) {
	simple = true
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		index := append(slices.Clone(at), i)
		if inner, ok := embedded(sf); ok && name == "" {
			// A type that embeds itself has no finite list of fields.
			simple = len(index) < 8 && b.collect(inner, index, into) && simple
			continue
		}
		if !sf.IsExported() {
			continue
		}
		if hasOption(options, "string") {
			simple = false
		}
		f := field{name: name, index: index, tagged: name != "", skip: skipper(sf.Type, options), plan: b.plan(sf.Type)}
		if name == "" {
			f.name = sf.Name
		}
		f.key = ast.StringTerm(f.name)
		into[f.name] = append(into[f.name], f)
	}
	return simple
}

// embedded returns the struct whose fields sf promotes.
func embedded(sf reflect.StructField) (reflect.Type, bool) {
	if !sf.Anonymous {
		return nil, false
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		if !sf.IsExported() {
			return nil, false
		}
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}

func hasOption(options, name string) bool {
	return slices.Contains(strings.Split(options, ","), name)
}

// skipper is the test of omitempty and omitzero.
func skipper(t reflect.Type, options string) func(reflect.Value) bool {
	empty, zero := hasOption(options, "omitempty"), hasOption(options, "omitzero")
	switch {
	case empty && zero:
		isZero := zeroTest(t)
		return func(v reflect.Value) bool { return isEmpty(v) || isZero(v) }
	case empty:
		return isEmpty
	case zero:
		return zeroTest(t)
	default:
		return nil
	}
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// zeroTest is the type's own IsZero when it has one, else comparison with the
// zero value.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	own := reflect.TypeFor[zeroer]()
	switch {
	case t.Implements(own):
		return func(v reflect.Value) bool {
			if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
				return true
			}
			z, ok := v.Interface().(zeroer)
			return ok && z.IsZero()
		}
	case reflect.PointerTo(t).Implements(own):
		return func(v reflect.Value) bool {
			if !v.CanAddr() {
				settable := reflect.New(t).Elem()
				settable.Set(v)
				v = settable
			}
			z, ok := v.Addr().Interface().(zeroer)
			return ok && z.IsZero()
		}
	default:
		return reflect.Value.IsZero
	}
}
