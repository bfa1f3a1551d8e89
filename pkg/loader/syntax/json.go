package syntax

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const bom = "\uFEFF"

// ParseJSON returns the tree of text, which must hold one JSON value and
// nothing else but white space. A leading byte order mark is skipped. Numbers
// keep their spelling. The error, if any, is an *Error.
func ParseJSON(text []byte) (*Node, error) {
	body := bytes.TrimPrefix(text, []byte(bom))
	skipped := len(text) - len(body)
	// Unmarshal checks the whole text, its depth included, before it decodes.
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, jsonError(text, skipped, err)
	}
	b := jsonBuilder{text: text, pos: skipped}
	return b.node(), nil
}

// ParseJSONStream returns the trees of the JSON values that follow each other in
// text, with offsets in text. The error, if any, is an *Error, and the values
// before it are returned with it.
func ParseJSONStream(text []byte) ([]*Node, error) {
	skipped := len(text) - len(bytes.TrimPrefix(text, []byte(bom)))
	dec := json.NewDecoder(bytes.NewReader(text[skipped:]))
	var out []*Node
	for {
		start := skipped + int(dec.InputOffset())
		var raw json.RawMessage
		switch err := dec.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, jsonError(text, skipped, err)
		}
		// Nothing need stand between a number and the value behind it.
		b := jsonBuilder{text: text[:skipped+int(dec.InputOffset())], pos: start}
		out = append(out, b.node())
	}
}

func jsonError(text []byte, skipped int, err error) error {
	offset := len(text)
	var syn *json.SyntaxError
	// SyntaxError counts the bad byte in, except at the end of the input.
	if errors.As(err, &syn) && !strings.HasPrefix(syn.Error(), "unexpected end") {
		offset = min(skipped+max(int(syn.Offset)-1, 0), len(text))
	}
	return &Error{Offset: offset, Line: lineAt(text, offset), Message: err.Error()}
}

// lineAt returns the line of an offset, counting from 1.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}

// jsonBuilder walks a text that is known to be valid.
type jsonBuilder struct {
	text []byte
	pos  int
}

// skip moves to the next byte that is neither blank nor between two values.
func (b *jsonBuilder) skip() byte {
	for strings.IndexByte(" \t\r\n,:", b.text[b.pos]) >= 0 {
		b.pos++
	}
	return b.text[b.pos]
}

func (b *jsonBuilder) node() *Node {
	open := b.skip()
	n := &Node{Start: b.pos}
	switch open {
	case '{':
		n.Kind = Mapping
		b.pos++
		for b.skip() != '}' {
			key := b.node()
			n.Fields = append(n.Fields, Field{Key: key, Value: b.node()})
		}
		b.pos++
	case '[':
		n.Kind = Sequence
		b.pos++
		for b.skip() != ']' {
			n.Items = append(n.Items, b.node())
		}
		b.pos++
	case '"':
		n.Value, n.Quoted = b.quoted(), true
	default:
		for b.pos < len(b.text) && strings.IndexByte(" \t\r\n,:]}", b.text[b.pos]) < 0 {
			b.pos++
		}
		n.Value = string(b.text[n.Start:b.pos])
	}
	n.End = b.pos
	return n
}

// quoted reads a string.
func (b *jsonBuilder) quoted() string {
	start := b.pos
	plain := true
	for b.pos++; b.text[b.pos] != '"'; b.pos++ {
		if b.text[b.pos] == '\\' {
			plain = false
			b.pos++
		}
	}
	b.pos++
	inner := b.text[start+1 : b.pos-1]
	if plain && utf8.Valid(inner) {
		return string(inner)
	}
	var value string
	_ = json.Unmarshal(b.text[start:b.pos], &value) // the text is valid
	return value
}

// TopLevelKeys returns the keys of the object that text begins with, as they are
// written and without checking the rest of it; none when it begins with
// something else.
func TopLevelKeys(text []byte) []string {
	body := bytes.TrimLeft(bytes.TrimPrefix(text, []byte(bom)), " \t\r\n")
	if len(body) == 0 || body[0] != '{' {
		return nil
	}
	var out []string
	depth, atKey := 0, false
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			depth++
			atKey = depth == 1
		case '}', ']':
			depth--
			if depth == 0 {
				return out
			}
		case ',':
			atKey = depth == 1
		case '"':
			end := endOfString(body, i+1)
			if atKey && end < len(body) {
				out = append(out, string(body[i+1:end]))
				atKey = false
			}
			i = end
		}
	}
	return out
}

// endOfString returns where the string ends whose first byte is at start.
func endOfString(text []byte, start int) int {
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}
