package manifest

import "bytes"

// maxBlockDepth bounds the nesting that the fast path follows.
const maxBlockDepth = 64

// blockJSON converts plain block style YAML to JSON several times as fast as a
// parser of the whole language. It knows the subset that most manifests keep
// to and reports false on everything else, valid or not: text on several lines,
// escapes, anchors, tags, tabs, keys that stand twice, numbers in unusual
// notations, anything but ASCII. What it accepts, it reads as sigs.k8s.io/yaml
// does; a fuzz target holds it to that.
func blockJSON(text []byte) ([]byte, bool) {
	for _, c := range text {
		if c != '\n' && (c < ' ' || c > '~') {
			return nil, false
		}
	}
	b := &block{text: text, out: make([]byte, 0, len(text)+len(text)/8)}
	b.line()
	if b.done || b.column != 0 || !b.node() || !b.done {
		return nil, false
	}
	return b.out, true
}

// block is the state of the conversion. at is the first byte that was not yet
// read and column its column; both stand on content unless done.
type block struct {
	text, out  []byte
	at, column int
	depth      int
	done       bool
}

// line moves from the start of a line to the next content.
func (b *block) line() {
	for start := b.at; start < len(b.text); {
		at := start
		for at < len(b.text) && b.text[at] == ' ' {
			at++
		}
		if at < len(b.text) && b.text[at] != '\n' && b.text[at] != '#' {
			b.at, b.column = at, at-start
			return
		}
		start = endOfLine(b.text, at)
	}
	b.at, b.done = len(b.text), true
}

// next leaves the current line, of which only blanks and a comment may be left.
func (b *block) next() bool {
	b.blanks()
	if !b.atEnd() || b.gluedComment() {
		return false
	}
	b.at = endOfLine(b.text, b.at)
	b.line()
	return true
}

func (b *block) blanks() {
	for b.at < len(b.text) && b.text[b.at] == ' ' {
		b.at++
		b.column++
	}
}

// atEnd reports whether the line holds nothing more than a comment.
func (b *block) atEnd() bool {
	return b.at == len(b.text) || b.text[b.at] == '\n' || b.text[b.at] == '#'
}

// gluedComment reports whether a # begins no comment for want of a blank.
func (b *block) gluedComment() bool {
	return b.at < len(b.text) && b.text[b.at] == '#' && b.text[b.at-1] != ' '
}

// atDash reports whether an element of a sequence begins here.
func (b *block) atDash() bool {
	return b.text[b.at] == '-' && (b.at+1 == len(b.text) || b.text[b.at+1] == ' ' || b.text[b.at+1] == '\n')
}

// node reads the mapping or sequence that begins at the current column.
func (b *block) node() bool {
	if b.depth++; b.depth > maxBlockDepth {
		return false
	}
	defer func() { b.depth-- }()
	if b.atDash() {
		return b.sequence()
	}
	return b.mapping()
}

func (b *block) mapping() bool {
	indent := b.column
	var seen [16][]byte
	keys := seen[:0]
	b.out = append(b.out, '{')
	for {
		key, end, ok := b.key(b.at)
		if !ok || contains(keys, key) {
			return false
		}
		keys = append(keys, key)
		b.out = append(appendText(b.out, key), ':')
		b.at = end
		if !b.value(indent, true) {
			return false
		}
		if b.done || b.column < indent {
			break
		}
		if b.column > indent {
			return false
		}
		b.out = append(b.out, ',')
	}
	b.out = append(b.out, '}')
	return true
}

func contains(keys [][]byte, key []byte) bool {
	for _, k := range keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

func (b *block) sequence() bool {
	indent := b.column
	b.out = append(b.out, '[')
	for {
		b.at++
		b.column++
		b.blanks()
		if !b.element(indent) {
			return false
		}
		// In a mapping, a sequence may stand as far left as its key, and ends
		// with the next one.
		if b.done || b.column < indent || b.column == indent && !b.atDash() {
			break
		}
		if b.column > indent {
			return false
		}
		b.out = append(b.out, ',')
	}
	b.out = append(b.out, ']')
	return true
}

func (b *block) element(indent int) bool {
	if b.atEnd() {
		return b.value(indent, false)
	}
	if _, _, isKey := b.key(b.at); isKey || b.atDash() {
		return b.node()
	}
	return b.value(indent, false)
}

// value reads what stands behind a key or a dash, on its line or below it.
func (b *block) value(indent int, ofKey bool) bool {
	b.blanks()
	if b.atEnd() {
		return b.below(indent, ofKey)
	}
	var ok bool
	switch b.text[b.at] {
	case '"', '\'':
		ok = b.quoted()
	case '{', '[':
		ok = b.flow()
	default:
		ok = b.plain()
	}
	// A deeper line would continue the value; the caller refuses it.
	return ok && b.next()
}

func (b *block) below(indent int, ofKey bool) bool {
	if b.gluedComment() {
		return false
	}
	b.at = endOfLine(b.text, b.at)
	b.line()
	if !b.done && (b.column > indent || ofKey && b.column == indent && b.atDash()) {
		return b.node()
	}
	b.out = append(b.out, "null"...)
	return true
}

// key returns the key at an offset and the offset behind its colon.
func (b *block) key(at int) (key []byte, end int, ok bool) {
	const most = 512 // a key of YAML has 1024 characters at most
	rest := b.text[at:min(len(b.text), at+most)]
	if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		key, ok = quotedText(rest)
		end = len(key) + 2
	} else {
		for end < len(rest) && isWordByte(rest[end]) {
			end++
		}
		key = rest[:end]
		ok = end > 0 && isLetter(key[0]) && !isReserved(key)
	}
	if !ok || end >= len(rest) || rest[end] != ':' {
		return nil, 0, false
	}
	end++
	if at+end < len(b.text) && b.text[at+end] != ' ' && b.text[at+end] != '\n' {
		return nil, 0, false
	}
	return key, at + end, true
}

// quotedText returns what stands between quotes on one line, if it is exactly
// what is meant.
func quotedText(rest []byte) ([]byte, bool) {
	end := 1 + bytes.IndexByte(rest[1:], rest[0])
	if end == 0 {
		return nil, false
	}
	key := rest[1:end]
	if bytes.IndexByte(key, '\n') >= 0 || bytes.IndexByte(key, '\\') >= 0 {
		return nil, false
	}
	// Two single quotes in a row are one.
	return key, rest[0] == '"' || end+1 >= len(rest) || rest[end+1] != '\''
}

func (b *block) quoted() bool {
	text, ok := quotedText(b.text[b.at:])
	if !ok {
		return false
	}
	b.out = appendText(b.out, text)
	b.at += len(text) + 2
	return true
}

// plain reads a scalar without quotes up to the end of the line.
func (b *block) plain() bool {
	end := b.at
	for ; end < len(b.text) && b.text[end] != '\n'; end++ {
		switch b.text[end] {
		case ':':
			if end+1 == len(b.text) || b.text[end+1] == ' ' || b.text[end+1] == '\n' {
				return false
			}
		case '#':
			if b.text[end-1] == ' ' {
				return b.resolve(b.at, end)
			}
		}
	}
	return b.resolve(b.at, end)
}

// resolve writes the plain scalar between two offsets with the type that YAML
// 1.1 gives it.
func (b *block) resolve(start, end int) bool {
	text := bytes.TrimRight(b.text[start:end], " ")
	b.at = start + len(text)
	switch scalarType(text) {
	case asText:
		b.out = appendText(b.out, text)
	case asItStands:
		b.out = append(b.out, text...)
	case asNull:
		b.out = append(b.out, "null"...)
	default:
		return false
	}
	return true
}
