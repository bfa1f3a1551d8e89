package comment

import (
	"bytes"
	"regexp"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// document is a part of a YAML stream between two markers. It may hold nothing
// but comments: those before a marker belong to the document that it begins
// (https://yaml.org/spec/1.2.2/#911-document-prefix).
type document struct{ start, end int }

// documents cuts a stream at its markers, which stand at the first column even
// within a scalar: https://yaml.org/spec/1.2.2/#912-document-markers
func documents(text []byte) []document {
	var out []document
	start := 0
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := text[pos:end]
		switch {
		case isMarker(line, "---"):
			out = append(out, document{start, pos})
			start = pos + len("---")
		case isMarker(line, "..."):
			out = append(out, document{start, pos})
			start = end
		}
		pos = end + 1
	}
	return append(out, document{start, len(text)})
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r"), rest[0]) >= 0)
}

// isHead reports whether a text holds blank lines, comments and directives only, those
// of YAML or of a template.
func isHead(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
		if len(line) > 0 && line[0] != '#' && line[0] != '%' && !isDirective(line) {
			return false
		}
	}
	return true
}

// yaml finds the comments of a YAML stream, or of a template that becomes one.
func (f file) yaml() []model.Comment {
	var out []model.Comment
	docs := documents(f.text)
	for i, d := range docs {
		if !bytes.Contains(f.text[d.start:d.end], []byte(Marker)) {
			continue
		}
		for _, at := range f.marks(d) {
			body := bytes.TrimLeft(f.text[at:lineEnd(f.text, at)], "# \t")
			rest, _ := addressed(body)
			end := at + len(bytes.TrimRight(f.text[at:lineEnd(f.text, at)], " \t\r"))
			out = append(out, model.Comment{At: f.span(at, end), Text: rest, Covers: f.covers(docs[i:], at)})
		}
	}
	return out
}

// covers are the lines that a comment in the first of the documents speaks of.
func (f file) covers(docs []document, at int) model.Span {
	if !isHead(f.text[docs[0].start:at]) {
		return f.lines(at)
	}
	for _, d := range docs {
		if !isHead(f.text[d.start:d.end]) {
			return f.span(d.start, d.end)
		}
	}
	return model.Span{}
}

// marks are the offsets of the number signs of a document that begin a comment
// with the marker.
func (f file) marks(d document) []int {
	text := f.text[d.start:d.end]
	root, err := syntax.ParseYAML(text)
	var scalars []*syntax.Node
	if err == nil {
		scalars = scalarsOf(root)
	}
	var out []int
	for from := 0; ; {
		n := bytes.Index(text[from:], []byte(Marker))
		if n < 0 {
			return out
		}
		at, ok := sign(text, from+n)
		from += n + len(Marker)
		switch {
		case !ok, within(scalars, at), err != nil && (isQuoted(text, at) || inBlockScalar(text, at)):
		default:
			out = append(out, d.start+at)
		}
	}
}

// sign returns where the comment begins whose marker is at an offset.
func sign(text []byte, marker int) (int, bool) {
	at := len(bytes.TrimRight(text[:marker], " \t"))
	for at > 0 && text[at-1] == '#' {
		at--
	}
	if at == len(bytes.TrimRight(text[:marker], " \t")) {
		return 0, false
	}
	if _, ok := addressed(text[marker:lineEnd(text, marker)]); !ok {
		return 0, false
	}
	return at, at == 0 || bytes.IndexByte([]byte(" \t\r\n"), text[at-1]) >= 0
}

// scalarsOf are the scalars of a document, keys among them, whose text may look
// like a comment.
func scalarsOf(root *syntax.Node) []*syntax.Node {
	var out []*syntax.Node
	var visit func(_ []string, n *syntax.Node) bool
	visit = func(_ []string, n *syntax.Node) bool {
		if n.Kind == syntax.Scalar && bytes.Contains([]byte(n.Value), []byte(Marker)) {
			out = append(out, n)
		}
		for _, f := range n.Fields {
			if f.Key.Kind != syntax.Scalar {
				f.Key.Walk(visit)
				f.Value.Walk(visit)
				continue
			}
			if bytes.Contains([]byte(f.Key.Value), []byte(Marker)) {
				out = append(out, f.Key)
			}
		}
		return true
	}
	root.Walk(visit)
	return out
}

func within(scalars []*syntax.Node, at int) bool {
	for _, n := range scalars {
		if n.Start <= at && at < n.End {
			return true
		}
	}
	return false
}

// isQuoted guesses whether an offset of a text that is no YAML, as a template is
// not, lies in quotes: they are odd before it on its line.
func isQuoted(text []byte, at int) bool {
	before := text[lineStart(text, at):at]
	return bytes.Count(before, []byte(`"`))%2 == 1 || bytes.Count(before, []byte(`'`))%2 == 1
}

// blockHeader ends a line that a block scalar follows:
// https://yaml.org/spec/1.2.2/#81-block-scalar-styles
var blockHeader = regexp.MustCompile(`(^|[:\-]\s+|\s)[|>][-+0-9]{0,2}\s*(#.*)?$`)

// inBlockScalar reports whether an offset of a template lies in a block scalar: below a
// header, in lines that are deeper. Lines of directives say nothing of that.
func inBlockScalar(text []byte, at int) bool {
	header := -1
	for line := range bytes.Lines(text[:lineStart(text, at)]) {
		line = bytes.TrimRight(line, " \t\r\n")
		content := bytes.TrimLeft(line, " ")
		indent := len(line) - len(content)
		switch {
		case len(content) == 0, bytes.HasPrefix(content, []byte("{{")):
		case header >= 0 && indent > header:
		case blockHeader.Match(content):
			header = indent
		default:
			header = -1
		}
	}
	own := text[lineStart(text, at):]
	return header >= 0 && len(own)-len(bytes.TrimLeft(own, " ")) > header
}
