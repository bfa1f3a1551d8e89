package kustomize

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxNodes bounds a document with its aliases written out, as the library does it.
const maxNodes = 1_000_000

// writing is a text in which documents are written: a file, or a scalar of one.
type writing struct {
	file string
	text []byte
	// scalar is set when the text is the value of a scalar of the file.
	scalar *embedded
}

// span is the span of a range of the text.
func (w *writing) span(start, end int) model.Span {
	if w.scalar == nil {
		return model.Span{File: w.file, Start: start, End: end}
	}
	return w.scalar.span(w, start, end)
}

// line is the span from an offset to the end of its line.
func (w *writing) line(offset int) model.Span {
	start := min(max(offset, 0), len(w.text))
	line, _, _ := bytes.Cut(w.text[start:], []byte("\n"))
	return w.span(start, start+len(bytes.TrimRight(line, " \t\r")))
}

// document is one document of a text. Offsets of its tree count from start.
type document struct {
	*writing
	start int
	body  []byte
	root  *syntax.Node
}

func (d *document) node(n *syntax.Node) model.Span { return d.span(d.start+n.Start, d.start+n.End) }

// documents cuts a text of objects or patches into its documents, without those that
// have no content. What the library cannot turn into JSON is a failure: it would end
// the whole process where it has to show such an object in a message.
func (w *writing) documents() ([]*document, *failure) {
	var out []*document
	for _, at := range split(w.text) {
		d := &document{writing: w, start: at[0], body: w.text[at[0]:at[1]]}
		root, err := syntax.ParseYAML(d.body)
		if err != nil {
			return nil, d.malformed(err)
		}
		if root == nil {
			continue
		}
		d.root = root
		if bad := d.check(); bad != nil {
			return nil, bad
		}
		out = append(out, d)
	}
	return out, nil
}

// split returns where documents begin and end. A marker at the first column ends a
// document: https://yaml.org/spec/1.2.2/#912-document-markers
func split(text []byte) [][2]int {
	var out [][2]int
	start := len(text) - len(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	for pos := start; pos < len(text); {
		end := pos + bytes.IndexByte(text[pos:], '\n') + 1
		if end == pos {
			end = len(text)
		}
		if isMarker(text[pos:end]) {
			out = append(out, [2]int{start, pos})
			start = pos + len("---")
		}
		pos = end
	}
	return append(out, [2]int{start, len(text)})
}

func isMarker(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("---"))
	return found && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

func (d *document) malformed(err error) *failure {
	offset, message := 0, err.Error()
	var where *syntax.Error
	if errors.As(err, &where) {
		offset, message = where.Offset, where.Message
	}
	return &failure{at: d.line(d.start + offset), message: "not valid YAML: " + message}
}

// check finds what the library fails on without a place.
func (d *document) check() *failure {
	if size(d.root, map[*syntax.Node]int{}) > maxNodes {
		return &failure{at: d.line(d.start + d.root.Start), message: "the aliases of the document multiply beyond measure"}
	}
	if twice := d.root.Duplicates(); len(twice) > 0 {
		return &failure{at: d.node(twice[0].Second), message: "the key " + twice[0].Second.Value + " is written twice"}
	}
	var bad *failure
	d.root.Walk(func(_ []string, n *syntax.Node) bool {
		if bad == nil {
			bad = d.checkNode(n)
		}
		return bad == nil
	})
	return bad
}

func (d *document) checkNode(n *syntax.Node) *failure {
	for _, f := range n.Fields {
		if f.Key.Kind != syntax.Scalar || tagOf(f.Key) != "!!str" {
			return &failure{at: d.node(f.Key), message: fmt.Sprintf("the key %s is not text; quote it", f.Key.Value)}
		}
	}
	if n.Kind == syntax.Scalar && tagOf(n) == "!!float" && isBeyondJSON(n.Value) {
		return &failure{at: d.node(n), message: n.Value + " is no number that an object can hold"}
	}
	return nil
}

// tagOf is the type that YAML 1.2 gives a scalar.
func tagOf(n *syntax.Node) string {
	if n.Quoted || n.Tag != "" {
		return "!!str"
	}
	if c := n.Value + " "; c[0] >= 'a' && c[0] <= 'z' && c[0] != 't' && c[0] != 'f' && c[0] != 'n' {
		return "!!str"
	}
	node := yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}
	return node.ShortTag()
}

func isBeyondJSON(value string) bool {
	switch value[len(value)-1] {
	case 'f', 'F', 'n', 'N': // .inf, .nan
		return true
	default:
		return false
	}
}

// size is the number of nodes with aliases written out, as far as it matters.
func size(n *syntax.Node, known map[*syntax.Node]int) int {
	if s, ok := known[n]; ok {
		return s
	}
	known[n] = maxNodes + 1 // an anchor that holds itself has no end
	total := 1
	for _, f := range n.Fields {
		total = min(total+1+size(f.Value, known), maxNodes+1)
	}
	for _, item := range n.Items {
		total = min(total+size(item, known), maxNodes+1)
	}
	known[n] = total
	return total
}
