package kustomize

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob("testdata/build/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		parts := map[string]string{}
		for _, part := range txtar.Parse(text).Files {
			parts[filepath.Base(part.Name)] += string(part.Data)
		}
		f.Add(parts["kustomization.yaml"], parts["all.yaml"], parts["limits.yaml"])
	}
	for _, text := range reaching() {
		f.Add(text, "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n", "")
	}
	f.Fuzz(func(t *testing.T, kustomization, resources, patch string) {
		fsys := fstest.MapFS{
			"overlay/kustomization.yaml": {Data: []byte(kustomization), Mode: 0o644},
			"base/kustomization.yaml":    {Data: []byte("resources: [all.yaml]"), Mode: 0o644},
			"base/all.yaml":              {Data: []byte(resources), Mode: 0o644},
			"overlay/all.yaml":           {Data: []byte(resources), Mode: 0o644},
			"overlay/limits.yaml":        {Data: []byte(patch), Mode: 0o644},
		}
		r := Build(fsys, "overlay", manifest.NewReader([]model.GroupKind{{Kind: "Secret"}}))
		check := func(at model.Span) {
			if text, ok := r.Texts[at.File]; ok && (at.Start < 0 || at.Start > at.End || at.End > len(text)) {
				t.Fatalf("%v lies outside of its file", at)
			}
		}
		for _, p := range r.Fragment.Problems {
			check(p.At)
		}
		for _, res := range r.Fragment.Resources {
			check(res.Source.Extent())
			check(res.Locate(model.Path{"metadata", "name"}, model.PartValue))
			check(res.Locate(model.Path{"spec", "ports", "0", "port"}, model.PartKey))
			check(res.Locate(model.Path{"data", "a", model.Line(1)}, model.PartValue))
		}
		if again := described(Build(fsys, "overlay", manifest.NewReader([]model.GroupKind{{Kind: "Secret"}}))); again != described(r) {
			t.Fatalf("the same input gave %s\nand %s", described(r), again)
		}
		Roots(fsys, []string{"overlay", "base"})
	})
}
