package attr

import (
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// FromJSON returns the value of a node of a JSON document, which begins at an
// offset of the file.
func FromJSON(n *syntax.Node, file string, offset int) *Value {
	v := &Value{At: model.Span{File: file, Start: offset + n.Start, End: offset + n.End}}
	switch n.Kind {
	case syntax.Mapping:
		v.Kind = Object
		v.Fields = make([]Field, len(n.Fields))
		for i, f := range n.Fields {
			v.Fields[i] = Field{f.Key.Value, FromJSON(f.Value, file, offset)}
		}
	case syntax.Sequence:
		v.Kind = List
		v.Items = make([]*Value, len(n.Items))
		for i, item := range n.Items {
			v.Items[i] = FromJSON(item, file, offset)
		}
	default:
		v.Kind, v.Text = scalar(n), n.Value
	}
	return v
}

func scalar(n *syntax.Node) Kind {
	switch {
	case n.Quoted:
		return String
	case n.Value == "null":
		return Null
	case n.Value == "true", n.Value == "false":
		return Bool
	default:
		return Number
	}
}
