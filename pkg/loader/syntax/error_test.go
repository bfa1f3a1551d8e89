package syntax

import (
	"errors"
	"strings"
	"testing"
)

// The line of each error is marked with a ^ at its first byte that is not blank.
func TestParseYAMLErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, message string }{
		"no colon":               {"a: 1\n^foo\nb: 2\n", "could not find expected ':'"},
		"no colon at the start":  {"foo\nbar\n^b: 2\n", "mapping values are not allowed in this context"},
		"value in value":         {"a: 1\nb: 2\n^c: d: e\nf: 3\n", "mapping values are not allowed in this context"},
		"value in value first":   {"^c: d: e\nf: 3\n", "mapping values are not allowed in this context"},
		"indent too much":        {"a: b\n ^c: d\ne: f\n", "mapping values are not allowed in this context"},
		"indent too little":      {"a:\n    b: 1\n    c: 2\n  ^d: 3\n    e: 4\n", "did not find expected key"},
		"bad entry far down":     {"a: 1\nb:\n  c: \"x\n    y\"\n  d: |\n    z\n^- e\nf: 3\n", "did not find expected key"},
		"bad entry nested":       {"x: 1\na:\n  b: 1\n  ^- c\n  d: 1\n", "did not find expected key"},
		"key among items":        {"a:\n  - b\n  - c\n  ^d: 1\n", "did not find expected '-' indicator"},
		"key among items, root":  {"- b\n- c\n^d: 1\n", "did not find expected '-' indicator"},
		"after quotes":           {"a: 1\n^b: \"c\" d\n", "did not find expected key"},
		"open list":              {"x: 1\n^a: [b, c\nd: e\n", "did not find expected ',' or ']'"},
		"open list, first line":  {"^a: [b, c\nd: e\n", "did not find expected ',' or ']'"},
		"open braces":            {"x: 1\n\n^a: {b: c\nd: e\n", "did not find expected ',' or '}'"},
		"open quotes":            {"x: 1\n^a: \"b\nc: d\n", "found unexpected end of stream"},
		"open quotes first line": {"^a: 'b\nc: d\n", "found unexpected end of stream"},
		"tab":                    {"a:\n^\tb: c\n", "found character that cannot start any token"},
		"percent":                {"a: 1\nb: 1\n^c: %d\n", "found character that cannot start any token"},
		"at, first line":         {"^a: @b\n", "found character that cannot start any token"},
		"unknown escape":         {"x: 1\n^a: \"\\q\"\n", "found unknown escape character"},
		"unknown tag handle":     {"x: 1\n^a: !e!x 1\n", "found undefined tag handle"},
		"unknown anchor":         {"b: x*nope\n# a\n^a: *nope\n", "unknown anchor 'nope' referenced"},
		"control character":      {"a: 1\n^b: \x01\n", "control characters are not allowed"},
		"not UTF-8":              {"a: 1\nb: 2\n^c: \xe9\n", "UTF-8"},
		"YAML 1.2 directive":     {"# x\n^%YAML 2.0\n---\na: 1\n", "found incompatible YAML document"},
		"second document":        {"a: 1\n---\n# x\n^b: 1\n", "found a second document"},
		"error after document":   {"a: 1\n...\n^}\n", "did not find expected"},
		"windows":                {"a: 1\r\nb: 2\r\n^c: d: e\r\n", "mapping values are not allowed in this context"},
		"byte order mark":        {"\uFEFF^a: b: c\n", "mapping values are not allowed in this context"},
		"UTF-16":                 {"^\xff\xfea\x00", "UTF-16"},
		"UTF-16 big endian":      {"^\xfe\xff\x00a", "UTF-16"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mark := strings.Index(tt.text, "^")
			text := tt.text[:mark] + tt.text[mark+1:]
			n, err := ParseYAML([]byte(text))
			got, ok := errors.AsType[*Error](err)
			if !ok || n != nil && err == nil {
				t.Fatalf("got %v, %v, want an *Error", n, err)
			}
			if want := 1 + strings.Count(text[:mark], "\n"); got.Line != want || !strings.Contains(got.Message, tt.message) {
				t.Errorf("got %v, want line %d: %s", got, want, tt.message)
			}
			line := 1 + strings.Count(text[:got.Offset], "\n")
			if line != got.Line {
				t.Errorf("offset %d is on line %d, not %d", got.Offset, line, got.Line)
			}
		})
	}
}
