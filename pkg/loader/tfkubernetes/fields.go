package tfkubernetes

import (
	"reflect"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// field is a field of a Go type by the name that it has in JSON.
type field struct {
	name string
	typ  reflect.Type
}

// fieldsOf returns the fields of a type by the names that the provider may give
// them, without underscores.
func (c *converter) fieldsOf(t reflect.Type) map[string]field {
	if known, found := c.fields[t]; found {
		return known
	}
	all := jsonFields(t)
	out := map[string]field{}
	for _, f := range all {
		lower := strings.ToLower(f.name)
		for _, plural := range [][2]string{{"ies", "y"}, {"es", ""}, {"s", ""}} {
			if stem, found := strings.CutSuffix(lower, plural[0]); found {
				out[stem+plural[1]] = f
			}
		}
	}
	for _, f := range all {
		out[strings.ToLower(f.name)] = f
	}
	for _, e := range exceptions() {
		if e.of == t {
			delete(out, e.attribute)
			if i := slices.IndexFunc(all, func(f field) bool { return f.name == e.field }); i >= 0 {
				out[e.attribute] = all[i]
			}
		}
	}
	c.fields[t] = out
	return out
}

// exception is an attribute, without underscores, that is not named by the rule.
// Without a field it is not read.
type exception struct {
	of               reflect.Type
	attribute, field string
}

func exceptions() []exception {
	meta := reflect.TypeFor[metav1.ObjectMeta]()
	return []exception{
		{reflect.TypeFor[appsv1.DaemonSetSpec](), "strategy", "updateStrategy"},
		// What the API server tells of an object.
		{meta, "generation", ""},
		{meta, "resourceversion", ""},
		{meta, "selflink", ""},
		{meta, "uid", ""},
	}
}

// jsonFields lists the fields of a struct with those of the structs that it embeds.
func jsonFields(t reflect.Type) []field {
	var out []field
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			out = append(out, jsonFields(inner)...)
		case name != "":
			out = append(out, field{name, f.Type})
		}
	}
	return out
}
