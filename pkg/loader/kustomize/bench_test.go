package kustomize

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// twenty is an overlay over a base of twenty objects.
func twenty() fstest.MapFS {
	var text strings.Builder
	for i := range 10 {
		fmt.Fprintf(&text, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web%d}
spec:
  selector: {matchLabels: {app: web%d}}
  template:
    metadata: {labels: {app: web%d}}
    spec:
      containers:
      - name: web
        image: shop/web:1
        ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web%d}
spec:
  selector: {app: web%d}
  ports: [{port: 80, targetPort: 8080}]
`, i, i, i, i, i)
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	return fstest.MapFS{
		"base/kustomization.yaml": file("resources: [all.yaml]\n"),
		"base/all.yaml":           file(text.String()),
		"overlay/kustomization.yaml": file(`resources: [../base]
namespace: shop
namePrefix: prod-
commonLabels: {team: shop}
images: [{name: shop/web, newTag: "2"}]
patches:
- target: {kind: Deployment}
  patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec: {template: {spec: {containers: [{name: web, env: [{name: A, value: b}]}]}}}
`),
	}
}

func BenchmarkBuild(b *testing.B) {
	fsys, reader := twenty(), manifest.NewReader(nil)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			openapi.ResetOpenAPI()
			Build(fsys, "overlay", reader)
		}
	})
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			Build(fsys, "overlay", reader)
		}
	})
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			if _, bad := newPlan(fsys).level("overlay", isBase); bad != nil {
				b.Fatal(bad.message)
			}
		}
	})
}

func BenchmarkLocate(b *testing.B) {
	r := Build(twenty(), "overlay", manifest.NewReader(nil))
	path := model.Path{"spec", "template", "spec", "containers", "0", "env", "0", "value"}
	res := r.Fragment.Resources[len(r.Fragment.Resources)-1]
	for b.Loop() {
		res.Locate(path, model.PartValue)
	}
}
