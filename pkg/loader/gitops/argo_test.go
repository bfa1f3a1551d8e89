package gitops_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/model"
)

// app is an Application of the repository, with a source and a destination.
func app(source, more string) string {
	return clone + `
-- app.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  source:
    repoURL: https://github.com/acme/shop
` + indent(source) + more
}

func TestApplication(t *testing.T) {
	t.Parallel()
	plain := "\n-- apps/b.yml --\n-- apps/a.yaml --\n-- apps/sub/c.json --\n-- apps/README.md --\n"
	tests := []test{
		{"plain files, not below", app("path: apps", plain), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml apps/b.yml",
		}},
		{"recursive", app("path: ./apps/\ndirectory: {recurse: true}", plain), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml apps/b.yml apps/sub/c.json",
		}},
		{"included and excluded", app("path: apps\ndirectory: {recurse: true, include: '{*.yaml,*.json}', exclude: 'sub*'}", plain), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml",
		}},
		{"skipped file", app("path: apps", "\n-- apps/a.yaml --\n# +argocd:skip-file-rendering\n-- apps/b.yaml --\n"), []string{
			"Application argocd/web: plain apps in shop: apps/b.yaml",
		}},
		{"jsonnet", app("path: apps", "\n-- apps/a.yaml --\n-- apps/b.jsonnet --\n"), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml",
			"Application argocd/web: not followed: apps/b.jsonnet is not evaluated",
		}},
		{"folder of the repository itself", app("path: .", "\n-- README.md --\n"), []string{
			"Application argocd/web: plain . in shop: app.yaml",
		}},
		{"chart", app("path: charts/web", chartFile), []string{
			"Application argocd/web: helm charts/web in shop as web",
		}},
		{"chart that is said to be plain", app("path: charts/web\ndirectory: {}", chartFile), []string{
			"Application argocd/web: plain charts/web in shop: charts/web/Chart.yaml",
		}},
		{"kustomization", app("path: base", baseFile), []string{
			"Application argocd/web: kustomize base in shop",
		}},
		{"both", app("path: charts/web", chartFile+"-- charts/web/kustomization.yaml --\n"), []string{
			"Application argocd/web: not followed: charts/web holds a chart and a kustomization",
		}},
		{"both, one named", app("path: charts/web\nkustomize: {}", chartFile+"-- charts/web/Kustomization --\n"), []string{
			"Application argocd/web: kustomize charts/web in shop\ncharts/web/Kustomization = {}",
		}},
		{"two tools", app("path: apps\nhelm: {}\nkustomize: {}", plain), []string{
			"Application argocd/web: not followed: it names two tools",
		}},
		{"named tool without its file", app("path: apps\nhelm: {releaseName: x}", plain), []string{
			"Application argocd/web: not followed: apps holds no chart",
		}},
		{"plugin", app("path: apps\nplugin: {}", plain), []string{
			"Application argocd/web: not followed: a plugin makes its objects",
		}},
		{"remote chart", app("chart: nginx\ntargetRevision: 1.2.3", ""), []string{
			"Application argocd/web: not followed: the chart nginx is not in this repository",
		}},
		{"no folder", app("targetRevision: HEAD", ""), []string{
			"Application argocd/web: not followed: it names no folder",
		}},
		{"folder that is missing", app("path: gone", plain), []string{
			"Application argocd/web: not followed: the folder gone is not in this repository",
		}},
		{"file instead of a folder", app("path: app.yaml", plain), []string{
			"Application argocd/web: not followed: the folder app.yaml is not in this repository",
		}},
		{"folder outside", app("path: ../other", plain), []string{
			"Application argocd/web: not followed: the path \"../other\" leaves the repository",
		}},
		{"absolute folder", app("path: /apps", plain), []string{
			"Application argocd/web: not followed: the path \"/apps\" leaves the repository",
		}},
		{"folder not known", app("path: apps/${ENV}", plain), []string{
			"Application argocd/web: not followed: spec.source.path is not known",
		}},
		{"branch", app("path: apps\ntargetRevision: release/next", plain), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml apps/b.yml",
		}},
		{"commit", app("path: apps\ntargetRevision: 0a1b2c3d", plain), []string{
			"Application argocd/web: not followed: the revision 0a1b2c3d need not be what this tree shows",
		}},
		{"version", app("path: apps\ntargetRevision: v1.2.*", plain), []string{
			"Application argocd/web: not followed: the revision v1.2.* need not be what this tree shows",
		}},
		{"tag", app("path: apps\ntargetRevision: stable", plain+"-- .git/packed-refs --\n0 refs/tags/stable\n"), []string{
			"Application argocd/web: not followed: the revision stable need not be what this tree shows",
		}},
		{"overrides in git", app("path: base", baseFile+"-- base/.argocd-source-web.yaml --\n"), []string{
			"Application argocd/web: not followed: what .argocd-source-web.yaml overrides is not read",
		}},
		{"field of a wrong type", app("path: [apps]", plain), []string{
			"Application argocd/web: not followed: spec.source.path is of the wrong type",
		}},
		{"nothing of it is a problem to others", app("path: apps", plain) + "-- other.yaml --\nkind: Application\napiVersion: argoproj.io/v1alpha1\n", []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml apps/b.yml",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationHelm(t *testing.T) {
	t.Parallel()
	files := chartFile + "-- charts/web/prod.yaml --\na: 1\n-- env/eu.yaml --\nb: 2\n"
	const header = "Application argocd/web: helm charts/web in shop as "
	tests := []test{
		{"values in order", app("path: charts/web\nhelm:\n  releaseName: front\n  valueFiles: [prod.yaml, ../../env/eu.yaml, /env/eu.yaml]\n  values: |\n    c: 3", files), []string{
			header + "front\ncharts/web/prod.yaml: a: 1\nenv/eu.yaml: b: 2\nenv/eu.yaml: b: 2\napp.yaml: c: 3",
		}},
		{"an object of values wins", app("path: charts/web\nhelm:\n  values: 'c: 3'\n  valuesObject: {d: {e: [4]}}", files), []string{
			header + `web` + "\n" + `app.yaml: {"d":{"e":[4]}}`,
		}},
		{"parameters", app("path: charts/web\nhelm:\n  parameters:\n  - {name: a, value: 'x,y\\,z'}\n  - {name: b, value: '{1,2}'}\n  - {name: c, value: 'true', forceString: true}\n  - {name: a, value: last}", files), []string{
			header + "web\nset b={1,2}\nset a=last\nset string c=true",
		}},
		{"commas", app("path: charts/web\nhelm:\n  parameters:\n  - {name: a, value: 'x,y\\,z'}", files), []string{
			header + "web\nset a=x\\,y\\,z",
		}},
		{"missing values", app("path: charts/web\nhelm: {valueFiles: [gone.yaml]}", files), []string{
			"Application argocd/web: not followed: the values file gone.yaml is not in this repository",
		}},
		{"missing values that may be", app("path: charts/web\nhelm: {valueFiles: [gone.yaml, prod.yaml], ignoreMissingValueFiles: true}", files), []string{
			header + "web\ncharts/web/prod.yaml: a: 1",
		}},
		{"pattern of values", app("path: charts/web\nhelm: {valueFiles: ['*.yaml'], ignoreMissingValueFiles: true}", files), []string{
			"Application argocd/web: not followed: which files *.yaml names depends on the release of Argo CD",
		}},
		{"values outside", app("path: charts/web\nhelm: {valueFiles: [../../../x.yaml]}", files), []string{
			"Application argocd/web: not followed: the path \"../x.yaml\" leaves the repository",
		}},
		{"values elsewhere", app("path: charts/web\nhelm: {valueFiles: ['https://example.com/x.yaml']}", files), []string{
			"Application argocd/web: not followed: the values file https://example.com/x.yaml is not in this repository",
		}},
		{"values not known", app("path: charts/web\nhelm: {values: 'a: ${A}'}", files), []string{
			"Application argocd/web: not followed: spec.source.helm.values is not known",
		}},
		{"file parameters", app("path: charts/web\nhelm: {fileParameters: [{name: a, path: b}]}", files), []string{
			"Application argocd/web: not followed: helm.fileParameters are not read",
		}},
		{"version of the cluster", app("path: charts/web\nhelm: {kubeVersion: 1.30.0}", files), []string{
			"Application argocd/web: not followed: helm.kubeVersion is not passed on",
		}},
		{"kinds of the cluster", app("path: charts/web\nhelm: {apiVersions: [x/v1]}", files), []string{
			"Application argocd/web: not followed: helm.apiVersions are not passed on",
		}},
		{"namespace of its own", app("path: charts/web\nhelm: {namespace: other}", files), []string{
			"Application argocd/web: not followed: its chart is rendered for another namespace than it is installed in",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationKustomize(t *testing.T) {
	t.Parallel()
	const header = "Application argocd/web: kustomize base in shop\nbase/kustomization.yaml = "
	tests := []test{
		{"prefix and namespace", app("path: base\nkustomize: {namePrefix: new-, nameSuffix: -x, namespace: other}", baseFile), []string{
			header + "namePrefix: new-\nnameSuffix: -x\nnamespace: other\nresources:\n- web.yaml",
		}},
		{"images", app("path: base\nkustomize: {images: ['web=r.io:5000/web:v2', 'r.io:5000/raw', 'db@sha256:1', 'proxy:3']}", baseFile), []string{
			header + "images:\n- name: web\n  newName: r.io:5000/web\n  newTag: v2\n- name: r.io:5000/raw\n- digest: sha256:1\n  name: db\n- name: proxy\n  newTag: \"3\"\nnamePrefix: old-\nresources:\n- web.yaml",
		}},
		{"replicas", app("path: base\nkustomize: {replicas: [{name: web, count: 3}, {name: db, count: '2'}]}", baseFile), []string{
			header + "namePrefix: old-\nreplicas:\n- count: 3\n  name: web\n- count: 2\n  name: db\nresources:\n- web.yaml",
		}},
		{"labels", app("path: base\nkustomize: {commonLabels: {a: b}, commonAnnotations: {c: d}}", baseFile), []string{
			header + "commonAnnotations:\n  c: d\ncommonLabels:\n  a: b\nnamePrefix: old-\nresources:\n- web.yaml",
		}},
		{"labels without selectors", app("path: base\nkustomize: {commonLabels: {a: b}, labelWithoutSelector: true, labelIncludeTemplates: true}", baseFile), []string{
			header + "labels:\n- includeTemplates: true\n  pairs:\n    a: b\nnamePrefix: old-\nresources:\n- web.yaml",
		}},
		{"label that is there", app("path: base\nkustomize: {commonLabels: {a: b}}", "\n-- base/kustomization.yaml --\ncommonLabels: {a: c}\n"), []string{
			"Application argocd/web: not followed: commonLabels of the kustomization has a already",
		}},
		{"label that is there, by force", app("path: base\nkustomize: {commonLabels: {a: b}, forceCommonLabels: true}", "\n-- base/kustomization.yaml --\ncommonLabels: {a: c}\n"), []string{
			header + "commonLabels:\n  a: b",
		}},
		{"patches and components", app("path: base\nkustomize:\n  patches: [{target: {kind: Service}, patch: 'x'}]\n  components: [../c, ../gone]\n  ignoreMissingComponents: true", baseFile+"-- c/kustomization.yaml --\n"), []string{
			header + "components:\n- ../c\nnamePrefix: old-\npatches:\n- patch: x\n  target:\n    kind: Service\nresources:\n- web.yaml",
		}},
		{"file that is none", app("path: base\nkustomize: {namePrefix: a}", "\n-- base/kustomization.yaml --\n- a\n"), []string{
			"Application argocd/web: not followed: base/kustomization.yaml is not valid YAML",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

// several is an Application with several sources.
func several(sources, more string) string {
	return clone + `
-- app.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {name: in-cluster, namespace: shop}
  source: {repoURL: https://github.com/acme/shop, path: ignored}
  sources:
` + indent(sources) + more
}

func TestApplicationSources(t *testing.T) {
	t.Parallel()
	files := chartFile + "-- env/eu.yaml --\nb: 2\n-- apps/a.yaml --\n"
	tests := []test{
		{"values of another source", several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$values/env/eu.yaml]}}\n- {repoURL: 'ssh://git@github.com:22/acme/shop.git', ref: values}\n- {repoURL: 'https://github.com/acme/shop', path: apps}", files), []string{
			"Application argocd/web: helm charts/web in shop as web\nenv/eu.yaml: b: 2",
			"Application argocd/web: plain apps in shop: apps/a.yaml",
		}},
		{"a source with a name and a folder", several("- {repoURL: 'https://github.com/acme/shop', path: apps, ref: values}", files), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml",
		}},
		{"values of another repository", several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$values/env/eu.yaml]}}\n- {repoURL: 'https://github.com/acme/values', ref: values}", files), []string{
			"Application argocd/web: not followed: https://github.com/acme/values is another repository",
		}},
		{"values of an older revision", several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$values/env/eu.yaml]}}\n- {repoURL: 'https://github.com/acme/shop', ref: values, targetRevision: v1}", files), []string{
			"Application argocd/web: not followed: the revision v1 need not be what this tree shows",
		}},
		{"a name that is none", several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$values/env/eu.yaml]}}", files), []string{
			"Application argocd/web: not followed: spec.sources[0].helm.valueFiles[0] is not known",
		}},
		{"a placeholder behind the name", several("- {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: ['$values/env/${REGION}.yaml']}}\n- {repoURL: 'https://github.com/acme/shop', ref: values}", files), []string{
			"Application argocd/web: not followed: spec.sources[0].helm.valueFiles[0] is not known",
		}},
		{"a remote chart beside", several("- {repoURL: 'https://charts.example.com', chart: nginx, targetRevision: 1.0.0}\n- {repoURL: 'https://github.com/acme/shop', path: apps}", files), []string{
			"Application argocd/web: plain apps in shop: apps/a.yaml",
			"Application argocd/web: not followed: the chart nginx is not in this repository",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationDestination(t *testing.T) {
	t.Parallel()
	with := func(destination string) string {
		return clone + "\n-- app.yaml --\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: " +
			destination + "\n  source: {repoURL: https://github.com/acme/shop, path: apps}\n-- apps/a.yaml --\n"
	}
	tests := []test{
		{"by address", with("{server: https://kubernetes.default.svc}"), []string{"Application web: plain apps: apps/a.yaml"}},
		{"by name", with("{name: in-cluster, namespace: a}"), []string{"Application web: plain apps in a: apps/a.yaml"}},
		{"another by address", with("{server: https://1.2.3.4}"), []string{"Application web: plain apps to https://1.2.3.4: apps/a.yaml"}},
		{"another by name", with("{name: prod}"), []string{"Application web: plain apps to prod: apps/a.yaml"}},
		{"none", with("{namespace: a}"), []string{"Application web: not followed: it names no cluster"}},
		{"two", with("{name: prod, server: https://1.2.3.4}"), []string{"Application web: not followed: it names a cluster twice"}},
		{"not known", with("{name: '${CLUSTER}'}"), []string{"Application web: not followed: spec.destination.name is not known"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	fsys := tree(app("path: apps", "\n-- apps/a.yaml --\n") + set("generators:\n- list: {elements: [{name: eu, server: https://kubernetes.default.svc}, {name: us}]}", simple, apps)[len(clone):])
	all := resources(fsys)
	objects := gitops.New(fsys, all)
	var got []string
	for _, res := range all {
		deliveries, gaps := objects.Of(res)
		for _, d := range deliveries {
			got = append(got, d.By.Name+" "+text(fsys, d.At))
		}
		for _, g := range gaps {
			got = append(got, g.By.Name+" "+text(fsys, g.At))
		}
	}
	if diff := cmp.Diff([]string{"web apps", "app-eu 'apps/{{name}}'", "app-us spec"}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func text(fsys fstest.MapFS, at model.Span) string {
	return string(fsys[at.File].Data[at.Start:at.End])
}
