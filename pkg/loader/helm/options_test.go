package helm_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/helm"
)

const service = `apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}.{{ .Release.Namespace }}.{{ .Values.a }}.{{ .Values.b }}.{{ .Values.c }}"}
`

func TestOptions(t *testing.T) {
	t.Parallel()
	const values = "a: 1\nb: 1\nc: 1\n"
	file := func(text string) helm.Values { return helm.Values{File: "env.yaml", Text: []byte(text)} }
	tests := []struct {
		name    string
		options helm.Options
		want    string
	}{
		{"the values of the chart", helm.Options{}, "Service test..1.1.1"},
		{"later files win", helm.Options{Values: []helm.Values{file("a: 2\nb: 2"), file("b: 3")}}, "Service test..2.3.1"},
		{"assignments win", helm.Options{Values: []helm.Values{file("a: 2")}, Set: []string{"a=4,b=5"}, SetString: []string{"b=6"}}, "Service test..4.6.1"},
		{"null removes", helm.Options{Values: []helm.Values{file("a: null")}}, "Service test...1.1"},
		{"the release", helm.Options{Release: "web", Namespace: "shop"}, "Service shop/web.shop.1.1.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := load(t, chartOf(service, values), "chart", tt.options)
			if names := refs(got); names != tt.want {
				t.Errorf("got %s, want %s; %v", names, tt.want, got.Problems)
			}
		})
	}
}

func refs(r helm.Result) string {
	var out []string
	for _, part := range r.Parts {
		for _, res := range part.Fragment.Resources {
			out = append(out, res.Ref.String())
		}
	}
	return strings.Join(out, ", ")
}

// TestWholeCharts: what concerns a chart as a whole. Problems are written with their line.
func TestWholeCharts(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v2\nname: test\nversion: 0.1.0\n"
	tests := []struct {
		name    string
		files   map[string]string
		options helm.Options
		want    []string
	}{
		{"bad values", map[string]string{"values.yaml": "a: 1\nb: ["}, helm.Options{}, []string{"chart/values.yaml:2 not valid YAML: did not find expected node content", "opaque"}},
		{"bad Chart.yaml", map[string]string{"Chart.yaml": "name: ["}, helm.Options{}, []string{"chart/Chart.yaml:1 not valid YAML: did not find expected node content", "opaque"}},
		{"no version", map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\n"}, helm.Options{}, []string{"chart/Chart.yaml:1 validation: chart.metadata.version is required", "opaque"}},
		{"bad file of values", nil, helm.Options{Values: []helm.Values{{File: "env.yaml", Text: []byte("\n\na: [")}}}, []string{"env.yaml:3 not valid YAML: did not find expected node content", "opaque"}},
		{"bad assignment", nil, helm.Options{Set: []string{"a[x]=1"}}, []string{"chart/Chart.yaml:1 --set a[x]=1: ", "opaque"}},
		{"a library", map[string]string{"Chart.yaml": head + "type: library\n"}, helm.Options{}, []string{"note library chart: it has no objects of its own"}},
		{"another Kubernetes", map[string]string{"Chart.yaml": head + "kubeVersion: <1.20\n"}, helm.Options{}, []string{"note the chart wants Kubernetes <1.20 and is rendered for v1.37.0", "Service test..."}},
		{"a schema elsewhere", map[string]string{"values.schema.json": `{"$ref": "file:///etc/passwd"}`}, helm.Options{}, []string{"note the values are not validated", "Service test..."}},
		{
			"a schema of the file of values",
			map[string]string{"values.schema.json": `{"properties": {"a": {"type": "integer"}}}`},
			helm.Options{Values: []helm.Values{{File: "all.yaml", Text: []byte("a: 1\n")}, {File: "env.yaml", Text: []byte("b: 1\na: x\n")}}},
			[]string{"env.yaml:2 a: got string, want integer", "Service test..x.1."},
		},
		{"what is ignored", map[string]string{".helmignore": "a.yaml\n"}, helm.Options{}, nil},
		{"definitions", map[string]string{"crds/x.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: raw}\n"}, helm.Options{}, []string{"Service raw", "Service test..."}},
		{
			"hooks",
			map[string]string{"templates/h.yaml": hook("test-success") + hook("pre-install,pre-delete") + hook("post-delete,pre-rollback")},
			helm.Options{},
			[]string{"note an object of the hook post-delete,pre-rollback is left out", "note an object of the hook test-success is left out", "Service test...", "Service pre-install,pre-delete"},
		},
		{"lookup", map[string]string{"templates/a.yaml": `{{ lookup "v1" "Pod" "" "" }}`}, helm.Options{}, []string{"note templates look objects up"}},
		{"an error of parsing", map[string]string{"templates/_h.tpl": "\n{{ if }}"}, helm.Options{}, []string{"chart/templates/_h.tpl:2 the template cannot be parsed: missing value for if", "Service test...", "opaque"}},
		{"a template of a broken file", map[string]string{"templates/_h.tpl": "{{ if }}", "templates/b.yaml": `{{ include "x" . }}`}, helm.Options{}, []string{"chart/templates/_h.tpl:1 the template cannot be parsed: missing value for if", "Service test...", "opaque"}},
		{"a disabled dependency", map[string]string{"Chart.yaml": head + "dependencies: [{name: db, tags: [x]}]\n", "values.yaml": "tags: {x: false}\n"}, helm.Options{}, []string{"Service test..."}},
		{"a dependency in an alias", map[string]string{"Chart.yaml": head + "dependencies:\n- {name: db, alias: q, version: 1.x.x}\n"}, helm.Options{}, []string{"chart/Chart.yaml:5 the dependency q is not in charts/: run helm dependency build", "Service test...", "opaque"}},
		{"a neighbour outside", map[string]string{"Chart.yaml": head + "dependencies:\n- {name: db, version: 1.x.x, repository: 'file://../../../etc'}\n"}, helm.Options{}, []string{"chart/Chart.yaml:5 the dependency db is not in charts/: run helm dependency build", "Service test...", "opaque"}},
		{"a neighbour that is itself", map[string]string{"Chart.yaml": head + "dependencies:\n- {name: db, version: 1.x.x, repository: 'file://.'}\n"}, helm.Options{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{
				"chart/Chart.yaml": {Data: []byte(head)}, "chart/templates/a.yaml": {Data: []byte(service)},
			}
			for name, text := range tt.files {
				fsys["chart/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			got := summary(t, load(t, fsys, "chart", tt.options))
			if tt.want == nil && tt.name != "what is ignored" {
				return // it ends
			}
			for i := range min(len(got), len(tt.want)) {
				if strings.HasPrefix(got[i], tt.want[i]) {
					got[i] = tt.want[i]
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func hook(events string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %q, annotations: {helm.sh/hook: %q}}\n", events, events)
}

// summary lists problems, notes, objects, and whether something may be missing.
func summary(t *testing.T, r helm.Result) []string {
	t.Helper()
	dump(t, r)
	var out []string
	for _, p := range r.Problems {
		line := 1 + strings.Count(string(r.Texts[p.At.File][:p.At.Start]), "\n")
		out = append(out, fmt.Sprintf("%s:%d %s", p.At.File, line, p.Message))
	}
	for _, n := range r.Notes {
		out = append(out, "note "+n.Message)
	}
	for _, part := range r.Parts {
		for _, res := range part.Fragment.Resources {
			out = append(out, res.Ref.String())
		}
	}
	if len(r.Opaque) > 0 {
		out = append(out, "opaque")
	}
	return out
}

// TestLinks: a link to a file is followed within the tree, one to a folder is not.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, chartOf("", "")); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("shared.yaml", service)
	write("secret", "apiVersion: v1\nkind: Service\nmetadata: {name: outside}\n")
	for name, target := range map[string]string{
		"chart/templates/in.yaml": "../../shared.yaml", "chart/templates/out.yaml": "/etc/hostname", "chart/templates/folder": "../../chart",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	got := load(t, root.FS(), "chart", helm.Options{})
	if names := refs(got); names != "Service test...." {
		t.Errorf("objects %s", names)
	}
	if len(got.Notes) != 2 || len(got.Opaque) != 2 {
		t.Errorf("notes %v, opaque %v: want both for the two links that are not followed", got.Notes, got.Opaque)
	}
}

func TestNoChart(t *testing.T) {
	t.Parallel()
	var fsys fs.FS = fstest.MapFS{"a.yaml": {Data: []byte("a: b")}}
	for _, dir := range []string{".", "none"} {
		got := load(t, fsys, dir, helm.Options{})
		if len(got.Problems) != 1 || len(got.Opaque) != 1 {
			t.Errorf("%s: problems %v, opaque %v", dir, got.Problems, got.Opaque)
		}
	}
}

// TestOpenValues: with values that nobody knows, only what rests on none of them is known.
func TestOpenValues(t *testing.T) {
	t.Parallel()
	const (
		head   = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n"
		values = "port: 80\ntext: a\nempty: \"\"\nshown: true\nhidden: false\nlist: [{name: a}]\nnone: []\nlabels: {a: b}\nnothing: {}\n"
	)
	for name, tt := range map[string]struct{ text, want string }{
		"what rests on none":         {head + "  type: LoadBalancer\n", ""},
		"a number":                   {head + "  clusterIP: None\n  healthCheckNodePort: {{ .Values.port }}\n", "spec.healthCheckNodePort"},
		"a text":                     {head + "  type: {{ .Values.text }}\n", "spec.type"},
		"a default for an empty one": {head + "  type: {{ .Values.empty | default \"ClusterIP\" }}\n", "spec.type"},
		"what is switched off":       {head + "  {{- if .Values.shown }}\n  type: NodePort\n  {{- end }}\n", "spec"},
		"what may be switched on":    {head + "  {{- if .Values.hidden }}\n  type: NodePort\n  {{- end }}\n  clusterIP: None\n", "spec"},
		"items of a list":            {head + "  externalIPs: {{ range .Values.list }}\n  - {{ .name }}{{ end }}\n", "spec.externalIPs"},
		"items that may be added":    {head + "  externalIPs:\n  - 1.1.1.1\n  {{- range .Values.none }}\n  - {{ . }}\n  {{- end }}\n", "spec.externalIPs"},
		"labels":                     {head + "  selector: {{ toYaml .Values.labels | nindent 4 }}\n", "spec.selector.a"},
		"labels that may be added":   {head + "  selector:\n    app: web\n    {{- with .Values.nothing }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n", "spec.selector"},
		"a whole object":             {"{{ if .Values.shown }}\n" + head + "  type: NodePort\n{{ end }}", ""},
		"a failing template":         {head + "  type: {{ if not .Values.shown }}{{ fail \"no\" }}{{ end }}NodePort\n", "(all)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := load(t, chartOf(tt.text, values), "chart", helm.Options{IsOpen: true})
			var got []string
			for _, part := range r.Parts {
				for _, res := range part.Fragment.Resources {
					for _, u := range res.Unknown {
						got = append(got, orAll(u.String()))
					}
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" || len(r.Problems) > 0 || len(r.Opaque) == 0 {
				t.Errorf("-want +got:\n%s%v, opaque %v", diff, r.Problems, r.Opaque)
			}
		})
	}
}

func orAll(path string) string {
	if path == "" {
		return "(all)"
	}
	return path
}
