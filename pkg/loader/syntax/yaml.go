package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxMerged bounds the fields that merge keys copy in one document. Each of n
// mappings may merge the one before it, which makes n*n/2 fields.
const maxMerged = 500_000

// ParseYAML returns the tree of text, which must hold one YAML document in
// UTF-8; it may have a byte order mark, directives and document markers. For a
// document with nothing in it the node is nil. The error, if any, is an *Error.
//
// Aliases lead to the anchored node. Merge keys add Merged fields; one whose
// value cannot be merged stays an ordinary field. Keys are taken as they are
// written, while a decoder for YAML 1.1 may rename some: it reads y as true.
func ParseYAML(text []byte) (*Node, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, &Error{Line: 1, Message: "text is not UTF-8 but UTF-16"}
	}
	doc, err := decodeYAML(bytes.NewReader(text))
	if err != nil {
		return nil, yamlError(text, err)
	}
	if doc == nil {
		return nil, nil
	}
	b := yamlBuilder{text: text, cur: newCursor(text), anchored: map[*yaml.Node]*Node{}}
	root, err := b.node(doc, 0)
	if err != nil {
		return nil, err
	}
	return root, nil
}

// secondDocumentError names the line of what follows the document.
type secondDocumentError struct{ line int }

func (e secondDocumentError) Error() string { return "found a second document" }

// decodeYAML returns the content of the only document, nil if it is empty. It
// reads to the end, so a syntax error after the document is reported too.
func decodeYAML(r io.Reader) (content *yaml.Node, err error) {
	// yaml.v3 has panicked on bad input more than once, for example
	// https://github.com/go-yaml/yaml/issues/666.
	defer func() {
		if p := recover(); p != nil {
			content, err = nil, fmt.Errorf("yaml parser: %v", p)
		}
	}()
	dec := yaml.NewDecoder(r)
	for first := true; ; first = false {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return content, nil
		} else if err != nil {
			return nil, err
		}
		if len(doc.Content) != 1 || isBare(doc.Content[0]) {
			continue
		}
		if !first {
			return nil, secondDocumentError{doc.Content[0].Line}
		}
		content = doc.Content[0]
	}
}

// isEmpty tells a value that was left out. It may still have an anchor or a tag.
func isEmpty(y *yaml.Node) bool {
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return y.Kind == yaml.ScalarNode && y.Value == "" && y.Style&quoted == 0
}

// isBare tells a value that was left out and has neither an anchor nor a tag.
func isBare(y *yaml.Node) bool {
	return isEmpty(y) && y.Anchor == "" && y.Style&yaml.TaggedStyle == 0
}

// yamlBuilder finds the source of each node that yaml.v3 has parsed. yaml.v3
// knows where a node starts, anchor and tag included, but not where it ends.
type yamlBuilder struct {
	text     []byte
	cur      *cursor
	pos      int // behind the last node that was built
	depth    int
	brackets int // how many are open
	anchored map[*yaml.Node]*Node
	merged   int
}

func (b *yamlBuilder) fail(offset int, format string, args ...any) error {
	offset = min(offset, len(b.text))
	return &Error{Offset: offset, Line: lineAt(b.text, offset), Message: fmt.Sprintf(format, args...)}
}

// node builds the tree of y. The indicator is the byte that stands before the
// value if it was left out: one of ':', '?' and '-', or 0 for the root.
func (b *yamlBuilder) node(y *yaml.Node, indicator byte) (*Node, error) {
	if b.depth++; b.depth > maxDepth {
		return nil, b.fail(b.pos, "exceeded max depth of %d", maxDepth)
	}
	defer func() { b.depth-- }()
	if isBare(y) {
		return b.absent(y, indicator), nil
	}
	start, ok := b.cur.offset(y.Line, y.Column)
	if !ok || start >= len(b.text) {
		return nil, b.lost(y)
	}
	if y.Kind == yaml.AliasNode {
		b.pos = nameEnd(b.text, start)
		if n := b.anchored[y.Alias]; n != nil {
			return n, nil
		}
		return nil, b.fail(start, "unknown anchor %q", y.Value)
	}
	n := &Node{}
	if y.Anchor != "" {
		b.anchored[y] = n
	}
	if y.Style&yaml.TaggedStyle != 0 {
		n.Tag = y.Tag
	}
	n.Start = b.skipProperties(y, start)
	return n, b.content(y, n)
}

func (b *yamlBuilder) content(y *yaml.Node, n *Node) error {
	switch y.Kind {
	case yaml.ScalarNode:
		return b.scalar(y, n)
	case yaml.MappingNode:
		n.Kind = Mapping
		return b.mapping(y, n)
	case yaml.SequenceNode:
		n.Kind = Sequence
		return b.sequence(y, n)
	default:
		return b.lost(y)
	}
}

// lost says that yaml.v3 and this package disagree about the source. A wrong
// position would be worse than none.
func (b *yamlBuilder) lost(y *yaml.Node) error {
	start, _ := b.cur.offset(y.Line, y.Column)
	return b.fail(start, "cannot find the source of a value")
}

// absent places a value that was left out: behind its indicator, if yaml.v3
// had seen that when it missed the value. Outside of brackets, the same byte
// may start the text that follows.
func (b *yamlBuilder) absent(y *yaml.Node, indicator byte) *Node {
	next := skipTrivia(b.text, b.pos, ",")
	missed, ok := b.cur.offset(y.Line, y.Column)
	seen := b.brackets > 0 || ok && next < missed
	if seen && next < len(b.text) && b.text[next] == indicator {
		b.pos = next + 1
	}
	return &Node{Start: b.pos, End: b.pos}
}

// skipProperties returns where the content of y starts, whose anchor and tag
// are at i. If there is no content, it returns the end of the properties.
func (b *yamlBuilder) skipProperties(y *yaml.Node, i int) int {
	anchor, tag := y.Anchor != "", y.Style&yaml.TaggedStyle != 0
	for i < len(b.text) {
		var end int
		switch {
		case anchor && b.text[i] == '&':
			end, anchor = nameEnd(b.text, i), false
		case b.text[i] == '!' && (tag || tagEnd(b.text, i) == i+1):
			// yaml.v3 does not record the tag that is a lone exclamation mark.
			end, tag = tagEnd(b.text, i), false
		default:
			return i
		}
		next := skipTrivia(b.text, end, "")
		if isEmpty(y) && !anchor && !tag {
			return end
		}
		i = next
	}
	return i
}

func (b *yamlBuilder) scalar(y *yaml.Node, n *Node) error {
	n.Value = y.Value
	if isEmpty(y) {
		n.End, b.pos = n.Start, n.Start
		return nil
	}
	if n.Start >= len(b.text) {
		return b.lost(y)
	}
	ok := false
	switch c := b.text[n.Start]; {
	case y.Style&yaml.DoubleQuotedStyle != 0 && c == '"', y.Style&yaml.SingleQuotedStyle != 0 && c == '\'':
		n.Quoted = true
		n.End, ok = quotedEnd(b.text, n.Start)
	case y.Style&yaml.LiteralStyle != 0 && c == '|', y.Style&yaml.FoldedStyle != 0 && c == '>':
		n.Quoted = true
		n.End, ok = blockEnd(b.text, n.Start, y.Value)
	case y.Style&^yaml.TaggedStyle == 0:
		n.End, ok = foldedEnd(b.text, n.Start, y.Value)
	}
	if !ok || !utf8.Valid(b.text[n.Start:n.End]) {
		return b.lost(y)
	}
	b.pos = n.End
	return nil
}

func (b *yamlBuilder) sequence(y *yaml.Node, n *Node) error {
	b.open(y, n)
	for _, item := range y.Content {
		child, err := b.node(item, '-')
		if err != nil {
			return err
		}
		n.Items = append(n.Items, child)
	}
	return b.close(y, n, ']')
}

func (b *yamlBuilder) mapping(y *yaml.Node, n *Node) error {
	b.open(y, n)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, err := b.node(y.Content[i], '?')
		if err != nil {
			return err
		}
		value, err := b.node(y.Content[i+1], ':')
		if err != nil {
			return err
		}
		if sources := mergeSources(y.Content[i], value); sources != nil {
			n.merges = append(n.merges, sources...)
			continue
		}
		n.Fields = append(n.Fields, Field{Key: key, Value: value})
	}
	if err := b.merge(n); err != nil {
		return err
	}
	return b.close(y, n, '}')
}

// open moves to the inside of a collection.
func (b *yamlBuilder) open(y *yaml.Node, n *Node) {
	b.pos = n.Start
	if b.bracketed(y, n) {
		b.brackets++
		b.pos++
	}
}

// close ends a collection, behind its bracket if it has any.
func (b *yamlBuilder) close(y *yaml.Node, n *Node, right byte) error {
	if b.bracketed(y, n) {
		// An exclamation mark is left of a value that is nothing but that tag.
		end := skipTrivia(b.text, b.pos, ",:?!")
		if end >= len(b.text) || b.text[end] != right {
			return b.lost(y)
		}
		b.brackets--
		b.pos = end + 1
	}
	n.End = b.pos
	return nil
}

// bracketed tells a collection in brackets from one in block style, and from
// the braceless mapping in [key: value]. If that starts with a bracket, it is
// the bracket of its key, so both start at the same place.
func (b *yamlBuilder) bracketed(y *yaml.Node, n *Node) bool {
	if y.Style&yaml.FlowStyle == 0 || n.Start >= len(b.text) {
		return false
	}
	if y.Kind == yaml.SequenceNode {
		return b.text[n.Start] == '['
	}
	if b.text[n.Start] != '{' || len(y.Content) == 0 {
		return b.text[n.Start] == '{'
	}
	key := y.Content[0]
	return key.Line != y.Line || key.Column != y.Column
}
