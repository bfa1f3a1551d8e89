package loader

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// TestChanged: what Terraform changes of objects of others is not known.
func TestChanged(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	const system = " {\nmetadata {\n namespace = \"kube-system\"\n name = "
	files := fstest.MapFS{
		"k8s/a.yaml":   file("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n"),
		"cluster.yaml": file(eksctlConfig + "addons: [{name: coredns}, {name: vpc-cni}, {name: kube-proxy}]\n"),
		"tf/main.tf": file(`resource "kubernetes_labels" "a" {
  api_version = "v1"
  kind        = "Namespace"
  metadata { name = "a" }
  labels = { x = "y" }
}
resource "aws_eks_addon" "cni" { addon_name = "vpc-cni" }
resource "aws_eks_addon" "dns" { addon_name = "coredns" }
resource "aws_eks_addon" "proxy" { addon_name = "kube-proxy" }
resource "kubernetes_config_map_v1_data" "dns"` + system + `"coredns"
}
}
resource "kubernetes_env" "cni"` + system + `"aws-node"
}
api_version = "apps/v1"
kind = "DaemonSet"
container = "aws-node"
}
`),
	}
	r, err := Load(t.Context(), files, Options{Paths: []string{"."}})
	if err != nil || len(r.Clusters) != 1 {
		t.Fatal(err, r.Clusters)
	}
	got := map[string][]model.Path{}
	for _, gk := range []model.GroupKind{model.KindNamespace, model.KindClusterConfig} {
		for _, x := range r.Clusters[0].All(gk) {
			got[x.Ref.Name] = x.Unknown
		}
	}
	want := map[string][]model.Path{
		"a": {{"metadata", "labels"}}, "b": nil,
		"prod": {{"addons", "0", "configurationValues"}, {"addons", "1", "configurationValues"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	known := map[string]bool{}
	for _, a := range r.Clusters[0].AWS().Addons {
		name, _ := a.AddonName.Get()
		_, known[name] = a.Configuration.Get()
	}
	if diff := cmp.Diff(map[string]bool{"vpc-cni": false, "coredns": false, "kube-proxy": true}, known); diff != "" {
		t.Errorf("add-ons: -want +got:\n%s", diff)
	}
}
