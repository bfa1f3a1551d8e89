package tfkubernetes

import (
	"encoding/json"
	"strconv"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// open stands for a value that is not known: the reader takes it for one that a
// tool fills in later.
const open = "${OPEN}"

// encode writes a value as JSON.
func encode(v *attr.Value) []byte {
	switch v.Kind {
	case attr.Object:
		out := []byte{'{'}
		for i, f := range v.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, quoted(f.Name)...), ':'), encode(f.Value)...)
		}
		return append(out, '}')
	case attr.List:
		out := []byte{'['}
		for i, item := range v.Items {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, encode(item)...)
		}
		return append(out, ']')
	case attr.Number, attr.Bool:
		return []byte(v.Text)
	case attr.String:
		return quoted(v.Text)
	case attr.Open:
		return quoted(open)
	default:
		return []byte("null")
	}
}

func quoted(text string) []byte {
	out, _ := json.Marshal(text) // a string always can
	return out
}

// source is the place of an object: that of its attribute. Without a value the
// text of the object is one place.
type source struct {
	file  string
	value *attr.Value
	at    model.Span
}

// File implements model.Source.
func (s source) File() string { return s.file }

// Extent implements model.Source.
func (s source) Extent() model.Span { return s.at }

// Locate implements model.Source. Keys have no place of their own.
func (s source) Locate(path model.Path, _ model.Part) (model.Span, bool) {
	if s.value == nil {
		return s.at, true
	}
	v := s.value
	for _, name := range path {
		if i, err := strconv.Atoi(name); err == nil && v.Kind == attr.List {
			if i < 0 || i >= len(v.Items) {
				return model.Span{}, false
			}
			v = v.Items[i]
		} else if v = v.Get(name); v == nil {
			return model.Span{}, false
		}
	}
	return v.At, true
}
