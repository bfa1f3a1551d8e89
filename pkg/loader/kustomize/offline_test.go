package kustomize

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

// reaching are kustomizations that reach out in each field that can. URL is the address
// of a server, and HOST the same without its scheme.
func reaching() map[string]string {
	inline := func(field, kind, rest string) string {
		return field + ":\n- |-\n  apiVersion: builtin\n  kind: " + kind + "\n  metadata: {name: x}\n" + rest
	}
	out := map[string]string{
		"components":         "components: ['URL/org/repo?ref=main']",
		"bases":              "bases: ['URL/org/repo']",
		"crds":               "crds: ['URL/crd.json']",
		"configurations":     "configurations: ['URL/c.yaml']",
		"openapi":            "openapi: {path: 'URL/o.json'}",
		"patches":            "patches: [{path: 'URL/p.yaml', target: {kind: Service}}]",
		"patchesJson6902":    "patchesJson6902: [{path: 'URL/p.yaml', target: {kind: Service, name: web, version: v1}}]",
		"strategic":          "patchesStrategicMerge: ['URL/p.yaml']",
		"replacements":       "replacements: [{path: 'URL/r.yaml'}]",
		"config map file":    "configMapGenerator: [{name: x, files: ['URL/f']}]",
		"config map keyed":   "configMapGenerator: [{name: x, files: ['k=URL/f']}]",
		"config map envs":    "configMapGenerator: [{name: x, envs: ['URL/f']}]",
		"config map env":     "configMapGenerator: [{name: x, env: 'URL/f'}]",
		"secret file":        "secretGenerator: [{name: x, files: ['URL/f']}]",
		"secret envs":        "secretGenerator: [{name: x, envs: ['URL/f']}]",
		"generators":         "generators: ['URL/g.yaml']",
		"generators repo":    "generators: ['URL/org/repo.git']",
		"transformers":       "transformers: ['URL/t.yaml']",
		"validators":         "validators: ['URL/v.yaml']",
		"folder of plugins":  "transformers: [plugins]",
		"plugin in a file":   "transformers: [plugin.yaml]",
		"exec":               "transformers: [exec.yaml]",
		"container":          "generators: [container.yaml]",
		"text like a plugin": "transformers:\n- |-\n  URL/org/repo: x\n  kind: PatchTransformer",
		"list like a plugin": "generators:\n- |-\n  URL/org/repo\n",
		"any case":           "RESOURCES: ['URL/x.yaml', 'URL/org/repo']",
		"helm":               "helmCharts: [{name: x, repo: 'URL'}]",
		"helm old":           "helmChartInflationGenerator: [{chartName: x, chartRepoUrl: 'URL', helmBin: helm}]",
		"helm globals":       "helmGlobals: {chartHome: charts}\nhelmCharts: [{name: chart}]",
		"helm by a plugin":   inline("generators", "HelmChartInflationGenerator", "  name: x\n  repo: URL"),
		"patch by a plugin":  inline("transformers", "PatchTransformer", "  path: URL/p.yaml\n  target: {kind: Service}"),
		"any case, plugin":   inline("transformers", "PatchTransformer", "  PATH: URL/p.yaml\n  target: {kind: Service}"),
		"files of a plugin":  inline("generators", "ConfigMapGenerator", "  Files: [URL/f]"),
		"paths of a plugin":  inline("transformers", "PatchStrategicMergeTransformer", "  paths: [URL/f]"),
		"replaced by plugin": inline("transformers", "ReplacementTransformer", "  replacements: [{Path: URL/f}]"),
		"base of a base":     "resources: [../base]",
	}
	for _, entry := range []string{
		"URL/x.yaml", "URL/org/repo", "URL/org/repo.git//sub?ref=v1", "HTTP://HOST/x.yaml", "git::URL/org/repo", "GIT::URL/org/repo", "http:HOST", "http:/HOST/x",
		"ssh://HOST/org/repo", "git@HOST:org/repo.git", "a@HOST/org/repo", "file:///tmp/org/repo.git", "github.com/org/repo", "GitHub.com:org/repo",
		"/../URL/x", "./URL/x", "x/../URL/x", " URL/x", "\\tURL/x",
	} {
		out["resources: "+entry] = `resources: ["` + entry + `"]`
	}
	return out
}

const reachingTree = `
-- overlay/service.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
-- overlay/plugin.yaml --
apiVersion: builtin
kind: PatchTransformer
metadata: {name: x}
path: URL/p.yaml
target: {kind: Service}
-- overlay/exec.yaml --
apiVersion: example.com/v1
kind: Anything
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      exec: {path: git}
-- overlay/container.yaml --
apiVersion: example.com/v1
kind: Anything
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      container: {image: HOST/image, network: true}
-- overlay/plugins/kustomization.yaml --
resources: [../plugin.yaml]
-- overlay/charts/chart/Chart.yaml --
apiVersion: v2
name: chart
version: 1.0.0
-- base/kustomization.yaml --
resources: ['URL/x.yaml', 'URL/org/repo']
configMapGenerator: [{name: x, files: ['URL/f']}]
-- overlay/kustomization.yaml --
`

// trap puts programs into the path that leave a mark, and returns the file of the mark.
func trap(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mark := filepath.Join(dir, "mark")
	for _, name := range []string{"git", "helm", "docker", "ssh"} {
		script := "#!/bin/sh\necho ran >>" + mark + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	if err := exec.CommandContext(t.Context(), "git").Run(); err != nil {
		t.Skip("no shell to set the trap with: ", err)
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal("the trap does not work: ", err)
	}
	return mark
}

// captured collects what reaches the process's own output.
func captured(t *testing.T) func() string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w //nolint:reassign // only so is seen what the library prints
	log.SetOutput(w)            //nolint:forbidigo // as above
	done := make(chan string)
	go func() {
		var text bytes.Buffer
		_, _ = io.Copy(&text, r) // a pipe ends with EOF
		done <- text.String()
	}()
	return func() string {
		os.Stdout, os.Stderr = stdout, stderr //nolint:reassign // as above
		log.SetOutput(stderr)                 //nolint:forbidigo // as above
		_ = w.Close()
		return <-done
	}
}

func TestNothingIsFetchedRunOrPrinted(t *testing.T) { //nolint:paralleltest // it changes the environment
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	mark := trap(t)
	stop := captured(t)
	results := map[string]Result{}
	for name, text := range reaching() {
		text = strings.NewReplacer("URL", server.URL, "HOST", host).Replace(reachingTree + "resources: [service.yaml]\n" + text)
		for _, own := range []string{"resources:", "RESOURCES:"} {
			text = strings.Replace(text, "resources: [service.yaml]\n"+own, own, 1)
		}
		fsys, _ := archive(t, []byte(text))
		results[name] = Build(fsys, "overlay", manifest.NewReader(nil))
	}
	if text := stop(); text != "" {
		t.Errorf("printed: %s", text)
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if text, err := os.ReadFile(mark); err == nil {
		t.Errorf("programs ran: %s", text)
	}
	for name, r := range results {
		f := r.Fragment
		if len(f.Notes) == 0 && len(f.Problems) == 0 {
			t.Errorf("%s: nothing is said of what is not read: %+v", name, r)
		}
		if r.Failed != nil {
			t.Logf("%s: failed: %s", name, r.Failed.Message)
		}
	}
}

func TestNothingIsPrinted(t *testing.T) { //nolint:paralleltest // it changes where the process prints to
	files, err := filepath.Glob("testdata/build/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var trees [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, text)
	}
	trees = append(trees, []byte(`
-- overlay/kustomization.yaml --
resources: [s.yaml]
vars: [{name: A, objref: {kind: Service, name: web, apiVersion: v1}}]
-- overlay/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
`), []byte(`
-- overlay/kustomization.yaml --
resources: [s.yaml]
patches: [{target: {labelSelector: "a > 3"}, patch: "[{op: add, path: /a, value: b}]"}]
-- overlay/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: web, labels: {a: b}}
`))
	stop := captured(t)
	for _, text := range trees {
		fsys, _ := archive(t, text)
		Build(fsys, "overlay", manifest.NewReader(nil))
	}
	if text := stop(); text != "" {
		t.Errorf("printed: %s", text)
	}
}
