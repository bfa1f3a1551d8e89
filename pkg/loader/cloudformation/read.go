package cloudformation

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// meta names a resource by its logical ID.
func (x *reading) meta(r *resource, v *attr.Value) model.AWSMeta {
	m := model.AWSMeta{Address: r.id, Origin: x.file, Conditional: r.conditional, At: r.at, Tags: x.tags(v, "Tags")}
	if name, found := m.Tags.Get("Name"); found == model.Yes {
		m.Name, _ = name.Get()
	}
	return m
}

// tags reads a list of keys with values; some types of EKS write an object.
func (x *reading) tags(v *attr.Value, name string) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}}
	list := v.Get(name)
	if list.IsSet() && list.Kind == attr.Object {
		for _, f := range list.Fields {
			out.Values[f.Name] = x.text(f.Value, f.Name)
		}
		return out
	}
	for _, item := range x.Objects(list, name) {
		key := x.str(item, "Key")
		if text, known := key.Get(); known {
			out.Values[text] = x.str(item, "Value")
		} else {
			out.Missing = key.Why()
		}
	}
	return out
}

// text reads a text. CloudFormation takes true and false for one as well.
func (x *reading) text(v *attr.Value, name string) model.Value[string] {
	if v.IsSet() && v.Kind == attr.Bool {
		return model.Known(v.Text, v.At)
	}
	return x.String(v, name, model.Value[string]{})
}

func (x *reading) str(v *attr.Value, name string) model.Value[string] {
	return x.text(v.Get(name), name)
}

// strOr reads a text that has a default, or is open for a reason when it is not
// written.
func (x *reading) strOr(v *attr.Value, name string, fallback model.Value[string]) model.Value[string] {
	if !v.Get(name).IsSet() {
		return fallback
	}
	return x.str(v, name)
}

func (x *reading) boolean(v *attr.Value, name string, fallback model.Value[bool]) model.Value[bool] {
	return x.Bool(v.Get(name), name, fallback)
}

func (x *reading) number(v *attr.Value, name string) model.Value[int] {
	return x.Int(v.Get(name), name, model.Value[int]{})
}

func (x *reading) prefix(v *attr.Value, name string) model.Value[netip.Prefix] {
	return x.Prefix(v.Get(name), name, model.Value[netip.Prefix]{})
}

func (x *reading) link(v *attr.Value, name string) model.Link { return x.Link(v.Get(name), name) }

func (x *reading) links(v *attr.Value, name string) []model.Link { return x.Links(v.Get(name), name) }

// linksOf reads one field of each object of a list.
func (x *reading) linksOf(v *attr.Value, list, name string) []model.Link {
	var out []model.Link
	for _, item := range x.Objects(v.Get(list), list) {
		out = append(out, x.links(item, name)...)
	}
	return out
}

// separate names a part of an owner. Where it is not certain that the part is
// made, neither is that the owner has it.
func (x *reading) separate(r *resource, v *attr.Value, kind model.SeparateKind, owner model.Link) *model.Separate {
	return &model.Separate{AWSMeta: x.meta(r, v), Kind: kind, Owner: perhaps(owner, r)}
}

// perhaps is a link of a resource that may not be made.
func perhaps(l model.Link, r *resource) model.Link {
	if r.conditional != "" {
		l.Certainty = min(l.Certainty, model.LinkMay)
	}
	return l
}

// defaultOf is a value that AWS documents for a property that is not written.
func defaultOf[T any](value T, r *resource) model.Value[T] { return model.Known(value, r.at) }
