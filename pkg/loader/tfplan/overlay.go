package tfplan

import (
	"strconv"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// place is a value in the attributes of an instance.
type place struct {
	of   *instance
	path string // such as vpc_config[0].subnet_ids
	leaf string // the last name of the path
	source
}

func (p place) field(name string) place {
	path := name
	if p.path != "" {
		path = p.path + "." + name
	}
	return place{p.of, path, name, p.source.field(name)}
}

func (p place) element(i int, element *syntax.Node, n int) place {
	return place{p.of, p.path + "[" + strconv.Itoa(i) + "]", p.leaf, p.source.element(element, n)}
}

func (p place) address() string { return p.of.address + "." + p.path }

// attributes lays what is not known over what is. An attribute that is in neither
// is not set.
func (x *reading) attributes(of *instance) *attr.Value {
	if of.unknown == nil {
		return x.planned(of)
	}
	return x.object(place{of: of, source: of.source()}, of.after, of.unknown)
}

// source returns how the attributes of an instance are configured.
func (of *instance) source() source {
	if n := get(of.config, "expressions"); n != nil {
		return source{from: []origin{{n, true}}}
	}
	return source{}
}

// planned returns the attributes of a resource for which the file does not say
// what is unknown. Before it exists that is what is configured and not there.
func (x *reading) planned(of *instance) *attr.Value {
	out := x.known(of.after)
	if of.exists {
		return out
	}
	for _, f := range fields(get(of.config, "expressions")) {
		if out.Get(f.Key.Value) == nil {
			p := place{of: of, source: of.source()}.field(f.Key.Value)
			out.Fields = append(out.Fields, attr.Field{Name: f.Key.Value, Value: x.open(p, x.span(of.after), x.find(p))})
		}
	}
	return out
}

// value returns a value, nil when it is neither known nor configured. unknown has
// the shape of the value, and true where the value is not known.
func (x *reading) value(p place, after, unknown *syntax.Node, at model.Span) *attr.Value {
	isOpen := holdsTrue(unknown)
	switch {
	case isOpen && hasShape(after, syntax.Mapping) && hasShape(unknown, syntax.Mapping):
		return x.object(p.below(), after, unknown)
	case isOpen && hasShape(after, syntax.Sequence) && hasShape(unknown, syntax.Sequence):
		return x.elements(p.below(), after, unknown)
	case isOpen && p.isUnset(), after == nil && !isOpen:
		return nil
	case isOpen:
		return x.open(p, at, x.find(p))
	default:
		return x.known(after)
	}
}

func hasShape(n *syntax.Node, kind syntax.Kind) bool { return n != nil && n.Kind == kind }

// isUnset reports whether nothing sets the value, so that its provider or AWS
// chooses it when the resource is created.
func (p place) isUnset() bool {
	return !p.of.exists && !p.of.data && p.of.config != nil && len(p.from) == 0 && !p.hidden
}

// below returns the place for what lies in it. A value that is there, and has no
// source, was made by dynamic blocks or by the provider.
func (p place) below() place {
	p.hidden = p.hidden || len(p.from) == 0
	return p
}

func (x *reading) object(p place, after, unknown *syntax.Node) *attr.Value {
	out := &attr.Value{Kind: attr.Object, At: x.span(after), Fields: make([]attr.Field, 0, len(after.Fields)+len(unknown.Fields))}
	add := func(name string, v *attr.Value) {
		if v != nil {
			out.Fields = append(out.Fields, attr.Field{Name: name, Value: v})
		}
	}
	for _, f := range after.Fields {
		if u := get(unknown, f.Key.Value); holdsTrue(u) {
			add(f.Key.Value, x.value(p.field(f.Key.Value), f.Value, u, x.span(f.Value)))
		} else {
			add(f.Key.Value, x.known(f.Value))
		}
	}
	for _, f := range unknown.Fields {
		if holdsTrue(f.Value) && get(after, f.Key.Value) == nil {
			at := model.Span{File: x.file, Start: f.Key.Start, End: f.Value.End}
			add(f.Key.Value, x.value(p.field(f.Key.Value), nil, f.Value, at))
		}
	}
	return out
}

// holdsTrue reports whether something of a value is unknown.
func holdsTrue(unknown *syntax.Node) bool {
	if isTrue(unknown) {
		return true
	}
	for _, f := range fields(unknown) {
		if holdsTrue(f.Value) {
			return true
		}
	}
	for _, item := range items(unknown) {
		if holdsTrue(item) {
			return true
		}
	}
	return false
}

// elements returns a list. When its expression refers to as many resources as
// elements are unknown, each element is one of them.
func (x *reading) elements(p place, after, unknown *syntax.Node) *attr.Value {
	out := &attr.Value{Kind: attr.List, At: x.span(after)}
	var open []*attr.Value
	for i := range max(len(after.Items), len(unknown.Items)) {
		var a, u *syntax.Node
		if i < len(after.Items) {
			a = after.Items[i]
		}
		if i < len(unknown.Items) {
			u = unknown.Items[i]
		}
		if isTrue(u) {
			v := &attr.Value{At: x.span(u)}
			open, out.Items = append(open, v), append(out.Items, v)
		} else if v := x.value(p.element(i, a, len(after.Items)), a, u, x.span(after)); v != nil {
			out.Items = append(out.Items, v)
		}
	}
	if len(open) > 0 {
		x.fill(p, open)
	}
	return out
}

// fill makes the unknown elements of a list.
func (x *reading) fill(p place, open []*attr.Value) {
	f := x.find(p)
	f.ids = nil // known elements have their own places
	isEach := !p.whole && len(f.dead) == 0 && len(f.targets) == len(open)
	for i, v := range open {
		if isEach {
			one := found{targets: f.targets[i : i+1]}
			*v = *x.open(p, v.At, &one)
		} else {
			*v = *x.open(p, v.At, f)
		}
	}
}
