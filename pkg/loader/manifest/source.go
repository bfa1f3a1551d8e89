package manifest

import (
	"bytes"
	"errors"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// source is the place of one resource: a document, or an element of a list in it.
type source struct {
	doc *Document
	// prefix leads from the root of the document to the resource.
	prefix model.Path
}

// Source is that of the whole document.
func (d *Document) Source() model.Source { return source{doc: d} }

// File implements model.Source.
func (s source) File() string { return s.doc.file.Name }

// Locate implements model.Source. The document is parsed when the first of its
// positions is asked for. A mapping or a list is located by the key that
// introduces it: that is the line to look at, and the rest may be long.
func (s source) Locate(path model.Path, part model.Part) (model.Span, bool) {
	node := s.node(path)
	if node == nil {
		return s.line(path)
	}
	if len(path) > 0 && (part == model.PartKey || node.Kind != syntax.Scalar) {
		root, _ := s.doc.tree()
		node = root.FindKey(s.prefix.Child(path...))
	}
	return s.doc.nodeSpan(node), true
}

// line locates a line of a literal block scalar, whose lines are those of the
// text: https://yaml.org/spec/1.2.2/#812-literal-style
func (s source) line(path model.Path) (model.Span, bool) {
	if len(path) == 0 {
		return model.Span{}, false
	}
	number, ok := model.LineOf(path[len(path)-1])
	node := s.node(path[:len(path)-1])
	if !ok || node == nil || node.Kind != syntax.Scalar {
		return model.Span{}, false
	}
	text := s.doc.at.of(s.doc.file.Text)
	if node.Start >= node.End || text[node.Start] != '|' {
		return model.Span{}, false
	}
	start := node.Start
	for range number {
		end := bytes.IndexByte(text[start:node.End], '\n')
		if end < 0 {
			return model.Span{}, false
		}
		start += end + 1
	}
	line, _, _ := bytes.Cut(text[start:node.End], []byte("\n"))
	start += len(line) - len(bytes.TrimLeft(line, " \t"))
	end := start + len(bytes.TrimSpace(line))
	return s.doc.file.span(extent{s.doc.at.start + start, s.doc.at.start + end}), true
}

// node is the value at path, or nil.
func (s source) node(path model.Path) *syntax.Node {
	root, err := s.doc.tree()
	if err != nil || root == nil {
		return nil
	}
	return root.Find(s.prefix.Child(path...))
}

// exact is the span of the whole value at path, or that of the resource.
func (s source) exact(path model.Path) model.Span {
	if node := s.node(path); node != nil {
		return s.doc.nodeSpan(node)
	}
	return s.Extent()
}

// Extent implements model.Source.
func (s source) Extent() model.Span {
	if len(s.prefix) > 0 {
		if node := s.node(nil); node != nil {
			return s.doc.nodeSpan(node)
		}
	}
	return s.doc.file.span(s.doc.at.trimmed(s.doc.file.Text))
}

func asSyntaxError(err error) *syntax.Error {
	var out *syntax.Error
	if errors.As(err, &out) {
		return out
	}
	return &syntax.Error{Line: 1, Message: err.Error()}
}
