package config

import (
	"reflect"
	"strings"
)

// field is what the tags of a struct's field say.
type field struct {
	index    int
	key      string
	enum     string
	names    []string
	doc      string
	required bool
	typ      reflect.Type
}

// fieldsOf lists the fields of a struct that a file may set.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || key == "-" {
			continue
		}
		out = append(out, field{
			index: i, key: key, enum: f.Tag.Get("enum"), names: strings.Fields(f.Tag.Get("names")),
			doc: f.Tag.Get("doc"), required: f.Tag.Get("required") != "", typ: f.Type,
		})
	}
	return out
}

func keysOf(fields []field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		out = append(out, f.key)
	}
	return out
}

// Keys lists every key of a config by its path, such as rules.include and
// clusters.name.
func Keys() []string { return keysBelow(reflect.TypeFor[Config](), "") }

func keysBelow(t reflect.Type, prefix string) []string {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[Date]() || t == reflect.TypeFor[Age]() {
		return nil
	}
	var out []string
	for _, f := range fieldsOf(t) {
		out = append(out, prefix+f.key)
		out = append(out, keysBelow(f.typ, prefix+f.key+".")...)
	}
	return out
}
