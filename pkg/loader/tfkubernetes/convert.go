package tfkubernetes

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/loader/attr"
)

// converter turns the attributes of typed resources into the fields of Kubernetes.
// The schema of the provider follows the Go types of Kubernetes by a rule: its
// names are those of the fields with underscores and, for a block that may be
// repeated, in the singular. So the types tell what becomes a list, what is one
// object, and which keys the user chose: those of a map.
//
// A plan or a state holds every attribute. Null, an empty text and an empty list
// stand there for what is not set; a block that is given and empty is a list of one
// object.
type converter struct {
	fields map[reflect.Type]map[string]field
}

func newConverter() *converter { return &converter{map[reflect.Type]map[string]field{}} }

// value converts a value to one of a type; nil when it is not set.
func (c *converter) value(of field, v *attr.Value) *attr.Value {
	t, isPointer := of.typ, false
	for t.Kind() == reflect.Pointer {
		t, isPointer = t.Elem(), true
	}
	switch {
	case !v.IsSet():
		return nil
	case v.Kind == attr.Open:
		return v
	case t.Kind() == reflect.Interface:
		return v
	case isScalar(t):
		return scalar(field{of.name, t}, v, isPointer)
	case t.Kind() == reflect.Slice:
		return c.list(t.Elem(), v)
	case t.Kind() == reflect.Map:
		return c.entries(t.Elem(), block(v))
	default:
		return c.object(t, block(v))
	}
}

// block is the object of a block that may stand once; nil when it is not given.
func block(v *attr.Value) *attr.Value {
	if v == nil || v.Kind != attr.List {
		return v
	}
	if i := slices.IndexFunc(v.Items, isOpen); i >= 0 {
		return v.Items[i]
	}
	if len(v.Items) == 0 {
		return nil
	}
	return given(v.Items[0], v)
}

func isOpen(v *attr.Value) bool { return v.IsSet() && v.Kind == attr.Open }

// given is an element of a list of blocks. One without attributes may be null.
func given(item, list *attr.Value) *attr.Value {
	if item.IsSet() {
		return item
	}
	return &attr.Value{Kind: attr.Object, At: list.At}
}

// object converts an object. A field that the type does not have is one of
// Terraform, such as wait_for_rollout.
func (c *converter) object(t reflect.Type, v *attr.Value) *attr.Value {
	if v == nil || v.Kind != attr.Object {
		return v
	}
	fields := c.fieldsOf(t)
	out := &attr.Value{Kind: attr.Object, At: v.At}
	for _, f := range v.Fields {
		if to, found := fields[strings.ReplaceAll(f.Name, "_", "")]; found {
			if value := c.value(to, f.Value); value != nil {
				out.Fields = append(out.Fields, attr.Field{Name: to.name, Value: value})
			}
		}
	}
	adjust(t, out)
	return out
}

// adjust does what the provider does beyond its schema, as far as the network may
// see it.
func adjust(t reflect.Type, out *attr.Value) {
	switch t {
	case reflect.TypeFor[networkingv1.HTTPIngressPath]():
		// https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/ingress_v1#path
		if out.Get("pathType") == nil {
			out.Fields = append(out.Fields, attr.Field{Name: "pathType", Value: text("ImplementationSpecific", out)})
		}
	case reflect.TypeFor[corev1.ServiceSpec]():
		// https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/structure_service_spec.go
		if typ := out.Get("type"); !isOpen(typ) && textOf(typ) != string(corev1.ServiceTypeLoadBalancer) {
			out.Fields = slices.DeleteFunc(out.Fields, func(f attr.Field) bool {
				return f.Name == "allocateLoadBalancerNodePorts" || f.Name == "loadBalancerClass"
			})
		}
	}
}

// entries converts a map, whose keys the user chose. An entry that is null is none.
func (c *converter) entries(t reflect.Type, v *attr.Value) *attr.Value {
	if v == nil || v.Kind != attr.Object {
		return v
	}
	out := &attr.Value{Kind: attr.Object, At: v.At}
	for _, f := range v.Fields {
		if value := c.element(t, f.Value); value != nil {
			out.Fields = append(out.Fields, attr.Field{Name: f.Name, Value: value})
		}
	}
	if len(out.Fields) == 0 {
		return nil
	}
	return out
}

// element converts an element of a map or a list, of which an empty text is one.
func (c *converter) element(t reflect.Type, v *attr.Value) *attr.Value {
	if v.IsSet() && v.Kind == attr.String && v.Text == "" {
		return v
	}
	return c.value(field{typ: t}, v)
}

// list converts a list. Blocks of which some are not known may be any number.
func (c *converter) list(t reflect.Type, v *attr.Value) *attr.Value {
	switch {
	case v.Kind == attr.Object:
		v = &attr.Value{Kind: attr.List, At: v.At, Items: []*attr.Value{v}}
	case v.Kind != attr.List:
		return v
	case len(v.Items) == 0:
		return nil
	}
	isBlock := t.Kind() == reflect.Struct && !isScalar(t)
	if i := slices.IndexFunc(v.Items, isOpen); i >= 0 && isBlock {
		return v.Items[i]
	}
	out := &attr.Value{Kind: attr.List, At: v.At}
	for _, item := range v.Items {
		if isBlock {
			item = given(item, v)
		}
		value := c.element(t, item)
		if value == nil { // Terraform may write an empty text in a list as null.
			value = text("", v)
		}
		out.Items = append(out.Items, value)
	}
	return out
}

// isScalar reports whether a type is written as one value in JSON.
func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8
	case reflect.Struct:
		return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
	case reflect.Map, reflect.Interface:
		return false
	default:
		return true
	}
}

// scalar converts text, numbers and booleans into each other as Terraform does.
func scalar(of field, v *attr.Value, isPointer bool) *attr.Value {
	isNumber := of.typ.Kind() >= reflect.Int && of.typ.Kind() <= reflect.Float64
	switch {
	case v.Kind == attr.List || v.Kind == attr.Object:
		return v
	case v.Kind == attr.String && v.Text == "":
		return nil
	case isPointer && isNumber && v.Kind == attr.Number && v.Text == "0" && !hasZero(of.name):
		return nil
	case of.typ.Kind() == reflect.String:
		return as(attr.String, v)
	case of.typ.Kind() == reflect.Bool && (v.Text == "true" || v.Text == "false"):
		return as(attr.Bool, v)
	case (of.name == "mode" || of.name == "defaultMode") && v.Kind == attr.String:
		return octal(v)
	case isNumber || of.typ == reflect.TypeFor[intstr.IntOrString]():
		if _, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return as(attr.Number, v)
		}
	}
	return v
}

// hasZero reports whether the provider passes on a zero of an optional number,
// which for others stands for what is not set.
func hasZero(name string) bool {
	return slices.Contains([]string{"terminationGracePeriodSeconds", "replicas", "parallelism", "backoffLimit", "minReplicas"}, name)
}

// octal reads the mode of a file.
func octal(v *attr.Value) *attr.Value {
	n, err := strconv.ParseInt(v.Text, 8, 32)
	if err != nil {
		return v
	}
	return &attr.Value{Kind: attr.Number, Text: strconv.FormatInt(n, 10), At: v.At}
}

// as is a scalar as one of another kind.
func as(kind attr.Kind, v *attr.Value) *attr.Value {
	switch {
	case v.Kind == kind:
		return v
	case kind == attr.Number:
		n, _ := strconv.ParseInt(v.Text, 10, 64)
		return &attr.Value{Kind: kind, Text: strconv.FormatInt(n, 10), At: v.At}
	default:
		return &attr.Value{Kind: kind, Text: v.Text, At: v.At}
	}
}

func textOf(v *attr.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

func text(s string, at *attr.Value) *attr.Value {
	return &attr.Value{Kind: attr.String, Text: s, At: at.Span()}
}
