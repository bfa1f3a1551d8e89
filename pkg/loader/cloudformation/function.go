package cloudformation

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

func (t *template) join(c call) *attr.Value {
	args, bad := t.values(c, 2)
	switch {
	case bad != nil:
		return bad
	case args[0] != nil && args[0].Kind == attr.Open:
		return t.because(c, args[0])
	case args[1] != nil && args[1].Kind == attr.Open:
		return t.because(c, args[1])
	case !isText(args[0]) || args[1] == nil || args[1].Kind != attr.List:
		return t.refuse(c.at, "!Join takes a text and a list")
	case len(args[1].Items) == 1:
		return t.moved(c.at, args[1].Items[0])
	}
	return t.concatenated(c, args[0].Text, args[1].Items)
}

// concatenated is the text of all parts.
func (t *template) concatenated(c call, delimiter string, parts []*attr.Value) *attr.Value {
	if part := openPart(parts...); part != nil {
		joined := t.because(c, part)
		joined.Items = parts // a nested stack that is given them may add to what they lead to
		return joined
	}
	var out strings.Builder
	for i, p := range parts {
		if !isText(p) {
			return t.refuse(c.at, c.String()+" joins texts")
		}
		if i > 0 {
			out.WriteString(delimiter)
		}
		if t.work+out.Len()+len(p.Text) > maxWork {
			t.work = maxWork
			return t.open(c.at, tooLarge)
		}
		out.WriteString(p.Text)
	}
	return t.known(c.at, out.String())
}

func (t *template) split(c call) *attr.Value {
	args, bad := t.values(c, 2)
	if bad != nil {
		return bad
	}
	if part := openPart(args...); part != nil {
		return t.because(c, part)
	}
	if !isText(args[0]) || !isText(args[1]) || args[0].Text == "" {
		return t.refuse(c.at, "!Split takes a delimiter and a text")
	}
	return t.texts(c.at, strings.Split(args[1].Text, args[0].Text))
}

// texts is a list of texts that an expression makes.
func (t *template) texts(n *syntax.Node, parts []string) *attr.Value {
	out := &attr.Value{Kind: attr.List, At: t.span(n)}
	for _, p := range parts {
		if t.work += nodeWork; t.work > maxWork {
			return t.open(n, tooLarge)
		}
		out.Items = append(out.Items, t.known(n, p))
	}
	return out
}

func (t *template) selected(c call) *attr.Value {
	if len(c.arguments()) != 2 {
		return t.refuse(c.at, "!Select takes an index and a list")
	}
	index, list := t.value(c.arguments()[0]), t.value(c.arguments()[1])
	if index != nil && index.Kind == attr.Open {
		return t.because(c, index)
	}
	i, isNumber := index.Int()
	if !isNumber || i < 0 {
		return t.refuse(c.at, "!Select takes an index that is not negative")
	}
	if inner, isCall := callOf(c.arguments()[1]); isCall && inner.name == "Cidr" && list.Kind == attr.Open {
		if list = t.blocksOf(inner, maxBlocks); list.Kind == attr.List && i >= len(list.Items) {
			return t.refuse(c.at, fmt.Sprintf("!Cidr makes no more than %d blocks of this size", len(list.Items)))
		}
	}
	switch {
	case list != nil && list.Kind == attr.Open:
		return t.open(c.at, fmt.Sprintf("element %d of %s", i, list.Why))
	case hasOptional(list):
		return t.open(c.at, fmt.Sprintf("element %d of a list with elements that may be left out", i))
	case list == nil || list.Kind != attr.List:
		return t.refuse(c.at, "!Select takes an index and a list")
	case i >= len(list.Items):
		return t.refuse(c.at, fmt.Sprintf("!Select %d: the list has %d elements", i, len(list.Items)))
	default:
		return t.moved(c.at, list.Items[i])
	}
}

// hasOptional reports whether a list has elements that a condition may leave out.
func hasOptional(list *attr.Value) bool {
	return list != nil && list.Kind == attr.List && slices.ContainsFunc(list.Items, func(v *attr.Value) bool {
		return v.Kind == attr.Open && strings.HasPrefix(v.Why, "!If ")
	})
}

// findInMap finds a value of a mapping:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
func (t *template) findInMap(c call) *attr.Value {
	args := c.arguments()
	if len(args) != 3 && len(args) != 4 {
		return t.refuse(c.at, "!FindInMap takes a map and two keys")
	}
	var keys []string
	for _, n := range args[:3] {
		v := t.value(n)
		switch {
		case isText(v):
			keys = append(keys, v.Text)
		case v != nil && v.Kind == attr.Open:
			return t.open(c.at, "!FindInMap: the key "+v.Why)
		default:
			return t.refuse(c.at, "!FindInMap takes a map and two keys")
		}
	}
	found := fields(fields(t.mappings[keys[0]])[keys[1]])[keys[2]]
	switch {
	case found != nil:
		return t.passed(c, t.value(found))
	case len(args) == 4:
		return t.passed(c, t.value(args[3]).Get("DefaultValue"))
	case t.generated != "":
		return t.open(c.at, "!FindInMap "+strings.Join(keys, ".")+": "+t.generated)
	default:
		return t.refuse(c.at, "!FindInMap: there is no "+strings.Join(keys, "."))
	}
}

// passed is what a call takes over from elsewhere; nil stays nil.
func (t *template) passed(c call, v *attr.Value) *attr.Value {
	if v == nil {
		return nil
	}
	return t.moved(c.at, v)
}

func (t *template) base64(c call) *attr.Value {
	v := t.value(c.argument)
	switch {
	case isText(v):
		return t.known(c.at, base64.StdEncoding.EncodeToString([]byte(v.Text)))
	case v != nil && v.Kind == attr.Open:
		return t.because(c, v)
	default:
		return t.refuse(c.at, "!Base64 takes a text")
	}
}

func (t *template) length(c call) *attr.Value {
	v := t.value(c.argument)
	switch {
	case hasOptional(v):
		return t.open(c.at, "the length of a list with elements that may be left out")
	case v != nil && v.Kind == attr.List:
		return &attr.Value{Kind: attr.Number, Text: strconv.Itoa(len(v.Items)), At: t.span(c.at)}
	case v != nil && v.Kind == attr.Open:
		return t.open(c.at, "the length of "+v.Why)
	default:
		return t.refuse(c.at, "!Length takes a list")
	}
}

func (t *template) toJSON(c call) *attr.Value {
	v := t.value(c.argument)
	if part := openPart(v); part != nil {
		return t.because(c, part)
	}
	if v == nil || v.Kind != attr.List && v.Kind != attr.Object {
		return t.refuse(c.at, "!ToJsonString takes a list or an object")
	}
	out, err := json.Marshal(plain(v))
	if err != nil {
		return t.refuse(c.at, "!ToJsonString: "+err.Error())
	}
	return t.known(c.at, string(out))
}

// plain is a value that is known as encoding/json has it.
func plain(v *attr.Value) any {
	switch v.Kind {
	case attr.String:
		return v.Text
	case attr.Number:
		return json.Number(v.Text)
	case attr.Bool:
		return v.Text == "true"
	case attr.List:
		out := make([]any, len(v.Items))
		for i, item := range v.Items {
			out[i] = plain(item)
		}
		return out
	case attr.Object:
		out := map[string]any{}
		for _, f := range v.Fields {
			out[f.Name] = plain(f.Value)
		}
		return out
	default:
		return nil
	}
}
