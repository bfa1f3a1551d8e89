package kustomize

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoots(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tree string
		dirs []string
		want []string
	}{
		"an overlay and its base": {
			tree: "-- a/kustomization.yaml --\nresources: [../b/]\n-- b/kustomization.yml --\nresources: [x.yaml]\n",
			dirs: []string{"b", "a"}, want: []string{"a"},
		},
		"a base that nobody shows to be one": {
			tree: "-- a/kustomization.yaml --\nresources: [../b]\n-- b/Kustomization --\nresources: [x.yaml]\n",
			dirs: []string{"b"}, want: []string{"b"},
		},
		"a component": {
			tree: "-- a/kustomization.yaml --\ncomponents: [../b]\n-- b/kustomization.yaml --\nkind: Component\n-- c/kustomization.yaml --\nkind: Component\n",
			dirs: []string{"a", "b", "c"}, want: []string{"a"},
		},
		"deprecated bases": {
			tree: "-- a/kustomization.yaml --\nbases: [../b]\n-- b/kustomization.yaml --\nresources: [x.yaml]\n",
			dirs: []string{"a", "b"}, want: []string{"a"},
		},
		"a circle": {
			tree: "-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../a]\n",
			dirs: []string{"a", "b"}, want: []string{"a"},
		},
		"itself": {
			tree: "-- a/kustomization.yaml --\nresources: [.]\n",
			dirs: []string{"a"}, want: []string{"a"},
		},
		"an object of Flux, and no kustomization": {
			tree: "-- a/kustomization.yaml --\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n-- b/x.yaml --\n",
			dirs: []string{"a", "b"},
		},
		"malformed": {
			tree: "-- a/kustomization.yaml --\nresources: [\n",
			dirs: []string{"a"}, want: []string{"a"},
		},
		"the root folder": {
			tree: "-- kustomization.yaml --\nresources: [a]\n-- a/kustomization.yaml --\nresources: [https://example.com/b]\n",
			dirs: []string{".", "a"}, want: []string{"."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, Roots(tree(t, c.tree), c.dirs)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
