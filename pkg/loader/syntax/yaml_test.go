package syntax

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dump lists every path with the source of its key and its value.
func dump(text string, n *Node) []string {
	var out []string
	n.Walk(func(path []string, v *Node) bool {
		line := "/" + strings.Join(path, "/") + " "
		if key := n.FindKey(path); key != v && key != nil {
			line += fmt.Sprintf("%q: ", text[key.Start:key.End])
		}
		line += fmt.Sprintf("%q", text[v.Start:v.End])
		if v.Kind == Scalar {
			line += fmt.Sprintf(" = %q", v.Value)
		}
		if v.Quoted {
			line += " quoted"
		}
		out = append(out, line)
		return true
	})
	return out
}

func mustYAML(t *testing.T, text string) *Node {
	t.Helper()
	n, err := ParseYAML([]byte(text))
	if err != nil {
		t.Fatalf("ParseYAML(%q): %v", text, err)
	}
	return n
}

func TestParseYAML(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"block mapping": {"a: 1\nb:\n  c: x y  # note\n", []string{
			`/ "a: 1\nb:\n  c: x y"`, `/a "a": "1" = "1"`, `/b "b": "c: x y"`, `/b/c "c": "x y" = "x y"`,
		}},
		"sequences": {"a:\n- x\n-  - y\n   - z\nb:\n  - k: v\n    l: w\n", []string{
			`/ "a:\n- x\n-  - y\n   - z\nb:\n  - k: v\n    l: w"`, `/a "a": "- x\n-  - y\n   - z"`, `/a/0 "x" = "x"`,
			`/a/1 "- y\n   - z"`, `/a/1/0 "y" = "y"`, `/a/1/1 "z" = "z"`, `/b "b": "- k: v\n    l: w"`,
			`/b/0 "k: v\n    l: w"`, `/b/0/k "k": "v" = "v"`, `/b/0/l "l": "w" = "w"`,
		}},
		"double quotes": {`a: "x \" \\ \u00e9\n"`, []string{
			`/ "a: \"x \\\" \\\\ \\u00e9\\n\""`, `/a "a": "\"x \\\" \\\\ \\u00e9\\n\"" = "x \" \\ é\n" quoted`,
		}},
		"single quotes": {"'it''s': 'a''' # '", []string{
			`/ "'it''s': 'a'''"`, `/it's "'it''s'": "'a'''" = "a'" quoted`,
		}},
		"quotes over lines": {"a: \"x \\\n  y\n\n  z\"\nb: 1", []string{
			`/ "a: \"x \\\n  y\n\n  z\"\nb: 1"`, `/a "a": "\"x \\\n  y\n\n  z\"" = "x y\nz" quoted`, `/b "b": "1" = "1"`,
		}},
		"plain over lines": {"a: x\n  y # note\nb: z\n  w\n\n  v\n", []string{
			`/ "a: x\n  y # note\nb: z\n  w\n\n  v"`, `/a "a": "x\n  y" = "x y"`, `/b "b": "z\n  w\n\n  v" = "z w\nv"`,
		}},
		"plain with indicators": {"a: x:y#z -1 [b] {c}, 'd'", []string{
			`/ "a: x:y#z -1 [b] {c}, 'd'"`, `/a "a": "x:y#z -1 [b] {c}, 'd'" = "x:y#z -1 [b] {c}, 'd'"`,
		}},
		"literal": {"a: |  # note\n  x\n   y \n\nb: 1", []string{
			`/ "a: |  # note\n  x\n   y \n\nb: 1"`, `/a "a": "|  # note\n  x\n   y " = "x\n y \n" quoted`, `/b "b": "1" = "1"`,
		}},
		"literal keeps": {"a: |+\n  x\n\n\nb: |2-\n     y\n  # z\n", []string{
			`/ "a: |+\n  x\n\n\nb: |2-\n     y\n  # z"`, `/a "a": "|+\n  x" = "x\n\n\n" quoted`,
			`/b "b": "|2-\n     y\n  # z" = "   y\n# z" quoted`,
		}},
		"folded": {"- >-\n  x\n  y\n\n  z\n# note\n- >\n- |-\n\n", []string{
			`/ "- >-\n  x\n  y\n\n  z\n# note\n- >\n- |-"`, `/0 ">-\n  x\n  y\n\n  z" = "x y\nz" quoted`,
			`/1 ">" = "" quoted`, `/2 "|-" = "" quoted`,
		}},
		"literal of spaces": {"a: |1\n   \n", []string{`/ "a: |1"`, `/a "a": "|1" = "  \n" quoted`}},
		"flow": {"{a: [x, \"y\" , {}], 'b':1, c: [ ] # ]\n , d: [k: v, ? l : w], e: [{f: g}], }", []string{
			`/ "{a: [x, \"y\" , {}], 'b':1, c: [ ] # ]\n , d: [k: v, ? l : w], e: [{f: g}], }"`,
			`/a "a": "[x, \"y\" , {}]"`, `/a/0 "x" = "x"`, `/a/1 "\"y\"" = "y" quoted`, `/a/2 "{}"`,
			`/b "'b'": "1" = "1"`, `/c "c": "[ ]"`, `/d "d": "[k: v, ? l : w]"`,
			`/d/0 "k: v"`, `/d/0/k "k": "v" = "v"`, `/d/1 "? l : w"`, `/d/1/l "l": "w" = "w"`,
			`/e "e": "[{f: g}]"`, `/e/0 "{f: g}"`, `/e/0/f "f": "g" = "g"`,
		}},
		"explicit keys": {"? a # n\n: x\n? b\n? |\n c\n: - y\n", []string{
			`/ "? a # n\n: x\n? b\n? |\n c\n: - y"`, `/a "a": "x" = "x"`, `/b "b": "" = ""`,
			"/c\n \"|\\n c\": \"- y\"", "/c\n/0 \"y\" = \"y\"",
		}},
		"anchors and tags": {"a: &x !!str  5\nb: !t &y # n\n  c: 1\n&z d: !<tag:x,1> [e]\nf: &w\ng: !!str\nh: *x\ni: ! j\n", []string{
			`/ "a: &x !!str  5\nb: !t &y # n\n  c: 1\n&z d: !<tag:x,1> [e]\nf: &w\ng: !!str\nh: *x\ni: ! j"`,
			`/a "a": "5" = "5"`, `/b "b": "c: 1"`, `/b/c "c": "1" = "1"`, `/d "d": "[e]"`, `/d/0 "e" = "e"`,
			`/f "f": "" = ""`, `/g "g": "" = ""`, `/h "h": "5" = "5"`, `/i "i": "j" = "j"`,
		}},
		"anchored key in anchored mapping": {"a: &x\n  &y b: *x\n  c: 1", []string{
			`/ "a: &x\n  &y b: *x\n  c: 1"`, `/a "a": "&y b: *x\n  c: 1"`, `/a/c "c": "1" = "1"`,
		}},
		"windows": {"\uFEFFa: x\r\nb:\r\n  - \"y\r\n    z\"\r\n  - |\r\n    l\r\n\r\nc: d\r\n  e\r\n", []string{
			`/ "a: x\r\nb:\r\n  - \"y\r\n    z\"\r\n  - |\r\n    l\r\n\r\nc: d\r\n  e"`, `/a "a": "x" = "x"`,
			`/b "b": "- \"y\r\n    z\"\r\n  - |\r\n    l"`, `/b/0 "\"y\r\n    z\"" = "y z" quoted`,
			`/b/1 "|\r\n    l" = "l\n" quoted`, `/c "c": "d\r\n  e" = "d e"`,
		}},
		"unicode": {"é: 日本 # ü\n\"ü\": {ß: '😀', x: y}\n", []string{
			`/ "é: 日本 # ü\n\"ü\": {ß: '😀', x: y}"`, `/é "é": "日本" = "日本"`, `/ü "\"ü\"": "{ß: '😀', x: y}"`,
			`/ü/ß "ß": "'😀'" = "😀" quoted`, `/ü/x "x": "y" = "y"`,
		}},
		"unicode line breaks": {"a: x\u2028b: 'y\u0085 z'\u2029c: d\n", []string{
			"/ \"a: x\\u2028b: 'y\\u0085 z'\\u2029c: d\"", `/a "a": "x" = "x"`, "/b \"b\": \"'y\\u0085 z'\" = \"y z\" quoted", `/c "c": "d" = "d"`,
		}},
		"tabs": {"a:\tx\t# n\nb: \"y\"\t\n", []string{
			`/ "a:\tx\t# n\nb: \"y\""`, `/a "a": "x" = "x"`, `/b "b": "\"y\"" = "y" quoted`,
		}},
		"markers": {"# head\n%YAML 1.1\n%TAG !e! tag:e,1:\n--- # n\na: !e!x y\n... # end\n# tail\n", []string{
			`/ "a: !e!x y"`, `/a "a": "y" = "y"`,
		}},
		"content on the marker": {"--- &a [x]\n---\n# nothing\n", []string{`/ "[x]"`, `/0 "x" = "x"`}},
		"root scalar":           {"\n  x y\n", []string{`/ "x y" = "x y"`}},
		"not a merge": {"- \"<<\": {a: 1}\n- <<: 2\n", []string{
			`/ "- \"<<\": {a: 1}\n- <<: 2"`, `/0 "\"<<\": {a: 1}"`, `/0/<< "\"<<\"": "{a: 1}"`, `/0/<</a "a": "1" = "1"`,
			`/1 "<<: 2"`, `/1/<< "<<": "2" = "2"`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := dump(tt.text, mustYAML(t, tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The span of a value that was left out is empty, but its place matters.
func TestParseYAMLAbsentValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string // ^ marks the place; it is removed before parsing
		path []string
	}{
		{"a:^\nb: 1", []string{"a"}},
		{"a:^ # note: x\n\n# b:\nb: 1", []string{"a"}},
		{"a:\n  b:^", []string{"a", "b"}},
		{"- x\n-^\n- y", []string{"1"}},
		{"-^", []string{"0"}},
		{"a:\n-^\nb: 1", []string{"a", "0"}},
		{"{a:^ , b: 1}", []string{"a"}},
		{"{a^, b: 1}", []string{"a"}},
		{"{b: 1, a:^ }", []string{"a"}},
		{"? a^\n# note\n? b", []string{"a"}},
		{"a: &x^\nb: 1", []string{"a"}},
		{"a: !!null &x^ # n\n&y b: 1", []string{"a"}},
		{"a: !t^\n&y b: 1", []string{"a"}},
		{"? [x]\n: y\n? a\n:^\nz: 1", []string{"a"}},
		{"a: {b: c}\nd:^\n", []string{"d"}},
		{"\"a\":^ #\r\nb: c", []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			want := strings.Index(tt.text, "^")
			n := mustYAML(t, strings.Replace(tt.text, "^", "", 1)).Find(tt.path)
			if n == nil || n.Start != want || n.End != want || n.Value != "" || n.Quoted {
				t.Errorf("got %+v, want an empty span at %d", n, want)
			}
		})
	}
	t.Run("key", func(t *testing.T) {
		t.Parallel()
		n := mustYAML(t, "a: 1\n? # n\n: v")
		if key := n.FindKey([]string{""}); key == nil || key.Start != 6 || key.End != 6 {
			t.Errorf("got %+v, want an empty key at 6", key)
		}
	})
}

func TestParseYAMLEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# x", "\uFEFF", "---", "--- # x\n...\n", "%YAML 1.1\n---\n", "  \r\n", "!"} {
		if n := mustYAML(t, text); n != nil {
			t.Errorf("ParseYAML(%q) = %+v, want nil", text, n)
		}
	}
	for _, text := range []string{"null", "~", "''", "!!null", "&x"} {
		if n := mustYAML(t, text); n == nil {
			t.Errorf("ParseYAML(%q) = nil, want a node", text)
		}
	}
}

func TestMergeKeys(t *testing.T) {
	t.Parallel()
	const text = `
x: &x {a: 1, b: 2}
y: &y {b: 3, c: 4}
one:
  <<: *x
  b: own
many:
  b: own
  <<: [*y, *x, {d: 5}]
chain:
  <<: &z
    <<: *y
    e: 6
again: {<<: *z, a: 0}
`
	n := mustYAML(t, text)
	fields := func(path string) []string {
		var out []string
		for _, f := range n.Find([]string{path}).Fields {
			s := fmt.Sprintf("%s@%d: %s@%d", f.Key.Value, f.Key.Start, f.Value.Value, f.Value.Start)
			if f.Merged {
				s += " merged"
			}
			out = append(out, s)
		}
		return out
	}
	at := func(s string) int { return strings.Index(text, s) }
	field := func(key, value string, where int) string {
		return fmt.Sprintf("%s@%d: %s@%d", key, where, value, where+len(key)+2)
	}
	x, y, own := at("a: 1"), at("b: 3"), at("b: own")
	want := map[string][]string{
		"one": {field("b", "own", own), field("a", "1", x) + " merged"},
		"many": {
			field("b", "own", strings.LastIndex(text, "b: own")), field("c", "4", y+6) + " merged",
			field("a", "1", x) + " merged", field("d", "5", at("d: 5")) + " merged",
		},
		"chain": {field("e", "6", at("e: 6")) + " merged", field("b", "3", y) + " merged", field("c", "4", y+6) + " merged"},
		"again": {field("a", "0", at("a: 0")), field("e", "6", at("e: 6")) + " merged", field("b", "3", y) + " merged", field("c", "4", y+6) + " merged"},
	}
	for path, w := range want {
		if diff := cmp.Diff(w, fields(path)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
	}
	if got := n.Find([]string{"one", "b"}).Value; got != "own" {
		t.Errorf("one.b = %q, want the explicit value", got)
	}
	if d := n.Duplicates(); d != nil {
		t.Errorf("Duplicates() = %v, want none: overriding a merged key is legal", d)
	}
	if n := n.Find([]string{"chain"}); text[n.Start:n.End] != text[at("<<: &z"):at("\nagain")] {
		t.Errorf("chain is %q", text[n.Start:n.End])
	}
}

func TestSelfReference(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"&a [x, *a]", "&a {x: 1, y: *a}", "a: &a {<<: *a, b: 1}", "&a {b: [{c: *a}], x: y}", "&a {<<: [*a]}"} {
		n := mustYAML(t, text)
		visits := 0
		n.Walk(func([]string, *Node) bool { visits++; return true })
		if visits == 0 || visits > 10 {
			t.Errorf("%q: Walk visited %d nodes", text, visits)
		}
		if d := n.Duplicates(); d != nil {
			t.Errorf("%q: Duplicates() = %v", text, d)
		}
	}
	if n := mustYAML(t, "&a {<<: *a, b: 1}"); n.Find([]string{"<<"}) != n || len(n.Fields) != 2 {
		t.Errorf("a mapping that merges itself has the fields %v", n.Fields)
	}
	deep := mustYAML(t, "&a {b: *a}").Find(strings.Split(strings.Repeat("b.", 50)+"b", "."))
	if deep == nil || deep.Kind != Mapping {
		t.Errorf("Find through a cycle = %v", deep)
	}
}

func TestBillionLaughs(t *testing.T) {
	t.Parallel()
	var sb strings.Builder
	sb.WriteString("a0: &a0 {x: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&sb, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	n := mustYAML(t, sb.String())
	visits := 0
	n.Walk(func([]string, *Node) bool { visits++; return true })
	if visits > 2*maxRepeats {
		t.Errorf("Walk visited %d nodes", visits)
	}
	if got := n.Find([]string{"a2", "9", "0", "x"}); got == nil || got.Value != "1" {
		t.Errorf("Find = %v", got)
	}
	if d := n.Duplicates(); d != nil {
		t.Errorf("Duplicates() = %v", d)
	}
}

func TestMergesAreBounded(t *testing.T) {
	t.Parallel()
	var sb strings.Builder
	sb.WriteString("- &a0 {k0: 0}\n")
	for i := 1; i < 2000; i++ {
		fmt.Fprintf(&sb, "- &a%d {<<: *a%d, k%d: 0}\n", i, i-1, i)
	}
	_, err := ParseYAML([]byte(sb.String()))
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Message, "merge keys") {
		t.Errorf("got %v, want an error about merge keys", err)
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	const n = 9_000
	ok := map[string]string{
		"flow":  strings.Repeat("[", n) + strings.Repeat("]", n),
		"block": strings.Repeat("- ", n) + "x",
	}
	for name, text := range ok {
		if _, err := ParseYAML([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	mixed := strings.Repeat("- ", 6000) + strings.Repeat("[", 6000) + strings.Repeat("]", 6000)
	if _, err := ParseYAML([]byte(mixed)); err == nil {
		t.Error("nested 12000 deep in two styles was accepted")
	}
	for _, unit := range []string{"[", "- ", "{a: ", "? ", "- ["} {
		for _, times := range []int{10_001, 200_000} {
			_, err := ParseYAML([]byte(strings.Repeat(unit, times)))
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%q %d times: got %v, want an *Error", unit, times, err)
			}
		}
	}
	// Aliases can nest deeper than any text may.
	var sb strings.Builder
	for i := range 30 {
		fmt.Fprintf(&sb, "- &a%d %s*a%d%s\n", i, strings.Repeat("[", 5000), max(i-1, 0), strings.Repeat("]", 5000))
	}
	mustYAML(t, sb.String()).Walk(func(path []string, _ *Node) bool {
		if len(path) > maxDepth {
			t.Errorf("Walk went %d deep", len(path))
		}
		return len(path) <= maxDepth
	})
}

// TestTags: a node has the tag that is written before it, and no other.
func TestTags(t *testing.T) {
	t.Parallel()
	const text = "a: !Ref x\nb: !If [c, !GetAtt d.e]\nf: !Sub |\n  g\nh: !GetAZs\ni: !!str 1\nj: 1\nk: !Map {l: m}\nn: &o !Ref p\nq: *o\nr: 'x'\n"
	want := []string{
		"/a !Ref", "/b !If", "/b/1 !GetAtt", "/f !Sub", "/h !GetAZs", "/i !!str", "/k !Map", "/n !Ref", "/q !Ref",
	}
	var got []string
	mustYAML(t, text).Walk(func(path []string, n *Node) bool {
		if n.Tag != "" {
			got = append(got, "/"+strings.Join(path, "/")+" "+n.Tag)
		}
		return true
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
