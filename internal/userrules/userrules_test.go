package userrules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/userrules"
)

const rego = "# METADATA\n# title: t\n# custom:\n#   id: OWN-001\n#   severity: error\n#   kinds: [Service]\npackage a\n\nfindings contains {\"message\": data.x.y} if data.z\n"

func ids(t *testing.T, folders ...userrules.Folder) ([]string, string) {
	t.Helper()
	p, err := userrules.Load(folders)
	if err != nil {
		return nil, err.Error()
	}
	var out []string
	for _, m := range p.Metas() {
		out = append(out, m.ID+" "+p.Place(m.ID))
	}
	return out, ""
}

func TestLoad(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"p/a.rego":             {Data: []byte(rego)},
		"p/x/d.yaml":           {Data: []byte("y: m")},
		"p/.git/bad.rego":      {Data: []byte("bad")},
		"p/.bad.rego":          {Data: []byte("bad")},
		"p/testdata/bad.rego":  {Data: []byte("bad")},
		"p/x/testdata/bad.yml": {Data: []byte("{")},
		"p/readme.md":          {Data: []byte("bad")},
		"q/b.rego":             {Data: []byte("bad")},
	}
	for name, tc := range map[string]struct {
		folders []userrules.Folder
		want    []string
		err     string
	}{
		"folder":          {[]userrules.Folder{{FS: fsys, Path: "p", Name: "../p"}}, []string{"OWN-001 ../p/a.rego:9:1"}, ""},
		"file":            {[]userrules.Folder{{FS: fsys, Path: "p/a.rego", Name: "p/a.rego"}}, []string{"OWN-001 p/a.rego:9:1"}, ""},
		"twice":           {[]userrules.Folder{{FS: fsys, Path: "p", Name: "p"}, {FS: fsys, Path: "p", Name: "p"}}, []string{"OWN-001 p/a.rego:9:1"}, ""},
		"no folder":       {[]userrules.Folder{{FS: fsys, Path: "r", Name: "r"}}, nil, "r: "},
		"mistakes of all": {[]userrules.Folder{{FS: fsys, Path: "q", Name: "q"}, {FS: fsys, Path: "p/x", Name: "x"}}, nil, "q/b.rego:1:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ids(t, tc.folders...)
			if diff := cmp.Diff(tc.want, got); diff != "" || tc.err == "" && err != "" || !strings.HasPrefix(err, tc.err) {
				t.Errorf("error %q\n%s", err, diff)
			}
		})
	}
}

// TestRootOfData: a folder that is given beside the one above it is the root of
// its own data.
func TestRootOfData(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"p/a.rego":      {Data: []byte(rego)},
		"p/data/d.yaml": {Data: []byte("a: {findings: 1}")}, // clashes with package a only at the root
	}
	above := userrules.Folder{FS: fsys, Path: "p", Name: "p"}
	below := userrules.Folder{FS: fsys, Path: "p/data", Name: "p/data"}
	if _, err := ids(t, above); err != "" {
		t.Error(err)
	}
	for _, folders := range [][]userrules.Folder{{above, below}, {below, above}} {
		if _, err := ids(t, folders...); !strings.Contains(err, "p/a.rego:9:1") {
			t.Errorf("error %q", err)
		}
	}
}

// TestLinksDoNotLeadOut: what lies outside the folder is not read.
func TestLinksDoNotLeadOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inside := filepath.Join(dir, "rules")
	for name, text := range map[string]string{"rules/a.rego": rego, "outside/secret.yaml": "k: v", "outside/b.rego": "package b"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	folder := userrules.Folder{FS: root.FS(), Path: ".", Name: "rules"}
	if got, err := ids(t, folder); err != "" || len(got) != 1 {
		t.Fatalf("%q, error %s", got, err)
	}
	for link, to := range map[string]string{"s.yaml": "../outside/secret.yaml", "t.rego": filepath.Join(dir, "outside/b.rego"), "gone.rego": "nowhere.rego"} {
		if err := os.Symlink(to, filepath.Join(inside, link)); err != nil {
			t.Fatal(err)
		}
	}
	_, text := ids(t, folder)
	for _, want := range []string{"rules/s.yaml: path escapes", "rules/t.rego: path escapes", "rules/gone.rego: no such file"} {
		if !strings.Contains(text, want) {
			t.Errorf("error lacks %q:\n%s", want, text)
		}
	}
}
