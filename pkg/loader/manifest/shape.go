package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/model"
)

// mismatch is a value that its field cannot hold.
type mismatch struct {
	path  model.Path
	want  string
	value any
}

// shape compares a document with the Go type that it is decoded into.
type shape struct {
	unknown    []model.Defect
	mismatches []mismatch
}

// compare walks value, as a JSON decoder made it, along the type. A null is
// always accepted, as the decoder does.
func (s *shape) compare(t reflect.Type, value any, path model.Path) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case value == nil || t.Kind() == reflect.Interface:
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		s.compareCustom(t, value, path)
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		s.compareMapping(t, value, path)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		s.compareList(t, value, path)
	default:
		s.compareScalar(t, value, path)
	}
}

func (s *shape) compareCustom(t reflect.Type, value any, path model.Path) {
	raw, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(raw, reflect.New(t).Interface())
	}
	if err != nil {
		s.mismatch(path, wantOf(t), value)
	}
}

func (s *shape) compareMapping(t reflect.Type, value any, path model.Path) {
	entries, ok := value.(map[string]any)
	if !ok {
		s.mismatch(path, "a mapping", value)
		return
	}
	var fields map[string]reflect.Type
	if t.Kind() == reflect.Struct {
		fields = fieldsOf(t)
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		switch field, known := fields[key]; {
		case fields == nil:
			s.compare(t.Elem(), entries[key], path.Child(key))
		case known:
			s.compare(field, entries[key], path.Child(key))
		default:
			s.unknown = append(s.unknown, model.Defect{
				Kind: model.UnknownField, Path: path.Child(key), Detail: nearest(key, fields),
			})
		}
	}
}

func (s *shape) compareList(t reflect.Type, value any, path model.Path) {
	items, ok := value.([]any)
	if !ok {
		s.mismatch(path, "a list", value)
		return
	}
	for i, item := range items {
		s.compare(t.Elem(), item, path.Child(strconv.Itoa(i)))
	}
}

func (s *shape) compareScalar(t reflect.Type, value any, path model.Path) {
	raw, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(raw, reflect.New(t).Interface())
	}
	if err == nil {
		return
	}
	want := wantOf(t)
	if n, ok := value.(int64); ok && isInteger(t) {
		want = fmt.Sprintf("a number of %d bits", t.Bits())
		if n < 0 && t.Kind() >= reflect.Uint {
			want = "a number above zero"
		}
	}
	if _, ok := value.(float64); ok && isInteger(t) {
		want = "a whole number"
	}
	s.mismatch(path, want, value)
}

func (s *shape) mismatch(path model.Path, want string, value any) {
	s.mismatches = append(s.mismatches, mismatch{path, want, value})
}

func (m mismatch) String() string {
	return fmt.Sprintf("%s: want %s, found %s", m.path, m.want, foundOf(m.value))
}

func isInteger(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 }

// wantText is what wantOf says of a string.
const wantText = "a string"

func wantOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[resource.Quantity]():
		return "a quantity such as 500m or 1Gi"
	case reflect.TypeFor[intstr.IntOrString]():
		return "a number or a name"
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime]():
		return "a time such as 2006-01-02T15:04:05Z"
	}
	switch {
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return wantText
	case t.Kind() == reflect.Slice:
		return "base64 text"
	case isInteger(t), t.Kind() == reflect.Float32, t.Kind() == reflect.Float64:
		return "a number"
	default:
		return "another type"
	}
}

func foundOf(value any) string {
	const most = 60
	switch v := value.(type) {
	case string:
		if len(v) > most {
			v = strings.ToValidUTF8(v[:most], "") + "…"
		}
		return strconv.Quote(v)
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return fmt.Sprint(v)
	default:
		return fmt.Sprint(v)
	}
}

// fieldsOf returns the fields of a struct by the name that JSON gives them.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			maps.Copy(out, fieldsOf(inner))
		case name == "":
			out[f.Name] = f.Type
		default:
			out[name] = f.Type
		}
	}
	return out
}

// nearest returns the field that key probably stands for, or nothing.
func nearest(key string, fields map[string]reflect.Type) string {
	best, least := "", 3
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		d := levenshtein.ComputeDistance(strings.ToLower(key), strings.ToLower(name))
		if d < least && 2*d < len(key) {
			best, least = name, d
		}
	}
	return best
}
