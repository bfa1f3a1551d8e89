package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// checkTree checks what holds for every document: spans lie in the text, and
// unless aliases are about, children lie in their parents and in order.
func checkTree(t *testing.T, text []byte, root *Node, aliases bool) {
	t.Helper()
	if root == nil {
		return
	}
	seen := map[*Node]bool{}
	var visit func(n *Node)
	within := func(parent, child *Node, from int) int {
		visit(child)
		if !aliases && (child.Start < from || child.End > parent.End) {
			t.Fatalf("%d-%d is not within %d-%d\n%q", child.Start, child.End, from, parent.End, text)
		}
		return child.End
	}
	visit = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if n.Start < 0 || n.End < n.Start || n.End > len(text) {
			t.Fatalf("span %d-%d of %d bytes\n%q", n.Start, n.End, len(text), text)
		}
		from := n.Start
		for _, f := range n.Fields {
			if f.Merged {
				continue
			}
			from = within(n, f.Key, from)
			from = within(n, f.Value, from)
		}
		for _, item := range n.Items {
			from = within(n, item, from)
		}
	}
	visit(root)
}

// checkScalars reads the source of each scalar again.
func checkScalars(t *testing.T, text []byte, root *Node, read func(source []byte, want string) error) {
	t.Helper()
	root.Walk(func(path []string, n *Node) bool {
		if n.Kind != Scalar || n.Start == n.End {
			return true
		}
		source := text[n.Start:n.End]
		if n.Quoted && (source[0] == '|' || source[0] == '>') {
			return true // its meaning depends on the lines around it
		}
		if err := read(source, n.Value); err != nil {
			t.Fatalf("%q: %q should read %q: %v\n%q", path, source, n.Value, err, text)
		}
		return true
	})
}

// readYAML decodes the source of one scalar that is not a block scalar. Plain
// scalars mean different things inside and outside of brackets.
func readYAML(source []byte, want string) error {
	got := []string{}
	for _, around := range [][2]string{{"", ""}, {"[\n", ",]"}} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(around[0]+string(source)+around[1]), &n); err != nil {
			continue
		}
		for len(n.Content) == 1 {
			n = *n.Content[0]
		}
		if n.Kind == yaml.ScalarNode && n.Value == want {
			return nil
		}
		got = append(got, n.Value)
	}
	return fmt.Errorf("it reads %q", got)
}

func checkError(t *testing.T, text []byte, n *Node, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || n != nil || e.Message == "" || e.Offset < 0 || e.Offset > len(text) ||
		e.Line != 1+bytes.Count(text[:e.Offset], []byte("\n")) {
		t.Fatalf("got %v and the error %#v\n%q", n, err, text)
	}
	if strings.HasPrefix(e.Message, "cannot find the source") {
		t.Fatalf("lost: %v\n%q", e, text)
	}
}

func FuzzParseYAML(f *testing.F) {
	for _, s := range []string{
		"a: 1\nb: [x, {y: 'z'}]\nc: |\n  d\n\ne: &x !!str \"f\\n\"\ng: *x\n<<: {h: i}\n",
		"? a\n: - b\n  -\n", "%YAML 1.1\n---\n[a: b, ? c, ! ]\n...\n", "a: >-2\n   x\r\n\r\n  y", "\uFEFFa: b # c\n", "&a {<<: *a, *a : *a}",
		"? !t &a\n: ! x\n", "{a, b: , ? c : d}", "\uFEFF\uFEFF\na: b\n", "a:\n- b\n-\n  - |+\n\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		n, err := ParseYAML(text)
		checkError(t, text, n, err)
		aliases := bytes.Contains(text, []byte("*"))
		checkTree(t, text, n, aliases)
		n.Duplicates()
		for _, odd := range []string{"\u2028", "\u2029", "\uFEFF"} {
			if bytes.Contains(text, []byte(odd)) {
				return // what these mean depends on the text around them
			}
		}
		checkScalars(t, text, n, readYAML)
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, true, null, "\u00e9"], "b": {}, "b": ""}`, "\uFEFF[ 1e5 ]", `[,]`, `{"a" 1}`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := ParseJSON(text)
		checkError(t, text, n, err)
		checkTree(t, text, n, false)
		n.Duplicates()
		checkScalars(t, text, n, func(source []byte, want string) error {
			n, err := ParseJSON(source)
			if err == nil && n.Value != want {
				err = fmt.Errorf("it reads %q", n.Value)
			}
			return err
		})
	})
}

func FuzzParseJSONStream(f *testing.F) {
	for _, s := range []string{`{"a": 1} {"b": [2]}`, "\uFEFF1 2\n\"x\"", `{} {"a": `, `{"a\"b": {"c": "d"}, "e": "f,\"g\": h"}`, "[1]]", "{}\x00", `"\u12"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		nodes, err := ParseJSONStream(text)
		checkError(t, text, nil, err)
		from := 0
		for _, n := range nodes {
			checkTree(t, text, n, false)
			if n.Start < from {
				t.Fatalf("%d-%d begins before %d\n%q", n.Start, n.End, from, text)
			}
			from = n.End
			if again, err := ParseJSON(text[n.Start:n.End]); err != nil || again.End != n.End-n.Start {
				t.Fatalf("%q is no value: %v", text[n.Start:n.End], err)
			}
		}
		keys := TopLevelKeys(text)
		if len(nodes) == 0 || nodes[0].Kind != Mapping {
			return
		}
		if len(keys) != len(nodes[0].Fields) {
			t.Fatalf("keys %q of %d fields\n%q", keys, len(nodes[0].Fields), text)
		}
		for i, f := range nodes[0].Fields {
			if written := string(text[f.Key.Start+1 : f.Key.End-1]); keys[i] != written {
				t.Fatalf("key %q is written %q\n%q", keys[i], written, text)
			}
		}
	})
}

func TestLargeDocuments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		parse func([]byte) (*Node, error)
		text  string
	}{
		"json":            {ParseJSON, "[" + strings.Repeat(`{"a":"b","c":[1,2]},`, 50_000) + "1]"},
		"yaml on a line":  {ParseYAML, "[" + strings.Repeat(`{"é": "b", c: [1, 2]},`, 45_000) + "1]"},
		"yaml lines":      {ParseYAML, strings.Repeat("- a: b # note\n  c:\n  - 'd'\n  - |\n    e\n", 25_000)},
		"yaml error":      {ParseYAML, strings.Repeat("- a: b\n  c:\n  - 'd'\n", 50_000) + "x: 1\n"},
		"yaml cut":        {ParseYAML, "[" + strings.Repeat("a,\n", 300_000)},
		"literal":         {ParseYAML, "a: |\n" + strings.Repeat("  some text é\n", 70_000)},
		"comments":        {ParseYAML, "a: 1\n" + strings.Repeat("# some text é\n", 70_000) + "b: 2\n"},
		"unknown anchors": {ParseYAML, "a: 1\n" + strings.Repeat("x*b\n", 200_000) + "b: *b\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, _ = tt.parse([]byte(tt.text))
			took := time.Since(start)
			t.Logf("%d KB took %v", len(tt.text)/1024, took)
			if took > time.Minute {
				t.Errorf("%d KB took %v", len(tt.text)/1024, took)
			}
		})
	}
}
