package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// describe writes a result as text.
func describe(r Result) []string {
	var out []string
	for _, c := range r.Clusters {
		out = append(out, describeCluster(c)...)
	}
	for _, p := range r.Problems {
		out = append(out, fmt.Sprintf("problem %s: %s", p.At.File, p.Message))
	}
	for _, n := range r.Notes {
		out = append(out, fmt.Sprintf("note %s: %s", n.File, n.Message))
	}
	return out
}

func describeCluster(c *model.Snapshot) []string {
	line := "cluster " + c.Scope().Name
	if c.Scope().Complete {
		line += " complete"
	}
	if c.Scope().Guessed {
		line += " guessed"
	}
	out := []string{line}
	for _, gk := range c.Kinds() {
		for _, r := range c.All(gk) {
			line := fmt.Sprintf("  %s in %s", r.Ref, r.Source.File())
			for _, u := range r.Unknown {
				line += " ?" + u.String()
			}
			out = append(out, line)
		}
	}
	for _, o := range c.Scope().Opaque {
		out = append(out, "  because "+o.Why)
	}
	return out
}

func check(t *testing.T, fsys fs.FS, o Options, want string) {
	t.Helper()
	if o.Paths == nil {
		o.Paths = []string{"."}
	}
	r, err := Load(t.Context(), fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(describe(r), "\n")
	if diff := cmp.Diff(strings.TrimSpace(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func object(kind, name, rest string) string {
	version := map[string]string{"Deployment": "apps/v1", "Job": "batch/v1"}[kind]
	if version == "" {
		version = "v1"
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s\n", version, kind, name, rest)
}

// files makes a file system of names and contents in turn.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func TestLoad(t *testing.T) {
	t.Parallel()
	a, b := object("Service", "a", ""), object("Service", "b", "")
	a2 := object("Service", "a", "spec: {type: NodePort}")
	tests := []struct {
		name    string
		fsys    fs.FS
		options Options
		want    string
	}{
		{
			name: "one folder",
			fsys: files("x/a.yaml", a, "x/b.yml", b, "x/y/c.json", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}`, "x/d.txt", a2),
			want: `
cluster .
  Pod c in x/y/c.json
  Service a in x/a.yaml
  Service b in x/b.yml`,
		},
		{
			name:    "one file, whatever its name",
			fsys:    files("x/a.txt", a, "x/b.yaml", b),
			options: Options{Paths: []string{"x/a.txt"}, Complete: true},
			want:    "cluster x/a.txt complete\n  Service a in x/a.txt",
		},
		{
			name:    "several paths, one of them twice",
			fsys:    files("x/y/a.yaml", a, "x/z/b.yaml", b, "x/z/c.yaml", object("Pod", "c", "")),
			options: Options{Paths: []string{"./x/z/", "x/y/a.yaml", "x/z/b.yaml"}},
			want:    "cluster x\n  Pod c in x/z/c.yaml\n  Service a in x/y/a.yaml\n  Service b in x/z/b.yaml",
		},
		{
			name:    "glob",
			fsys:    files("x/y/a.yaml", a, "x/z/b.yaml", b, "x/c.yaml", object("Pod", "c", ""), "x/y/n.txt", ""),
			options: Options{Paths: []string{"x/**/[ab].*", "x/y/*"}},
			want:    "cluster x\n  Service a in x/y/a.yaml\n  Service b in x/z/b.yaml",
		},
		{
			name:    "standard input is a cluster of its own",
			fsys:    files("x/a.yaml", a),
			options: Options{Paths: []string{"x", "-"}, Stdin: []byte(a2)},
			want:    "cluster <stdin>\n  Service a in <stdin>\ncluster x\n  Service a in x/a.yaml",
		},
		{
			name: "copies merge",
			fsys: files("x/a.yaml", a, "y/a.yaml", "# copy\n"+a),
			want: "cluster .\n  Service a in x/a.yaml",
		},
		{
			name: "no namespace may be the default one",
			fsys: files("x/a.yaml", a, "y/a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\n"),
			want: "cluster x guessed\n  Service a in x/a.yaml\ncluster y guessed\n  Service default/a in y/a.yaml",
		},
		{
			name: "copies of which one is patched",
			fsys: files("x/a.yaml", a, "y/a.yaml", a, "y/kustomization.yaml", "resources: [a.yaml]\npatches: [{patch: 'spec: {type: NodePort}', target: {kind: Service}}]"),
			want: `
cluster .
  Service a in x/a.yaml ?spec.type
  because the kustomization of y is not built: unable to parse SM or JSON patch from [patch: "spec: {type: NodePort}"]
problem y/kustomization.yaml: unable to parse SM or JSON patch from [patch: "spec: {type: NodePort}"]
note y/kustomization.yaml: kustomization: not built; its files are read as they are, and what its patches touch is unknown`,
		},
		{
			name:    "contradictions split folders",
			fsys:    files("x/a.yaml", a, "x/b.yaml", b, "y/1/a.yaml", a2, "y/2/a.yaml", a, "z/c.yaml", object("Pod", "c", ""), "w/v.yaml", "a: 1"),
			options: Options{Complete: true},
			want: `
cluster x guessed
  Service a in x/a.yaml
  Service b in x/b.yaml
cluster y/1 guessed
  Service a in y/1/a.yaml
cluster y/2 guessed
  Service a in y/2/a.yaml
cluster z guessed
  Pod c in z/c.yaml`,
		},
		{
			name: "contradictions split files",
			fsys: files("a.yaml", a, "b.yaml", a2),
			want: "cluster a.yaml guessed\n  Service a in a.yaml\ncluster b.yaml guessed\n  Service a in b.yaml",
		},
		{
			name: "a contradiction in one file",
			fsys: files("a.yaml", a+"---\n"+a2+"---\n"+a2, "b.yaml", b),
			want: `
cluster .
  Service a in a.yaml
  Service b in b.yaml
note a.yaml: Service a stands in line 1 and in line 6, the last one counts`,
		},
		{
			name: "generated names do not contradict",
			fsys: files("a.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\n",
				"b.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\nspec: {suspend: true}\n"),
			want: "cluster .\n  Job a- in b.yaml",
		},
		{
			name: "clusters of the config",
			fsys: files("base/a.yaml", a, "prod/b.yaml", b, "dev/b.yaml", object("Service", "b", "spec: {}"), "other/a.yaml", a2),
			options: Options{Clusters: []ClusterConfig{
				{Name: "prod", Paths: []string{"base", "prod/*.yaml"}, Complete: true},
				{Name: "dev", Paths: []string{"base/", "./dev"}},
				{Name: "none", Paths: []string{"nothing"}},
			}},
			want: `
cluster prod complete
  Service a in base/a.yaml
  Service b in prod/b.yaml
cluster dev
  Service a in base/a.yaml
  Service b in dev/b.yaml
cluster .
  Service a in other/a.yaml
note nothing: cluster "none": no such file or folder`,
		},
		{
			name: "a file brings its cluster",
			fsys: files("base/a.yaml", a, "prod/b.yaml", b, "other/a.yaml", a2),
			options: Options{
				Paths:    []string{"prod/b.yaml"},
				Clusters: []ClusterConfig{{Name: "prod", Paths: []string{"base", "prod", "gone"}, Complete: true}},
			},
			want: `
cluster prod complete
  Service a in base/a.yaml
  Service b in prod/b.yaml
problem gone: cluster "prod": no such file or folder`,
		},
		{
			name: "what is opaque stays in its cluster",
			fsys: files("x/a.yaml", a, "x/bad.yaml", "a: [", "y/a.yaml", a2, "y/t.yaml", "a: {{ b }}: c"),
			want: `
cluster x guessed
  Service a in x/a.yaml
  because x/bad.yaml:1 cannot be read
cluster y guessed
  Service a in y/a.yaml
  because the template y/t.yaml is not rendered
problem x/bad.yaml: not valid YAML: did not find expected node content
note y/t.yaml: Go template text, not rendered`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check(t, test.fsys, test.options, test.want)
		})
	}
}

func TestNoInput(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"gone", "gone/*.yaml", "../x", "/etc/passwd", "[", "{"} {
		_, err := Load(t.Context(), files("a.yaml", ""), Options{Paths: []string{"a.yaml", p}})
		var missing *NoInputError
		if !errors.As(err, &missing) || missing.Path != p {
			t.Errorf("%s: %v", p, err)
		}
	}
}
