package loader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// randomFiles makes a small tree in which objects repeat and contradict.
func randomFiles(rnd *rand.Rand) []string {
	var out []string
	for _, dir := range []string{"a", "a/b", "c", "c/d", "c/d/e"} {
		for i := range 3 {
			text := ""
			for range rnd.IntN(4) {
				kind := []string{"Service", "Pod", "Deployment"}[rnd.IntN(3)]
				name := fmt.Sprintf("n%d", rnd.IntN(6))
				rest := []string{"", "", "spec: {x: 1}", "metadata: {}", "{{ x }}", "spec: {replicas: '${N}'}"}[rnd.IntN(6)]
				text += object(kind, name, rest) + "---\n"
			}
			out = append(out, fmt.Sprintf("%s/%d.yaml", dir, i), text)
		}
	}
	return append(out, "c/kustomization.yaml", "patches: [{path: d/0.yaml}]\nresources: [d]")
}

// TestOrderDoesNotMatter loads the same files in other orders and on other
// numbers of cores. It changes GOMAXPROCS and so does not run beside others.
func TestOrderDoesNotMatter(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fsys := files(randomFiles(rnd)...)
		paths := []string{"a", "a/b", "a/0.yaml", "c/d", "c/*.yaml", "c/d/e/1.yaml"}
		var want []string
		for _, cores := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(cores)
			rnd.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
			r, err := Load(t.Context(), fsys, Options{Paths: append(slices.Clone(paths), paths[0])})
			if err != nil {
				t.Fatal(err)
			}
			got := describe(r)
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, paths %v, %d cores:\n%s", seed, paths, cores, diff)
			}
		}
	}
}

// TestClustersDoNotContradict checks what a cluster is: all resources of its
// folder, and no two that contradict each other unless one file holds both.
func TestClustersDoNotContradict(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		fsys := files(randomFiles(rnd)...)
		r, err := Load(t.Context(), fsys, Options{Paths: []string{"."}})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range r.Clusters {
			for _, other := range r.Clusters[i+1:] {
				if within(c.Scope().Name, other.Scope().Name) || within(other.Scope().Name, c.Scope().Name) {
					t.Errorf("seed %d: clusters %s and %s overlap", seed, c.Scope().Name, other.Scope().Name)
				}
			}
			checkSpans(t, r.Files, c)
		}
		if len(r.Clusters) > 1 && slices.ContainsFunc(r.Clusters, func(c *model.Snapshot) bool { return !c.Scope().Guessed }) {
			t.Errorf("seed %d: a cluster beside others is not guessed", seed)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Load(ctx, files("a.yaml", object("Pod", "a", "")), Options{Paths: []string{"."}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzLoad feeds any bytes as YAML and as JSON: no panic, spans inside the file,
// the same result twice.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(object("Service", "a", "spec: {ports: [{port: x}]}") + "---\n" + object("Pod", "a", "spec: [")))
	f.Add([]byte(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":1}}]} {}`))
	f.Add([]byte("\ufeff%YAML 1.1\r\n---\r\napiVersion: &a v1\r\nkind: Pod\r\nmetadata: &m {name: *a, labels: {<<: *m}}\r\n...\r\n"))
	f.Add([]byte("apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: ${A}}\n  spec: {selecter: {}, type: 1}\n"))
	f.Add([]byte("apiVersion: apps/v1beta1\nkind: Deployment\nsops: ENC[AES256_GCM,\n---\n{{ x }}\n--- >\n a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := files("x/a.yaml", string(text), "x/a.json", string(text), "x/kustomization.yaml", string(text))
		loadTwice(t, fsys, Options{Paths: []string{"x"}, Kinds: []model.GroupKind{{Group: "a", Kind: "B"}}})
	})
}

// loadTwice loads twice: both results are the same, and all places lie in their files.
func loadTwice(t *testing.T, fsys fs.FS, o Options) {
	t.Helper()
	var want []string
	for range 2 {
		r, err := Load(t.Context(), fsys, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Problems {
			checkSpan(t, r.Files, p.At)
		}
		for _, c := range r.Clusters {
			checkSpans(t, r.Files, c)
		}
		got := describe(r)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("not the same twice:\n%s", diff)
		}
	}
}

// BenchmarkLoad reads the cluster that EKSLINT_BENCH names, made by the bench
// generator.
func BenchmarkLoad(b *testing.B) {
	dir := os.Getenv("EKSLINT_BENCH")
	if dir == "" {
		b.Skip("EKSLINT_BENCH names no folder")
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	b.ReportAllocs()
	for b.Loop() {
		r, err := Load(b.Context(), root.FS(), Options{Paths: []string{"."}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Clusters[0].Len()), "resources")
	}
}
