package manifest

import "bytes"

// extent is a range of bytes in a file.
type extent struct{ start, end int }

func (e extent) of(text []byte) []byte { return text[e.start:e.end] }

var byteOrderMark = []byte("\xef\xbb\xbf")

// split cuts a YAML stream into its documents. Neither markers nor documents
// without content are part of the result.
//
// A marker at the first column ends a document even inside a scalar, so that
// lines can be looked at one by one:
// https://yaml.org/spec/1.2.2/#912-document-markers.
func split(text []byte) []extent {
	var out []extent
	start := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	add := func(end int) {
		if !isBlank(text[start:end]) {
			out = append(out, extent{start, end})
		}
	}
	for pos := start; pos < len(text); {
		next := endOfLine(text, pos)
		switch line := text[pos:next]; {
		case isMarker(line, "---"):
			add(pos)
			start = pos + len("---")
		case isMarker(line, "..."):
			add(pos)
			start = next
		}
		pos = next
	}
	add(len(text))
	return out
}

// endOfLine returns the offset behind the line break of the line at pos.
func endOfLine(text []byte, pos int) int {
	if n := bytes.IndexByte(text[pos:], '\n'); n >= 0 {
		return pos + n + 1
	}
	return len(text)
}

func isMarker(line []byte, marker string) bool {
	if len(line) < len(marker) || string(line[:len(marker)]) != marker {
		return false
	}
	return len(line) == len(marker) || bytes.IndexByte([]byte(" \t\r\n"), line[len(marker)]) >= 0
}

// isBlank reports whether a document holds only blank lines, comments and
// directives.
func isBlank(doc []byte) bool {
	for pos := 0; pos < len(doc); {
		next := endOfLine(doc, pos)
		if !isFiller(doc[pos:next]) {
			return false
		}
		pos = next
	}
	return true
}

// isFiller reports whether a line between two documents means nothing to either.
func isFiller(line []byte) bool {
	trimmed := bytes.TrimSpace(line)
	return len(trimmed) == 0 || trimmed[0] == '#' || line[0] == '%'
}

// trimmed narrows the range to its content: no filler before it, no blank lines
// behind it.
func (e extent) trimmed(text []byte) extent {
	for e.start < e.end {
		next := min(endOfLine(text, e.start), e.end)
		if !isFiller(text[e.start:next]) {
			break
		}
		e.start = next
	}
	e.end = e.start + len(bytes.TrimRight(e.of(text), " \t\r\n"))
	return e
}
