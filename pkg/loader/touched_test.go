package loader

import "testing"

// TestTouched: what something installs with options that are not known is not judged by
// the defaults of its folder.
func TestTouched(t *testing.T) {
	t.Parallel()
	const (
		values = "replicas: 1\nservice: true\ntype: ClusterIP\n"
		named  = "Helm chart: what depends on its values is unknown, unless --values or the config names them: "
		git    = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: us, namespace: shop}\nspec: {url: https://example.com/us/gitops}\n---\n"
	)
	release := func(rest string) string {
		return git + "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n" +
			"  chart: {spec: {chart: c, sourceRef: {kind: GitRepository, name: us}}}\n" + rest
	}
	set := func(source string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web, namespace: argocd}\nspec:\n  generators: [{clusters: {}}]\n  template:\n" +
			"    metadata: {name: '{{name}}'}\n    spec:\n      destination: {server: '{{server}}', namespace: shop}\n" +
			"      source: {repoURL: https://example.com/us/gitops, " + source + "}\n"
	}
	for name, test := range map[string]struct {
		files   []string
		options Options
		want    string
	}{
		"a release with values of a Secret": {
			files: chart("c", "c/values.yaml", values, "flux/web.yaml", release("  valuesFrom: [{kind: Secret, name: web}]\n")),
			want: `
cluster .
  Deployment web in c/templates/web.yaml ?spec.replicas
  GitRepository shop/us in flux/web.yaml
  HelmRelease shop/web in flux/web.yaml
  because HelmRelease shop/web is not followed: spec.valuesFrom[0]: the Secret web is not read
  because Service web in c/templates/service.yaml depends on what the cluster has, or on values that nobody has set
  because the values of the chart c are not known
note c: ` + named + `HelmRelease shop/web installs it in a way that is not known (spec.valuesFrom[0]: the Secret web is not read)
note flux/web.yaml: HelmRelease not followed: spec.valuesFrom[0]: the Secret web is not read`,
		},
		"unless the user names the values": {
			files:   chart("c", "c/values.yaml", values, "flux/web.yaml", release("  valuesFrom: [{kind: Secret, name: web}]\n"), "prod.yaml", "replicas: 3\n"),
			options: Options{Paths: []string{"c", "flux"}, Values: []string{"prod.yaml"}},
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  GitRepository shop/us in flux/web.yaml
  HelmRelease shop/web in flux/web.yaml
  Service web in c/templates/service.yaml
  because HelmRelease shop/web is not followed: spec.valuesFrom[0]: the Secret web is not read
note flux/web.yaml: HelmRelease not followed: spec.valuesFrom[0]: the Secret web is not read`,
		},
		"a release that is suspended and brings no values": {
			files: chart("c", "c/values.yaml", values, "flux/web.yaml", release("  suspend: true\n")),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  GitRepository shop/us in flux/web.yaml
  HelmRelease shop/web in flux/web.yaml
  Service web in c/templates/service.yaml
  because HelmRelease shop/web is not followed: it is suspended, and what it installed before is not known
note flux/web.yaml: HelmRelease not followed: it is suspended, and what it installed before is not known`,
		},
		"clusters that nobody knows, with values": {
			files: chart("c", "c/values.yaml", values, "argo/set.yaml", set("path: c, helm: {valuesObject: {replicas: 2}}")),
			want: `
cluster .
  ApplicationSet argocd/web in argo/set.yaml ?spec.template.metadata.name ?spec.template.spec.destination.server
  Deployment web in c/templates/web.yaml ?spec.replicas
  because ApplicationSet argocd/web is not followed: the clusters that Argo CD knows are not in the input
  because Service web in c/templates/service.yaml depends on what the cluster has, or on values that nobody has set
  because the values of the chart c are not known
note argo/set.yaml: ApplicationSet not followed: the clusters that Argo CD knows are not in the input
note c: ` + named + `ApplicationSet argocd/web installs it in a way that is not known (the clusters that Argo CD knows are not in the input)`,
		},
		"clusters that nobody knows, and nothing else": {
			files: chart("c", "c/values.yaml", values, "argo/set.yaml", set("path: c")),
			want: `
cluster .
  ApplicationSet argocd/web in argo/set.yaml ?spec.template.metadata.name ?spec.template.spec.destination.server
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml
  because ApplicationSet argocd/web is not followed: the clusters that Argo CD knows are not in the input
note argo/set.yaml: ApplicationSet not followed: the clusters that Argo CD knows are not in the input`,
		},
		"a folder for each cluster": {
			files: []string{
				"k/a/kustomization.yaml", "resources: [pod.yaml]\n", "k/a/pod.yaml", object("Pod", "a", ""),
				"k/b/kustomization.yaml", "resources: [pod.yaml]\n", "k/b/pod.yaml", object("Pod", "b", ""),
				"other/kustomization.yaml", "resources: [pod.yaml]\n", "other/pod.yaml", object("Pod", "c", ""),
				"argo/set.yaml", set("path: 'k/{{name}}', kustomize: {patches: [{patch: '{}', target: {kind: Pod}}]}"),
			},
			want: `
cluster .
  ApplicationSet argocd/web in argo/set.yaml ?spec.template.metadata.name ?spec.template.spec.destination.server ?spec.template.spec.source.path
  Pod c in other/pod.yaml
  because ApplicationSet argocd/web is not followed: the clusters that Argo CD knows are not in the input
  because k/a is not analysed: ApplicationSet argocd/web installs it in a way that is not known (the clusters that Argo CD knows are not in the input)
  because k/b is not analysed: ApplicationSet argocd/web installs it in a way that is not known (the clusters that Argo CD knows are not in the input)
note argo/set.yaml: ApplicationSet not followed: the clusters that Argo CD knows are not in the input
note k/a: kustomization not analysed: ApplicationSet argocd/web installs it in a way that is not known (the clusters that Argo CD knows are not in the input)
note k/b: kustomization not analysed: ApplicationSet argocd/web installs it in a way that is not known (the clusters that Argo CD knows are not in the input)`,
		},
		"a chart that Terraform installs": {
			files: chart("c", "c/values.yaml", values, "main.tf", "resource \"helm_release\" \"web\" {\n  name = \"web\"\n  chart = \"${path.module}/c\"\n  values = [file(\"x\")]\n}\n"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml ?spec.replicas
  because Service web in c/templates/service.yaml depends on what the cluster has, or on values that nobody has set
  because helm_release.web is not rendered
  because the values of the chart c are not known
note c: ` + named + `helm_release.web installs it with values of its own`,
		},
		"a chart that Terraform installs as it is": {
			files: chart("c", "c/values.yaml", values, "main.tf", "resource \"helm_release\" \"web\" {\n  name = \"web\"\n  chart = \"./c\"\n}\n"),
			want: `
cluster .
  Deployment web in c/templates/web.yaml
  Service web in c/templates/service.yaml
  because helm_release.web is not rendered`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, files(test.files...), test.options, test.want)
		})
	}
}
