package kustomize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

const located = `
-- overlay/kustomization.yaml --
resources: [../base]
namespace: shop
namePrefix: prod-
commonLabels:
  team: shop
labels:
- pairs: {tier: front}
replicas:
- name: web
  count: 5
images:
- name: shop/web
  newTag: "2"
configMapGenerator:
- name: coredns
  literals:
  - a=one
  - "b=two words"
  files:
  - Corefile
  - other=conf/other.txt
patches:
- path: limits.yaml
- target: {kind: Service}
  patch: |-
    - op: replace
      path: /spec/ports/0/targetPort
      value: 8443
    - op: add
      path: /spec/ports/-
      value: {name: extra, port: 9000}
- target: {kind: NetworkPolicy}
  patch: |
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: any}
    spec:
      ingress:
      - ports:
        - port: 8443
        - port: 1
-- overlay/Corefile --
.:53 {
    forward . 10.0.0.2
}
-- overlay/conf/other.txt --
text
-- overlay/limits.yaml --
# the limits
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        env:
        - name: A
          value: "1"
      - name: sidecar
        image: sidecar:1
-- base/kustomization.yaml --
resources: [all.yaml]
-- base/all.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: shop/web:1
        env:
        - name: B
          value: "2"
---
kind: Service
apiVersion: v1
metadata: {name: web}
spec:
  type: NodePort
  ports:
  - name: http
    port: 80
    targetPort: 8080
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
  - ports:
    - port: 8080
---
apiVersion: v1
kind: ConfigMap
metadata: {name: written}
data:
  text: |
    one
      two
`

// named finds a resource by kind and the end of its name.
func named(t *testing.T, r Result, kind, name string) *model.Resource {
	t.Helper()
	for _, res := range r.Fragment.Resources {
		if res.Ref.Kind == kind && strings.HasSuffix(strings.SplitN(res.Ref.Name+"-", "-", 3)[1], name) {
			return res
		}
	}
	t.Fatalf("no %s %s among %v", kind, name, r.Fragment.Resources)
	return nil
}

func TestLocate(t *testing.T) {
	t.Parallel()
	r := Build(tree(t, located), "overlay", manifest.NewReader(nil))
	if r.Failed != nil {
		t.Fatal(r.Failed)
	}
	for _, c := range []struct{ kind, name, path, want string }{
		{"Deployment", "web", "", "base/all.yaml:1:apiVersion: apps/v1 …"},
		{"Deployment", "web", "kind", "base/all.yaml:2:Deployment"},
		{"Deployment", "web", "metadata.name", "base/all.yaml:4:~web"},
		{"Deployment", "web", "metadata.namespace", "overlay/kustomization.yaml:2:shop"},
		{"Deployment", "web", "metadata.labels", "base/all.yaml:5:labels"},
		{"Deployment", "web", "metadata.labels.app", "base/all.yaml:6:web"},
		{"Deployment", "web", "metadata.labels.team", "overlay/kustomization.yaml:5:shop"},
		{"Deployment", "web", "metadata.labels.tier", "overlay/kustomization.yaml:7:front"},
		{"Deployment", "web", "spec.selector.matchLabels.team", "overlay/kustomization.yaml:5:shop"},
		{"Deployment", "web", "spec.replicas", "overlay/kustomization.yaml:10:5"},
		{"Deployment", "web", "spec.template.spec.containers.0.name", "base/all.yaml:14:web"},
		{"Deployment", "web", "spec.template.spec.containers.0.image", "overlay/kustomization.yaml:12:~shop/web"},
		{"Deployment", "web", "spec.template.spec.containers.0.env.0.value", `overlay/limits.yaml:14:"1"`},
		{"Deployment", "web", "spec.template.spec.containers.0.env.0", "overlay/limits.yaml:13:name: A …"},
		{"Deployment", "web", "spec.template.spec.containers.0.env.1.value", `base/all.yaml:18:"2"`},
		{"Deployment", "web", "spec.template.spec.containers.1.image", "overlay/limits.yaml:16:sidecar:1"},
		{"Service", "web", "metadata.name", "base/all.yaml:22:~web"},
		{"Service", "web", "spec.type", "base/all.yaml:24:NodePort"},
		{"Service", "web", "spec.ports.0.port", "base/all.yaml:27:80"},
		{"Service", "web", "spec.ports.0.targetPort", "overlay/kustomization.yaml:28:8443"},
		{"Service", "web", "spec.ports.1.port", "overlay/kustomization.yaml:31:9000"},
		{"Service", "web", "spec.ports.1.name", "overlay/kustomization.yaml:31:extra"},
		{"Service", "web", "spec.selector", "overlay/kustomization.yaml:5:~team"},
		{"Service", "web", "spec.externalName", "-"},
		{"NetworkPolicy", "web", "spec.podSelector", "base/all.yaml:34:podSelector"},
		{"NetworkPolicy", "web", "spec.ingress", "overlay/kustomization.yaml:38:ingress"},
		{"NetworkPolicy", "web", "spec.ingress.0.ports.0.port", "overlay/kustomization.yaml:40:8443"},
		{"NetworkPolicy", "web", "spec.ingress.0.ports.1.port", "overlay/kustomization.yaml:41:1"},
		{"ConfigMap", "written", "data.text.#2", "base/all.yaml:45:two"},
		{"ConfigMap", "coredns", "", "overlay/kustomization.yaml:15:name: coredns …"},
		{"ConfigMap", "coredns", "metadata.name", "overlay/kustomization.yaml:15:~coredns"},
		{"ConfigMap", "coredns", "metadata.namespace", "overlay/kustomization.yaml:2:shop"},
		{"ConfigMap", "coredns", "data.a", "overlay/kustomization.yaml:17:one"},
		{"ConfigMap", "coredns", "data.b", "overlay/kustomization.yaml:18:two words"},
		{"ConfigMap", "coredns", "data.other", "overlay/conf/other.txt:1:text …"},
		{"ConfigMap", "coredns", "data.Corefile.#2", "overlay/Corefile:2:forward . 10.0.0.2"},
	} {
		t.Run(c.kind+" "+c.name+" "+c.path, func(t *testing.T) {
			t.Parallel()
			var path model.Path
			if c.path != "" {
				path = strings.Split(c.path, ".")
			}
			got := "-"
			if at, ok := named(t, r, c.kind, c.name).Source.Locate(path, model.PartValue); ok {
				head, rest, isLong := strings.Cut(shown(r.Texts, at), "\n")
				got = head
				if isLong || rest != "" {
					got += " …"
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Two patches that write the same value leave it open which of them did, but not that
// a patch did: the last one is shown.
func TestLocateOfSeveral(t *testing.T) {
	t.Parallel()
	const patches = `
-- overlay/kustomization.yaml --
resources: [s.yaml]
patches:
- patch: |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {type: NodePort}
- target: {name: web}
  patch: |-
    - {op: replace, path: /spec/type, value: NodePort}
-- overlay/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: ClusterIP, ports: [{port: 80}]}
`
	r := Build(tree(t, patches), "overlay", manifest.NewReader(nil))
	at := r.Fragment.Resources[0].Locate(model.Path{"spec", "type"}, model.PartValue)
	if diff := cmp.Diff("overlay/kustomization.yaml:10:~NodePort", shown(r.Texts, at)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Problems, defects and placeholders of a built object point at what was written.
func TestFlaws(t *testing.T) {
	t.Parallel()
	const flawed = `
-- overlay/kustomization.yaml --
resources: [s.yaml]
namePrefix: a-
-- overlay/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  typ: NodePort
  externalName: <name>
  ports: [{port: http}]
`
	r := Build(tree(t, flawed), "overlay", manifest.NewReader(nil))
	var got []string
	for _, p := range r.Fragment.Problems {
		got = append(got, shown(r.Texts, p.At)+" "+p.Message)
	}
	for _, res := range r.Fragment.Resources {
		for _, d := range res.Defects {
			got = append(got, shown(r.Texts, res.Locate(d.Path, model.PartKey)))
		}
		got = append(got, fmt.Sprint(res.Unknown))
	}
	want := []string{
		`overlay/s.yaml:7:http spec.ports[0].port: want a number, found "http"`,
		"overlay/s.yaml:5:typ",
		"[spec.externalName spec.ports[0].port]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The root comes last, so that its field is known to have written what a base did too.
func TestLocateTheLastOfSeveral(t *testing.T) {
	t.Parallel()
	const labels = `
-- overlay/kustomization.yaml --
resources: [../base]
commonLabels: {team: shop}
patches:
- target: {name: web}
  patch: |-
    - {op: add, path: /metadata/labels/team, value: shop}
-- base/kustomization.yaml --
resources: [s.yaml]
commonLabels: {team: shop}
-- base/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
`
	r := Build(tree(t, labels), "overlay", manifest.NewReader(nil))
	at := r.Fragment.Resources[0].Locate(model.Path{"metadata", "labels", "team"}, model.PartValue)
	if diff := cmp.Diff("overlay/kustomization.yaml:2:shop", shown(r.Texts, at)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Elements without a merge key that are not equal pair by their index, which a patch that
// replaces the list makes a poor guess.
func TestLocateInAReplacedList(t *testing.T) {
	t.Parallel()
	const replaced = `
-- overlay/kustomization.yaml --
resources: [p.yaml]
patches:
- patch: |-
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web}
    spec: {ingress: [{ports: [{protocol: TCP}], from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
-- overlay/p.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {}, ingress: [{ports: [{protocol: TCP}]}]}
`
	r := Build(tree(t, replaced), "overlay", manifest.NewReader(nil))
	at := r.Fragment.Resources[0].Locate(model.Path{"spec", "ingress", "0", "ports", "0", "protocol"}, model.PartValue)
	if diff := cmp.Diff("overlay/kustomization.yaml:7:TCP", shown(r.Texts, at)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A patch of the root comes after a field of its base, if it concerns the object.
func TestLocateAPatchAfterAField(t *testing.T) {
	t.Parallel()
	const both = `
-- overlay/kustomization.yaml --
resources: [../base]
patches:
- target: {name: web}
  patch: |-
    - {op: add, path: /metadata/labels/team, value: shop}
-- base/kustomization.yaml --
resources: [s.yaml]
commonLabels: {team: shop}
-- base/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
`
	r := Build(tree(t, both), "overlay", manifest.NewReader(nil))
	at := r.Fragment.Resources[0].Locate(model.Path{"metadata", "labels", "team"}, model.PartValue)
	if diff := cmp.Diff("overlay/kustomization.yaml:5:~shop", shown(r.Texts, at)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
