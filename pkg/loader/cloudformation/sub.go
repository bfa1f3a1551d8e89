package cloudformation

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// sub puts values in place of variables:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
func (t *template) sub(c call) *attr.Value {
	text, own := c.argument, map[string]*syntax.Node{}
	if args := c.arguments(); len(args) == 2 {
		text, own = args[0], fields(args[1])
	}
	if text.Kind != syntax.Scalar {
		return t.refuse(c.at, "!Sub takes a text, or a text and a mapping")
	}
	var parts []*attr.Value
	for _, p := range subParts(text.Value) {
		switch {
		case !p.isVariable:
			parts = append(parts, t.known(c.at, p.text))
		case own[p.text] != nil:
			parts = append(parts, t.value(own[p.text]))
		default:
			parts = append(parts, t.variable(c.at, p.text))
		}
		if t.work > maxWork {
			return t.open(c.at, tooLarge)
		}
	}
	if len(parts) == 1 && parts[0] != nil && parts[0].Kind == attr.Open {
		return t.moved(c.at, parts[0])
	}
	return t.concatenated(c, "", parts)
}

// variable is a parameter, a resource or an attribute.
func (t *template) variable(n *syntax.Node, name string) *attr.Value {
	if id, attribute, isAttribute := strings.Cut(name, "."); isAttribute {
		return t.attribute(n, id, attribute)
	}
	return t.nameValue(n, name)
}

// subPart is a piece of the text of !Sub.
type subPart struct {
	text       string
	isVariable bool
}

// subParts cuts a text at its variables. ${!a} is the text ${a}.
func subParts(text string) []subPart {
	var out []subPart
	for text != "" {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(out, subPart{text: text})
		}
		if before != "" {
			out = append(out, subPart{text: before})
		}
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			out = append(out, subPart{text: "${" + literal + "}"})
		} else {
			out = append(out, subPart{strings.TrimSpace(name), true})
		}
		text = after
	}
	return out
}
