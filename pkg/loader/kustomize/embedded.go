package kustomize

import (
	"bytes"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// embedded is a scalar that holds a text, such as an inline patch.
type embedded struct {
	text []byte
	node *syntax.Node
}

// span is the place in the file of a range of the value. Where the value was written
// otherwise than it reads, as a folded text is, it is that of the whole scalar.
func (e *embedded) span(w *writing, start, end int) model.Span {
	if at, ok := e.offset(w.text, start); ok {
		last := at + end - start
		if last <= e.node.End && bytes.Equal(e.text[at:last], w.text[start:end]) {
			return model.Span{File: w.file, Start: at, End: last}
		}
		isLong := bytes.IndexByte(w.text[start:end], '\n') >= 0 // and so the file indents it
		if last, ok := e.offset(w.text, end); ok && isLong && last <= e.node.End {
			return model.Span{File: w.file, Start: at, End: last}
		}
	}
	return model.Span{File: w.file, Start: e.node.Start, End: e.node.End, Inexact: true}
}

// offset is where in the file a byte of the value stands.
func (e *embedded) offset(value []byte, at int) (int, bool) {
	raw := e.text[e.node.Start:e.node.End]
	switch {
	case bytes.Equal(raw, value):
		return e.node.Start + at, true
	case len(raw) >= 2 && e.node.Quoted && bytes.Equal(raw[1:len(raw)-1], value):
		return e.node.Start + 1 + at, true
	case len(raw) > 0 && raw[0] == '|':
		return e.literal(raw, value, at)
	default:
		return 0, false
	}
}

// literal is the offset in a literal block scalar, whose lines are those of the value:
// https://yaml.org/spec/1.2.2/#812-literal-style
func (e *embedded) literal(raw, value []byte, at int) (int, bool) {
	header, rest, found := bytes.Cut(raw, []byte("\n"))
	if !found || bytes.ContainsAny(header, "123456789") {
		return 0, false
	}
	before := string(value[:at])
	number := strings.Count(before, "\n")
	column := at - strings.LastIndexByte(before, '\n') - 1
	pos := e.node.Start + len(header) + 1
	for range number {
		_, after, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			return 0, false
		}
		pos += len(rest) - len(after)
		rest = after
	}
	return pos + indentOf(raw[len(header)+1:]) + column, true
}

// indentOf is the indentation of the first line that is not blank.
func indentOf(lines []byte) int {
	for line := range bytes.Lines(lines) {
		if trimmed := bytes.TrimLeft(line, " "); len(bytes.TrimSpace(trimmed)) > 0 {
			return len(line) - len(trimmed)
		}
	}
	return 0
}
