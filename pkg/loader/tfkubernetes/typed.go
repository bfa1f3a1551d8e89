package tfkubernetes

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// typed reads a resource whose type is that of an object.
func (x *reading) typed(r terraform.Resource, k kind) {
	data, spec := block(r.Attributes.Get("metadata")), block(r.Attributes.Get("spec"))
	in, isKnown := namespaceOf(data)
	isScoped := !k.groupKind().IsClusterScoped()
	isNamed := isName(data.Get("name"))
	switch {
	case r.Conditional != "", x.isElsewhere(r), data == nil, isOpen(data), isOpen(spec), isScoped && !isKnown, !isScoped && !isNamed:
		x.unknown(r, k, in, isKnown && isScoped)
		return
	case !isNamed && k.domain() != model.Policies:
		// Others name it, and may mean this one.
		x.unknown(r, k, in, true)
	}
	v := x.converter.object(k.object, r.Attributes)
	if isScoped && v.Get("metadata").Get("namespace") == nil {
		v = with(v, "metadata", with(v.Get("metadata"), "namespace", text("default", data)))
	}
	if !isNamed {
		v = identified(v, r.Address)
	}
	at := &attr.Value{At: r.At}
	v = with(with(v, "kind", text(k.name, at)), "apiVersion", text(k.apiVersion, at))
	v.At = r.At
	x.add(r, encode(v), source{x.origin, v, r.At})
}

func isName(v *attr.Value) bool { return v.IsSet() && v.Kind != attr.Open && v.Text != "" }

// unknown notes an object of which not enough is known.
func (x *reading) unknown(r terraform.Resource, k kind, in string, isKnown bool) {
	domain := k.domain()
	if domain == 0 {
		return
	}
	opaque := model.Opaque{Domains: domain, AnyNamespace: true, Why: r.Address + " is not known"}
	if isKnown {
		opaque.Namespace, opaque.AnyNamespace = in, false
	}
	x.out.Opaque = append(x.out.Opaque, opaque)
}

// namespaceOf is the namespace that metadata name, which is default when they
// name none.
func namespaceOf(data *attr.Value) (string, bool) {
	if data == nil || data.Kind != attr.Object {
		return "", false
	}
	in := data.Get("namespace")
	if !in.IsSet() || in.Kind == attr.String && in.Text == "" {
		return "default", true
	}
	return in.Text, in.Kind == attr.String
}

// identified gives an object whose name is not known the address of its resource
// as a placeholder for it, which tells the object from others.
func identified(v *attr.Value, address string) *attr.Value {
	data := v.Get("metadata")
	if data == nil || data.Kind != attr.Object {
		return v
	}
	at := data
	if name := data.Get("name"); name.IsSet() {
		at = name
	}
	return with(v, "metadata", with(data, "name", text("${"+address+"}", at)))
}

// with is an object with another value of a field, which comes first.
func with(v *attr.Value, name string, value *attr.Value) *attr.Value {
	out := *v
	out.Fields = slices.DeleteFunc(slices.Clone(v.Fields), func(f attr.Field) bool { return f.Name == name })
	out.Fields = slices.Insert(out.Fields, 0, attr.Field{Name: name, Value: value})
	return &out
}
