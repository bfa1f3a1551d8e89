package syntax

import (
	"bytes"
	"unicode/utf8"
)

// The functions here read YAML source at a known place. They are only called on
// text that yaml.v3 has accepted, and follow its notion of a line break, which
// is that of YAML 1.1: https://yaml.org/spec/1.1/#id871136

// breakLen returns the length of the line break at text[i:], or 0.
func breakLen(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	rest := text[i:]
	switch rest[0] {
	case '\n':
		return 1
	case '\r':
		if len(rest) > 1 && rest[1] == '\n' {
			return 2
		}
		return 1
	case 0xC2: // next line
		if len(rest) > 1 && rest[1] == 0x85 {
			return 2
		}
	case 0xE2: // line separator, paragraph separator
		if len(rest) > 2 && rest[1] == 0x80 && (rest[2] == 0xA8 || rest[2] == 0xA9) {
			return 3
		}
	}
	return 0
}

// spaceLen returns the length of the blank or line break at text[i:], or 0.
func spaceLen(text []byte, i int) int {
	if i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		return 1
	}
	return breakLen(text, i)
}

// skipSpace returns the offset of the first byte at or after i that is neither
// a blank nor part of a line break.
func skipSpace(text []byte, i int) int {
	for {
		w := spaceLen(text, i)
		if w == 0 {
			return i
		}
		i += w
	}
}

func skipBlanks(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	return i
}

// lineEnd returns the offset of the next line break, or the end of the text.
func lineEnd(text []byte, i int) int {
	for i < len(text) && breakLen(text, i) == 0 {
		i++
	}
	return i
}

// skipTrivia returns the offset of the next token: it skips blanks, line
// breaks and comments, and any byte of more. i must not be inside a token.
func skipTrivia(text []byte, i int, more string) int {
	for {
		i = skipSpace(text, i)
		switch {
		case i >= len(text):
			return i
		case text[i] == '#':
			i = lineEnd(text, i)
		case bytes.IndexByte([]byte(more), text[i]) >= 0:
			i++
		default:
			return i
		}
	}
}

// nameEnd returns where the anchor or alias ends whose & or * is at i.
func nameEnd(text []byte, i int) int {
	for i++; i < len(text) && isNameByte(text[i]); i++ {
	}
	return i
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// tagEnd returns where the tag ends whose ! is at i. Only a space ends a tag.
func tagEnd(text []byte, i int) int {
	for i < len(text) && spaceLen(text, i) == 0 {
		i++
	}
	return i
}

// quotedEnd returns the offset behind the closing quote of the scalar whose
// opening quote is at i.
func quotedEnd(text []byte, i int) (end int, ok bool) {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i + 1, true
		}
	}
	return 0, false
}

// foldedEnd returns the offset behind the last byte of value, read from text[i:].
// Folding lines changes blanks and breaks only, so the other bytes must agree.
func foldedEnd(text []byte, i int, value string) (end int, ok bool) {
	v := []byte(value)
	end = i
	for j := skipSpace(v, 0); j < len(v); j = skipSpace(v, j) {
		i = skipSpace(text, i)
		if i >= len(text) || text[i] != v[j] {
			return 0, false
		}
		i, j = i+1, j+1
		end = i
	}
	return end, true
}

// blockEnd returns the end of the last line that is not blank of the block
// scalar whose | or > is at i. Without such a line that is the end of the header.
func blockEnd(text []byte, i int, value string) (end int, ok bool) {
	header := i + 1
	for header < len(text) && bytes.IndexByte([]byte("+-0123456789"), text[header]) >= 0 {
		header++
	}
	if skipSpace([]byte(value), 0) == len(value) {
		return header, true
	}
	body := lineEnd(text, header)
	end, ok = foldedEnd(text, body, value)
	return skipBlanks(text, end), ok
}

// lineStarts returns the offset of each line of text, behind a byte order mark.
func lineStarts(text []byte) []int {
	i := 0
	if bytes.HasPrefix(text, []byte(bom)) {
		i = len(bom)
	}
	starts := []int{i}
	for i < len(text) {
		w := breakLen(text, i)
		if w == 0 {
			i++
			continue
		}
		i += w
		starts = append(starts, i)
	}
	return starts
}

// cursor turns the lines and columns of yaml.v3, which count characters, into
// offsets. Asking in the order of the text keeps it linear.
type cursor struct {
	text      []byte
	starts    []int
	line, col int // what off stands for; both count from 1
	off       int
}

func newCursor(text []byte) *cursor {
	starts := lineStarts(text)
	return &cursor{text: text, starts: starts, line: 1, col: 1, off: starts[0]}
}

func (c *cursor) offset(line, col int) (int, bool) {
	if line < 1 || line > len(c.starts) || col < 1 {
		return 0, false
	}
	if line != c.line || col < c.col {
		c.line, c.col, c.off = line, 1, c.starts[line-1]
	}
	for ; c.col < col; c.col++ {
		if c.off >= len(c.text) {
			return 0, false
		}
		_, w := utf8.DecodeRune(c.text[c.off:])
		c.off += w
	}
	return c.off, true
}
