package regorule

import (
	"math/rand" //nolint:depguard // testing/quick takes this one
	"reflect"
	"testing"
	"testing/quick"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
)

// TestDigest compares with reflect.DeepEqual, for facts that differ in much and in little.
func TestDigest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1)) //nolint:gosec // a test that can be repeated
	facts := []any{
		graph.IngressFacts{},
		graph.GroupFacts{},
		graph.ClassFacts{},
		graph.ServiceFacts{},
		graph.WorkloadFacts{},
		graph.PolicyFacts{},
		graph.NamespaceFacts{},
	}
	equal := 0
	for _, of := range facts {
		for range 300 {
			a := made(t, r, reflect.TypeOf(of))
			compare(t, a.Interface(), copied(a).Interface())
			compare(t, a.Interface(), made(t, r, reflect.TypeOf(of)).Interface())
			for range 20 {
				b := copied(a)
				change(r, b)
				if compare(t, a.Interface(), b.Interface()) {
					equal++
				}
			}
		}
	}
	if equal == 0 {
		t.Error("no change left a value as it was")
	}
	for _, pair := range [][2]any{
		{nil, graph.WorkloadFacts{}},
		{graph.ServiceFacts{}, graph.PolicyFacts{}},
		{[]string(nil), []string{}},
		{[]string{"ab", "c"}, []string{"a", "bc"}},
		{map[string]int{"a": 1, "b": 2}, map[string]int{"a": 2, "b": 1}},
		{map[string]int{"a": 1, "b": 2}, map[string]int{"b": 2, "a": 1}},
		{1, int64(1)},
	} {
		compare(t, pair[0], pair[1])
	}
}

func compare(t *testing.T, a, b any) (isEqual bool) {
	t.Helper()
	isEqual = reflect.DeepEqual(a, b)
	if same := digest(a) == digest(b); same != isEqual {
		t.Fatalf("%v and\n%v:\nequal is %v, digests are the same is %v", a, b, isEqual, same)
	}
	return isEqual
}

func made(t *testing.T, r *rand.Rand, of reflect.Type) reflect.Value {
	t.Helper()
	v, ok := quick.Value(of, r)
	if !ok {
		t.Fatalf("no value of %s", of)
	}
	return v
}

// copied is a deep copy that can be changed.
func copied(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(copied(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(copied(v.Field(i)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(copied(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for each := v.MapRange(); each.Next(); {
				out.SetMapIndex(each.Key(), copied(each.Value()))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

// change changes one thing somewhere in a value, or nothing.
func change(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || r.Intn(5) == 0 {
			v.SetZero()
		} else {
			change(r, v.Elem())
		}
	case reflect.Struct:
		if v.NumField() > 0 {
			change(r, v.Field(r.Intn(v.NumField())))
		}
	case reflect.Slice:
		switch n := v.Len(); {
		case n == 0:
			v.Set(reflect.MakeSlice(v.Type(), r.Intn(2), 1))
		case r.Intn(5) == 0:
			v.SetLen(n - 1)
		default:
			change(r, v.Index(r.Intn(n)))
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			value := copied(each.Value())
			change(r, value)
			v.SetMapIndex(each.Key(), value)
			return
		}
	case reflect.String:
		v.SetString(v.String() + []string{"", "x"}[r.Intn(2)])
	case reflect.Bool:
		v.SetBool(r.Intn(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Intn(3)))
	case reflect.Uint8:
		v.SetUint(uint64(r.Intn(3))) //nolint:gosec // small
	default:
	}
}
