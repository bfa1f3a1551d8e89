package syntax

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
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
	b := jsonBuilder{text: text, base: skipped, pos: skipped, dec: json.NewDecoder(bytes.NewReader(body))}
	b.dec.UseNumber()
	n, err := b.node()
	if err != nil {
		return nil, jsonError(text, skipped, err)
	}
	return n, nil
}

func jsonError(text []byte, skipped int, err error) error {
	offset := len(text)
	var syn *json.SyntaxError
	// SyntaxError counts the bad byte in, except at the end of the input.
	if errors.As(err, &syn) && !strings.HasPrefix(syn.Error(), "unexpected end") {
		offset = skipped + max(int(syn.Offset)-1, 0)
	}
	return &Error{Offset: offset, Line: lineAt(text, offset), Message: err.Error()}
}

// lineAt returns the line of an offset, counting from 1.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}

// jsonBuilder reads tokens of a text that is known to be valid.
type jsonBuilder struct {
	text []byte
	base int // length of the byte order mark, which dec has not seen
	pos  int // behind the last token
	dec  *json.Decoder
}

// token returns the next token and where it starts.
func (b *jsonBuilder) token() (tok json.Token, start int, err error) {
	tok, err = b.dec.Token()
	if err != nil {
		return nil, 0, err
	}
	start = b.pos
	for start < len(b.text) && strings.IndexByte(" \t\r\n,:", b.text[start]) >= 0 {
		start++
	}
	b.pos = b.base + int(b.dec.InputOffset())
	return tok, start, nil
}

func (b *jsonBuilder) node() (*Node, error) {
	tok, start, err := b.token()
	if err != nil {
		return nil, err
	}
	n := &Node{Start: start, End: b.pos}
	switch v := tok.(type) {
	case json.Delim:
		err = b.collection(n, v)
	case string:
		n.Value, n.Quoted = v, true
	case json.Number:
		n.Value = v.String()
	case bool, nil:
		n.Value = string(b.text[start:b.pos])
	default:
		err = fmt.Errorf("unexpected token %T", tok)
	}
	return n, err
}

func (b *jsonBuilder) collection(n *Node, open json.Delim) error {
	n.Kind = Sequence
	if open == '{' {
		n.Kind = Mapping
	}
	for b.dec.More() {
		child, err := b.node()
		if err != nil {
			return err
		}
		if n.Kind == Sequence {
			n.Items = append(n.Items, child)
			continue
		}
		value, err := b.node()
		if err != nil {
			return err
		}
		n.Fields = append(n.Fields, Field{Key: child, Value: value})
	}
	_, _, err := b.token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	n.End = b.pos
	return err
}
