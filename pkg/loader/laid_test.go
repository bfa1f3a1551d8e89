package loader

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ekslint/ekslint/pkg/model"
)

const laidTree = `
-- web/kustomization.yaml --
resources: [web.yaml]
patches:
- target: {kind: Service}
  patch: |-
    - op: add
      path: /spec/externalTrafficPolicy
      value: Local
-- web/web.yaml --
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  type: ClusterIP
  ports: [{port: 80}]
`

const (
	argoHead = `-- app.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {name: in-cluster}
  source:
    repoURL: https://example.com/us/gitops
    path: web
    kustomize:
`
	fluxHead = `-- source.yaml --
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: us, namespace: flux-system}
spec: {url: 'https://example.com/us/gitops'}
-- app.yaml --
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  path: ./web
  sourceRef: {kind: GitRepository, name: us}
`
)

// What a controller changes in a kustomization is in its object, and the rest in the
// file of the tree. A mark before the text is for a place that is not certain.
func TestWhatAControllerLaysOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, object, path, want string }{
		{"a patch of Argo CD", argoHead + `      patches:
      - target: {kind: Service}
        patch: |-
          apiVersion: v1
          kind: Service
          metadata: {name: web}
          spec:
            type: NodePort # NodePort
`, "spec type", "app.yaml:17:NodePort"},
		{"operations on one line", argoHead + `      patches:
      - target: {kind: Service}
        patch: '[{"op": "replace", "path": "/spec/type", "value": "NodePort"}]'
`, "spec type", "app.yaml:12:NodePort"},
		{"a folded patch", argoHead + `      patches:
      - target: {kind: Service}
        patch: >
          - op: replace

            path: /spec/type

            value: NodePort
`, "spec type", "app.yaml:17:NodePort"},
		{"a text that stands twice in a line", argoHead + `      patches:
      - target: {kind: Service}
        patch: |-
          {apiVersion: v1, kind: Service, metadata: {name: web, annotations: {a: "80", b: "80"}}}
`, "metadata annotations b", "app.yaml:13:80"},
		{"a text that stands twice in a patch", argoHead + `      patches:
      - target: {kind: Service}
        patch: >
          {apiVersion: v1, kind: Service,
          metadata: {name: web, annotations: {a: "80", b: "80"}}}
`, "metadata annotations b", "app.yaml:14:80"},
		{"a text that is written otherwise", argoHead + `      patches:
      - target: {kind: Service}
        patch: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {externalName: v1, type: ExternalName}"
`, "spec externalName", "app.yaml:12:~\"apiVersion: v1\\nkind: Service\\nmetadata: {name: web}\\nspec: {externalName: v1, type: ExternalName}\""},
		{"a patch of the kustomization", argoHead + `      namePrefix: a-
`, "spec externalTrafficPolicy", "web/kustomization.yaml:7:Local"},
		{"a namespace", argoHead + "      namespace: \"shop\"\n", "metadata namespace", "app.yaml:10:shop"},
		{"labels", argoHead + "      commonLabels:\n        team: shop\n", "spec selector team", "app.yaml:11:shop"},
		{"labels of objects alone", argoHead + "      labelWithoutSelector: true\n      commonLabels:\n        team: shop\n", "metadata labels team", "app.yaml:12:shop"},
		{"annotations", argoHead + "      commonAnnotations: {note: x}\n", "metadata annotations note", "app.yaml:10:x"},
		{"a patch of Flux", fluxHead + `  patches:
  - target: {kind: Service}
    patch: |
      - op: replace
        path: /spec/ports/0/port

        value: 8080
`, "spec ports 0 port", "app.yaml:13:8080"},
		{"a strategic merge of Flux", fluxHead + `  patchesStrategicMerge:
  - apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {type: NodePort}
`, "spec type", "app.yaml:11:NodePort"},
		{"operations of Flux that are no text", fluxHead + `  patchesJson6902:
  - target: {kind: Service, name: web, version: v1}
    patch:
    - {op: replace, path: /spec/type, value: NodePort}
`, "spec type", "app.yaml:9:~patch"},
		{"a namespace of Flux", fluxHead + "  targetNamespace: shop\n", "metadata namespace", "app.yaml:7:shop"},
		{"labels of Flux", fluxHead + "  commonMetadata:\n    labels: {team: shop}\n", "metadata labels team", "app.yaml:8:shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var pairs []string
			texts := map[string]string{}
			for _, f := range txtar.Parse([]byte(laidTree + c.object)).Files {
				pairs = append(pairs, f.Name, string(f.Data))
				texts[f.Name] = string(f.Data)
			}
			r, err := Load(t.Context(), files(pairs...), Options{Paths: []string{"."}})
			if err != nil {
				t.Fatal(err)
			}
			got := "no Service"
			for _, res := range r.Clusters[0].All(model.GroupKind{Kind: "Service"}) {
				got = textOf(texts, res.Locate(strings.Fields(c.path), model.PartValue))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// textOf is the line of a place and the first line of its text.
func textOf(texts map[string]string, at model.Span) string {
	mark := ""
	if at.Inexact {
		mark = "~"
	}
	text := texts[at.File]
	first, _, _ := strings.Cut(text[at.Start:at.End], "\n")
	return fmt.Sprintf("%s:%d:%s%s", at.File, 1+strings.Count(text[:at.Start], "\n"), mark, first)
}
