package cli

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// The clusters that make bench generates, of 10,000 workloads each.
var benchClusters = map[string]string{"zt": "n500", "app": "n500-perapp"}

func benchSnapshot(b *testing.B, folder string) *model.Snapshot {
	b.Helper()
	dir := filepath.Join("..", "..", ".cache", "bench", folder)
	if _, err := os.Stat(dir); err != nil {
		b.Skipf("no cluster at %s: make bench generates it", dir)
	}
	loaded, err := loader.Load(b.Context(), os.DirFS(dir), loader.Options{Paths: []string{"."}, Kinds: graph.GenericKinds()})
	if err != nil || len(loaded.Clusters) != 1 {
		b.Fatalf("load %s: %d clusters, %v", dir, len(loaded.Clusters), err)
	}
	return loaded.Clusters[0]
}

// BenchmarkAllPairs is the analysis of ekslint reach --all-pairs alone: from a
// graph in memory to the last line of text. The budget is 150 ms for zt, 450 ms
// for app.
func BenchmarkAllPairs(b *testing.B) {
	for name, folder := range benchClusters {
		b.Run(name, func(b *testing.B) {
			g := graph.New(benchSnapshot(b, folder))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reachreport.WritePairs(io.Discard, reach.New(g), "text"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompile is what a rule or a single question waits for.
func BenchmarkCompile(b *testing.B) {
	for name, folder := range benchClusters {
		b.Run(name, func(b *testing.B) {
			s := benchSnapshot(b, folder)
			b.ReportAllocs()
			for b.Loop() {
				reach.New(graph.New(s))
			}
		})
	}
}

// BenchmarkQuestion is what one question of the command line costs beside the
// load: the graph, the namespaces of both ends compiled, and the answer. The
// budget is 50 ms.
func BenchmarkQuestion(b *testing.B) {
	for name, folder := range benchClusters {
		b.Run(name, func(b *testing.B) {
			s := benchSnapshot(b, folder)
			b.ReportAllocs()
			for b.Loop() {
				a := &asker{env: &env{stdout: io.Discard}, graph: graph.New(s), line: func(model.Span) reachreport.Place { return reachreport.Place{} }}
				o := &reachOptions{from: "ns-0001/app-001", to: "ns-0002/app-002", port: "443", format: "text"}
				a.engine = a.engineFor(o.from, o.to)
				if err := a.query(o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOneChange is what an admission webhook does: one object changes, and
// the rules look at what the change affects. The budget is 2 ms, at worst 20 ms.
func BenchmarkOneChange(b *testing.B) {
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{})
	if err != nil {
		b.Fatal(err)
	}
	rules := analyzer.New(analyzer.Options{Checkers: checkers})
	for name, folder := range benchClusters {
		b.Run(name, func(b *testing.B) {
			g := graph.New(benchSnapshot(b, folder))
			engine := reach.New(g)
			policies := g.Snapshot().All(model.KindNetworkPolicy)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				changed := policies[n%len(policies)].Copied()
				next := g.With(g.Snapshot().With(changed), changed.Ref)
				updated := engine.With(next)
				v := analyzer.View{Focus: next.Affected(), Reach: func() *reach.Engine { return updated }}
				if _, err := rules.Graph(b.Context(), next, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
