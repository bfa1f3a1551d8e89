package manifest

import (
	"bytes"
	"encoding/json"
	"path"
	"sync"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// File is the text of one file. The text is shared by everything that is read
// from it and must not change.
type File struct {
	// Name is the slash-separated name that spans carry.
	Name string
	Text []byte
}

// span turns a range of bytes into a span that lies within the file.
func (f *File) span(e extent) model.Span {
	start := min(max(e.start, 0), len(f.Text))
	return model.Span{File: f.Name, Start: start, End: min(max(e.end, start), len(f.Text))}
}

// line is the 1-based number of the line that holds the offset.
func (f *File) line(offset int) int {
	return 1 + bytes.Count(f.Text[:min(max(offset, 0), len(f.Text))], []byte("\n"))
}

type format uint8

const (
	formatYAML format = iota
	formatJSON
)

// Document is one document of a file, not yet read. It is safe for concurrent
// use.
type Document struct {
	file   *File
	at     extent
	format format
	head   head

	once sync.Once
	root *syntax.Node
	err  *syntax.Error
}

// Documents cuts a file into its documents. Text in an encoding that Kubernetes
// tools do not read is a problem. A JSON file that cannot hold an object of
// Kubernetes has no documents.
func Documents(f *File) ([]*Document, []model.Problem) {
	if bytes.HasPrefix(f.Text, []byte("\xff\xfe")) || bytes.HasPrefix(f.Text, []byte("\xfe\xff")) {
		at := f.span(extent{0, endOfLine(f.Text, 0)})
		return nil, []model.Problem{{At: at, Message: "the text is UTF-16, not UTF-8"}}
	}
	if path.Ext(f.Name) == ".json" {
		return jsonDocuments(f), nil
	}
	var out []*Document
	for _, at := range split(f.Text) {
		d := &Document{file: f, at: at}
		if text := at.of(f.Text); looksLikeJSON(text) && json.Valid(text) {
			d.format = formatJSON
		} else {
			d.head = sniff(text)
		}
		out = append(out, d)
	}
	return out, nil
}

func looksLikeJSON(text []byte) bool {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// jsonDocuments cuts a stream of JSON values. The part that is not JSON, if
// any, is a document of its own, which fails when it is read.
func jsonDocuments(f *File) []*Document {
	if !bytes.Contains(f.Text, []byte(`"apiVersion"`)) || !bytes.Contains(f.Text, []byte(`"kind"`)) {
		return nil
	}
	start := len(f.Text) - len(bytes.TrimPrefix(f.Text, byteOrderMark))
	add := func(out []*Document, end int) []*Document {
		return append(out, &Document{file: f, at: extent{start, end}, format: formatJSON})
	}
	var out []*Document
	for len(bytes.TrimSpace(f.Text[start:])) > 0 {
		dec := json.NewDecoder(bytes.NewReader(f.Text[start:]))
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return add(out, len(f.Text))
		}
		end := start + int(dec.InputOffset())
		out = add(out, end)
		start = end
	}
	return out
}

func (d *Document) text() []byte { return d.at.of(d.file.Text) }

// tree parses the document when it is first asked for. Offsets in the tree
// count from the start of the document. The tree of a document without content
// is nil.
func (d *Document) tree() (*syntax.Node, *syntax.Error) {
	d.once.Do(func() {
		parse := syntax.ParseYAML
		if d.format == formatJSON {
			parse = syntax.ParseJSON
		}
		root, err := parse(d.text())
		if err != nil {
			d.err = asSyntaxError(err)
			return
		}
		d.root = root
	})
	return d.root, d.err
}

// Tree is the document with the offset in the file at which it begins; nil when it
// cannot be parsed or has no content.
func (d *Document) Tree() (root *syntax.Node, offset int) {
	root, err := d.tree()
	if err != nil {
		return nil, 0
	}
	return root, d.at.start
}

// nodeSpan is the span of a node of the document's tree.
func (d *Document) nodeSpan(n *syntax.Node) model.Span {
	return d.file.span(extent{d.at.start + n.Start, d.at.start + n.End})
}

// lineSpan is the span from an offset in the document to the end of that line.
func (d *Document) lineSpan(offset int) model.Span {
	at := extent{min(d.at.start+max(offset, 0), d.at.end), d.at.end}
	if offset <= 0 {
		at = d.at.trimmed(d.file.Text)
	}
	start := at.start
	end := min(endOfLine(d.file.Text, start), d.at.end)
	return d.file.span(extent{start, start + len(bytes.TrimRight(d.file.Text[start:end], " \t\r\n"))})
}
