package helm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/helm"
)

// TestHasVersion: Kubernetes has its own kinds and none of its betas, and whether the
// cluster has anything else is unknown.
func TestHasVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"v1": "yes", "v1/Pod": "yes", "apps/v1": "yes", "networking.k8s.io/v1/Ingress": "yes", "networking.k8s.io/v1/NetworkPolicy": "yes",
		"policy/v1/PodDisruptionBudget": "yes", "autoscaling/v2/HorizontalPodAutoscaler": "yes", "apiextensions.k8s.io/v1/CustomResourceDefinition": "yes",
		"extensions/v1beta1": "no", "networking.k8s.io/v1beta1/Ingress": "no", "networking.k8s.io/v1beta1": "no", "autoscaling/v2beta2": "no",
		"policy/v1beta1/PodSecurityPolicy": "no", "networking.k8s.io/v1/Egress": "no", "v2": "no", "Ingress": "no", "": "no",
		"route.openshift.io/v1/Route": "no",
		"cilium.io/v2":                "unknown", "cilium.io/v2/CiliumNetworkPolicy": "unknown", "monitoring.coreos.com/v1": "unknown",
		"cert-manager.io/v1": "unknown", "gateway.networking.k8s.io/v1": "unknown", "metrics.k8s.io/v1beta1": "unknown",
	} {
		for _, form := range []string{
			"{{ .Capabilities.APIVersions.Has %q }}", "{{ $a := .Capabilities.APIVersions }}{{ $a.Has %q }}", "{{ has %q $.Capabilities.APIVersions }}",
			"{{ with .Capabilities }}{{ .APIVersions.Has %q }}{{ end }}",
		} {
			template := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  key: a" + fmt.Sprintf(form, version) + "\n"
			got := load(t, chartOf(template, ""), "chart", helm.Options{})
			if len(got.Problems) > 0 {
				t.Fatalf("%s: %v", template, got.Problems)
			}
			answer := map[bool]string{true: "yes", false: "no"}[strings.Contains(dump(t, got), "data.key = atrue")]
			for _, part := range got.Parts {
				for _, r := range part.Fragment.Resources {
					if r.Ref.Name == "x" && r.IsUnknown("data", "key") {
						answer = "unknown"
					}
				}
			}
			if answer != want {
				t.Errorf("%s: %s, want %s", fmt.Sprintf(form, version), answer, want)
			}
		}
	}
}

// TestCapabilities: templates see the rest of the capabilities as Helm shows it.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		`{{ .Capabilities.KubeVersion.Version }}`:                                                      "v1.37.0",
		`{{ .Capabilities.KubeVersion.GitVersion }}`:                                                   "v1.37.0",
		`{{ .Capabilities.KubeVersion }}`:                                                              "v1.37.0",
		`{{ .Capabilities.KubeVersion.Major }}`:                                                        "1",
		`{{ hasPrefix "v" .Capabilities.HelmVersion.Version }}`:                                        "true",
		`{{ range .Capabilities.APIVersions }}{{ if hasPrefix "batch/" . }}{{ . }} {{ end }}{{ end }}`: "batch/v1 batch/v1/CronJob batch/v1/Job",
		`{{ gt (len .Capabilities.APIVersions) 20 }}`:                                                  "true",
		`{{ has 1 .Capabilities.APIVersions }}{{ has 1 (list 1) }}`:                                    "falsetrue",
	} {
		got := load(t, chartOf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  key: x"+action+"\n", ""), "chart", helm.Options{})
		if text := dump(t, got); !strings.Contains(text, "  data.key = x"+want+" @") {
			t.Errorf("%s: want %s, got\n%s", action, want, text)
		}
	}
}

// TestObjectsOfOneTurn: what is there in one turn of chance only may be in the cluster
// or not, and what is there in both is known but for what differs.
func TestObjectsOfOneTurn(t *testing.T) {
	t.Parallel()
	object := func(kind, name string) string {
		version := map[string]string{"Service": "v1", "ConfigMap": "v1", "Deployment": "apps/v1", "NetworkPolicy": "networking.k8s.io/v1", "Ingress": "networking.k8s.io/v1"}[kind]
		return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {name: %s}\n", version, kind, name)
	}
	when := func(then, otherwise string) string {
		return `{{- if .Capabilities.APIVersions.Has "cilium.io/v2" }}` + "\n" + then + "{{- else }}\n" + otherwise + "{{- end }}\n"
	}
	why := func(ref string) string {
		return "because " + ref + " in chart/templates/a.yaml depends on what the cluster has, or on values that nobody has set"
	}
	tests := []struct {
		name, template string
		want           []string
	}{
		{"one kind or another", when(object("NetworkPolicy", "a"), object("Ingress", "a")), []string{why("NetworkPolicy a")}},
		{"in the first alone", when(object("Service", "a"), "") + object("Service", "b"), []string{"Service b", why("Service a")}},
		{"in the second alone", when("", object("Service", "a")) + object("Service", "b"), []string{"Service b", why("Service a")}},
		{"whose absence means nothing", when(object("Ingress", "a"), ""), []string{"Ingress a ?"}},
		{"in another order", when(object("Service", "a")+object("Deployment", "d"), object("Deployment", "d")+object("Service", "a")), []string{"Service a", "Deployment d"}},
		{"a name by chance", object("Deployment", "{{ randAlpha 5 }}"), []string{"Deployment hknqt ?metadata.name"}},
		{"a name by chance that others refer to", object("Service", "{{ randAlpha 5 }}"), []string{"Service hknqt ?metadata.name", why("Service hknqt")}},
		{"two names by chance", object("Deployment", "{{ randAlpha 2 }}") + when(object("Deployment", "b"), ""), []string{why("Deployment il"), why("Deployment hk"), why("Deployment b")}},
		{
			"a custom resource", when("---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\n", ""),
			[]string{why("CiliumNetworkPolicy a")},
		},
		{
			"a custom resource of the second", when("", "---\napiVersion: x.example.com/v1\nkind: Web\nmetadata: {name: a}\n"),
			[]string{"because a Web may make pods"},
		},
		{"another version", when("---\napiVersion: v1\n", "---\napiVersion: v1beta1\n") + "kind: Service\nmetadata: {name: a}\n", []string{"because a Service of v1beta1 is not read", why("Service a")}},
		{"in an array", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n" + when("- {apiVersion: v1, kind: Service, metadata: {name: b}}\n", ""), []string{"Service a", why("Service b")}},
		{"one that fails", object("Service", "a") + when("", `{{ fail "no" }}`), []string{"Service a ?"}},
		{"one that cannot be read", object("Service", "a") + when("", "---\nb: ["), []string{"Service a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, part := range load(t, chartOf(tt.template, ""), "chart", helm.Options{}).Parts {
				if part.File != "chart/templates/a.yaml" {
					continue
				}
				for _, r := range part.Fragment.Resources {
					line := r.Ref.String()
					for _, p := range r.Unknown {
						line += " ?" + p.String()
					}
					got = append(got, line)
				}
				for _, o := range part.Fragment.Opaque {
					got = append(got, "because "+o.Why)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDoubtfulNamespace: what may be there is in the namespace of the release.
func TestDoubtfulNamespace(t *testing.T) {
	t.Parallel()
	const template = `{{ if .Capabilities.APIVersions.Has "vpcresources.k8s.aws/v1beta1" }}
apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata: {name: a}
---
apiVersion: v1
kind: Service
metadata: {name: a}
{{ end }}`
	got := load(t, chartOf(template, ""), "chart", helm.Options{Namespace: "shop"})
	if names := refs(got); names != "SecurityGroupPolicy shop/a" {
		t.Errorf("objects %s", names)
	}
	for _, part := range got.Parts {
		for _, o := range part.Fragment.Opaque {
			if part.File == "chart/templates/a.yaml" && (o.Namespace != "shop" || o.AnyNamespace) {
				t.Errorf("%+v is not limited to the namespace", o)
			}
		}
	}
}
