package report

import (
	"fmt"
	"strings"
)

// MarkdownCode writes a text so that nothing in it is markup, a mention or the end of a
// cell. No escape works in a code span, and the two characters that end one or
// the cell are not in any valid name, so a text that has them goes another way.
// https://github.github.com/gfm/#code-spans
func MarkdownCode(s string) string {
	s = Printable(s)
	if strings.TrimSpace(s) != "" && !strings.ContainsAny(s, "`|\\") {
		return "`" + s + "`"
	}
	return "<code>" + MarkdownText(s) + "</code>"
}

// MarkdownText writes everything but letters, digits and harmless marks as character
// references, which are never markup:
// https://github.github.com/gfm/#entity-and-numeric-character-references
func MarkdownText(s string) string {
	var out strings.Builder
	for _, r := range Printable(s) {
		switch {
		case r > 0x7f, r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(" ,:;-()", r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	return out.String()
}

// escapePath writes a path as the target of a link. Everything but what is
// harmless in a URL and in Markdown becomes a percent sign and its bytes.
func escapePath(file string) string {
	var out strings.Builder
	for _, b := range []byte(file) {
		switch {
		case b >= '0' && b <= '9', b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', strings.IndexByte("-._/", b) >= 0:
			out.WriteByte(b)
		default:
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}
