package kustomize

import (
	"bytes"
	"strings"
	"sync"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// source is where the parts of one built object were written. Each part is looked for
// when it is asked for: first where the object came from, and then in what changed it.
type source struct {
	plan *plan
	root *level
	// origin is nil when the object no longer tells it.
	origin *origin
	text   []byte

	once sync.Once
	tree *syntax.Node
}

// object is the tree of the built object.
func (s *source) object() *syntax.Node {
	s.once.Do(func() {
		if tree, err := syntax.ParseJSON(s.text); err == nil {
			s.tree = tree
		}
	})
	return s.tree
}

// File implements model.Source.
func (s *source) File() string {
	if s.origin == nil {
		return s.root.file
	}
	return s.origin.document.file
}

// Extent implements model.Source.
func (s *source) Extent() model.Span {
	if s.origin == nil {
		at := s.root.span(nil)
		at.Inexact = true
		return at
	}
	return s.origin.document.node(s.origin.node)
}

// Locate implements model.Source. A value that stands in the origin as it is in the
// object is located there, and any other in what changes the object: see writer. What
// nobody is known to have written is near the origin, or in the kustomization that has
// the last word.
func (s *source) Locate(path model.Path, part model.Part) (model.Span, bool) {
	object := s.object()
	if object == nil {
		return model.Span{}, false
	}
	if object.Find(path) == nil {
		return s.line(path)
	}
	if s.origin == nil {
		return s.Extent(), true
	}
	if s.origin.generator != nil {
		return s.generated(path, part), true
	}
	a := align(object, s.origin.node, path)
	isKept := a.isWhole && a.isSame
	if isKept && !a.isLoose {
		return s.at(a, part), true
	}
	if at, ok := s.writer(path, part, a); ok {
		return at, true
	}
	if isKept {
		return s.at(a, part), true
	}
	at := s.unwritten(path, part, a)
	at.Inexact = true
	return at, true
}

// unwritten is the place of a value that nobody is known to have written.
func (s *source) unwritten(path model.Path, part model.Part, a alignment) model.Span {
	value, near := s.object().Find(path), s.origin.node.Find(a.path)
	switch {
	case a.isWhole && isVariant(value, near), !a.isWhole && near.Kind == syntax.Sequence && holds(near, value):
		return s.at(a, part)
	case value.Kind == syntax.Mapping && len(value.Fields) > 0: // who wrote what is in it wrote it
		at, _ := s.Locate(path.Child(value.Fields[0].Key.Value), model.PartKey)
		return at
	case value.Kind == syntax.Sequence && len(value.Items) > 0:
		at, _ := s.Locate(path.Child("0"), model.PartKey)
		return at
	default:
		return s.last()
	}
}

// isVariant reports whether one value became the other without being replaced: a name
// gets a prefix, and of a list only the elements change.
func isVariant(value, was *syntax.Node) bool {
	if value.Kind != syntax.Scalar || was.Kind != syntax.Scalar {
		return value.Kind == was.Kind
	}
	return tagOf(value) == "!!str" && was.Value != "" && strings.Contains(value.Value, was.Value)
}

// holds reports whether a value stands somewhere in a list.
func holds(list, value *syntax.Node) bool {
	found := false
	list.Walk(func(_ []string, n *syntax.Node) bool {
		found = found || equal(n, value)
		return !found
	})
	return found
}

// last is the transformer that comes last, or else the root.
func (s *source) last() model.Span {
	for _, stage := range s.stages() {
		if n := len(stage.transformers); n > 0 {
			d := stage.transformers[n-1]
			return d.line(d.start + d.root.Start)
		}
	}
	return s.root.span(nil)
}

// at is the span in the origin that an alignment leads to.
func (s *source) at(a alignment, part model.Part) model.Span {
	return placeOf(s.origin.document, s.origin.node, a.path, part)
}

// placeOf is the span of a path below a node: that of a scalar, or the key that
// introduces a mapping or a list.
func placeOf(d *document, root *syntax.Node, path model.Path, part model.Part) model.Span {
	n := root.Find(path)
	if len(path) > 0 && (part == model.PartKey || n.Kind != syntax.Scalar) {
		n = root.FindKey(path)
	}
	return d.node(n)
}

// line locates a line of a text that stands in the origin as a literal block scalar, or
// in a file of its own.
func (s *source) line(path model.Path) (model.Span, bool) {
	if len(path) == 0 {
		return model.Span{}, false
	}
	number, ok := model.LineOf(path[len(path)-1])
	path = path[:len(path)-1]
	value := s.object().Find(path)
	if !ok || value == nil || value.Kind != syntax.Scalar {
		return model.Span{}, false
	}
	start, end, ok := lineAt([]byte(value.Value), number)
	if !ok {
		return model.Span{}, false
	}
	w := s.writingOf(path, value)
	if w == nil {
		return model.Span{}, false
	}
	return w.span(start, end), true
}

// lineAt is the range of a line of a text, without surrounding blanks.
func lineAt(text []byte, number int) (start, end int, ok bool) {
	for range number - 1 {
		n := bytes.IndexByte(text[start:], '\n')
		if n < 0 {
			return 0, 0, false
		}
		start += n + 1
	}
	line, _, _ := bytes.Cut(text[start:], []byte("\n"))
	start += len(line) - len(bytes.TrimLeft(line, " \t"))
	return start, start + len(bytes.TrimSpace(line)), true
}

// writingOf is the text that became the value at path, or nil.
func (s *source) writingOf(path model.Path, value *syntax.Node) *writing {
	if s.origin == nil {
		return nil
	}
	if s.origin.generator != nil {
		return s.fileOf(path, value)
	}
	a := align(s.object(), s.origin.node, path)
	if !a.isWhole || !a.isSame || s.origin.document.scalar != nil {
		return nil
	}
	d := s.origin.document
	n := s.origin.node.Find(a.path)
	shifted := *n
	shifted.Start, shifted.End = n.Start+d.start, n.End+d.start
	return &writing{file: d.file, text: []byte(n.Value), scalar: &embedded{d.text, &shifted}}
}
