package cloudformation

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// Nested aliases, and functions in functions, can make a small text a large
// value. A template has at most 1 MB:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxDepth = 200
	maxWork  = 16 << 20
	// nodeWork is the work of one value; that of a text is its length.
	nodeWork = 32
)

const tooLarge = "the template is nested too deeply, or too large once its functions are evaluated"

// enter counts the work of a value. leave must be called where it reports true.
func (t *template) enter() bool {
	t.work += nodeWork
	if t.work > maxWork || t.depth >= maxDepth {
		return false
	}
	t.depth++
	return true
}

func (t *template) leave() { t.depth-- }

// value evaluates an expression. It is nil for AWS::NoValue, which removes the
// property or element it stands for.
func (t *template) value(n *syntax.Node) *attr.Value {
	return t.element(n, []model.Link{{Why: "a property that may be left out", At: t.span(n)}})
}

// element evaluates an expression. whenAbsent are the links of an !If of which
// one branch is nothing.
func (t *template) element(n *syntax.Node, whenAbsent []model.Link) *attr.Value {
	if !t.enter() {
		return t.open(n, tooLarge)
	}
	defer t.leave()
	if c, ok := callOf(n); ok {
		if c.name == "If" {
			return t.choice(c, whenAbsent)
		}
		return t.call(c)
	}
	switch n.Kind {
	case syntax.Mapping:
		return t.object(n)
	case syntax.Sequence:
		return t.list(n)
	default:
		return t.scalar(n)
	}
}

func (t *template) list(n *syntax.Node) *attr.Value {
	out := &attr.Value{Kind: attr.List, At: t.span(n)}
	for _, item := range n.Items {
		if v := t.element(item, nil); v != nil {
			out.Items = append(out.Items, v)
		}
	}
	return out
}

func (t *template) object(n *syntax.Node) *attr.Value {
	out := &attr.Value{Kind: attr.Object, At: t.span(n)}
	for _, f := range entries(n) {
		if isFunction(f.Key.Value) {
			return t.open(n, f.Key.Value+" adds what the template does not show")
		}
		if v := t.value(f.Value); v != nil {
			out.Fields = append(out.Fields, attr.Field{Name: f.Key.Value, Value: v})
		}
	}
	return out
}

func (t *template) scalar(n *syntax.Node) *attr.Value {
	t.work += len(n.Value)
	v := &attr.Value{Kind: attr.String, Text: n.Value, At: t.span(n)}
	switch {
	case isDynamic(n.Value):
		return t.open(n, dynamic)
	case !n.Quoted && n.Tag == "":
		v.Kind, v.Text = attr.Plain(n.Value)
	}
	return v
}

func (t *template) open(n *syntax.Node, why string) *attr.Value {
	return &attr.Value{Kind: attr.Open, Why: why, At: t.span(n)}
}

// refuse records that an expression makes no sense and returns it as open.
func (t *template) refuse(n *syntax.Node, why string) *attr.Value {
	t.Refuse(t.span(n), "%s", why)
	return t.open(n, why)
}

// isDynamic reports whether a text refers to a value that another service has:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
func isDynamic(text string) bool { return strings.Contains(text, "{{resolve:") }

const dynamic = "{{resolve:…}}: another service has the value"

// known is a text that an expression makes.
func (t *template) known(n *syntax.Node, text string) *attr.Value {
	t.work += len(text)
	if isDynamic(text) {
		return t.open(n, dynamic)
	}
	return &attr.Value{Kind: attr.String, Text: text, At: t.span(n)}
}

// moved is a value that an expression passes on from elsewhere.
func (t *template) moved(n *syntax.Node, v *attr.Value) *attr.Value {
	t.work += nodeWork * len(v.Links)
	out := *v
	out.At = t.span(n)
	out.Links = slices.Clone(v.Links)
	for i := range out.Links {
		out.Links[i].At = out.At
	}
	return &out
}

// isText reports whether a value can be part of a text.
func isText(v *attr.Value) bool {
	return v != nil && (v.Kind == attr.String || v.Kind == attr.Number || v.Kind == attr.Bool)
}

// openPart returns the first of the values that is open, also in a list or
// object.
func openPart(values ...*attr.Value) *attr.Value {
	for _, v := range values {
		if v == nil {
			continue
		}
		if v.Kind == attr.Open {
			return v
		}
		if found := openPart(v.Items...); found != nil {
			return found
		}
		for _, f := range v.Fields {
			if found := openPart(f.Value); found != nil {
				return found
			}
		}
	}
	return nil
}
