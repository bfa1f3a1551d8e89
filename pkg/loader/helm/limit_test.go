package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, template, values, want string }{
		{"a template includes itself", `{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}`, "", "include each other"},
		{"a template calls itself", `{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}`, "", "include each other"},
		{"a file includes itself", `{{ include "test/templates/a.yaml" . }}`, "", "include each other"},
		{"a value renders itself", `{{ tpl .Values.r . }}`, "r: '{{ tpl .Values.r . }}'", "include each other"},
		{"doubling", `{{ define "r" }}{{ if . }}{{ include "r" (rest .) }}{{ include "r" (rest .) }}{{ end }}{{ end }}{{ include "r" (until 60) }}`, "", "more than"},
		{"loops in loops", `{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`, "", "rounds"},
		{"loops in loops of a value", `{{ tpl .Values.r . }}`, "r: '{{ range until 99999 }}{{ range until 99999 }}{{ end }}{{ end }}'", "rounds"},
		{"much output", `{{ $x := repeat 1000000 "x" }}{{ range until 1000 }}{{ $x }}{{ end }}`, "", "64 MiB"},
		{"a long text", `{{ repeat 1000000000 "x" }}`, "", "16 MiB"},
		{"a text that doubles", `{{ $x := "x" }}{{ range until 50 }}{{ $x = print $x $x }}{{ end }}`, "", "16 MiB"},
		{"a list that doubles", `{{ $x := list 1 }}{{ range until 50 }}{{ $x = concat $x $x }}{{ end }}`, "", "elements"},
		{"a deep indent", `{{ nindent 2000000000 "x" }}`, "", "16 MiB"},
		{"a long list", `{{ until 2000000000 }}`, "", "elements"},
		{"a step that overflows", `{{ untilStep 0 9223372036854775807 4611686018427387904 }}`, "", "elements"},
		{"a long random text", `{{ randAlphaNum 1000000000 }}`, "", "16 MiB"},
		{"a replacement", `{{ $x := repeat 1000000 "x" }}{{ replace "x" $x $x }}`, "", "16 MiB"},
		{"the meter is out of reach", `{{ ekslintLeave }}`, "", "not defined"},
		{"the environment is out of reach", `{{ env "HOME" }}`, "", "not defined"},
		{"a panic", `{{ index (list) 1 }}{{ slice (list 1) 5 2 }}`, "", "index"},
		{"a large template", strings.Repeat("{{if 1}}", 1<<17+1), "", "1 MiB"},
		{"deep nesting", strings.Repeat("{{if 1}}", 1<<16), "", "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := load(t, chartOf(tt.template, tt.values), "chart", helm.Options{})
			if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Message, tt.want) {
				t.Errorf("problems %.300v, want one with %q", got.Problems, tt.want)
			}
			if len(got.Opaque) == 0 {
				t.Error("nothing says that a template is missing")
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	got := helm.Load(ctx, chartOf(`{{ range until 1000 }}{{ end }}`, ""), "chart", helm.Options{}, manifest.NewReader(nil))
	if len(got.Problems) == 0 || !strings.Contains(got.Problems[0].Message, "takes more than") {
		t.Errorf("problems %v, want one of the deadline", got.Problems)
	}
}

func TestArchive(t *testing.T) {
	t.Parallel()
	fsys := chartOf("", "")
	fsys["chart/Chart.yaml"].Data = []byte("apiVersion: v2\nname: test\nversion: 0.1.0\ndependencies:\n- name: other\n- name: cache\n  version: 1.0.0\n")
	fsys["chart/charts/cache-1.0.0.tgz"] = &fstest.MapFile{Data: packed(t, map[string]string{
		"cache/Chart.yaml":         "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
		"cache/templates/svc.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Chart.Name }}\n",
		"cache/templates/bad.yaml": "{{ fail \"no luck\" }}",
	})}
	fsys["chart/charts/bad.tgz"] = &fstest.MapFile{Data: []byte("no archive")}
	got := load(t, fsys, "chart", helm.Options{})
	dump(t, got)
	const failed = "the chart's own check failed: no luck"
	messages := map[string]int{}
	for _, p := range got.Problems {
		messages[p.Message] = 1 + bytes.Count(got.Texts[p.At.File][:p.At.Start], []byte("\n"))
		if p.Message == failed && (!p.At.Inexact || p.At.File != "chart/Chart.yaml") {
			t.Errorf("%v is not an inexact place in Chart.yaml", p.At)
		}
	}
	if messages[failed] != 6 || messages["the dependency other is not in charts/: run helm dependency build"] != 5 {
		t.Errorf("lines of problems: %v", messages)
	}
	var found bool
	for _, part := range got.Parts {
		for _, r := range part.Fragment.Resources {
			at := r.Source.Extent()
			found = found || r.Ref.Name == "cache" && at.Inexact && at.File == "chart/Chart.yaml" && r.Source.File() == at.File
		}
	}
	if !found {
		t.Error("the Service of the archive is not there, or not at its entry in Chart.yaml")
	}
}

func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))})
		if _, werr := w.Write([]byte(text)); err != nil || werr != nil {
			t.Fatal(err, werr)
		}
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBombs(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 40<<20)
	bomb := packed(t, map[string]string{"a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "a/zeros": zeros})
	fsys := chartOf("", "")
	for _, name := range []string{"a", "b", "c"} {
		fsys["chart/charts/"+name+".tgz"] = &fstest.MapFile{Data: bomb}
	}
	got := load(t, fsys, "chart", helm.Options{})
	if len(got.Problems) != 1 {
		t.Errorf("problems %v, want one for the archive that is too much", got.Problems)
	}
}
