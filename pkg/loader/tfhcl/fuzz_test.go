package tfhcl_test

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/model"
)

// FuzzLoad: no configuration makes it panic, and every place lies in its file.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("testdata/language/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(a.Files[0].Data), string(a.Files[1].Data))
	}
	f.Fuzz(func(t *testing.T, root, other string) {
		load(t, map[string]string{"root/main.tf": root, "net/main.tf": other})
		load(t, map[string]string{"root/main.tf.json": root, "root/override.tf": other, "root/terraform.tfvars.json": other})
	})
}

func load(t *testing.T, files map[string]string) {
	t.Helper()
	a := &txtar.Archive{}
	for name, text := range files {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	source := tfhcl.NewSource(archive(a))
	resources, _ := source.Load("root", tfhcl.Inputs{})
	check := func(s model.Span) {
		if s.Start < 0 || s.End < s.Start || s.End > len(files[s.File]) {
			t.Errorf("%v is not in a file", s)
		}
	}
	for _, x := range resources {
		check(x.At)
		loadertest.EachValue(x.Attributes, func(v *attr.Value) {
			check(v.At)
			for _, l := range v.Links {
				check(l.At)
			}
		})
	}
	for _, p := range source.Problems() {
		check(p.At)
	}
}
