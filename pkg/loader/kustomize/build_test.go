package kustomize

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

// archive is a tree of files, and what is wanted of it.
func archive(t *testing.T, text []byte) (fs.FS, string) {
	t.Helper()
	fsys, want := fstest.MapFS{}, ""
	for _, f := range txtar.Parse(text).Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return fsys, want
}

func tree(t *testing.T, text string) fs.FS {
	t.Helper()
	fsys, _ := archive(t, []byte(text))
	return fsys
}

// objects builds the overlay of a tree and returns what the library made.
func objects(t *testing.T, fsys fs.FS) []any {
	t.Helper()
	p := newPlan(fsys)
	root, bad := p.level("overlay", isBase)
	if bad != nil {
		t.Fatalf("plan: %s: %s", bad.at.File, bad.message)
	}
	built, bad := p.run(root)
	if bad != nil {
		t.Fatalf("build: %s: %s", bad.at.File, bad.message)
	}
	var out []any
	for _, b := range built {
		out = append(out, decode(t, string(b.text)))
	}
	return out
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var out any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// What is wanted is written by hand after the documentation of kustomize.
func TestBuild(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/build/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys, text := archive(t, txtar.Format(a))
			var want []any
			for _, doc := range strings.Split(text, "\n---\n") {
				want = append(want, decode(t, doc))
			}
			if diff := cmp.Diff(want, objects(t, fsys)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			got := Build(fsys, "overlay", manifest.NewReader(nil))
			if got.Failed != nil || len(got.Fragment.Problems) > 0 {
				t.Errorf("failed: %v, problems: %v", got.Failed, got.Fragment.Problems)
			}
		})
	}
}
