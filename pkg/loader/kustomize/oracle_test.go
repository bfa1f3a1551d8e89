package kustomize

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kubectl has kustomize built in, of another version, and prints the same.
func TestAgreesWithKubectl(t *testing.T) {
	t.Parallel()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not here")
	}
	trees := map[string]fs.FS{}
	for seed := range uint64(10) {
		trees[string(rune('a'+seed))] = newRandomTree(1000 + seed)
	}
	files, err := filepath.Glob("testdata/build/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// It fails where files of Secrets are missing.
		trees[filepath.Base(file)] = tree(t, string(text)+"-- overlay/not-in-git.env --\n-- overlay/not-in-git.pem --\n")
	}
	for name, fsys := range trees {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, fsys); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), kubectl, "kustomize", filepath.Join(dir, "overlay"), "--load-restrictor=LoadRestrictionsNone").Output()
			if err != nil {
				t.Fatal(err)
			}
			var want []any
			for _, doc := range strings.Split(string(out), "\n---\n") {
				want = append(want, decode(t, doc))
			}
			if diff := cmp.Diff(want, objects(t, fsys)); diff != "" {
				t.Errorf("(-kubectl +got)\n%s", diff)
			}
		})
	}
}
