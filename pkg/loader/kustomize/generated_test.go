package kustomize

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// What a generator holds is where its key has the value.
func TestLocateWhatIsGenerated(t *testing.T) {
	t.Parallel()
	const generated = `
-- overlay/kustomization.yaml --
resources: [../base]
configMapGenerator:
- name: hosts
  behavior: merge
  literals: [a=two, "b='xx'"]
-- base/kustomization.yaml --
configMapGenerator:
- name: hosts
  literals: [a=one, b=x, c=three]
  files: [hosts.txt]
  envs: [hosts.env]
-- base/hosts.env --
d=four
-- base/hosts.txt --
text
`
	r := Build(tree(t, generated), "overlay", manifest.NewReader(nil))
	if r.Failed != nil {
		t.Fatal(r.Failed)
	}
	got := map[string]string{}
	for _, key := range []string{"a", "b", "c", "d", "hosts.txt"} {
		at, _ := r.Fragment.Resources[0].Source.Locate(model.Path{"data", key}, model.PartValue)
		got[key] = shown(r.Texts, at)
	}
	want := map[string]string{
		"a": "overlay/kustomization.yaml:5:two", "b": "overlay/kustomization.yaml:5:xx", "c": "base/kustomization.yaml:3:three",
		"d": "base/hosts.env:1:four", "hosts.txt": "base/hosts.txt:1:text\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
