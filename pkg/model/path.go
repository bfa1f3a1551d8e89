package model

import (
	"strconv"
	"strings"
)

// String writes the path in the notation of Kubernetes field paths:
// spec.rules[0].http and metadata.annotations[example.com/key].
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		switch {
		case IsIndex(e), strings.ContainsAny(e, "./ "):
			b.WriteByte('[')
			b.WriteString(e)
			b.WriteByte(']')
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(e)
		}
	}
	return b.String()
}

// IsIndex reports whether an element of a path may be that of a list: whether it is a number.
func IsIndex(elem string) bool {
	for _, c := range elem {
		if c < '0' || c > '9' {
			return false
		}
	}
	return elem != ""
}

// Line is the element of a path that leads into a text: to its n-th line,
// counted from 1. A text that is not written line by line is located as a whole.
func Line(n int) string { return lineMark + strconv.Itoa(n) }

// LineOf reads an element that Line made.
func LineOf(elem string) (n int, ok bool) {
	digits, found := strings.CutPrefix(elem, lineMark)
	if !found {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0
}

const lineMark = "#"
