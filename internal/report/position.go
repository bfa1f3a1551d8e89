package report

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/ekslint/ekslint/pkg/model"
)

// position is where a span stands in its file. Lines and columns count from 1;
// the end column is the one after the last character. All are 0 when the span
// names no file.
type position struct {
	line, column, endLine, endColumn int
}

// columnUnit counts the columns that a piece of one line takes.
type columnUnit func([]byte) int

// runes counts columns as most editors do.
func runes(b []byte) int { return utf8.RuneCount(b) }

// utf16Units counts columns as the SARIF columnKind utf16CodeUnits does
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
func utf16Units(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r > 0xffff {
			n++
		}
		n++
		b = b[size:]
	}
	return n
}

// Line returns the line on which a span begins, counted from 1. It is 0 when
// the span names no file.
func (o Options) Line(span model.Span) int { return newFiles(o).locate(span, runes).line }

// files gives access to the text of files; the lines of each are found once.
type files struct {
	text  func(file string) ([]byte, bool)
	lines map[string]*source
}

func newFiles(o Options) *files {
	return &files{text: o.Text, lines: map[string]*source{}}
}

// source returns the text of a file with its lines, or nil when it is unknown.
func (f *files) source(file string) *source {
	if s, ok := f.lines[file]; ok {
		return s
	}
	var s *source
	if f.text != nil && file != "" {
		if text, ok := f.text(file); ok {
			s = newSource(text)
		}
	}
	f.lines[file] = s
	return s
}

// locate returns the position of a span. A file whose text is unknown is
// pointed at by its first character.
func (f *files) locate(span model.Span, unit columnUnit) position {
	if span.File == "" {
		return position{}
	}
	s := f.source(span.File)
	if s == nil {
		return position{1, 1, 1, 1}
	}
	return s.position(span, unit)
}

// source is the text of a file with the offset at which each line starts.
type source struct {
	text   []byte
	starts []int
}

// byteOrderMark may open a file and is no character of its first line.
var byteOrderMark = []byte("\xef\xbb\xbf")

func newSource(text []byte) *source {
	first := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		first = len(byteOrderMark)
	}
	starts := []int{first}
	for i := first; ; {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 || i+n+1 == len(text) {
			return &source{text: text, starts: starts}
		}
		i += n + 1
		starts = append(starts, i)
	}
}

// clamp returns the offsets of a span, within the text, and without the white
// space that ends it: block mappings end where the next line starts.
func (s *source) clamp(span model.Span) (start, end int) {
	start = s.runeStart(max(s.starts[0], min(span.Start, len(s.text))))
	end = s.runeStart(max(start, min(span.End, len(s.text))))
	for end > start && bytes.IndexByte([]byte(" \t\r\n"), s.text[end-1]) >= 0 {
		end--
	}
	return start, end
}

// runeStart returns the start of the character that an offset cuts in two, or
// the offset itself.
func (s *source) runeStart(offset int) int {
	for at := offset - 1; at >= max(0, offset-utf8.UTFMax+1); at-- {
		if _, size := utf8.DecodeRune(s.text[at:]); at+size > offset {
			return at
		}
	}
	return offset
}

func (s *source) position(span model.Span, unit columnUnit) position {
	start, end := s.clamp(span)
	line, column := s.point(start, unit)
	endLine, endColumn := s.point(end, unit)
	return position{line, column, endLine, endColumn}
}

// point returns line and column of an offset. The characters that end a line
// have no column of their own: they are where the line ends.
func (s *source) point(offset int, unit columnUnit) (line, column int) {
	line = s.lineAt(offset)
	from, to := s.bounds(line)
	return line, unit(s.text[from:min(offset, to)]) + 1
}

// lineAt returns the number of the line that holds an offset.
func (s *source) lineAt(offset int) int {
	i, found := slices.BinarySearch(s.starts, offset)
	if found {
		return i + 1
	}
	return max(i, 1)
}

// bounds returns the offsets between which the characters of a line stand.
func (s *source) bounds(line int) (from, to int) {
	from, to = s.starts[line-1], len(s.text)
	if line < len(s.starts) {
		to = s.starts[line]
	}
	if to > from && s.text[to-1] == '\n' {
		to--
	}
	if to > from && s.text[to-1] == '\r' {
		to--
	}
	return from, to
}
