package cloudformation

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// call is the call of a function, in its long or short form:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
type call struct {
	// name is that of the short form without its exclamation mark.
	name string
	// at is the whole expression and argument what the function is given.
	at, argument *syntax.Node
}

// arguments are those of a function that takes several.
func (c call) arguments() []*syntax.Node { return c.argument.Items }

// String writes the function as it is named in messages.
func (c call) String() string { return "!" + c.name }

func callOf(n *syntax.Node) (call, bool) {
	if name, isShort := strings.CutPrefix(n.Tag, "!"); isShort && !strings.HasPrefix(name, "!") && name != "" {
		argument := *n
		argument.Tag = ""
		return call{name, n, &argument}, true
	}
	if n.Kind != syntax.Mapping || len(n.Fields) != 1 || !isFunction(n.Fields[0].Key.Value) {
		return call{}, false
	}
	f := n.Fields[0]
	return call{strings.TrimPrefix(f.Key.Value, "Fn::"), n, f.Value}, true
}

// call evaluates the call of a function other than !If.
func (t *template) call(c call) *attr.Value {
	switch c.name {
	case "Ref":
		return t.ref(c)
	case "GetAtt":
		return t.getAtt(c)
	case "Sub":
		return t.sub(c)
	case "Join":
		return t.join(c)
	case "Split":
		return t.split(c)
	case "Select":
		return t.selected(c)
	case "FindInMap":
		return t.findInMap(c)
	case "Cidr":
		return t.cidr(c)
	case "Base64":
		return t.base64(c)
	case "Length":
		return t.length(c)
	case "ToJsonString":
		return t.toJSON(c)
	default:
		return t.unresolved(c)
	}
}

// unresolved is what only AWS, another stack or a macro can tell.
func (t *template) unresolved(c call) *attr.Value {
	switch {
	case c.name == "GetAZs":
		return t.open(c.at, "!GetAZs: the zones of the region")
	case c.name == "ImportValue":
		return t.open(c.at, "!ImportValue "+t.shown(c.argument)+": an export of another stack")
	case c.name == "Transform", strings.HasPrefix(c.name, "ForEach::"):
		return t.open(c.at, c.String()+" is not expanded")
	default:
		return t.refuse(c.at, c.String()+" is no function of CloudFormation")
	}
}

// shown is an argument in messages: a text, or what is written for it.
func (t *template) shown(n *syntax.Node) string {
	if c, ok := callOf(n); ok {
		return c.String()
	}
	if n.Kind != syntax.Scalar {
		return n.Kind.String()
	}
	const limit = 80
	if len(n.Value) > limit {
		return strings.ToValidUTF8(n.Value[:limit], "") + "…"
	}
	return n.Value
}

// values evaluates the arguments of a function that takes a number of them.
func (t *template) values(c call, count int) ([]*attr.Value, *attr.Value) {
	if len(c.arguments()) != count {
		return nil, t.refuse(c.at, fmt.Sprintf("%s takes %d arguments in a list", c, count))
	}
	out := make([]*attr.Value, count)
	for i, n := range c.arguments() {
		out[i] = t.value(n)
	}
	return out, nil
}

// because is an expression that is open for the reason of a part of it.
func (t *template) because(c call, part *attr.Value) *attr.Value { return t.open(c.at, part.Why) }
