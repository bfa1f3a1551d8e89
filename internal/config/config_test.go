package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/config"
)

func TestFind(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		".ekslint.yaml":     {},
		"a/b/.ekslint.yaml": {},
		"a/b/c/x.yaml":      {},
		"d/x.yaml":          {},
	}
	for dir, want := range map[string]string{
		".": ".ekslint.yaml", "a": ".ekslint.yaml", "a/b": "a/b/.ekslint.yaml",
		"a/b/c": "a/b/.ekslint.yaml", "d": ".ekslint.yaml",
	} {
		got, err := config.Find(fsys, dir)
		if err != nil || got != want {
			t.Errorf("Find(%q) = %q, %v; want %q", dir, got, err, want)
		}
	}
	if got, err := config.Find(fstest.MapFS{"a/x": {}}, "a"); got != "" || err != nil {
		t.Errorf("Find without a config = %q, %v", got, err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	const text = `
ignorePaths: ["*.gen.yaml", "/third_party", "!keep/me"]
clusters:
- name: prod
  paths: [base, "overlays/prod/*.yaml"]
  complete: true
`
	for dir, want := range map[string]config.Config{
		"": {
			IgnorePaths: []string{"*.gen.yaml", "/third_party", "!keep/me"},
			Clusters:    []config.Cluster{{Name: "prod", Paths: []string{"base", "overlays/prod/*.yaml"}, Complete: true}},
		},
		"deploy/": {
			IgnorePaths: []string{"/deploy/**/*.gen.yaml", "/deploy/third_party", "!/deploy/keep/me"},
			Clusters:    []config.Cluster{{Name: "prod", Paths: []string{"deploy/base", "deploy/overlays/prod/*.yaml"}, Complete: true}},
		},
	} {
		fsys := fstest.MapFS{dir + config.Name: {Data: []byte(text)}}
		got, err := config.Load(fsys, dir+config.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("config in %q (-want +got):\n%s", dir, diff)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ignorePath: [a]":                                          `unknown key "ignorePath", did you mean "ignorePaths"?`,
		"clusters: [{name: a, path: [b]}]":                         `did you mean "paths"?`,
		"frobnicate: 1":                                            `unknown key "frobnicate"`,
		"clusters: [{paths: [a]}]":                                 "name is missing",
		"clusters: [{name: a}]":                                    `cluster "a": paths are missing`,
		"clusters: [{name: a, paths: [../x]}]":                     "leads out of the repository",
		"clusters: [{name: a, paths: [/etc]}]":                     "leads out of the repository",
		"ignorePaths: {":                                           ".ekslint.yaml",
		"clusters: [{name: a, paths: [x]}, {name: a, paths: [y]}]": "stands twice",
	} {
		_, err := config.Load(fstest.MapFS{config.Name: {Data: []byte(text)}}, config.Name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q) = %v; want an error with %q", text, err, want)
		}
	}
}
