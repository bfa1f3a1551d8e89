package terraform

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// Merge joins the resources of a plan or state with those of the configuration
// that it was made of. The plan says which resources there are and what is known
// of them; the configuration says where they are written, by which provider they are
// made, and what an unknown value refers to.
func Merge(plan, configuration []Resource) []Resource {
	written := map[string]Resource{}
	for _, r := range configuration {
		written[r.Address] = r
	}
	out := slices.Clone(plan)
	for i, r := range out {
		if w, found := written[r.Address]; found {
			out[i].At, out[i].Alias = w.At, w.Alias
			out[i].Attributes = mergeValue(r.Attributes, w.Attributes)
		}
	}
	return out
}

// mergeValue is the planned value at the place of the written one.
func mergeValue(planned, written *attr.Value) *attr.Value {
	switch {
	case planned == nil || written == nil:
		return planned
	case planned.Kind == attr.Open:
		if written.Kind == attr.Open && len(written.Links) > 0 {
			return written
		}
	case planned.Kind == attr.Object && written.Kind == attr.Object:
		return mergeObject(planned, written)
	case planned.Kind == attr.List && written.Kind == attr.List:
		return mergeList(planned, written)
	}
	return moved(planned, written.At)
}

func mergeObject(planned, written *attr.Value) *attr.Value {
	out := *planned
	out.At = written.At
	out.Fields = slices.Clone(planned.Fields)
	for i, f := range out.Fields {
		if w := written.Get(f.Name); w != nil {
			out.Fields[i].Value = mergeValue(f.Value, w)
		} else {
			out.Fields[i].Value = moved(f.Value, written.At)
		}
	}
	return &out
}

// mergeList pairs elements that may be the same, as a provider sorts sets.
func mergeList(planned, written *attr.Value) *attr.Value {
	out := *planned
	out.At = written.At
	out.Items = slices.Clone(planned.Items)
	left := slices.Clone(written.Items)
	for i, item := range out.Items {
		j := slices.IndexFunc(left, func(w *attr.Value) bool { return mayBeSame(item, w) })
		if j < 0 {
			out.Items[i] = moved(item, written.At)
			continue
		}
		out.Items[i] = mergeValue(item, left[j])
		left = slices.Delete(left, j, j+1)
	}
	return &out
}

// mayBeSame reports whether a written value can have become a planned one.
func mayBeSame(planned, written *attr.Value) bool {
	switch {
	case planned == nil || written == nil || planned.Kind == attr.Open || written.Kind == attr.Open:
		return true
	case !written.IsSet():
		return true // the provider chooses
	case !planned.IsSet():
		return false
	case planned.Kind == attr.Object && written.Kind == attr.Object:
		return !slices.ContainsFunc(written.Fields, func(f attr.Field) bool {
			return f.Value.IsSet() && !mayBeSame(planned.Get(f.Name), f.Value)
		})
	case planned.Kind == attr.List && written.Kind == attr.List:
		return len(planned.Items) == len(written.Items)
	default:
		return planned.Text == written.Text
	}
}

// moved is a value, with all that it holds, at another place.
func moved(v *attr.Value, at model.Span) *attr.Value {
	out := *v
	out.At = at
	out.Links = slices.Clone(v.Links)
	for i := range out.Links {
		out.Links[i].At = at
	}
	out.Items = slices.Clone(v.Items)
	for i, item := range out.Items {
		out.Items[i] = moved(item, at)
	}
	out.Fields = slices.Clone(v.Fields)
	for i, f := range out.Fields {
		out.Fields[i].Value = moved(f.Value, at)
	}
	return &out
}
