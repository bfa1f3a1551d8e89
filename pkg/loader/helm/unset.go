package helm

import (
	"slices"
	"text/template/parse"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// unsetName is a function that stands behind each value which a template prints as it
// is. Templates cannot call it: the name is not known when one is parsed.
const unsetName = "ekslintUnset"

// filling is what a value that is empty or not set is in the second turn of chance. It
// is text and number alike.
const filling = "42"

// unset lets what depends on a value that nobody has set differ in the second turn:
// who installs the chart has to fill it in, and what a template prints is then unknown.
// A template that has a default for it, or asks whether it is set, says what it means.
func (c *chance) unset(value any) any {
	if value != nil && value != "" {
		return value
	}
	c.open = true
	if c.turn == 0 {
		return value
	}
	return filling
}

// doubtUnset puts the function behind the values that the actions of a list print.
func doubtUnset(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				doubtPipe(n.Pipe)
			}
		case *parse.IfNode:
			doubtUnset(n.List)
			doubtUnset(n.ElseList)
		case *parse.WithNode:
			doubtUnset(n.List)
			doubtUnset(n.ElseList)
		case *parse.RangeNode:
			doubtUnset(n.List)
			doubtUnset(n.ElseList)
		}
	}
}

// doubtPipe looks at the values of a pipeline that goes through nothing which has an
// answer to an empty one.
func doubtPipe(p *parse.PipeNode) {
	for i, c := range p.Cmds {
		isValue := i == 0 && len(c.Args) == 1 && isSetting(c.Args[0])
		if !isValue && !passesEmpty(c) {
			return
		}
	}
	for _, c := range p.Cmds {
		for i, arg := range c.Args {
			switch arg := arg.(type) {
			case *parse.PipeNode:
				doubtPipe(arg)
			case *parse.FieldNode, *parse.VariableNode:
				if isSetting(arg) {
					c.Args[i] = behind(arg)
				}
			}
		}
	}
}

// isSetting reports whether a node is a value of the user: .Values.a or $.Values.a.
func isSetting(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.FieldNode:
		return len(n.Ident) > 1 && n.Ident[0] == "Values"
	case *parse.VariableNode:
		return len(n.Ident) > 2 && n.Ident[0] == "$" && n.Ident[1] == "Values"
	default:
		return false
	}
}

// passesEmpty reports whether a command calls a function that makes nothing else of an
// empty value.
func passesEmpty(c *parse.CommandNode) bool {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	return ok && slices.Contains([]string{
		"quote", "squote", "toString", "trim", "trimSuffix", "trimPrefix", "trunc", "upper", "lower", "nospace",
		"print", "printf", "int", "int64", "indent", "nindent", "b64enc",
	}, id.Ident)
}

// behind is a value with the function behind it, in parentheses.
func behind(value parse.Node) parse.Node {
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: value.Position(), Cmds: []*parse.CommandNode{
		{NodeType: parse.NodeCommand, Pos: value.Position(), Args: []parse.Node{value}},
		{NodeType: parse.NodeCommand, Pos: value.Position(), Args: []parse.Node{parse.NewIdentifier(unsetName)}},
	}}
}

// fillOpen fills the keys that a chart and its subcharts leave open, such as "host:".
// Unlike an empty text, which may mean that there is none, they wait for the user.
func (c *chance) fillOpen(of *chart.Chart, values map[string]any) {
	c.fill(of.Values, values)
	for _, sub := range of.Dependencies() {
		if own, ok := asMap(values[sub.Name()]); ok {
			c.fillOpen(sub, own)
		}
	}
}

// fill is for the keys of one mapping, and of those in it.
func (c *chance) fill(defaults, values map[string]any) {
	for key, value := range defaults {
		if nested, ok := asMap(value); ok {
			if own, ok := asMap(values[key]); ok {
				c.fill(nested, own)
			}
			continue
		}
		if value == nil && values[key] == nil {
			c.open = true
			if c.turn > 0 {
				values[key] = filling
			}
		}
	}
}

// vary changes every value of a chart: what comes out the same rests on none of them.
func vary(values map[string]any) {
	for key, value := range values {
		values[key] = varied(value)
	}
}

func varied(value any) any {
	if m, ok := asMap(value); ok && len(m) > 0 {
		vary(m)
		return value
	}
	switch v := value.(type) {
	case map[string]any, common.Values:
		return map[string]any{filling: filling}
	case []any:
		for i, item := range v {
			v[i] = varied(item)
		}
		if len(v) == 0 {
			return []any{filling}
		}
		return append(v, copied(v[len(v)-1]))
	case bool:
		return !v
	case int64:
		return v + 1
	case float64:
		return v + 1
	case string:
		return v + filling
	default:
		return filling
	}
}

func asMap(value any) (map[string]any, bool) {
	switch v := value.(type) {
	case map[string]any:
		return v, true
	case common.Values:
		return v, true
	default:
		return nil, false
	}
}

// fillNamespace names the namespace of the release, if nobody knows it, in the second
// turn.
func (c *chance) fillNamespace(values map[string]any) {
	release, ok := asMap(values["Release"])
	if !ok || release["Namespace"] != "" {
		return
	}
	c.open = true
	if c.turn > 0 {
		release["Namespace"] = filling
	}
}
