package kustomize

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

const changedBase = `
-- base/kustomization.yaml --
resources: [web.yaml]
-- base/web.yaml --
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    scheme: internal
    a.io/scheme: internal
    text: a/b
spec:
  type: ClusterIP
  ports:
  - name: http
    port: 80
  - name: admin
    port: 81
-- overlay/kustomization.yaml --
resources: [../base]
`

// A place lies in a file that has to be edited for the value to become another one.
func TestLocateWhatChanged(t *testing.T) {
	t.Parallel()
	const scheme = "metadata annotations scheme"
	for _, c := range []struct{ name, overlay, path, want string }{
		{"a literal that is copied", `configMapGenerator: [{name: hosts, literals: [scheme=internet_facing]}]
replacements:
- source: {kind: ConfigMap, name: hosts, fieldPath: data.scheme}
  targets: [{select: {kind: Service}, fieldPaths: ["metadata.annotations.[a.io/scheme]"]}]
`, "metadata annotations a.io/scheme", "overlay/kustomization.yaml:2:internet_facing"},
		{"a variable of a file that is copied", `configMapGenerator: [{name: hosts, envs: [hosts.env]}]
replacements:
- source: {kind: ConfigMap, name: hosts, fieldPath: data.scheme}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.scheme]}]
-- overlay/hosts.env --
# hosts
scheme=internet_facing
`, scheme, "overlay/hosts.env:2:internet_facing"},
		{"a literal of several", `configMapGenerator:
- {name: hosts, literals: [scheme=x]}
secretGenerator:
- {name: hosts, literals: [scheme=x]}
replacements:
- source: {kind: ConfigMap, name: hosts, fieldPath: data.scheme}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.scheme]}]
`, scheme, "overlay/kustomization.yaml:8:metadata.annotations.scheme"},
		{"a value of its own", `replacements:
- sourceValue: internet_facing
  targets: [{select: {name: web}, fieldPaths: ["spec.ports.*.name"]}]
`, "spec ports 1 name", "overlay/kustomization.yaml:3:internet_facing"},
		{"a field of another object", `replacements:
- source: {kind: Service, name: web, fieldPath: spec.type}
  targets: [{select: {name: web}, fieldPaths: [metadata.annotations.scheme]}]
`, scheme, "overlay/kustomization.yaml:4:metadata.annotations.scheme"},
		{"a part of a text", `replacements:
- sourceValue: c
  targets: [{select: {name: web}, options: {delimiter: /, index: 1}, fieldPaths: [metadata.annotations.text]}]
`, "metadata annotations text", "overlay/kustomization.yaml:4:metadata.annotations.text"},
		{"an element of a list", `replacements:
- source: {kind: Service, name: web, fieldPath: "spec.ports.[name=http].port"}
  targets: [{select: {kind: Service}, fieldPaths: ["spec.ports.[name=admin].port"]}]
`, "spec ports 1 port", `overlay/kustomization.yaml:4:"spec.ports.[name=admin].port"`},
		{"a replacement that rejects it", `replacements:
- sourceValue: x
  targets: [{select: {kind: Service}, reject: [{name: web}], fieldPaths: [metadata.annotations.scheme]}]
patches:
- patch: |-
    {apiVersion: v1, kind: Service, metadata: {name: web, annotations: {scheme: x}}}
`, scheme, "overlay/kustomization.yaml:7:x"},
		{"two replacements", `replacements:
- sourceValue: x
  targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.scheme]}]
- sourceValue: "y"
  targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.scheme]}]
`, scheme, `overlay/kustomization.yaml:5:~"y"`},
		{"a file of a replacement", `replacements: [{path: r.yaml}]
-- overlay/r.yaml --
source: {kind: Service, name: web, fieldPath: spec.type}
targets:
- select: {kind: Service}
  fieldPaths:
  - metadata.annotations.scheme
`, scheme, "overlay/r.yaml:5:metadata.annotations.scheme"},
		{"a file of replacements, of a component", `components: [../c]
-- c/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
replacements: [{path: r.yaml}]
-- c/r.yaml --
- sourceValue: x
  targets:
  - select: {kind: Service}
    fieldPaths: [metadata.annotations.scheme]
`, scheme, "c/r.yaml:1:x"},
		{"a patch before a replacement", `patches:
- patch: |-
    {apiVersion: v1, kind: Service, metadata: {name: web, annotations: {scheme: x}}}
replacements:
- sourceValue: x
  targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.scheme]}]
`, scheme, "overlay/kustomization.yaml:6:~x"},
		{"a copy", `patches:
- target: {kind: Service}
  patch: |-
    - {op: copy, from: /spec/type, path: /metadata/annotations/scheme}
`, scheme, "overlay/kustomization.yaml:5:~/spec/type"},
		{"a move", `patches:
- target: {kind: Service}
  patch: |-
    - {op: move, from: /metadata/annotations/text, path: /metadata/annotations/scheme}
`, scheme, "overlay/kustomization.yaml:5:~/metadata/annotations/text"},
		{"a test", `commonAnnotations: {scheme: internet-facing}
patches:
- target: {kind: Service}
  patch: |-
    - {op: test, path: /metadata/annotations/scheme, value: internal}
`, scheme, "overlay/kustomization.yaml:2:internet-facing"},
		{"an element that is removed", `patches:
- target: {kind: Service}
  patch: |-
    - {op: remove, path: /spec/ports/0}
`, "spec ports", "overlay/kustomization.yaml:5:~/spec/ports/0"},
		{"an element that is deleted", `patches:
- patch: |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {ports: [{port: 80, $patch: delete}]}
`, "spec ports", "overlay/kustomization.yaml:7:~ports"},
		{"a list that is replaced", `patches:
- patch: |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {ports: [{$patch: replace}, {name: http, port: 8080}]}
`, "spec ports 0 port", "overlay/kustomization.yaml:7:8080"},
		{"a mapping of labels", "commonLabels: {team: shop}\n", "spec selector", "overlay/kustomization.yaml:2:~team"},
		{"an element that is kept beside one that is changed", `patches:
- patch: |-
    {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80, protocol: UDP}]}}
`, "spec ports", "base/web.yaml:11:ports"},
		{"a name", "namePrefix: prod-\n", "metadata name", "base/web.yaml:4:~web"},
		{"a name that a patch gives to others", `namePrefix: prod-
patches:
- target: {kind: Service, labelSelector: app=other}
  patch: |-
    - {op: replace, path: /metadata/name, value: other}
`, "metadata name", "base/web.yaml:4:~web"},
		{"a name that a patch gives it", `namePrefix: prod-
patches:
- target: {kind: Service}
  options: {allowNameChange: true}
  patch: |-
    - {op: replace, path: /metadata/name, value: other}
`, "metadata name", "overlay/kustomization.yaml:7:~other"},
		{"a name by which a patch finds it", `resources: [../middle]
patches:
- patch: |-
    {apiVersion: v1, kind: Service, metadata: {name: prod-web}, spec: {type: NodePort}}
-- middle/kustomization.yaml --
resources: [../base]
namePrefix: prod-
`, "metadata name", "base/web.yaml:4:~web"},
		{"a transformer", `transformers: [t.yaml]
-- overlay/t.yaml --
apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: x}
annotations: {scheme: internet-facing}
fieldSpecs: [{path: metadata/annotations, create: true}]
`, scheme, "overlay/t.yaml:1:~apiVersion: builtin"},
		{"a transformer that is written inline", `transformers:
- |-
  apiVersion: builtin
  kind: AnnotationsTransformer
  metadata: {name: x}
  annotations: {scheme: internet-facing}
  fieldSpecs: [{path: metadata/annotations, create: true}]
`, scheme, "overlay/kustomization.yaml:4:~apiVersion: builtin"},
		{"a label where no label is", `labels: [{pairs: {team: shop}, fields: [{path: metadata/annotations, create: true}]}]
`, "metadata annotations team", "overlay/kustomization.yaml:1:~resources: [../base]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := changedBase + c.overlay
			if rest, isOwn := strings.CutPrefix(c.overlay, "resources: [../middle]\n"); isOwn {
				text = strings.Replace(changedBase, "[../base]", "[../middle]", 1) + rest
			}
			r := Build(tree(t, text), "overlay", manifest.NewReader(nil))
			if r.Failed != nil {
				t.Fatal(r.Failed)
			}
			i := slices.IndexFunc(r.Fragment.Resources, func(res *model.Resource) bool { return res.Ref.Kind == "Service" })
			at := r.Fragment.Resources[i].Locate(strings.Fields(c.path), model.PartValue)
			if diff := cmp.Diff(c.want, shown(r.Texts, at)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
