package syntax

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// written is one scalar, or for a collection its source only, as a random
// document has it.
type written struct {
	start       int
	text, value string
	quoted      bool
	collection  bool
}

// recorder collects a random document and what was written for each path.
type recorder struct {
	rnd          *rand.Rand
	buf          *bytes.Buffer
	values, keys map[string]written
}

func newRecorder(rnd *rand.Rand) recorder {
	return recorder{rnd: rnd, buf: &bytes.Buffer{}, values: map[string]written{}, keys: map[string]written{}}
}

const pathSep = "\x00/"

func join(path []string, elem string) []string { return append(slices.Clone(path), elem) }

func pick(rnd *rand.Rand, choices ...string) string { return choices[rnd.IntN(len(choices))] }

func (r *recorder) write(s string) { r.buf.WriteString(s) }

// add writes a scalar and records it.
func (r *recorder) add(where map[string]written, path []string, w written) {
	w.start = r.buf.Len()
	r.write(w.text)
	where[strings.Join(path, pathSep)] = w
}

// collection records the collection that ends here.
func (r *recorder) collection(path []string, start int) {
	r.values[strings.Join(path, pathSep)] = written{start: start, text: string(r.buf.Bytes()[start:]), collection: true}
}

// words are plain scalars everywhere, alone and joined with spaces.
func (r *recorder) words() []string {
	var out []string
	for range 1 + r.rnd.IntN(4) {
		out = append(out, pick(r.rnd, "a", "föö", "日本語", "😀", "x:y", "a#b", "http://x/y?z=1", "1.5", "null", "it's", `q"q`, `b\s`, "z-", "<<"))
	}
	if out[0] == "<<" {
		out[0] = "w"
	}
	return out
}

// check finds every path again, and no other.
func (r *recorder) check(t *testing.T, name string, root *Node) {
	t.Helper()
	text := r.buf.String()
	for path, want := range r.values {
		r.compare(t, name+" value "+path, root.Find(splitPath(path)), want)
	}
	for path, want := range r.keys {
		r.compare(t, name+" key "+path, root.FindKey(splitPath(path)), want)
	}
	visits := 0
	root.Walk(func(path []string, _ *Node) bool {
		visits++
		if _, ok := r.values[strings.Join(path, pathSep)]; !ok {
			t.Errorf("%s: %q was not written", name, path)
		}
		return true
	})
	if visits != len(r.values) {
		t.Errorf("%s: visited %d nodes of %d", name, visits, len(r.values))
	}
	if d := root.Duplicates(); d != nil {
		t.Errorf("%s: duplicates %v", name, d)
	}
	if t.Failed() {
		t.Fatalf("%s:\n%q\n%s", name, text, text)
	}
}

func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, pathSep)
}

func (r *recorder) compare(t *testing.T, name string, n *Node, want written) {
	t.Helper()
	if n == nil {
		t.Errorf("%s: not found, want %q", name, want.text)
		return
	}
	if got := r.buf.String()[n.Start:n.End]; n.Start != want.start || got != want.text {
		t.Errorf("%s: got %q at %d, want %q at %d", name, got, n.Start, want.text, want.start)
	}
	if (n.Kind != Scalar) != want.collection || n.Value != want.value || n.Quoted != want.quoted {
		t.Errorf("%s: got %v %q quoted %v, want %+v", name, n.Kind, n.Value, n.Quoted, want)
	}
}
