package helm_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestGiven: a value that a template prints is found where it is given.
func TestGiven(t *testing.T) {
	t.Parallel()
	const (
		head   = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n"
		values = "type: NodePort\nother: NodePort\nport: 8080\nannotations:\n  one: first\n  two: second\nhosts:\n- name: a.example.com\n- name: b.example.com\nempty: \"\"\nglobal: {zone: internal}\n"
	)
	prod := helm.Values{File: "prod.yaml", Text: []byte("# ours\nport: 9090\nannotations: {two: third}\n")}
	inline := helm.Values{File: "app.yaml", Text: []byte(`{"port":7070}`), At: func(path model.Path) model.Span {
		return model.Span{File: "app.yaml of " + path.String(), Inexact: true}
	}}
	for name, tt := range map[string]struct {
		text    string
		options helm.Options
		path    model.Path
		part    model.Part
		want    string
	}{
		"a value":                       {text: "spec:\n  type: {{ .Values.type }}\n", path: model.Path{"spec", "type"}, want: `values.yaml:1 "NodePort"`},
		"one of two that are the same":  {text: "spec:\n  type: {{ .Values.other | quote }}\n", path: model.Path{"spec", "type"}, want: `values.yaml:2 "NodePort"`},
		"two that decide together":      {text: "spec:\n  type: {{ if eq .Values.type .Values.other }}{{ .Values.type }}{{ end }}\n", path: model.Path{"spec", "type"}},
		"what the template says itself": {text: "spec:\n  type: NodePort\n", path: model.Path{"spec", "type"}},
		"with":                          {text: "  annotations:\n    {{- with .Values.annotations }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n", path: model.Path{"metadata", "annotations", "two"}, want: `values.yaml:6 "second"`},
		"the key":                       {text: "  annotations:\n    {{- toYaml .Values.annotations | nindent 4 }}\n", path: model.Path{"metadata", "annotations", "two"}, part: model.PartKey, want: `values.yaml:6 "two"`},
		"an item of a list":             {text: "spec:\n  externalIPs:\n  {{- range .Values.hosts }}\n  - {{ .name }}\n  {{- end }}\n", path: model.Path{"spec", "externalIPs", "1"}, want: `values.yaml:9 "b.example.com"`},
		"a part of a text":              {text: "spec:\n  externalName: x.{{ .Values.global.zone }}.com\n", path: model.Path{"spec", "externalName"}, want: `values.yaml:11 "internal"`},
		"a file that is handed in":      {text: "spec:\n  healthCheckNodePort: {{ .Values.port }}\n", options: helm.Options{Values: []helm.Values{prod}}, path: model.Path{"spec", "healthCheckNodePort"}, want: `prod.yaml:2 "9090"`},
		"values in another object":      {text: "spec:\n  healthCheckNodePort: {{ .Values.port }}\n", options: helm.Options{Values: []helm.Values{prod, inline}}, path: model.Path{"spec", "healthCheckNodePort"}, want: "app.yaml of port (inexact)"},
		"an assignment":                 {text: "spec:\n  healthCheckNodePort: {{ .Values.port }}\n", options: helm.Options{Set: []string{"port=1234"}}, path: model.Path{"spec", "healthCheckNodePort"}},
		"a default for an empty one":    {text: "spec:\n  type: {{ .Values.empty | default \"ClusterIP\" }}\n", path: model.Path{"spec", "type"}},
		"a place that is not there":     {text: "spec:\n  type: {{ .Values.type }}\n", path: model.Path{"spec", "none"}},
		"a mapping":                     {text: "spec:\n  type: {{ .Values.type }}\n", path: model.Path{"spec"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := chartOf(head+tt.text, values)
			fsys["prod.yaml"] = &fstest.MapFile{Data: prod.Text}
			fsys["app.yaml"] = &fstest.MapFile{Data: []byte("kind: Application\n")}
			r := load(t, fsys, "chart", tt.options)
			var got []string
			for _, part := range r.Parts {
				for _, res := range part.Fragment.Resources {
					at, ok := res.Source.(model.Printed).Given(tt.path, tt.part)
					if !ok {
						continue
					}
					text, known := r.Texts[at.File]
					if at.File == "prod.yaml" {
						text, known = prod.Text, true // the caller has it
					}
					if !known || at.Inexact {
						got = append(got, at.File+" (inexact)")
						continue
					}
					got = append(got, fmt.Sprintf("%s:%d %q", strings.TrimPrefix(at.File, "chart/"), 1+strings.Count(string(text[:at.Start]), "\n"), text[at.Start:at.End]))
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" || len(r.Problems) > 0 {
				t.Errorf("-want +got:\n%s%v", diff, r.Problems)
			}
		})
	}
}
