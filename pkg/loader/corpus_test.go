package loader

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"github.com/ekslint/ekslint/pkg/model"
)

const corpus = "../../../shared/corpus"

// TestCorpus loads public repositories: nothing crashes, every span lies in its
// file, and every YAML file that does not parse is named.
func TestCorpus(t *testing.T) {
	t.Parallel()
	repositories, err := filepath.Glob(corpus + "/*+*")
	if err != nil || len(repositories) == 0 {
		t.Skip("no corpus at " + corpus)
	}
	for _, dir := range repositories {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = root.Close() }()
			r, err := Load(t.Context(), root.FS(), Options{Paths: []string{"."}})
			if err != nil {
				t.Fatal(err)
			}
			named := map[string]bool{}
			for _, p := range r.Problems {
				named[p.At.File] = true
				t.Logf("problem %s: %s", p.At.File, p.Message)
			}
			for _, n := range r.Notes {
				named[n.File] = true
			}
			for _, name := range unparsable(t, root.FS()) {
				if !nameOrFolder(named, name) && !isTemplate(root.FS(), name) {
					t.Errorf("%s does not parse and is not named", name)
				}
			}
			for _, c := range r.Clusters {
				checkSpans(t, r.Files, c)
			}
			t.Logf("%d clusters, %d problems, %d notes", len(r.Clusters), len(r.Problems), len(r.Notes))
		})
	}
}

// isTemplate reports whether a file is a template of a chart, which is text of another
// language.
func isTemplate(fsys fs.FS, name string) bool {
	for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
		if _, err := fs.Stat(fsys, filepath.Join(filepath.Dir(dir), chartFile)); err == nil && filepath.Base(dir) == "templates" {
			return true
		}
	}
	return false
}

func nameOrFolder(named map[string]bool, name string) bool {
	for ; name != "."; name = filepath.Dir(name) {
		if named[name] {
			return true
		}
	}
	return named["."]
}

// unparsable lists the YAML files that another parser refuses.
func unparsable(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if ext := filepath.Ext(name); err != nil || e.IsDir() || ext != ".yaml" && ext != ".yml" {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if !parses(text) {
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkSpans asks for the extent and the name of every resource.
func checkSpans(t testing.TB, files Files, c *model.Snapshot) {
	t.Helper()
	for _, gk := range c.Kinds() {
		for _, r := range c.All(gk) {
			paths := []model.Path{nil, {"metadata", "name"}, {"spec"}}
			for _, d := range r.Defects {
				paths = append(paths, d.Path)
			}
			for _, p := range append(paths, r.Unknown...) {
				for _, part := range []model.Part{model.PartKey, model.PartValue} {
					checkSpan(t, files, r.Locate(p, part))
				}
			}
			checkSpan(t, files, r.Source.Extent())
		}
	}
}

func checkSpan(t testing.TB, files Files, at model.Span) {
	t.Helper()
	text, ok := files.Text(at.File)
	if !ok || at.Start < 0 || at.Start > at.End || at.End > len(text) {
		t.Errorf("span %v is not in its file", at)
	}
}

// parses reports whether every document of the text is YAML.
func parses(text []byte) bool {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return false
		}
	}
}
