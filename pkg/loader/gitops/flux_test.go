package gitops_test

import (
	"strings"
	"testing"
)

// git is a GitRepository that holds the repository.
const git = clone + `
-- git.yaml --
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: flux-system}
spec: {url: ssh://git@github.com/acme/shop, ref: {branch: main}}
`

func flux(kind, apiVersion, spec string) string {
	return git + "-- flux.yaml --\napiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: web, namespace: flux-system}\nspec:\n" + indent(spec)
}

func ks(spec string) string {
	return flux("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "sourceRef: {kind: GitRepository, name: shop}\n"+spec)
}

func TestFluxKustomization(t *testing.T) {
	t.Parallel()
	plain := "-- apps/b.yml --\n-- apps/a.yaml --\n-- apps/sub/c.yaml --\n-- apps/sub/d.json --\n-- apps/base/kustomization.yaml --\n-- apps/base/e.yaml --\n-- apps/.sops.yaml --\n-- apps/.github/f.yaml --\n"
	const none = "Kustomization flux-system/web: not followed: "
	base := baseFile[1:]
	tests := []test{
		{"kustomization", ks("path: ./base") + base, []string{
			"Kustomization flux-system/web: kustomize base",
		}},
		{"options", ks("path: /base\ntargetNamespace: shop\nnamePrefix: a-\nnameSuffix: -b\nimages: [{name: web, newTag: v2}]\ncomponents: [../c]\npatches: [{patch: x}]\npatchesStrategicMerge: [{kind: A}]\npatchesJson6902: [{target: {kind: B}, patch: [{op: remove, path: /x}]}]\ncommonMetadata: {labels: {team: x}}\npostBuild: {substitute: {a: b}}\n") + base, []string{
			"Kustomization flux-system/web: kustomize base in shop\nbase/kustomization.yaml = components:\n- ../c\nimages:\n- name: web\n  newTag: v2\nlabels:\n- pairs:\n    team: x\n" +
				"namePrefix: a-\nnameSuffix: -b\nnamespace: shop\npatches:\n- patch: x\npatchesJson6902:\n- patch: '[{\"op\":\"remove\",\"path\":\"/x\"}]'\n  target:\n    kind: B\npatchesStrategicMerge:\n- |\n  kind: A\nresources:\n- web.yaml",
		}},
		{"generated", ks("path: apps") + plain, []string{
			"Kustomization flux-system/web: kustomize apps\napps/kustomization.yaml = apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- a.yaml\n- b.yml\n- base\n- sub/c.yaml",
		}},
		{"generated, less what is ignored", ks("path: apps") + plain + "-- apps/sub/.sourceignore --\n", []string{
			none + "which files apps/sub/.sourceignore leaves is not known",
		}},
		{"the root", ks("") + "-- x/kustomization.yaml --\n", []string{
			"Kustomization flux-system/web: kustomize .\nkustomization.yaml = apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- flux.yaml\n- git.yaml\n- x",
		}},
		{"annotations", ks("path: base\ncommonMetadata: {annotations: {a: b}}") + base, []string{
			none + "commonMetadata.annotations are not added",
		}},
		{"suspended", ks("path: base\nsuspend: true") + base, []string{
			none + "it is suspended, and what it installed before is not known",
		}},
		{"another cluster", ks("path: base\nkubeConfig: {secretRef: {name: prod}}") + base, []string{
			"Kustomization flux-system/web: kustomize base to the cluster of prod",
		}},
		{"another cluster, not followed", ks("path: gone\nkubeConfig: {secretRef: {name: prod}}") + base, []string{
			none + "the folder gone is not in this repository to the cluster of prod",
		}},
		{"another kind of source", flux("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "path: base\nsourceRef: {kind: OCIRepository, name: shop}") + base, []string{
			none + "the OCIRepository shop is not in this repository",
		}},
		{"a source of another namespace", flux("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "path: base\nsourceRef: {kind: GitRepository, name: shop, namespace: other}") + base, []string{
			none + "GitRepository other/shop is not in the input",
		}},
		{"another repository", strings.Replace(ks("path: base"), "acme/shop,", "acme/other,", 1) + base, []string{
			none + "ssh://git@github.com/acme/other is another repository",
		}},
		{"a tag", strings.Replace(ks("path: base"), "branch: main", "tag: stable", 1) + base, []string{
			none + "the revision stable need not be what this tree shows",
		}},
		{"a revision that is not known", strings.Replace(ks("path: base"), "branch: main", "branch: $BRANCH", 1) + base, []string{
			none + "GitRepository flux-system/shop: spec.ref.branch is not known",
		}},
		{"other repositories included", strings.Replace(ks("path: base"), "ref:", "include: [{repository: {name: x}}], ref:", 1) + base, []string{
			none + "GitRepository flux-system/shop includes other repositories",
		}},
		{"a source that is suspended", strings.Replace(ks("path: base"), "ref:", "suspend: true, ref:", 1) + base, []string{
			none + "GitRepository flux-system/shop is suspended",
		}},
		{"two sources of one name", ks("path: base") + base + strings.NewReplacer("git.yaml", "git2.yaml", "main", "dev").Replace(git[len(clone):]), []string{
			none + "the input holds several of GitRepository flux-system/shop",
		}},
		{"the same source twice", ks("path: base") + base + strings.Replace(git[len(clone):], "git.yaml", "git2.yaml", 1), []string{
			"Kustomization flux-system/web: kustomize base",
		}},
		{"generated from a part of the source", strings.Replace(ks("path: apps"), "ref:", "ignore: '/*', ref:", 1) + plain, []string{
			none + "which files spec.ignore of its GitRepository leaves is not known",
		}},
		{"a path that is not known", ks("path: clusters/${cluster}") + base, []string{none + "spec.path is not known"}},
		{"what does not matter is not known", ks("path: base\ninterval: ${interval}\npostBuild: {substitute: {a: '${b}'}}") + base, []string{
			"Kustomization flux-system/web: kustomize base",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func hr(spec string) string {
	return flux("HelmRelease", "helm.toolkit.fluxcd.io/v2", spec) + chartFile[1:]
}

func TestHelmRelease(t *testing.T) {
	t.Parallel()
	const (
		chart = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: shop}}}\n"
		none  = "HelmRelease flux-system/web: not followed: "
		some  = "HelmRelease flux-system/web: helm charts/web in "
		maps  = "-- map.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: flux-system}\ndata: {values.yaml: 'a: 1', other: 'b: 2', open: 'c: ${C}', bad: '- d'}\n"
	)
	tests := []test{
		{"chart", hr(chart), []string{some + "flux-system as web"}},
		{"another namespace", hr(chart + "targetNamespace: shop"), []string{some + "shop as shop-web"}},
		{"named", hr(chart + "targetNamespace: shop\nreleaseName: front"), []string{some + "shop as front"}},
		{"a long name", hr(chart + "releaseName: " + strings.Repeat("abcdefghij", 6)), []string{
			some + "flux-system as abcdefghijabcdefghijabcdefghijabcdefghij-58beb6bb9b80",
		}},
		{"values in order", hr(chart+"values: {z: 1}\nvaluesFrom: [{kind: ConfigMap, name: values}, {kind: ConfigMap, name: values, valuesKey: other}, {kind: ConfigMap, name: values, valuesKey: none, optional: true}]") + maps, []string{
			some + "flux-system as web\nmap.yaml: a: 1\nmap.yaml: b: 2\nflux.yaml: {\"z\":1}",
		}},
		{"a Secret", hr(chart + "valuesFrom: [{kind: Secret, name: values, optional: true}]"), []string{
			none + "spec.valuesFrom[0]: the Secret values is not read",
		}},
		{"a ConfigMap that is not there", hr(chart + "valuesFrom: [{kind: ConfigMap, name: values, optional: true}]"), []string{
			none + "spec.valuesFrom[0]: ConfigMap flux-system/values is not in the input",
		}},
		{"a key that is not there", hr(chart+"valuesFrom: [{kind: ConfigMap, name: values, valuesKey: none}]") + maps, []string{
			none + "spec.valuesFrom[0]: ConfigMap flux-system/values has no key none",
		}},
		{"a key that is not known", hr(chart+"valuesFrom: [{kind: ConfigMap, name: values, valuesKey: open}]") + maps, []string{
			none + "spec.valuesFrom[0]: data.open is not known",
		}},
		{"a key that holds no values", hr(chart+"valuesFrom: [{kind: ConfigMap, name: values, valuesKey: bad}]") + maps, []string{
			none + "spec.valuesFrom[0]: bad of ConfigMap flux-system/values holds no values",
		}},
		{"one value", hr(chart+"valuesFrom: [{kind: ConfigMap, name: values, targetPath: a.b}]") + maps, []string{
			none + "spec.valuesFrom[0]: targetPath is not followed",
		}},
		{"values that are not known", hr(chart + "values: {a: {b: '${B}'}}"), []string{none + "spec.values.a.b is not known"}},
		{"files of values replace those of the chart", hr("chart: {spec: {chart: charts/web, valuesFile: charts/web/values.yaml, valuesFiles: [./env/eu.yaml, env/gone.yaml], ignoreMissingValuesFiles: true, sourceRef: {kind: GitRepository, name: shop}}}") + "-- charts/web/values.yaml --\na: 1\n-- env/eu.yaml --\nb: 2\n", []string{
			some + "flux-system as web\ncharts/web/values.yaml: a: 1\nenv/eu.yaml: b: 2\ncharts/web/values.yaml = ",
		}},
		{"files of values that are missing", hr("chart: {spec: {chart: charts/web, valuesFiles: [gone.yaml], sourceRef: {kind: GitRepository, name: shop}}}"), []string{
			none + "the values file gone.yaml is not in this repository",
		}},
		{"files of values outside", hr("chart: {spec: {chart: charts/web, valuesFiles: [../gone.yaml], sourceRef: {kind: GitRepository, name: shop}}}"), []string{
			none + "the path \"../gone.yaml\" leaves the repository",
		}},
		{"a remote chart", hr("values: {a: '${A}'}\nchart: {spec: {chart: nginx, sourceRef: {kind: HelmRepository, name: bitnami}}}"), []string{
			none + "the HelmRepository bitnami is not in this repository",
		}},
		{"no chart there", hr("chart: {spec: {chart: charts, sourceRef: {kind: GitRepository, name: shop}}}"), []string{none + "charts holds no chart"}},
		{"a reference", hr("chartRef: {kind: HelmChart, name: web, namespace: charts}") + "-- chart.yaml --\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, namespace: charts}\nspec: {chart: charts/web, sourceRef: {kind: GitRepository, name: shop}}\n", []string{
			none + "GitRepository charts/shop is not in the input",
		}},
		{"a reference that is found", hr("chartRef: {kind: HelmChart, name: web}") + "-- chart.yaml --\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, namespace: flux-system}\nspec: {chart: charts/web, sourceRef: {kind: GitRepository, name: shop}}\n", []string{
			some + "flux-system as web",
		}},
		{"a reference elsewhere", hr("chartRef: {kind: OCIRepository, name: web}"), []string{none + "the OCIRepository web is not in this repository"}},
		{"renderers", hr(chart + "postRenderers: [{kustomize: {}}]"), []string{none + "its postRenderers are not run"}},
		{"metadata", hr(chart + "commonMetadata: {labels: {a: b}}"), []string{none + "its commonMetadata is not added"}},
		{"suspended", hr(chart + "suspend: true"), []string{none + "it is suspended, and what it installed before is not known"}},
		{"another cluster", hr(chart + "kubeConfig: {secretRef: {name: prod}}"), []string{
			"HelmRelease flux-system/web: helm charts/web in flux-system to the cluster of prod as web",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}
