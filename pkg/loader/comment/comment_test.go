package comment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/comment"
)

// found writes each comment as its text and what it covers.
func found(t *testing.T, name, text string) []string {
	t.Helper()
	var out []string
	for _, c := range comment.In(name, []byte(text)) {
		if c.At.File != name || !strings.Contains(text[c.At.Start:c.At.End], comment.Marker) || strings.Contains(text[c.At.Start:c.At.End], "\n") {
			t.Errorf("the comment lies at %+v of %q", c.At, text)
		}
		out = append(out, c.Text+" => "+strings.TrimSpace(text[c.Covers.Start:c.Covers.End]))
	}
	return out
}

func TestIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		want       []string
	}{
		"on the line":        {"a.yaml", "a: 1\nb: 2 # ekslint:ignore X-1 why\nc: 3\n", []string{"X-1 why => b: 2 # ekslint:ignore X-1 why"}},
		"above the line":     {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\nb: 2\nc: 3\n", []string{"X-1 why => b: 2"}},
		"no space":           {"a.yaml", "a: 1\n#ekslint:ignore X-1 why\nb: 2", []string{"X-1 why => b: 2"}},
		"with a colon":       {"a.yaml", "a: 1\n## ekslint:ignore: X-1 why\nb: 2", []string{"X-1 why => b: 2"}},
		"stacked":            {"a.yaml", "a: 1\n# ekslint:ignore X-1 a\n# more\n# ekslint:ignore X-2 b\nb: 2\n", []string{"X-1 a => b: 2", "X-2 b => b: 2"}},
		"a blank line below": {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n\nb: 2\n", []string{"X-1 why => "}},
		"at the end":         {"a.yaml", "a: 1\n# ekslint:ignore X-1 why", []string{"X-1 why => "}},
		"head":               {"a.yaml", "# licence\n\n# ekslint:ignore X-1 why\n\na: 1\nb: 2\n---\nc: 3\n", []string{"X-1 why => # licence\n\n# ekslint:ignore X-1 why\n\na: 1\nb: 2"}},
		"before the marker":  {"a.yaml", "# ekslint:ignore X-1 why\n---\na: 1\nb: 2\n---\nc: 3", []string{"X-1 why => a: 1\nb: 2"}},
		"behind the marker":  {"a.yaml", "a: 1\n--- # ekslint:ignore X-1 why\nb: 2\nc: 3", []string{"X-1 why => # ekslint:ignore X-1 why\nb: 2\nc: 3"}},
		"end of a document":  {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n---\nb: 2", []string{"X-1 why => ---"}},
		"comments only":      {"a.yaml", "# ekslint:ignore X-1 why\n", []string{"X-1 why => "}},
		"template, block":    {"a.yaml", "{{ if x }}\na: |\n  # ekslint:ignore X-1 why\n  y\nb: {{ y }}\n# ekslint:ignore X-2 why\nc: 1\n{{ end }}", []string{"X-2 why => c: 1"}},
		"template, if":       {"a.yaml", "a: {{ x }}\n# ekslint:ignore X-1 why\n{{- if .y }}\nb: 2\n{{ end }}", []string{"X-1 why => b: 2"}},
		"template, head":     {"a.yaml", "{{- if .y -}}\n# ekslint:ignore X-1 why\na: {{ x }}\n{{ end }}", []string{"X-1 why => {{- if .y -}}\n# ekslint:ignore X-1 why\na: {{ x }}\n{{ end }}"}},
		"template, writes":   {"a.yaml", "a:\n  # ekslint:ignore X-1 why\n  {{- toYaml .b | nindent 2 }}\nc: 1\n", []string{"X-1 why => {{- toYaml .b | nindent 2 }}"}},
		"template, include":  {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n{{ include \"b\" . }}\nc: 1\n", []string{"X-1 why => {{ include \"b\" . }}"}},
		"template, key":      {"a.yaml", "a:\n{{- range $k, $v := .b }}\n  # ekslint:ignore X-1 why\n  {{ $k }}: {{ $v }}\n{{- end }}", []string{"X-1 why => {{ $k }}: {{ $v }}"}},
		"template, one line": {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n{{ if .b }}b: 2{{ end }}\nc: 1\n", []string{"X-1 why => {{ if .b }}b: 2{{ end }}"}},
		"template, several":  {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n{{/* } * / */ -}}\n{{- $x := dict \"}\" 1 }} {{ with $x -}}\n{{$x = 2}}{{else if .y}}\nb: 2\n{{ end }}", []string{"X-1 why => b: 2"}},
		"template, whole":    {"a.yaml", "# ekslint:ignore X-1 why\n{{- include \"b\" . }}\n", []string{"X-1 why => # ekslint:ignore X-1 why\n{{- include \"b\" . }}"}},
		"template, function": {"a.yaml", "a: 1\n# ekslint:ignore X-1 why\n{{ iffy }}\n{{ endless }}\n", []string{"X-1 why => {{ iffy }}"}},
		"literal block":      {"a.yaml", "a: |\n  # ekslint:ignore X-1 why\n  x\nb: 1\n", nil},
		"folded block, end":  {"a.yaml", "a: >-\n  x\n  # ekslint:ignore X-1 why\n# ekslint:ignore X-2 why\nb: 1\n", []string{"X-2 why => b: 1"}},
		"double quotes":      {"a.yaml", "a: \"x # ekslint:ignore X-1 why\"\n", nil},
		"single, two lines":  {"a.yaml", "a: 'x\n  # ekslint:ignore X-1 why'\n", nil},
		"key":                {"a.yaml", "\"x # ekslint:ignore X-1 why\": a\n", nil},
		"plain text":         {"a.yaml", "a: x#ekslint:ignore X-1 why\n", nil},
		"not the marker":     {"a.yaml", "a: 1 # ekslint:ignored X-1 why\n", nil},
		"behind other words": {"a.yaml", "a: 1 # see ekslint:ignore X-1 why\n", nil},
		"nothing behind":     {"a.yaml", "a: 1 # ekslint:ignore\n", []string{" => a: 1 # ekslint:ignore"}},
		"windows":            {"a.yaml", "a: 1\r\n# ekslint:ignore X-1 why\r\nb: 2\r\n", []string{"X-1 why => b: 2"}},
		"template":           {"t.yaml", "{{- if .x }}\na: {{ .x }}\n# ekslint:ignore X-1 why\nb: \"# ekslint:ignore X-2 no\"\n{{- end }}\n", []string{"X-1 why => b: \"# ekslint:ignore X-2 no\""}},
		"list":               {"a.yaml", "a:\n- b: 1 # ekslint:ignore X-1 why\n", []string{"X-1 why => - b: 1 # ekslint:ignore X-1 why"}},
		"terraform": {"a.tf", "a = 1 # ekslint:ignore X-1 a\n// ekslint:ignore X-2 b\nb = \"# ekslint:ignore X-3 c\"\n" +
			"c = <<E\n# ekslint:ignore X-4 d\nE\n", []string{"X-1 a => a = 1 # ekslint:ignore X-1 a", `X-2 b => b = "# ekslint:ignore X-3 c"`}},
		"json": {"a.json", `{"a": "# ekslint:ignore X-1 why"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, found(t, c.file, c.text)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.text, diff)
			}
		})
	}
}

func FuzzIn(f *testing.F) {
	for _, text := range []string{
		"a: 1 # ekslint:ignore X-1 why\n---\n# ekslint:ignore X\nb: |\n # ekslint:ignore", "# ekslint:ignore\n...\n%x\n--- a", "{{ a }}\n#ekslint:ignore",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, isYAML bool) {
		name := "a.tf"
		if isYAML {
			name = "a.yaml"
		}
		for _, c := range comment.In(name, []byte(text)) {
			if c.At.Start < 0 || c.At.End > len(text) || c.At.Start > c.At.End || c.Covers.Start > c.Covers.End || c.Covers.End > len(text) {
				t.Errorf("%+v does not lie in %q", c, text)
			}
		}
	})
}
