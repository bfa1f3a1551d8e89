package model

import "strings"

// String writes the path in the notation of Kubernetes field paths:
// spec.rules[0].http and metadata.annotations[example.com/key].
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		switch {
		case isIndex(e), strings.ContainsAny(e, "./ "):
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

func isIndex(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
