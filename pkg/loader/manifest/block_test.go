package manifest

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// compareBlock checks that the fast path, if it accepts a text, reads it as the
// full parser does. It reports whether it accepted.
func compareBlock(t *testing.T, text []byte) bool {
	t.Helper()
	fast, ok := blockJSON(text)
	if !ok {
		return false
	}
	full, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatalf("accepted what the parser refuses: %v\n%s", err, text)
	}
	var got, want any
	if err := json.Unmarshal(fast, &got); err != nil {
		t.Fatalf("%v\n%s\n%s", err, fast, text)
	}
	if err := json.Unmarshal(full, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("-parser +fast:\n%s\n%s", diff, text)
	}
	return true
}

func TestBlockJSON(t *testing.T) {
	t.Parallel()
	accepted := []string{
		"a: 1\n", "a: 1", "a:\n", "a:\nb:", "a: # c\n  b: c # d\n# e\n\nf: g#h\n", "a: {}\nb: []\n",
		"a:\n- b\n-\n- c: d\n  e: f\n- - g\n  - h\ni: j\n", "a:\n  - b:\n    - c\n    d: e\n", "- a\n- b: c\n", "a:\n-\n  b: c\n",
		"a: {b: c, \"d\": ['e', \"f\" , 1, [], {}]} # g\n", "a: 'b: c'\n\"d/e.f\": \"g # h\"\n", "a: 0\nb: 10\nc: -5\nd: 123456789012345678\n",
		"a: true\nb: false\nc: null\nd: nothing\ne: 10.0.0.0/8\nf: 1.2.3\ng: 500m\nh: 64Mi\ni: /x\n", "a: x y\\z \"q\" & <b>\n",
		"a: b:c\nd: http://x/y?z=%20\n", "a:   b\nc:    # d\n     e: f\n", "y1: a\nnode: b\n", "a:\n\n  b: c\n\n\nd: e\n",
	}
	for _, text := range accepted {
		if !compareBlock(t, []byte(text)) {
			t.Errorf("refused %q", text)
		}
	}
	refused := []string{
		"", "a", "'a'", " a: b\n", "a: b\n c\n", "a: b: c\n", "a: b:\n", "a: 'it''s'\n", "a: \"\\n\"\n", "a: |\n  b\n", "a: >-\n  b\n",
		"a: &b c\n", "a: *b\n", "a: !!str b\n", "? a\n", "a:\tb\n", "a: b\r\n", "a: \u00e9\n", "a: 1\na: 2\n", "a: {b: 1, b: 2}\n",
		"a: yes\n", "on: b\n", "a: NULL\n", "a: 010\n", "a: 0x1f\n", "a: 1_000\n", "a: 1.5\n", "a: 1e3\n", "a: 2001-01-01\n", "a: .5\n", "a: ~\n",
		"a: +1\n", "a: -x\n", "a: {b, c}\n", "a: [b c]\n", "a: [b,\n  c]\n", "a: [b,]\n", "a: [b:c]\n", "a: \"b\"c\n", "a: 'b' #c\n d\n",
		"a: - b\n", "a:\n  b: c\n d: e\n", "- a\nb: c\n", "a:\n  - b\n  c: d\n", "a: b\n- c\n", "a : b\n", "a: [b]c\n", "a: {b: c}d\n", "a: {}#b\n",
		"<<: {a: b}\n", "a: %b\n", "a: @b\n", "a: `b`\n", "12: a\n", "a:b\n", "a:#b\n",
	}
	for _, text := range refused {
		if compareBlock(t, []byte(text)) {
			t.Errorf("accepted %q", text)
		}
	}
	deep := strings.Repeat("a: {", maxBlockDepth+1)
	if compareBlock(t, []byte(deep)) {
		t.Error("accepted deep nesting")
	}
}

// TestBlockJSONOnCorpus compares both readers on public manifests.
func TestBlockJSONOnCorpus(t *testing.T) {
	t.Parallel()
	const corpus = "../../../../shared/corpus"
	documents, fast := 0, 0
	err := filepath.WalkDir(corpus, func(name string, e fs.DirEntry, err error) error {
		if ext := filepath.Ext(name); err != nil || ext != ".yaml" && ext != ".yml" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, at := range split(text) {
			documents++
			if compareBlock(t, at.of(text)) {
				fast++
			}
		}
		return err
	})
	if err != nil || documents == 0 {
		t.Skipf("no corpus at %s: %v", corpus, err)
	}
	t.Logf("%d of %d documents take the fast path", fast, documents)
	if fast < documents/4 {
		t.Error("the fast path is hardly ever taken")
	}
}

// FuzzBlockJSON shows that what the fast path accepts, it reads as the full
// parser does.
func FuzzBlockJSON(f *testing.F) {
	for _, text := range []string{
		plain, asFlow, asAnch, service, custom4, "a:\n- b\n-\n- c: d\n  e: f\n- - g\n  - h\ni: j\n",
		"a: {b: c, \"d\": ['e', \"f\" , 1, [], {}]} # g\n", "a: -5 # b\nb: 10.0.0.0/8\nc: 1Gi\nd: 'x y'\ne: /z:y\n", "a: # c\n  b: c#d\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { compareBlock(t, text) })
}

// TestBlockJSONRandom compares both readers on texts from the pieces that YAML
// is made of.
func TestBlockJSONRandom(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"a", "b", "c: ", "d:", ": ", "\n", "\n", "\n  ", "\n  ", "\n- ", "\n  - ", "\n    ", "- ", "-", " ", "#", " # e", "'f'", "\"g\"",
		"'", "\"", "{", "}", "[", "]", ", ", ",", "1", "0", "2.5", "3.4.5", "yes", "null", "true", "/", "m", "~", "x: y", "z: 1", "\na: ", "\nb:",
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 100_000 {
		var text strings.Builder
		text.WriteString("k:")
		for range rnd.IntN(14) {
			text.WriteString(pieces[rnd.IntN(len(pieces))])
		}
		if compareBlock(t, []byte(text.String())) {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d texts were accepted", accepted)
	}
}
