package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// maxColumns is the longest source line that is quoted whole.
	maxColumns = 160
	// leadColumns is how much of a longer line is kept before the span.
	leadColumns = 40
	// ellipsis stands for what was cut off.
	ellipsis = "…"
)

// excerpt returns the line on which a span starts, and a line of the same
// indentation that underlines the part of the span on it: a ^ for each column.
// Both are cut around the start of the span when the line is long, and empty
// when the line holds nothing to see.
func (s *source) excerpt(span model.Span) (text, mark string) {
	start, end := s.clamp(span)
	from, to := s.bounds(s.lineAt(start))
	start, end = min(start, to), min(max(end, start), to)
	line := s.text[from:to]
	if strings.TrimSpace(string(line[:min(len(line), maxColumns*utf8.UTFMax)])) == "" {
		return "", ""
	}
	left, right := window(line, start-from)
	var textLine, markLine strings.Builder
	// An empty span, or one of characters without width, marks what follows it.
	marked := false
	if left > 0 {
		textLine.WriteString(ellipsis)
		markLine.WriteByte(' ')
	}
	for i := left; i < right; {
		r, size := utf8.DecodeRune(line[i:])
		r = visible(r)
		textLine.WriteRune(r)
		inside := i+from >= start && (i+from < end || !marked)
		below := under(r, inside)
		marked = marked || strings.HasPrefix(below, "^")
		markLine.WriteString(below)
		i += size
	}
	if right < len(line) {
		textLine.WriteString(ellipsis)
	}
	if !marked {
		markLine.WriteByte('^')
	}
	return strings.TrimRightFunc(textLine.String(), unicode.IsSpace), strings.TrimRight(markLine.String(), " \t")
}

// window returns which bytes of a line to show so that the offset is among
// them. It looks at no more of the line than it shows: a minified file may
// hold megabytes on one line.
func window(line []byte, offset int) (left, right int) {
	if len(line) <= maxColumns || (len(line) <= maxColumns*utf8.UTFMax && utf8.RuneCount(line) <= maxColumns) {
		return 0, len(line)
	}
	left = offset
	for n := 0; n < leadColumns && left > 0; n++ {
		_, size := utf8.DecodeLastRune(line[:left])
		left -= size
	}
	right = left
	for n := 0; n < maxColumns && right < len(line); n++ {
		_, size := utf8.DecodeRune(line[right:])
		right += size
	}
	return left, right
}

// visible returns the rune that stands for r on a terminal.
func visible(r rune) rune {
	if r == '\t' {
		return r
	}
	return harmless(r)
}

// under returns what goes below a rune: as many columns as the rune takes, so
// that the mark stays below its text. A tab stays a tab before the span and
// becomes one ^ inside it.
func under(r rune, inside bool) string {
	columns := columnsOf(r)
	switch {
	case inside && r == '\t':
		return "^"
	case inside:
		return strings.Repeat("^", columns)
	case r == '\t':
		return "\t"
	default:
		return strings.Repeat(" ", columns)
	}
}

// columnsOf returns the columns that terminals give a rune: none to combining
// marks, two to East Asian wide characters and emoji
// (https://www.unicode.org/reports/tr11/).
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, // Hangul initials
		r >= 0x2e80 && r <= 0xa4cf,   // CJK radicals to Yi
		r >= 0xac00 && r <= 0xd7a3,   // Hangul syllables
		r >= 0xf900 && r <= 0xfaff,   // CJK compatibility
		r >= 0xfe30 && r <= 0xfe6f,   // CJK compatibility forms
		r >= 0xff00 && r <= 0xff60,   // full-width forms
		r >= 0xffe0 && r <= 0xffe6,   // full-width signs
		r >= 0x1f300 && r <= 0x1faff, // emoji
		r >= 0x20000 && r <= 0x3fffd: // CJK extensions
		return 2
	default:
		return 1
	}
}
