package cloudformation

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// template is a template whose expressions are evaluated when they are asked for:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
type template struct {
	attr.Reader
	notes []model.Note
	file  string
	text  []byte

	parameters, mappings, conditions map[string]*syntax.Node
	// resources are in the order of the file.
	resources []*resource
	byID      map[string]*resource
	// generated says why there may be parameters and resources that the text
	// does not show; empty when there are none.
	generated string
	answers   map[string]answer

	work, depth int
}

// resource is a declared resource.
type resource struct {
	id, typ    string
	properties *syntax.Node
	// values are the properties once they are evaluated.
	values     *attr.Value
	evaluating bool
	condition  *syntax.Node
	// made is No when its condition is false.
	made        model.Tri
	conditional string
	at          model.Span
}

func newTemplate(file string, text []byte, root *syntax.Node) *template {
	t := &template{
		file: file, text: text, byID: map[string]*resource{}, answers: map[string]answer{},
		parameters: fields(root.Find([]string{"Parameters"})),
		mappings:   fields(root.Find([]string{"Mappings"})),
		conditions: fields(root.Find([]string{"Conditions"})),
	}
	return t
}

// fields are the entries of a mapping by their keys; the last of several wins.
func fields(n *syntax.Node) map[string]*syntax.Node {
	out := map[string]*syntax.Node{}
	for _, f := range entries(n) {
		out[f.Key.Value] = f.Value
	}
	return out
}

// entries are the entries of a mapping whose keys are texts.
func entries(n *syntax.Node) []syntax.Field {
	if n == nil {
		return nil
	}
	var out []syntax.Field
	for _, f := range n.Fields {
		if f.Key.Kind == syntax.Scalar {
			out = append(out, f)
		}
	}
	return out
}

// declare adds a resource of the section Resources.
func (t *template) declare(f syntax.Field) {
	typ := f.Value.Find([]string{"Type"})
	if f.Value.Kind != syntax.Mapping || typ == nil || typ.Kind != syntax.Scalar {
		t.Refuse(t.span(f.Key), "%s: a resource has a Type", f.Key.Value)
		return
	}
	if t.byID[f.Key.Value] != nil {
		t.Refuse(t.span(f.Key), "there are two resources %s", f.Key.Value)
		return
	}
	r := &resource{
		id: f.Key.Value, typ: typ.Value, properties: f.Value.Find([]string{"Properties"}),
		condition: f.Value.Find([]string{"Condition"}), made: model.Yes, at: t.span(f.Key),
	}
	t.resources = append(t.resources, r)
	t.byID[r.id] = r
}

// decide finds out which resources are made, once all of them are declared.
func (t *template) decide() {
	for _, r := range t.resources {
		if r.condition == nil {
			continue
		}
		a := t.named(r.condition)
		r.made = a.holds
		if a.holds == model.Unknown {
			r.conditional = fmt.Sprintf("the condition %s is not known: %s", t.shown(r.condition), a.why)
		}
	}
}

func (t *template) span(n *syntax.Node) model.Span {
	return model.Span{File: t.file, Start: n.Start, End: n.End}
}

func (t *template) note(format string, args ...any) {
	t.notes = append(t.notes, model.Note{File: t.file, Message: fmt.Sprintf(format, args...)})
}

// of evaluates the properties of a resource.
func (t *template) of(r *resource) *attr.Value {
	switch {
	case r.values != nil:
	case r.properties == nil:
		r.values = &attr.Value{Kind: attr.Object, At: r.at}
	case r.evaluating:
		return t.open(r.properties, r.id+" refers to itself")
	default:
		r.evaluating = true
		r.values = t.value(r.properties)
		r.evaluating = false
		if r.values == nil || r.values.Kind != attr.Object && r.values.Kind != attr.Open {
			t.Refuse(t.span(r.properties), "%s: the properties are no object", r.id)
			r.values = t.open(r.properties, "the properties cannot be read")
		}
	}
	return r.values
}

// source is what is written at a place.
func (t *template) source(at model.Span) string { return string(t.text[at.Start:at.End]) }

// isFunction reports whether a key of a mapping calls a function.
func isFunction(key string) bool { return key == "Ref" || strings.HasPrefix(key, "Fn::") }
