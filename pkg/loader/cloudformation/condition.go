package cloudformation

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// answer is that of a condition. why says what an unknown one depends on.
type answer struct {
	holds model.Tri
	why   string
}

func (t *template) unknown(n *syntax.Node, why string) answer {
	t.Refuse(t.span(n), "%s", why)
	return answer{why: why}
}

// named is the answer of the condition that a node names.
func (t *template) named(n *syntax.Node) answer {
	body := t.conditions[n.Value]
	switch {
	case n.Kind == syntax.Scalar && body != nil:
	case t.generated != "":
		return answer{why: t.generated}
	default:
		return t.unknown(n, fmt.Sprintf("there is no condition %s", t.shown(n)))
	}
	if a, done := t.answers[n.Value]; done {
		return a
	}
	t.answers[n.Value] = answer{why: "the condition " + n.Value + " depends on itself"}
	a := t.condition(body)
	t.answers[n.Value] = a
	return a
}

// condition evaluates
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
func (t *template) condition(n *syntax.Node) answer {
	if !t.enter() {
		return answer{why: tooLarge}
	}
	defer t.leave()
	c, isCall := callOf(n)
	if !isCall {
		if named := fields(n)["Condition"]; named != nil && len(n.Fields) == 1 {
			return t.named(named)
		}
		return t.unknown(n, "a condition is a call of a function")
	}
	switch c.name {
	case "Condition":
		return t.named(c.argument)
	case "Equals":
		return t.equals(c)
	case "Not":
		if len(c.arguments()) != 1 {
			return t.unknown(c.at, "!Not takes one condition in a list")
		}
		a := t.condition(c.arguments()[0])
		return answer{a.holds.Not(), a.why}
	case "And":
		return t.all(c, model.Yes, model.Tri.And)
	case "Or":
		return t.all(c, model.No, model.Tri.Or)
	default:
		return t.unknown(c.at, c.String()+" is no function of conditions")
	}
}

// all joins the conditions of !And and !Or.
func (t *template) all(c call, none model.Tri, join func(model.Tri, model.Tri) model.Tri) answer {
	if len(c.arguments()) == 0 {
		return t.unknown(c.at, c.String()+" takes a list of conditions")
	}
	out := answer{holds: none}
	for _, n := range c.arguments() {
		a := t.condition(n)
		out.holds = join(out.holds, a.holds)
		if out.why == "" {
			out.why = a.why
		}
	}
	return out
}

func (t *template) equals(c call) answer {
	args, bad := t.values(c, 2)
	if bad != nil {
		return answer{why: bad.Why}
	}
	if part := openPart(args...); part != nil {
		return answer{why: part.Why}
	}
	if !isText(args[0]) || !isText(args[1]) {
		return answer{why: "!Equals compares what is no text"}
	}
	return answer{holds: model.TriOf(args[0].Text == args[1].Text)}
}

// choice evaluates !If. When its condition is not known, the value is open and
// may be what any branch leads to.
func (t *template) choice(c call, whenAbsent []model.Link) *attr.Value {
	args := c.arguments()
	if len(args) != 3 {
		return t.refuse(c.at, "!If takes a condition and two values")
	}
	a := t.named(args[0])
	switch a.holds {
	case model.Yes:
		return t.element(args[1], whenAbsent)
	case model.No:
		return t.element(args[2], whenAbsent)
	case model.Unknown:
	}
	out := t.open(c.at, fmt.Sprintf("!If %s: %s", t.shown(args[0]), a.why))
	for _, n := range args[1:] {
		out.Links = append(out.Links, mayLead(t.element(n, whenAbsent), whenAbsent)...)
	}
	for i := range out.Links {
		out.Links[i].Why = cmp.Or(out.Links[i].Why, out.Why)
	}
	return out
}

// mayLead are the links of a value that may be another.
func mayLead(v *attr.Value, whenAbsent []model.Link) []model.Link {
	switch {
	case !v.IsSet(), v.Kind == attr.List && len(v.Items) == 0:
		return slices.Clone(whenAbsent)
	case v.Kind == attr.List:
		var out []model.Link
		for _, item := range v.Items {
			out = append(out, mayLead(item, nil)...)
		}
		return out
	case v.Kind == attr.String && v.Text != "":
		return []model.Link{{ID: v.Text, Certainty: model.LinkMay, At: v.At}}
	case len(v.Links) == 0:
		return []model.Link{{Why: v.Why, At: v.At}}
	}
	out := make([]model.Link, len(v.Links))
	for i, l := range v.Links {
		l.Certainty = min(l.Certainty, model.LinkMay)
		out[i] = l
	}
	return out
}
