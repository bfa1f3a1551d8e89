package loader

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLayout(t *testing.T) {
	t.Parallel()
	web := object("Deployment", "web", "spec: {replicas: 1}")
	tests := []struct {
		name    string
		files   []string
		options Options
		want    string
	}{
		{
			name: "chart",
			files: []string{
				"c/Chart.yaml", "name: c", "c/values.yaml", "a: {{ broken", "c/values-prod.yaml", "", "c/templates/web.yaml", web,
				"c/charts/d/templates/x.yaml", web, "c/ci/x.yaml", web, "c/extra/web.yaml", web, "x.yaml", object("Pod", "a", ""),
			},
			want: `
cluster .
  Deployment web in c/extra/web.yaml
  Pod a in x.yaml
  because the chart c is not rendered
problem c/values.yaml: not valid YAML: did not find expected ',' or '}'`,
		},
		{
			name:    "a file of a chart",
			files:   []string{"c/Chart.yaml", "name: c", "c/templates/web.yaml", web, "d/Chart.yaml", "", "d/web.yaml", web},
			options: Options{Paths: []string{"c/templates/web.yaml", "d/web.yaml"}},
			want: `
cluster .
  Deployment web in d/web.yaml
  because the chart c is not rendered
note c: Helm chart: not rendered, as the input holds only a part of it`,
		},
		{
			name: "patches",
			files: []string{
				"base/kustomization.yaml", "resources: [web.yaml, pod.yaml]",
				"base/web.yaml", web, "base/pod.yaml", object("Pod", "web", ""), "other/web.yaml", object("Deployment", "api", ""),
				"prod/kustomization.yaml", `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../base]
components: [../comp]
patches:
- path: web.yaml
- patch: |-
    - {op: replace, path: /spec/replicas, value: 9}
  target: {kind: Deploy.*, name: w}
- patch: |-
    - {op: add, path: /spec/template/spec/volumes/-, value: {}}
    - {op: remove, path: /metadata/annotations/a~1b}
    - {op: replace, path: /spec/template/spec/tolerations/0, value: {}}
    - {op: test, path: /spec/paused, value: {}}
  target: {kind: Deploy.*, name: w.*}
- patch: |-
    - {op: move, from: /spec/hostname, path: /spec/x}
  target: {kind: Pod}
patchesStrategicMerge:
- |-
  apiVersion: v1
  kind: Pod
  metadata: {name: web}
  spec: {dnsConfig: {$patch: delete}}
`,
				"prod/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {a: b}\nspec:\n  template:\n    spec:\n      containers: [{name: a}]\n      hostNetwork: true\n",
				"comp/kustomization.yaml", "kind: Component\npatches: [{path: p.yaml, target: {name: web}}]", "comp/p.yaml", "spec: {x: 1}\n",
			},
			want: `
cluster .
  Deployment api in other/web.yaml
  Deployment web in base/web.yaml ?metadata.annotations[a/b] ?metadata.labels.a ?spec.template.spec.containers ?spec.template.spec.hostNetwork ?spec.template.spec.tolerations[0] ?spec.template.spec.volumes ?spec.x
  Pod web in base/pod.yaml ?spec.dnsConfig ?spec.hostname ?spec.x
  because the kustomization of prod is not built: patch comp/p.yaml: unable to parse SM or JSON patch
problem comp/kustomization.yaml: patch comp/p.yaml: unable to parse SM or JSON patch
note base/kustomization.yaml: kustomization: not built; its files are read as they are
note comp/kustomization.yaml: kustomization: not built; its files are read as they are, and what its patches touch is unknown
note prod/kustomization.yaml: kustomization: not built; its files are read as they are, and what its patches touch is unknown`,
		},
		{
			name: "patches of renamed objects",
			files: []string{
				"k/kustomization.yaml", "namePrefix: dev-\nreplicas: [{name: dev-web, count: 3}]\nresources: [web.yaml]", "k/web.yaml", web,
			},
			want: `
cluster .
  Deployment dev-web in k/web.yaml`,
		},
		{
			name:    "a patch is given",
			files:   []string{"k/kustomization.yml", "resources: [web.yaml]\npatches: [{path: p/patch.yaml}]", "k/p/patch.yaml", web, "k/web.yaml", web},
			options: Options{Paths: []string{"k/p/patch.yaml"}},
			want:    "note k/kustomization.yml: kustomization: not built; its files are read as they are, and what its patches touch is unknown",
		},
		{
			name: "bases that are not read",
			files: []string{
				"k/web.yaml", web, "k/kustomization.yaml", "resources: ['https://example.com/x.yaml', web.yaml]",
				"l/Kustomization", "resources: [../../../etc]", "m/kustomization.yaml", "helmCharts: [{name: x}]",
			},
			want: `
cluster .
  Deployment web in k/web.yaml
  because of the kustomization k/kustomization.yaml the remote base https://example.com/x.yaml is not read
  because of the kustomization l/Kustomization ../../../etc lies outside of what is read
  because of the kustomization m/kustomization.yaml the Helm charts are not rendered
note k/kustomization.yaml: the remote base https://example.com/x.yaml is not read
note l/Kustomization: ../../../etc lies outside of what is read
note m/kustomization.yaml: the Helm charts are not rendered`,
		},
		{
			name:    "a base outside the input",
			files:   []string{"base/web.yaml", web, "base/kustomization.yaml", "resources: [web.yaml]", "prod/kustomization.yaml", "resources: [../base, pod.yaml]", "prod/pod.yaml", object("Pod", "a", "")},
			options: Options{Paths: []string{"prod"}},
			want: `
cluster prod
  Deployment web in base/web.yaml
  Pod a in prod/pod.yaml`,
		},
		{
			name: "files that configure a build",
			files: []string{
				"k/kustomization.yaml", "configurations: [c.yaml]\ntransformers: [t]\nopenapi: {path: s.json}\nconfigMapGenerator: [{name: a, files: [k=d.yaml]}]\n" +
					"replacements: [{path: r.yaml}]\nresources: [web.yaml]\n",
				"k/c.yaml", "a: [", "k/t/x.yaml", web, "k/s.json", `"apiVersion" "kind"`, "k/d.yaml", "[", "k/web.yaml", web,
				"k/r.yaml", "source: {}\ntargets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]",
			},
			want: `
cluster .
  Deployment web in k/web.yaml ?spec.template.spec.containers
  because the kustomization of k is not built: the transformer t is not run
note k/kustomization.yaml: kustomization: not built; its files are read as they are
note k/kustomization.yaml: the transformer t is not run`,
		},
		{
			name:  "a kustomization of Flux, and one that is broken",
			files: []string{"k/kustomization.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}", "l/kustomization.yaml", "a: ["},
			want: `
cluster .
  Pod a in k/kustomization.yaml
  because l/kustomization.yaml:1 cannot be read
problem l/kustomization.yaml: not valid YAML: did not find expected node content`,
		},
		{
			name:    "Jsonnet",
			files:   []string{"a/x.jsonnet", "", "a/b/y.libsonnet", "", "c/z.jsonnet", "", "c/web.yaml", web},
			options: Options{Paths: []string{"a", "a/b", "c"}},
			want: `
cluster .
  Deployment web in c/web.yaml
note a: Jsonnet: 2 files not evaluated
note c: Jsonnet: 1 file not evaluated`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check(t, files(test.files...), test.options, test.want)
		})
	}
}

// found lists the files that a folder gives.
func found(t *testing.T, dir string, o Options) []string {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	in, err := find(root.FS(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sortedKeys(in.found)
}

func write(t *testing.T, dir string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		name := filepath.Join(dir, pairs[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(pairs[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var ignoreTree = []string{
	".gitignore", "# comment\n/build/\n*.tmp.yaml\n!keep.tmp.yaml\nvendor/**\n!vendor/keep.yaml\nsub/only.yaml\n**/deep/x.yaml\na{b,c}.yaml\nfoo*\n!/foo.d\n\\!bang.yaml\nspace.yaml   \n",
	"build/a.yaml", "", "x/build/a.yaml", "", "a.tmp.yaml", "", "x/keep.tmp.yaml", "", "vendor/a.yaml", "", "vendor/keep.yaml", "",
	"vendor/d/e.yaml", "", "sub/only.yaml", "", "x/sub/only.yaml", "", "y/z/deep/x.yaml", "", "deep/x.yaml", "", "ab.yaml", "",
	"a{b,c}.yaml", "", "foo.yaml", "", "foo.d/x.yaml", "", "foo.d/foo.yaml", "", "!bang.yaml", "", "space.yaml", "",
	"nested/.gitignore", "*.yaml\n!b.yaml\n/c/\n", "nested/a.yaml", "", "nested/b.yaml", "", "nested/c/b.yaml", "", "nested/d/b.yaml", "",
	"ok.yaml", "", ".hidden/a.yaml", "",
}

// TestIgnoreAgreesWithGit compares what is found with what git would add.
func TestIgnoreAgreesWithGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	write(t, dir, ignoreTree...)
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "core.excludesFile=/dev/null"}, args...)...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	git("init", "-q")
	var want []string
	for name := range strings.SplitSeq(git("ls-files", "-z", "--others", "--exclude-standard"), "\x00") {
		if isManifest(name) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if len(want) < 8 {
		t.Fatalf("git lists only %v", want)
	}
	if diff := cmp.Diff(want, found(t, dir, Options{Paths: []string{"."}})); diff != "" {
		t.Errorf("-git +found:\n%s", diff)
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ignoreTree...)
	write(t, dir, ".git/x.yaml", "")
	tests := []struct {
		name          string
		paths, ignore []string
		want          []string
	}{
		{"a named file", []string{"build/a.yaml"}, []string{"build"}, []string{"build/a.yaml"}},
		{"a named folder", []string{"build", "nested/c"}, nil, []string{"build/a.yaml", "nested/c/b.yaml"}},
		{"a glob", []string{"{build,x}/**/*.yaml"}, nil, []string{"x/build/a.yaml", "x/keep.tmp.yaml", "x/sub/only.yaml"}},
		{"the config", []string{"x"}, []string{"x/sub/", "keep.*"}, []string{"x/build/a.yaml"}},
		{"the config brings back", []string{"nested"}, []string{"!a.yaml"}, []string{"nested/a.yaml", "nested/b.yaml", "nested/d/b.yaml"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := found(t, dir, Options{Paths: test.paths, IgnorePaths: test.ignore})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "in/d/a.yaml", object("Service", "a", ""), "in/readme", "", "out/b.yaml", object("Service", "b", ""))
	for from, to := range map[string]string{
		"in/loop": "..", "in/d/self": ".", "in/a.yaml": "d/a.yaml", "in/text": "readme", "in/escape.yaml": "/etc/passwd", "named": "out",
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	check(t, root.FS(), Options{Paths: []string{"in", "named", "in/escape.yaml"}}, `
cluster .
  Service a in in/d/a.yaml
  Service b in named/b.yaml
  because in/escape.yaml cannot be read
  because the symbolic link in/escape.yaml is not followed
  because the symbolic link in/loop is not followed
problem in/escape.yaml: path escapes from parent
note in/a.yaml: symbolic link, not followed
note in/d/self: symbolic link, not followed
note in/escape.yaml: symbolic link, not followed
note in/loop: symbolic link, not followed`)
}
