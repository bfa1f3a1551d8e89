package gitops_test

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
)

// FuzzOf holds what is true of any object and any tree: nothing panics, nothing
// outside of the tree is named, and the same input says the same.
func FuzzOf(f *testing.F) {
	list := "generators:\n- list: {elements: [{name: eu, server: https://kubernetes.default.svc}]}"
	for _, seed := range []string{
		app("path: apps\ndirectory: {recurse: true, include: '*.yaml'}", apps),
		app("path: charts/web\nhelm: {valueFiles: [../../x.yaml, /x.yaml], parameters: [{name: a, value: 'b,c'}]}", chartFile+"-- x.yaml --\n"),
		app("path: base\nkustomize: {namePrefix: a, images: ['a=b:c@d'], replicas: [{name: a, count: 1}], commonLabels: {a: b}}", baseFile),
		several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$v/x.yaml]}}\n- {repoURL: 'https://github.com/acme/shop', ref: v}", chartFile+"-- x.yaml --\n"),
		set(list, simple, apps), set("generators:\n- git: {repoURL: 'https://github.com/acme/shop', directories: [{path: apps/*}], values: {a: '{{path}}'}}", byPath, apps),
		set("generators:\n- matrix: {generators: [{list: {elements: [{a: b}]}}, {git: {repoURL: 'https://github.com/acme/shop', files: [{path: 'apps/**/*.yaml'}]}}]}", byGoPath, apps),
		set("generators:\n- merge: {mergeKeys: [a], generators: [{list: {elements: [{a: b}]}}, {list: {elementsYaml: '[{a: b}]'}}]}\n  selector: {matchLabels: {a: b}}", byGoPath, apps),
		ks("path: base\ntargetNamespace: a\npatchesJson6902: [{patch: []}]\ncommonMetadata: {labels: {a: b}}") + baseFile[1:], ks("path: apps") + apps,
		hr("chart: {spec: {chart: ./charts/web, valuesFiles: [x.yaml], sourceRef: {kind: GitRepository, name: shop}}}\nvalues: {a: b}") + "-- x.yaml --\n",
		named("a/b.yaml", "x", "https://github.com/acme/shop", "apps") + "-- a/apps/c.yaml --\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, archive string) {
		fsys := tree(archive)
		maps.DeleteFunc(fsys, func(name string, _ *fstest.MapFile) bool { return !fs.ValidPath(name) || name == "." })
		if clashes(fsys) {
			t.Skip("a file is a folder too")
		}
		all := resources(fsys)
		objects := gitops.New(fsys, all)
		for _, res := range all {
			deliveries, _ := objects.Of(res)
			for _, d := range deliveries {
				checkDelivery(t, fsys, d)
			}
		}
		if diff := cmp.Diff(lines(fsys, all), lines(fsys, resources(fsys))); diff != "" {
			t.Errorf("a second time (-first +second):\n%s", diff)
		}
	})
}

func checkDelivery(t *testing.T, fsys fs.FS, d gitops.Delivery) {
	info, err := fs.Stat(fsys, d.Path)
	if err != nil || !info.IsDir() {
		t.Errorf("%s: no folder %q", d.By, d.Path)
	}
	for _, name := range d.Files {
		if _, err := fs.Stat(fsys, name); err != nil {
			t.Errorf("%s: no file %q", d.By, name)
		}
	}
	for name := range d.Overlay {
		if !fs.ValidPath(name) || d.Path != "." && !strings.HasPrefix(name, d.Path+"/") {
			t.Errorf("%s: %q is not in %q", d.By, name, d.Path)
		}
	}
	if (d.Tool == gitops.Helm) != (d.Chart != nil) || (d.Tool == gitops.Plain) != (d.Files != nil) {
		t.Errorf("%s: %s with chart %v and files %v", d.By, d.Tool, d.Chart, d.Files)
	}
}

// clashes reports whether a file has the name of a folder.
func clashes(fsys map[string]*fstest.MapFile) bool {
	for name := range fsys {
		for other := range fsys {
			if strings.HasPrefix(other, name+"/") {
				return true
			}
		}
	}
	return false
}
