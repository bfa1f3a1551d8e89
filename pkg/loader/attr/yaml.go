package attr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// FromYAML returns the value of a node of a YAML document, which begins at an
// offset of the file. Aliases can make a small document as large as they like: what
// goes beyond a limit is open.
func FromYAML(n *syntax.Node, file string, offset int) *Value {
	b := yamlBuilder{file: file, offset: offset}
	return b.value(n, 0)
}

// What a document for people stays far below.
const (
	maxYAMLValues = 100_000
	maxYAMLDepth  = 100
)

type yamlBuilder struct {
	file   string
	offset int
	count  int
}

func (b *yamlBuilder) value(n *syntax.Node, depth int) *Value {
	v := &Value{At: model.Span{File: b.file, Start: b.offset + n.Start, End: b.offset + n.End}}
	if b.count++; b.count > maxYAMLValues || depth > maxYAMLDepth {
		v.Kind, v.Why = Open, "the document is too large"
		return v
	}
	switch n.Kind {
	case syntax.Mapping:
		v.Kind = Object
		for _, f := range n.Fields {
			v.Fields = append(v.Fields, Field{f.Key.Value, b.value(f.Value, depth+1)})
		}
	case syntax.Sequence:
		v.Kind = List
		for _, item := range n.Items {
			v.Items = append(v.Items, b.value(item, depth+1))
		}
	default:
		v.Kind, v.Text = String, n.Value
		if !n.Quoted && n.Tag == "" {
			v.Kind, v.Text = Plain(n.Value)
		}
	}
	return v
}

// The words of YAML 1.1: https://yaml.org/type/bool.html
var (
	yes = []string{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}
	no  = []string{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}
)

// Plain tells what a plain scalar of YAML 1.1 is, and the text of its value.
func Plain(text string) (Kind, string) {
	switch {
	case text == "" || text == "~" || strings.EqualFold(text, "null"):
		return Null, text
	case slices.Contains(yes, text):
		return Bool, "true"
	case slices.Contains(no, text):
		return Bool, "false"
	case isDecimal(text):
		return Number, text
	default:
		return String, text
	}
}

// isDecimal reports whether a text is a number in its usual form. One that
// begins with 0 is a text such as an account, or octal.
func isDecimal(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && !strings.ContainsAny(text, "_xXpP")
}
