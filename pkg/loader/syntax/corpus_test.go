package syntax

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// corpusDir holds manifests of public projects; it is not part of the module.
const corpusDir = "../../../../shared/corpus"

// splitDocuments cuts text at lines that start with ---.
func splitDocuments(text []byte) [][]byte {
	var docs [][]byte
	start := 0
	for i := range text {
		if i > start && text[i-1] == '\n' && bytes.HasPrefix(text[i:], []byte("---")) {
			docs = append(docs, text[start:i])
			start = i
		}
	}
	return append(docs, text[start:])
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(corpusDir); err != nil {
		t.Skipf("no corpus: %v", err)
	}
	docs, bad, scalars := 0, 0, 0
	err := filepath.WalkDir(corpusDir, func(path string, entry fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || !entry.Type().IsRegular() || ext != ".yaml" && ext != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, doc := range splitDocuments(text) {
			docs++
			root, err := ParseYAML(doc)
			if err != nil {
				bad++
				checkCorpusError(t, path, doc, err)
				continue
			}
			root.Walk(func(at []string, n *Node) bool {
				if n.Kind == Scalar && n.End > n.Start {
					scalars++
					checkCorpusScalar(t, path+" "+strings.Join(at, "."), string(doc[n.Start:n.End]), n)
				}
				return true
			})
			checkTree(t, doc, root, bytes.Contains(doc, []byte("*")))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents (%d are not YAML), %d scalars", docs, bad, scalars)
	if scalars == 0 {
		t.Error("the corpus has no scalars")
	}
}

// checkCorpusError allows errors only where yaml.v3 has one too, or reads two
// documents.
func checkCorpusError(t *testing.T, path string, doc []byte, err error) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(doc))
	var first, second yaml.Node
	theirs := dec.Decode(&first)
	if theirs == nil {
		theirs = dec.Decode(&second)
	}
	if _, ok := errors.AsType[*Error](err); !ok || errors.Is(theirs, io.EOF) {
		t.Errorf("%s: %v", path, err)
	}
}

func checkCorpusScalar(t *testing.T, path, source string, n *Node) {
	t.Helper()
	if !n.Quoted && !strings.ContainsAny(source, "\r\n") {
		if source != n.Value {
			t.Errorf("%s: %q stands where %q should", path, source, n.Value)
		}
		return
	}
	indicators, _, _ := strings.Cut(source, "\n")
	if strings.ContainsAny(source[:1], "|>") && strings.ContainsAny(indicators, "+123456789") {
		return // its meaning depends on the lines around it
	}
	var again map[string]yaml.Node
	if err := yaml.Unmarshal([]byte("k: "+source), &again); err != nil {
		t.Errorf("%s: %q: %v", path, source, err)
		return
	}
	// A block scalar's source has no last line break.
	if got := again["k"]; strings.TrimRight(got.Value, "\n") != strings.TrimRight(n.Value, "\n") {
		t.Errorf("%s: %q reads %q, want %q", path, source, got.Value, n.Value)
	}
}
