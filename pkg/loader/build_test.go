package loader

import (
	"fmt"
	"testing"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	deploymentTemplate = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: {{ .Values.replicas }}\n"
	serviceTemplate    = "{{- if .Values.service }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: {{ .Values.type }}\n{{- end }}\n"
)

func chart(dir string, pairs ...string) []string {
	return append([]string{
		dir + "/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", dir + "/templates/web.yaml", deploymentTemplate, dir + "/templates/service.yaml", serviceTemplate,
	}, pairs...)
}

func TestCharts(t *testing.T) {
	t.Parallel()
	values := "replicas: 1\nservice: true\ntype: ClusterIP\n"
	tests := []struct {
		name    string
		files   []string
		options Options
		want    string
	}{
		{
			name:  "rendered with its own values",
			files: chart("c", "c/values.yaml", values),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml`,
		},
		{
			name:  "what files of values do not agree on is unknown",
			files: chart("c", "c/values.yaml", values, "c/values-prod.yaml", "replicas: 3", "c/values-dev.yaml", "type: NodePort", "c/ci/values-test.yaml", "type: LoadBalancer"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml ?spec.replicas
  Service web in c/templates/service.yaml ?spec.type
note c: Helm chart: values.yaml, values-dev.yaml, values-prod.yaml do not agree, and what differs is unknown: --values, or a cluster of the config, chooses`,
		},
		{
			name:  "what only some of them make may be there",
			files: chart("c", "c/values.yaml", values, "c/values-prod.yaml", "service: false"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  because what the chart c makes depends on which of its files of values is used: values.yaml, values-prod.yaml
note c: Helm chart: values.yaml, values-prod.yaml do not agree, and Service web may be there or not: --values, or a cluster of the config, chooses`,
		},
		{
			name:  "what only others make may be there",
			files: chart("c", "c/values.yaml", "replicas: 1", "c/values-prod.yaml", "service: true"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  because what the chart c makes depends on which of its files of values is used: values.yaml, values-prod.yaml
note c: Helm chart: values.yaml, values-prod.yaml do not agree, and Service web may be there or not: --values, or a cluster of the config, chooses`,
		},
		{
			name: "the first few of what may be there",
			files: chart("c", "c/values.yaml", "replicas: 1", "c/values-prod.yaml", "service: true\nlist: [a, b, c, d]",
				"c/templates/more.yaml", "{{ range .Values.list }}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: {{ . }}}\n{{ end }}"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  because what the chart c makes depends on which of its files of values is used: values.yaml, values-prod.yaml
  because what the chart c makes depends on which of its files of values is used: values.yaml, values-prod.yaml
note c: Helm chart: values.yaml, values-prod.yaml do not agree, and Namespace a, Namespace b, Namespace c, 2 others may be there or not: --values, or a cluster of the config, chooses`,
		},
		{
			name: "values that do not suffice",
			files: chart("c", "c/values.yaml", values, "c/templates/x.yaml", "{{ required \"give a host\" .Values.host }}",
				"c/values-prod.yaml", "host: example.com"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml
note c/values.yaml: Helm: these values alone do not render the chart: a required value is missing (--values or --set supplies it): give a host`,
		},
		{
			name:    "values that are given",
			files:   chart("c", "c/values.yaml", values, "c/values-prod.yaml", "replicas: 3", "c/values-dev.yaml", "service: false"),
			options: Options{Paths: []string{"."}, Values: []string{"c/values-prod.yaml"}},
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml`,
		},
		{
			name: "values of one chart are not for another, others are for all",
			files: append(chart("a", "a/values.yaml", values, "a/values-prod.yaml", "service: false"),
				append(chart("b", "b/values.yaml", values, "b/templates/web.yaml", ""), "all.yaml", "type: NodePort")...),
			options: Options{Paths: []string{"a", "b"}, Values: []string{"a/values-prod.yaml", "all.yaml"}},
			want: `
cluster .
  Deployment web in a/templates/web.yaml
  Service web in b/templates/service.yaml`,
		},
		{
			name:    "settings",
			files:   chart("c", "c/values.yaml", values, "c/values-prod.yaml", "replicas: 3"),
			options: Options{Paths: []string{"."}, Set: []string{"service=false"}},
			want: `
cluster .
  Deployment web in c/templates/web.yaml`,
		},
		{
			name:  "a cluster for each environment",
			files: chart("c", "c/values.yaml", values, "c/values-prod.yaml", "replicas: 3", "c/values-dev.yaml", "service: false"),
			options: Options{Paths: []string{"."}, Clusters: []ClusterConfig{
				{Name: "prod", Paths: []string{"c"}, Values: []string{"c/values-prod.yaml"}}, {Name: "dev", Paths: []string{"c"}, Values: []string{"c/values-dev.yaml"}},
			}},
			want: `
cluster prod
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml
cluster dev
  Deployment web in c/templates/web.yaml`,
		},
		{
			name: "a chart that another one brings in is no chart of its own",
			files: append(chart("app", "app/values.yaml", values),
				"all/Chart.yaml", "apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies: [{name: web, version: 1.0.0, repository: 'file://../app'}]\n", "all/values.yaml", "web: {service: false}"),
			want: `
cluster .
  Deployment web in app/templates/web.yaml
note app: Helm chart: rendered as a part of the charts that depend on it`,
		},
		{
			name:  "other names and folders of values",
			files: chart("c", "c/values.yaml", values, "c/values-prod.yml", "replicas: 3", "c/env/dev-values.yaml", "type: NodePort", "c/ci/x-values.yaml", "service: false"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml ?spec.replicas
  Service web in c/templates/service.yaml ?spec.type
note c: Helm chart: values.yaml, env/dev-values.yaml, values-prod.yml do not agree, and what differs is unknown: --values, or a cluster of the config, chooses`,
		},
		{
			name:  "a chart that fails is a problem, and the rest goes on",
			files: chart("c", "c/values.yaml", values, "c/templates/x.yaml", "{{ include \"nowhere\" . }}", "d/pod.yaml", object("Pod", "a", "")),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  Pod a in d/pod.yaml
  Service web in c/templates/service.yaml
  because the template c/templates/x.yaml is not rendered
problem c/templates/x.yaml: no template "nowhere" is defined`,
		},
		{
			name:  "a chart beside a plain copy of it",
			files: chart("c", "c/values.yaml", values, "plain/web.yaml", object("Deployment", "web", "spec: {replicas: 9}")),
			want: `
cluster c guessed
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml
cluster plain guessed
  Deployment web in plain/web.yaml`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check(t, files(test.files...), test.options, test.want)
		})
	}
}

func application(name, path, rest string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name + ", namespace: argocd}\nspec:\n" +
		"  destination: {server: 'https://kubernetes.default.svc', namespace: shop}\n" +
		"  source:\n    repoURL: https://example.com/us/gitops\n    path: " + path + "\n" + rest
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	values := "replicas: 1\nservice: true\ntype: ClusterIP\n"
	tests := []struct {
		name    string
		files   []string
		options Options
		want    string
	}{
		{
			name: "an Application brings a chart, with its values",
			files: chart("charts/web", "charts/web/values.yaml", values, "charts/web/values-prod.yaml", "service: false", "apps/web.yaml",
				application("web", "charts/web", "    helm: {valueFiles: [values-prod.yaml]}\n"), "apps/pod.yaml", object("Pod", "a", "")),
			want: `
cluster .
  Application argocd/web in apps/web.yaml
  Deployment shop/web in charts/web/templates/web.yaml
  Pod a in apps/pod.yaml`,
		},
		{
			name: "a cluster of the config keeps its chart, unless the Application is in it",
			files: chart("charts/web", "charts/web/values.yaml", values, "charts/web/values-prod.yaml", "service: false", "apps/web.yaml",
				application("web", "charts/web", "")),
			options: Options{Paths: []string{"."}, Clusters: []ClusterConfig{
				{Name: "alone", Paths: []string{"charts"}, Values: []string{"charts/web/values-prod.yaml"}}, {Name: "both", Paths: []string{"charts", "apps"}},
			}},
			want: `
cluster alone
  Deployment web in charts/web/templates/web.yaml
cluster both
  Application argocd/web in apps/web.yaml
  Deployment shop/web in charts/web/templates/web.yaml
  Service shop/web in charts/web/templates/service.yaml`,
		},
		{
			name: "a chart of Applications",
			files: chart("charts/web", "charts/web/values.yaml", values, "bootstrap/root.yaml", application("root", "envs", "    helm: {parameters: [{name: kind, value: NodePort}]}\n"),
				"envs/Chart.yaml", "apiVersion: v2\nname: envs\nversion: 1.0.0\n", "envs/values.yaml", "kind: ClusterIP",
				"envs/templates/web.yaml", application("web", "charts/web", "    helm: {parameters: [{name: type, value: '{{ .Values.kind }}'}]}\n")),
			want: `
cluster .
  Application argocd/root in bootstrap/root.yaml
  Application argocd/web in envs/templates/web.yaml
  Deployment shop/web in charts/web/templates/web.yaml
  Service shop/web in charts/web/templates/service.yaml`,
		},
		{
			name: "two Applications that contradict each other",
			files: chart("charts/web", "charts/web/values.yaml", values, "apps.yaml",
				application("dev", "charts/web", "")+"---\n"+application("prod", "charts/web", "    helm: {parameters: [{name: replicas, value: '3'}]}\n")),
			want: `
cluster apps.yaml guessed
  Application argocd/dev in apps.yaml
  Application argocd/prod in apps.yaml
cluster apps.yaml/dev guessed
  Deployment shop/web in charts/web/templates/web.yaml
  Service shop/web in charts/web/templates/service.yaml
cluster apps.yaml/prod guessed
  Deployment shop/web in charts/web/templates/web.yaml
  Service shop/web in charts/web/templates/service.yaml`,
		},
		{
			name: "objects of one name in the folders of two clusters",
			files: []string{
				"clusters/dev/all.yaml", application("infra", "infra", "") + "---\n" + object("Deployment", "web", "spec: {replicas: 1}"),
				"clusters/prod/all.yaml", application("infra", "infra", "") + "---\n" + object("Deployment", "web", "spec: {replicas: 2}"),
				"infra/pod.yaml", object("Pod", "a", ""),
			},
			want: `
cluster clusters/dev guessed
  Application argocd/infra in clusters/dev/all.yaml
  Deployment web in clusters/dev/all.yaml
  Pod shop/a in infra/pod.yaml
cluster clusters/prod guessed
  Application argocd/infra in clusters/prod/all.yaml
  Deployment web in clusters/prod/all.yaml
  Pod shop/a in infra/pod.yaml`,
		},
		{
			name: "another cluster",
			files: []string{
				"apps/web.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {name: prod}\n" +
					"  source: {repoURL: 'https://example.com/us/gitops', path: web}\n",
				"web/pod.yaml", object("Pod", "a", ""), "b.yaml", object("Pod", "b", ""),
			},
			want: `
cluster .
  Application web in apps/web.yaml
  Pod b in b.yaml
cluster . in prod
  Pod a in web/pod.yaml`,
		},
		{
			name:  "an Application that installs its own folder",
			files: []string{"apps/self.yaml", application("self", "apps", ""), "apps/pod.yaml", object("Pod", "a", "")},
			want: `
cluster .
  Application argocd/self in apps/self.yaml
  Pod a in apps/pod.yaml`,
		},
		{
			name: "Applications that install each other",
			files: []string{
				"a/b.yaml", application("b", "b", ""), "b/a.yaml", application("a", "a", ""), "b/pod.yaml", object("Pod", "x", ""),
			},
			want: `
cluster .
  Application argocd/a in b/a.yaml
  Application argocd/b in a/b.yaml
  Pod shop/x in b/pod.yaml`,
		},
		{
			name:  "what is elsewhere may be anything",
			files: []string{"apps/web.yaml", application("web", "nowhere", ""), "apps/pod.yaml", object("Pod", "a", "")},
			want: `
cluster .
  Application argocd/web in apps/web.yaml
  Pod a in apps/pod.yaml
  because Application argocd/web is not followed: nothing tells that https://example.com/us/gitops is this repository
note apps/web.yaml: Application not followed: nothing tells that https://example.com/us/gitops is this repository`,
		},
		{
			name: "a Kustomization of Flux over plain files",
			files: []string{
				"clusters/prod/web.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n" +
					"spec: {path: ./web, targetNamespace: shop, sourceRef: {kind: GitRepository, name: flux-system}}\n",
				"clusters/prod/source.yaml", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\n" +
					"spec: {url: 'https://example.com/us/gitops'}\n",
				"web/pod.yaml", object("Pod", "a", ""),
			},
			want: `
cluster .
  GitRepository flux-system/flux-system in clusters/prod/source.yaml
  Kustomization flux-system/web in clusters/prod/web.yaml
  Pod shop/a in web/pod.yaml`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check(t, files(test.files...), test.options, test.want)
		})
	}
}

// TestBaseOfACluster: a kustomization that another cluster builds on is built for the
// cluster of the user's that has it.
func TestBaseOfACluster(t *testing.T) {
	t.Parallel()
	check(t, files("base/kustomization.yaml", "resources: [pod.yaml]", "base/pod.yaml", object("Pod", "a", ""),
		"prod/kustomization.yaml", "resources: [../base]\nnamePrefix: prod-\n"), Options{Paths: []string{"."}, Clusters: []ClusterConfig{
		{Name: "dev", Paths: []string{"base"}}, {Name: "prod", Paths: []string{"prod"}}, {Name: "both", Paths: []string{"base", "prod"}},
	}}, `
cluster dev
  Pod a in base/pod.yaml
cluster prod
  Pod prod-a in base/pod.yaml
cluster both
  Pod prod-a in base/pod.yaml`)
}

// TestAlternativesAndComplements: of the folders that a tree was cut into, those that
// do not contradict each other may hold each other's policies.
func TestAlternativesAndComplements(t *testing.T) {
	t.Parallel()
	const policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n"
	namespace := object("Namespace", "shop", "")
	dev, prod := object("Deployment", "web", "spec: {replicas: 1}"), object("Deployment", "web", "spec: {replicas: 2}")
	r, err := Load(t.Context(), files("dev/web.yaml", dev, "dev/ns.yaml", namespace, "prod/web.yaml", prod, "prod/ns.yaml", namespace, "prod/deny.yaml", policy), Options{Paths: []string{"."}})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Clusters[0].Knows(model.Policies, "shop"); got != model.Inferred {
		t.Errorf("beside an alternative the policies of dev are known: %s", got)
	}
	r, err = Load(t.Context(), files("dev/web.yaml", dev, "dev/ns.yaml", namespace, "prod/web.yaml", prod, "policies/deny.yaml", policy), Options{Paths: []string{"."}})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Clusters[0].Knows(model.Policies, "shop"); got != model.NotKnown {
		t.Errorf("beside policies of their own folder those of dev are known: %s", got)
	}
}

// TestGiven: a value of a chart is found in what installs it.
func TestGiven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ options, want string }{
		"an object":       {"    helm:\n      valuesObject:\n        type: NodePort\n", "apps/app.yaml: NodePort"},
		"a text":          {"    helm:\n      values: |\n        type: NodePort\n", "apps/app.yaml: |\n        type: NodePort (not certain)"},
		"a file":          {"    helm: {valueFiles: [values-prod.yaml]}\n", "c/values-prod.yaml: NodePort"},
		"the chart's own": {"    helm: {releaseName: x}\n", "c/values.yaml: ClusterIP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := files(chart("c", "c/values.yaml", "replicas: 1\nservice: true\ntype: ClusterIP\n", "c/values-prod.yaml", "type: NodePort\n",
				"apps/app.yaml", application("web", "c", test.options))...)
			r, err := Load(t.Context(), fsys, Options{Paths: []string{"."}})
			if err != nil {
				t.Fatal(err)
			}
			service := r.Clusters[0].All(model.KindService)[0]
			at, ok := service.Source.(model.Printed).Given(model.Path{"spec", "type"}, model.PartValue)
			text, _ := r.Files.Text(at.File)
			got := fmt.Sprintf("%s: %s", at.File, text[at.Start:at.End])
			if at.Inexact {
				got += " (not certain)"
			}
			if got != test.want || !ok {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
