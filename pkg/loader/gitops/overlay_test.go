package gitops_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
)

func TestOverlay(t *testing.T) {
	t.Parallel()
	base := fstest.MapFS{"a/old.yaml": {Data: []byte("old")}, "a/same.yaml": {Data: []byte("same")}, "b/c.yaml": {}}
	d := gitops.Delivery{Overlay: map[string][]byte{"a/old.yaml": []byte("new text"), "a/made.yaml": []byte("made")}}
	got := d.FS(base)
	if err := fstest.TestFS(got, "a/old.yaml", "a/made.yaml", "a/same.yaml", "b/c.yaml"); err != nil {
		t.Error(err)
	}
	texts := map[string]string{}
	for _, name := range []string{"a/old.yaml", "a/made.yaml", "a/same.yaml"} {
		text, err := fs.ReadFile(got, name)
		if err != nil {
			t.Error(err)
		}
		texts[name] = string(text)
	}
	want := map[string]string{"a/old.yaml": "new text", "a/made.yaml": "made", "a/same.yaml": "same"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if _, err := fs.Stat(got, "a/gone.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is in neither: %v", err)
	}
}

func TestNoOverlay(t *testing.T) {
	t.Parallel()
	base := fstest.MapFS{"a": {}}
	if diff := cmp.Diff(fs.FS(base), gitops.Delivery{}.FS(base)); diff != "" {
		t.Errorf("the tree itself (-want +got):\n%s", diff)
	}
}
