package loader

import "testing"

// FuzzBuilt: whatever a template, a kustomization and what installs them say, there is
// no panic, places lie in their files, and the same input gives the same result.
func FuzzBuilt(f *testing.F) {
	f.Add(deploymentTemplate, "replicas: 1", "resources: [pod.yaml]\nnamePrefix: a-", application("web", "chart", "    helm: {valueFiles: [values-prod.yaml]}\n"))
	f.Add(serviceTemplate, "service: {a: b}", "resources: [../k, pod.yaml]", application("web", "k", "    kustomize: {namePrefix: b-}\n"))
	f.Add("{{ range until 9 }}{{ . }}\n{{ end }}", "", "patches: [{path: pod.yaml}]\nresources: [../apps]", application("apps", "apps", "")+"---\n"+application("k", "k", ""))
	f.Fuzz(func(t *testing.T, template, values, kustomization, app string) {
		fsys := files(
			"chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", "chart/values.yaml", "replicas: 1\n", "chart/values-prod.yaml", values,
			"chart/templates/a.yaml", template, "k/kustomization.yaml", kustomization, "k/pod.yaml", object("Pod", "a", ""), "apps/app.yaml", app,
		)
		loadTwice(t, fsys, Options{Paths: []string{"."}})
	})
}
