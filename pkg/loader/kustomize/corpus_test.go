package kustomize_test

import (
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

const corpus = "../../../../shared/corpus"

// folders returns the folders below root that have a kustomization file.
func folders(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && kustomize.IsFile(name) {
			out = append(out, path.Dir(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus is not here")
	}
	repositories, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	reader := manifest.NewReader(nil)
	roots, failed, resources := 0, 0, 0
	for _, r := range repositories {
		if !r.IsDir() {
			continue
		}
		fsys := os.DirFS(path.Join(corpus, r.Name()))
		for _, dir := range kustomize.Roots(fsys, folders(t, fsys)) {
			roots++
			got := kustomize.Build(fsys, dir, reader)
			resources += len(got.Fragment.Resources)
			for _, p := range got.Fragment.Problems {
				t.Logf("problem %s %s:%d: %s", r.Name(), p.At.File, p.At.Start, p.Message)
			}
			for _, n := range got.Fragment.Notes {
				t.Logf("note %s %s: %s", r.Name(), n.File, n.Message)
			}
			if got.Failed != nil {
				failed++
				t.Logf("FAILED %s %s: %s:%d: %s", r.Name(), dir, got.Failed.At.File, got.Failed.At.Start, got.Failed.Message)
			}
		}
	}
	t.Logf("%d roots, %d failed, %d resources", roots, failed, resources)
}
