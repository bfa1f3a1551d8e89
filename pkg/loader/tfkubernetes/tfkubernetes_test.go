package tfkubernetes_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/model"
)

const configuration = `variable "open" {}
resource "kubernetes_namespace" "shop" {
  metadata {
    name   = "shop"
    labels = { team = "web" }
  }
}
resource "kubernetes_namespace_v1" "open" {
  metadata { generate_name = "x-" }
}
resource "kubernetes_manifest" "policy" {
  manifest = {
    apiVersion = "networking.k8s.io/v1"
    kind       = "NetworkPolicy"
    metadata   = { name = "deny", namespace = kubernetes_namespace.shop.metadata[0].name }
    spec = {
      podSelector = {}
      ingress     = [{ ports = [{ port = 8080 }, { port = var.open }] }]
    }
  }
}
resource "kubernetes_manifest" "open" { manifest = var.open }
resource "kubernetes_manifest" "wrong" {
  manifest = { apiVersion = "v1", kind = "Service", metadata = { name = "s" }, spec = { ports = "80" } }
}
resource "kubernetes_manifest" "some" {
  count    = var.open
  manifest = { apiVersion = "v1", kind = "Service", metadata = { name = "some" } }
}
resource "kubernetes_manifest" "somewhere" {
  manifest = { apiVersion = "networking.k8s.io/v1", kind = "NetworkPolicy", metadata = { name = "a", namespace = var.open } }
}
resource "kubernetes_manifest" "kind" {
  manifest = { apiVersion = "v1", kind = var.open, metadata = { name = "a" } }
}
resource "kubernetes_manifest" "nameless" {
  for_each = toset(["a", "b"])
  manifest = { apiVersion = "v1", kind = "Service", metadata = { name = var.open, namespace = each.key } }
}
resource "kubectl_manifest" "service" {
  yaml_body = <<-EOT
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
  EOT
}
resource "kubectl_manifest" "several" {
  yaml_body = <<-EOT
    ---
    # first
    apiVersion: v1
    kind: Service
    metadata: {name: first}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: second}
  EOT
}
resource "kubectl_manifest" "moved" {
  override_namespace = "other"
  yaml_body          = <<-EOT
    apiVersion: v1
    kind: Service
    metadata: {name: moved}
  EOT
}
resource "kubernetes_deployment" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
}
resource "kubernetes_service_v1" "web" {
  metadata { name = "web" }
}
resource "kubernetes_network_policy" "web" {
  metadata {
    name      = "web"
    namespace = var.open
  }
}
resource "kubernetes_config_map" "ignored" {}
resource "helm_release" "lbc" { name = "lbc" }
resource "kustomization_resource" "all" {}
`

func TestLoad(t *testing.T) {
	t.Parallel()
	resources, _ := tfhcl.NewSource(func(dir string) (map[string][]byte, error) {
		if dir != "root" {
			return nil, fs.ErrNotExist
		}
		return map[string][]byte{"main.tf": []byte(configuration)}, nil
	}).Load("root", tfhcl.Inputs{})
	part := tfkubernetes.Load("root/main.tf", resources, manifest.NewReader(nil))
	at := func(s model.Span) string {
		text, _, _ := strings.Cut(configuration[s.Start:s.End], "\n")
		return s.File + " " + text
	}
	var got []string
	for _, r := range part.Resources {
		got = append(got, fmt.Sprintf("%s of %s, unknown %v, at %s", r.Ref, r.Source.File(), r.Unknown, at(r.Source.Extent())))
	}
	for _, o := range part.Opaque {
		got = append(got, fmt.Sprintf("%s in %q %v: %s", o.Domains, o.Namespace, o.AnyNamespace, o.Why))
	}
	for _, p := range part.Problems {
		got = append(got, at(p.At)+": "+p.Message)
	}
	const everything = `workloads,services,policies,namespaces,ingressclasses in "" true: `
	want := []string{
		`Namespace shop of root/main.tf, unknown [], at root/main.tf resource "kubernetes_namespace" "shop"`,
		`NetworkPolicy shop/deny of root/main.tf, unknown [spec.ingress[0].ports[1].port], at root/main.tf resource "kubernetes_manifest" "policy"`,
		`Service s of root/main.tf, unknown [spec.ports], at root/main.tf resource "kubernetes_manifest" "wrong"`,
		`NetworkPolicy ${OPEN}/a of root/main.tf, unknown [metadata.namespace], at root/main.tf resource "kubernetes_manifest" "somewhere"`,
		`Service a/${kubernetes_manifest.nameless["a"]} of root/main.tf, unknown [metadata.name], at root/main.tf resource "kubernetes_manifest" "nameless"`,
		`Service b/${kubernetes_manifest.nameless["b"]} of root/main.tf, unknown [metadata.name], at root/main.tf resource "kubernetes_manifest" "nameless"`,
		`Service shop/web of root/main.tf, unknown [], at root/main.tf <<-EOT`,
		`Service first of root/main.tf, unknown [], at root/main.tf <<-EOT`,
		`Deployment shop/web of root/main.tf, unknown [], at root/main.tf resource "kubernetes_deployment" "web"`,
		`Service default/web of root/main.tf, unknown [], at root/main.tf resource "kubernetes_service_v1" "web"`,
		`namespaces in "" true: kubernetes_namespace_v1.open is not known`,
		everything + "kubernetes_manifest.open is not known",
		everything + "kubernetes_manifest.some[*] is not known",
		`policies in "" true: kubernetes_manifest.somewhere is not known`,
		everything + "kubernetes_manifest.kind is not known",
		`services in "a" false: kubernetes_manifest.nameless["a"] is not known`,
		`services in "b" false: kubernetes_manifest.nameless["b"] is not known`,
		everything + "kubectl_manifest.moved is not known",
		`policies in "" true: kubernetes_network_policy.web is not known`,
		everything + "helm_release.lbc is not rendered",
		everything + "kustomization_resource.all is not rendered",
		`root/main.tf resource "kubernetes_manifest" "wrong": kubernetes_manifest.wrong: spec.ports: want a list, found "80"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	policy := part.Resources[1].Source
	for path, want := range map[string]string{
		"spec.ingress.0.ports.0.port": "root/main.tf 8080", "metadata.namespace": "root/main.tf kubernetes_namespace.shop.metadata[0].name",
		"spec.ingress.0.ports.9": "", "spec.none": "", "metadata.name.0": "",
	} {
		got := ""
		if s, ok := policy.Locate(strings.Split(path, "."), model.PartValue); ok {
			got = at(s)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
