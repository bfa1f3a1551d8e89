package helm

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// A marker is the number of a file and that of what it writes next, between two
// bytes that no template holds.
const (
	markBegin = "\x01"
	markEnd   = "\x02"
)

// The functions of the meter. Templates cannot call them: these names are not known
// when a template is parsed.
const (
	enterName = "ekslintEnter"
	leaveName = "ekslintLeave"
	stepName  = "ekslintStep"
)

// written is a part of a template that writes: a text, or an action from its opening
// to its closing braces.
type written struct {
	start, end int
	literal    bool
}

// marker copies a tree so that a marker stands before everything that writes.
type marker struct {
	file    int
	text    string
	written []written
}

func (m *marker) list(l *parse.ListNode) *parse.ListNode {
	if l == nil {
		return nil
	}
	out := &parse.ListNode{NodeType: parse.NodeList, Pos: l.Pos}
	for _, n := range l.Nodes {
		if at, writes := m.place(n); writes {
			out.Nodes = append(out.Nodes, m.mark(at, n.Position()))
		}
		out.Nodes = append(out.Nodes, m.inside(n))
	}
	return out
}

// place is where a node that writes is written, from brace to brace.
func (m *marker) place(n parse.Node) (written, bool) {
	at := int(n.Position())
	switch n := n.(type) {
	case *parse.TextNode:
		return written{at, at + len(n.Text), true}, true
	case *parse.ActionNode:
		if isMeter(n) || len(n.Pipe.Decl) > 0 {
			return written{}, false
		}
	case *parse.TemplateNode:
	default:
		return written{}, false
	}
	return written{strings.LastIndex(m.text[:at], "{{"), actionEnd(m.text, at), false}, true
}

func (m *marker) mark(at written, pos parse.Pos) parse.Node {
	text := markBegin + strconv.Itoa(m.file) + "." + strconv.Itoa(len(m.written)) + markEnd
	m.written = append(m.written, at)
	return &parse.TextNode{NodeType: parse.NodeText, Pos: pos, Text: []byte(text)}
}

// inside marks the bodies of a control structure.
func (m *marker) inside(n parse.Node) parse.Node {
	var branch *parse.BranchNode
	var out parse.Node
	switch n := n.(type) {
	case *parse.IfNode:
		c := *n
		branch, out = &c.BranchNode, &c
	case *parse.WithNode:
		c := *n
		branch, out = &c.BranchNode, &c
	case *parse.RangeNode:
		c := *n
		branch, out = &c.BranchNode, &c
	default:
		return n
	}
	branch.List, branch.ElseList = m.list(branch.List), m.list(branch.ElseList)
	return out
}

// actionEnd is behind the braces that close the action which goes on at an offset.
// Braces in a text of the action do not count.
func actionEnd(text string, at int) int {
	for i := at; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\'', '`':
			i = quoteEnd(text, i)
		case '}':
			if strings.HasPrefix(text[i:], "}}") {
				return i + 2
			}
		}
	}
	return len(text)
}

// quoteEnd is the offset of the quote that closes the one at an offset.
func quoteEnd(text string, at int) int {
	quote := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote != '`':
			i++
		case text[i] == quote:
			return i
		}
	}
	return len(text)
}

// meterTree lets a template call the meter. One without content is left as it is: it
// does not replace another of its name.
func meterTree(tree *parse.Tree) {
	if parse.IsEmptyTree(tree.Root) {
		return
	}
	meterLoops(tree.Root)
	doubtUnset(tree.Root)
	tree.Root.Nodes = slices.Concat([]parse.Node{call(enterName)}, tree.Root.Nodes, []parse.Node{call(leaveName)})
}

func meterLoops(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			meterLoops(n.List)
			meterLoops(n.ElseList)
		case *parse.WithNode:
			meterLoops(n.List)
			meterLoops(n.ElseList)
		case *parse.RangeNode:
			meterLoops(n.List)
			meterLoops(n.ElseList)
			n.List.Nodes = append([]parse.Node{call(stepName)}, n.List.Nodes...)
		}
	}
}

func call(name string) *parse.ActionNode {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe,
		Cmds:     []*parse.CommandNode{{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(name)}}},
	}}
}

func isMeter(n *parse.ActionNode) bool {
	if len(n.Pipe.Cmds) != 1 || len(n.Pipe.Cmds[0].Args) != 1 {
		return false
	}
	id, ok := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	return ok && slices.Contains([]string{enterName, leaveName, stepName}, id.Ident)
}
