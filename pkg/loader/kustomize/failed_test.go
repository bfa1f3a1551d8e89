package kustomize

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// shown is a place with its line and text, as a user sees it.
func shown(texts map[string][]byte, at model.Span) string {
	text := texts[at.File]
	if at.End > len(text) || at.Start > at.End {
		return fmt.Sprintf("%s: %d-%d is not in the file", at.File, at.Start, at.End)
	}
	line := 1 + bytes.Count(text[:at.Start], []byte("\n"))
	mark := ""
	if at.Inexact {
		mark = "~"
	}
	return fmt.Sprintf("%s:%d:%s%s", at.File, line, mark, text[at.Start:at.End])
}

func TestFailed(t *testing.T) {
	t.Parallel()
	const service = `
-- overlay/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
-- overlay/kustomization.yaml --
`
	for name, c := range map[string]struct {
		tree, at, message string
		isNote            bool
	}{
		"no file":         {tree: "-- overlay/x.yaml --\na: b\n", at: "overlay:1:", message: "the folder has no kustomization file"},
		"two files":       {tree: service + "resources: []\n-- overlay/kustomization.yml --\n", at: "overlay/kustomization.yaml:1:", message: "the folder has several kustomization files: overlay/kustomization.yaml, overlay/kustomization.yml"},
		"empty":           {tree: service + "# nothing\n", at: "overlay/kustomization.yaml:1:", message: "the kustomization is empty"},
		"empty mapping":   {tree: service + "{}\n", at: "overlay/kustomization.yaml:1:{}", message: "the kustomization is empty"},
		"malformed":       {tree: service + "resources:\n- a\n b: c\n", at: "overlay/kustomization.yaml:3:b: c", message: "not valid YAML: mapping values are not allowed in this context"},
		"unknown field":   {tree: service + "resources: [s.yaml]\nresource: [a]\n", at: "overlay/kustomization.yaml:2:resource", message: "unknown field resource"},
		"inner unknown":   {tree: service + "resources: [s.yaml]\nimages:\n- name: a\n  tag: b\n", at: "overlay/kustomization.yaml:4:tag", message: "unknown field tag"},
		"wrong type":      {tree: service + "resources: s.yaml\n", at: "overlay/kustomization.yaml:1:resources", message: "resources: want a list, found a string"},
		"wrong version":   {tree: service + "apiVersion: kustomize.config.k8s.io/v1\nresources: [s.yaml]\n", at: "overlay/kustomization.yaml:1:kustomize.config.k8s.io/v1", message: "apiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1"},
		"missing":         {tree: service + "resources:\n- s.yaml\n- t.yaml\n", at: "overlay/kustomization.yaml:3:t.yaml", message: "t.yaml does not exist"},
		"missing patch":   {tree: service + "resources: [s.yaml]\npatches:\n- path: p.yaml\n", at: "overlay/kustomization.yaml:3:p.yaml", message: "patches: p.yaml does not exist"},
		"missing file":    {tree: service + "configMapGenerator:\n- name: a\n  files:\n  - k=f\n", at: "overlay/kustomization.yaml:4:k=f", message: "f does not exist"},
		"no base there":   {tree: service + "resources: [../base]\n-- base/x.yaml --\n", at: "overlay/kustomization.yaml:1:../base", message: "../base: the folder has no kustomization file"},
		"in a base":       {tree: service + "resources: [../base]\n-- base/kustomization.yaml --\nnames: a\n", at: "base/kustomization.yaml:1:names", message: "unknown field names"},
		"itself":          {tree: service + "resources:\n- .\n", at: "overlay/kustomization.yaml:2:.", message: ". leads back to overlay: a cycle"},
		"cycle":           {tree: service + "resources: [../base]\n-- base/kustomization.yaml --\nresources: [../overlay]\n", at: "base/kustomization.yaml:1:../overlay", message: "../overlay leads back to overlay: a cycle"},
		"base above":      {tree: service + "resources: [../]\n-- kustomization.yaml --\nresources: [overlay/s.yaml]\n", at: "overlay/kustomization.yaml:1:../", message: "../ leads back to the root folder: a cycle"},
		"component":       {tree: service + "resources: [../base]\n-- base/kustomization.yaml --\nkind: Component\nnamespace: a\n", at: "base/kustomization.yaml:1:Component", message: "it is used as a base, and its kind is Component"},
		"no component":    {tree: service + "components: [../base]\n-- base/kustomization.yaml --\nnamespace: a\n", at: "base/kustomization.yaml:1:namespace: a", message: "it is used as a component, and its kind is Kustomization"},
		"broken resource": {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\napiVersion: v1\nkind: [\n", at: "overlay/t.yaml:3:", message: "not valid YAML: did not find expected node content"},
		"no object":       {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\na: b\n", at: "overlay/t.yaml:1:a: b", message: "not an object of Kubernetes: apiVersion or kind is missing"},
		"no name":         {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\n---\napiVersion: v1\nkind: Service\n", at: "overlay/t.yaml:2:apiVersion: v1", message: "Service has no metadata.name"},
		"key twice":       {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: a, type: b}\n", at: "overlay/t.yaml:4:type", message: "the key type is written twice"},
		"key no text":     {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {1: a}\n", at: "overlay/t.yaml:4:1", message: "the key 1 is not text; quote it"},
		"no number":       {tree: service + "resources: [t.yaml]\n-- overlay/t.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec: .inf\n", at: "overlay/t.yaml:4:.inf", message: ".inf is no number that an object can hold"},
		"twice":           {tree: service + "resources: [s.yaml, t.yaml]\n-- overlay/t.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n", at: "overlay/t.yaml:3:web", message: "Service web is defined twice"},
		"no target":       {tree: service + "resources: [s.yaml]\npatches:\n- path: p.yaml\n-- overlay/p.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: api}\n", at: "overlay/p.yaml:3:api", message: "no object for the patch of Service api"},
		"no target, base": {tree: service + "resources: [../base]\n-- base/s.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n-- base/kustomization.yaml --\nresources: [s.yaml]\npatchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: Service\n  metadata: {name: api}\n", at: "base/kustomization.yaml:6:api", message: "no object for the patch of Service api"},
		"no path":         {tree: service + "resources: [s.yaml]\npatches:\n- target: {kind: Service}\n  patch: |-\n    - op: replace\n      path: /spec/type\n      value: a\n", at: "overlay/kustomization.yaml:6:/spec/type", message: "the patch cannot replace /spec/type: the object has no such path"},
		"no patch":        {tree: service + "resources: [s.yaml]\npatches:\n- path: p.yaml\n-- overlay/p.yaml --\na: b\n", at: "overlay/kustomization.yaml:3:p.yaml", message: "patch overlay/p.yaml: unable to parse SM or JSON patch"},
		"broken patch":    {tree: service + "resources: [s.yaml]\npatches:\n- patch: |-\n    a: [\n", at: "overlay/kustomization.yaml:4:a: [", message: "not valid YAML: did not find expected node content"},
		"vars":            {tree: service + "resources: [s.yaml]\nvars: []\n", at: "overlay/kustomization.yaml:2:vars", message: "vars are not resolved; replacements would be", isNote: true},
		"plugin":          {tree: service + "resources: [s.yaml]\ntransformers:\n- t.yaml\n-- overlay/t.yaml --\napiVersion: example.com/v1\nkind: A\nmetadata: {name: a}\n", at: "overlay/kustomization.yaml:3:t.yaml", message: "the transformer t.yaml is not run", isNote: true},
		"outside":         {tree: service + "resources: [../../base, s.yaml]\npatches: [{patch: 'apiVersion: v1\n\n  kind: Service\n\n  metadata: {name: api}'}]\n", at: "overlay/kustomization.yaml:2:~'apiVersion: v1\n\n  kind: Service\n\n  metadata: {name: api}'", message: "no object for the patch of Service api", isNote: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Build(tree(t, c.tree), "overlay", manifest.NewReader(nil))
			if got.Failed == nil {
				t.Fatal("it did not fail")
			}
			if diff := cmp.Diff([]string{c.at, c.message}, []string{shown(got.Texts, got.Failed.At), got.Failed.Message}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			f := got.Fragment
			if isNote := len(f.Problems) == 0 && strings.Contains(fmt.Sprint(f.Notes), c.message); isNote != c.isNote {
				t.Errorf("problems %v, notes %v", f.Problems, f.Notes)
			}
			if len(f.Resources) > 0 || len(f.Opaque) == 0 {
				t.Errorf("resources %v, opaque %v", f.Resources, f.Opaque)
			}
		})
	}
}

// What lies elsewhere is left out of a build, and said to be.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	const remote = `
-- overlay/kustomization.yaml --
resources: [https://example.com/all.yaml, ../base]
-- base/kustomization.yaml --
resources: [../../elsewhere]
helmCharts: [{name: chart, repo: https://example.com}]
generators: [generator.yaml]
-- base/generator.yaml --
apiVersion: example.com/v1
kind: Generator
metadata: {name: any}
`
	got := Build(tree(t, remote), "overlay", manifest.NewReader(nil))
	if got.Failed != nil {
		t.Fatal(got.Failed)
	}
	want := []model.Note{
		{File: "overlay/kustomization.yaml", Message: "the remote base https://example.com/all.yaml is not read"},
		{File: "base/kustomization.yaml", Message: "../../elsewhere lies outside of what is read"},
		{File: "base/kustomization.yaml", Message: "the generator generator.yaml is not run"},
		{File: "base/kustomization.yaml", Message: "the Helm charts are not rendered"},
	}
	if diff := cmp.Diff(want, got.Fragment.Notes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(got.Fragment.Opaque) != len(want) {
		t.Errorf("opaque: %v", got.Fragment.Opaque)
	}
	used := []string{"base/generator.yaml", "base/kustomization.yaml", "overlay/kustomization.yaml"}
	if diff := cmp.Diff(used, got.Used); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
