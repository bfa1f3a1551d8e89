package tfkubernetes_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
)

// TestPatches: what a resource may change of the objects of testdata/shop.yaml.
func TestPatches(t *testing.T) {
	t.Parallel()
	const (
		deployment = "api_version = \"apps/v1\"\nkind = \"Deployment\"\n"
		web        = "metadata {\n name = \"web\"\n namespace = \"shop\"\n}\n"
		env        = ": spec.template.spec.containers[0].env"
	)
	for name, tt := range map[string]struct {
		typ, body string
		want      []string
	}{
		"a variable":            {"env", deployment + web + `container = "web"`, []string{"Deployment shop/web" + env}},
		"another case":          {"env", "api_version = \"apps/v1\"\nkind = \"deployment\"\n" + web + `container = "web"`, []string{"Deployment shop/web" + env}},
		"another container":     {"env", deployment + web + `container = "log"`, nil},
		"some container":        {"env", deployment + web + `container = var.x`, []string{"Deployment shop/web" + env}},
		"one that runs before":  {"env", deployment + web + `init_container = "init"`, []string{"Deployment shop/web: spec.template.spec.initContainers[0].env"}},
		"another name":          {"env", deployment + "metadata {\n name = \"api\"\n namespace = \"shop\"\n}\ncontainer = \"web\"", nil},
		"another namespace":     {"env", deployment + "metadata { name = \"web\" }\ncontainer = \"web\"", nil},
		"another group":         {"env", "api_version = \"v1\"\nkind = \"Deployment\"\n" + web + `container = "web"`, nil},
		"some name and group":   {"env", "api_version = var.x\nkind = \"Deployment\"\nmetadata {\n name = var.x\n namespace = var.x\n}\ncontainer = \"web\"", []string{"Deployment shop/web" + env}},
		"labels of a namespace": {"labels", "api_version = \"v1\"\nkind = \"Namespace\"\nmetadata { name = \"shop\" }\nlabels = { a = \"b\" }", []string{"Namespace shop: metadata.labels"}},
		"annotations":           {"annotations", deployment + web + `annotations = { a = "b" }`, []string{"Deployment shop/web: metadata.annotations"}},
		"annotations of pods": {
			"annotations", deployment + web + `template_annotations = { a = "b" }`,
			[]string{"Deployment shop/web: metadata.annotations", "Deployment shop/web: spec.template.metadata.annotations"},
		},
		"data":                {"config_map_v1_data", web + `data = { a = "b" }`, []string{"ConfigMap shop/web: data"}},
		"an object of itself": {"config_map_v1", web + `data = { a = "b" }`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patches := tfkubernetes.Patches(configured("variable \"x\" {}\nresource \"kubernetes_" + tt.typ + "\" \"a\" {\n" + tt.body + "\n}\n"))
			documents, _ := manifest.Documents(&manifest.File{Name: "shop.yaml", Text: []byte(text(t, "shop.yaml"))})
			var got []string
			for _, d := range documents {
				for _, r := range manifest.NewReader(nil).Read(d).Resources {
					for _, p := range patches {
						for _, path := range p.Changes(r) {
							got = append(got, r.Ref.String()+": "+path.String())
						}
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
