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
	f.Fuzz(func(t *testing.T, root, module string) {
		size := map[string]int{"root/main.tf": len(root), "net/main.tf": len(module)}
		source := tfhcl.NewSource(archive(&txtar.Archive{Files: []txtar.File{
			{Name: "root/main.tf", Data: []byte(root)}, {Name: "net/main.tf", Data: []byte(module)},
		}}))
		resources, _ := source.Load("root", tfhcl.Inputs{})
		check := func(s model.Span) {
			if s.Start < 0 || s.End < s.Start || s.End > size[s.File] {
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
	})
}
