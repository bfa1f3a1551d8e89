package regorule

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// encoder turns Go values into the Rego values that encoding/json followed by
// a decoder would make, without the text in between: every object that a rule
// looks at passes here. It learns each type once and is safe for concurrent use.
type encoder struct {
	mu    sync.Mutex
	plans sync.Map // reflect.Type -> *plan
}

// plan is how values of one type are encoded. Plans of recursive types point
// at themselves.
type plan struct {
	encode func(e *encoder, v reflect.Value) (*ast.Term, error)
}

var (
	jsonMarshaler  = reflect.TypeFor[json.Marshaler]()
	textMarshaler  = reflect.TypeFor[encoding.TextMarshaler]()
	numberType     = reflect.TypeFor[json.Number]()
	intOrString    = reflect.TypeFor[intstr.IntOrString]()
	quantity       = reflect.TypeFor[resource.Quantity]()
	timeType       = reflect.TypeFor[metav1.Time]()
	unstructuredTy = reflect.TypeFor[unstructured.Unstructured]()
	stringMap      = reflect.TypeFor[map[string]string]()
)

// term encodes x.
func (e *encoder) term(x any) (*ast.Term, error) {
	if x == nil {
		return ast.InternedNullTerm, nil
	}
	v := reflect.ValueOf(x)
	return e.plan(v.Type()).encode(e, v)
}

// plan returns the plan of a type, building it and those below it once.
func (e *encoder) plan(t reflect.Type) *plan {
	if p, ok := planOf(&e.plans, t); ok {
		return p
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh := planner{known: &e.plans, made: map[reflect.Type]*plan{}}
	p := fresh.plan(t)
	for t, p := range fresh.made {
		e.plans.Store(t, p)
	}
	return p
}

func planOf(plans *sync.Map, t reflect.Type) (*plan, bool) {
	found, _ := plans.Load(t)
	p, ok := found.(*plan)
	return p, ok
}

// planner builds the plans of a type and of all types below it; they are
// published together, when all are complete.
type planner struct {
	known *sync.Map
	made  map[reflect.Type]*plan
}

func (b *planner) plan(t reflect.Type) *plan {
	if p, ok := planOf(b.known, t); ok {
		return p
	}
	if p, ok := b.made[t]; ok {
		return p
	}
	p := &plan{}
	b.made[t] = p
	p.encode = b.custom(t)
	if p.encode == nil {
		p.encode = b.plain(t)
	}
	return p
}

// custom handles the types that say themselves how they are written.
func (b *planner) custom(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	switch t {
	case intOrString:
		return encodeIntOrString
	case quantity:
		return encodeQuantity
	case timeType:
		return encodeTime
	case unstructuredTy:
		content := b.plan(reflect.TypeFor[map[string]any]())
		return func(e *encoder, v reflect.Value) (*ast.Term, error) {
			return content.encode(e, v.FieldByName("Object"))
		}
	case numberType:
		return viaJSON
	}
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return nil // decided by what they point at
	}
	if t.Implements(jsonMarshaler) || reflect.PointerTo(t).Implements(jsonMarshaler) {
		return viaJSON
	}
	if t.Implements(textMarshaler) {
		return encodeText
	}
	if reflect.PointerTo(t).Implements(textMarshaler) {
		return viaJSON
	}
	return nil
}

// plain handles types by their kind.
func (b *planner) plain(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	switch t.Kind() {
	case reflect.Bool:
		return encodeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return encodeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return encodeUint
	case reflect.String:
		return encodeString
	case reflect.Interface:
		return encodeInterface
	case reflect.Pointer:
		return b.pointer(t)
	case reflect.Slice, reflect.Array:
		return b.list(t)
	case reflect.Map:
		return b.mapping(t)
	case reflect.Struct:
		return b.structure(t)
	default: // floats, and what JSON refuses
		return viaJSON
	}
}

func (b *planner) pointer(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	elem := b.plan(t.Elem())
	return func(e *encoder, v reflect.Value) (*ast.Term, error) {
		if v.IsNil() {
			return ast.InternedNullTerm, nil
		}
		return elem.encode(e, v.Elem())
	}
}

func (b *planner) list(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		if t.Elem() != reflect.TypeFor[byte]() {
			return viaJSON
		}
		return encodeBytes
	}
	elem := b.plan(t.Elem())
	return func(e *encoder, v reflect.Value) (*ast.Term, error) {
		if v.Kind() == reflect.Slice && v.IsNil() {
			return ast.InternedNullTerm, nil
		}
		if v.Len() == 0 {
			return ast.InternedEmptyArray, nil
		}
		terms := make([]*ast.Term, v.Len())
		for i := range terms {
			term, err := elem.encode(e, v.Index(i))
			if err != nil {
				return nil, err
			}
			terms[i] = term
		}
		return ast.NewTerm(ast.NewArray(terms...)), nil
	}
}

func (b *planner) mapping(t reflect.Type) func(*encoder, reflect.Value) (*ast.Term, error) {
	if t == stringMap {
		return encodeStringMap
	}
	if t.Key().Kind() != reflect.String {
		return viaJSON
	}
	elem := b.plan(t.Elem())
	return func(e *encoder, v reflect.Value) (*ast.Term, error) {
		if v.IsNil() {
			return ast.InternedNullTerm, nil
		}
		pairs := make([][2]*ast.Term, 0, v.Len())
		for iter := v.MapRange(); iter.Next(); {
			key, err := encodeString(e, iter.Key())
			if err != nil {
				return nil, err
			}
			value, err := elem.encode(e, iter.Value())
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*ast.Term{key, value})
		}
		return ast.ObjectTerm(pairs...), nil
	}
}

func encodeStringMap(_ *encoder, v reflect.Value) (*ast.Term, error) {
	if v.IsNil() {
		return ast.InternedNullTerm, nil
	}
	m, ok := v.Interface().(map[string]string)
	if !ok {
		return nil, fmt.Errorf("encode %s: not a string map", v.Type())
	}
	pairs := make([][2]*ast.Term, 0, len(m))
	for k, s := range m {
		pairs = append(pairs, [2]*ast.Term{stringTerm(k), stringTerm(s)})
	}
	return ast.ObjectTerm(pairs...), nil
}

func encodeInterface(e *encoder, v reflect.Value) (*ast.Term, error) {
	if v.IsNil() {
		return ast.InternedNullTerm, nil
	}
	return e.plan(v.Elem().Type()).encode(e, v.Elem())
}

func encodeBool(_ *encoder, v reflect.Value) (*ast.Term, error) {
	return ast.InternedTerm(v.Bool()), nil
}

func encodeInt(_ *encoder, v reflect.Value) (*ast.Term, error) {
	return ast.InternedTerm(v.Int()), nil
}

func encodeUint(_ *encoder, v reflect.Value) (*ast.Term, error) {
	return ast.NewTerm(ast.Number(strconv.FormatUint(v.Uint(), 10))), nil
}

func encodeString(_ *encoder, v reflect.Value) (*ast.Term, error) {
	return stringTerm(v.String()), nil
}

// stringTerm is the term of s as JSON would carry it: each byte that is not
// UTF-8 becomes a replacement character.
func stringTerm(s string) *ast.Term {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return ast.InternedTerm(s)
}

func encodeBytes(_ *encoder, v reflect.Value) (*ast.Term, error) {
	if v.IsNil() {
		return ast.InternedNullTerm, nil
	}
	return ast.InternedTerm(base64.StdEncoding.EncodeToString(v.Bytes())), nil
}

func encodeText(_ *encoder, v reflect.Value) (*ast.Term, error) {
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		return nil, fmt.Errorf("encode %s: no text form", v.Type())
	}
	text, err := m.MarshalText()
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", v.Type(), err)
	}
	return stringTerm(string(text)), nil
}

func encodeIntOrString(_ *encoder, v reflect.Value) (*ast.Term, error) {
	value, ok := v.Interface().(intstr.IntOrString)
	if !ok {
		return viaJSON(nil, v)
	}
	switch value.Type {
	case intstr.Int:
		return ast.InternedTerm(value.IntVal), nil
	case intstr.String:
		return stringTerm(value.StrVal), nil
	default:
		return viaJSON(nil, v)
	}
}

func encodeQuantity(_ *encoder, v reflect.Value) (*ast.Term, error) {
	q, ok := v.Interface().(resource.Quantity)
	if !ok {
		return viaJSON(nil, v)
	}
	return stringTerm(q.String()), nil
}

func encodeTime(_ *encoder, v reflect.Value) (*ast.Term, error) {
	t, ok := v.Interface().(metav1.Time)
	if !ok {
		return viaJSON(nil, v)
	}
	if t.IsZero() {
		return ast.InternedNullTerm, nil
	}
	return stringTerm(t.UTC().Format(time.RFC3339)), nil
}

// viaJSON is the long way, for types with a form of their own. Where the value
// is addressable its address is passed, as encoding/json does, so that methods
// with a pointer receiver count.
func viaJSON(_ *encoder, v reflect.Value) (*ast.Term, error) {
	x := v.Interface()
	if v.CanAddr() {
		x = v.Addr().Interface()
	}
	text, err := json.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", v.Type(), err)
	}
	value, err := ast.ValueFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", v.Type(), err)
	}
	return ast.NewTerm(value), nil
}
