package webhook

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// world is one reading of the cluster. It is immutable but for what it remembers, and of
// what it found it hands nothing on: what is found in one namespace may rest on others.
type world struct {
	graph *graph.Graph
	reach func() *reach.Engine
	// known are findings by what was looked for.
	mu    sync.Mutex
	known map[string]*findings
}

// findings are those of some rules in some namespaces, found once.
type findings struct {
	once         sync.Once
	fingerprints map[string]bool
	err          error
}

func newWorld(s *model.Snapshot) *world {
	g := graph.New(s)
	return &world{graph: g, reach: sync.OnceValue(func() *reach.Engine { return reach.New(g) }), known: map[string]*findings{}}
}

// with is the world in which some resources are as a snapshot has them.
func (w *world) with(s *model.Snapshot, refs ...model.Ref) *world {
	g := w.graph.With(s, refs...)
	return &world{graph: g, reach: sync.OnceValue(func() *reach.Engine { return w.reach().With(g) }), known: map[string]*findings{}}
}

// focus names the namespaces in which the harm of a change is looked for: those that it
// affects, and what is in none, such as policies for the whole cluster; nil means all, as
// for what runs in kube-system, on which everything rests. What a change does to policies
// of other namespaces that name this one is not looked for.
func (w *world) focus(changed model.Ref) []string {
	affected := w.graph.Affected()
	switch {
	case changed.Namespace == metav1.NamespaceSystem:
		return nil
	case affected == nil || slices.Contains(affected, ""):
		return affected
	}
	return append([]string{""}, affected...)
}

// analyze runs the rules.
func (w *world) analyze(ctx context.Context, rules *analyzer.Analyzer, v analyzer.View) (analyzer.Report, error) {
	v.Reach = w.reach
	report, err := rules.Graph(ctx, w.graph, v)
	if err == nil {
		err = ctx.Err() // rules that were cut short say that they broke
	}
	return report, err
}

// everywhere is the focus of all of the cluster.
const everywhere = "\x00"

func keyOf(focus []string, only map[string]bool) string {
	key := everywhere
	if focus != nil {
		key = strings.Join(focus, ",")
	}
	return key + ";" + strings.Join(slices.Sorted(maps.Keys(only)), ",")
}

// fingerprints are those of what some rules find in some namespaces; nil means all of
// the cluster.
func (w *world) fingerprints(ctx context.Context, rules *analyzer.Analyzer, focus []string, only map[string]bool) (map[string]bool, error) {
	key := keyOf(focus, only)
	w.mu.Lock()
	f, ok := w.known[key]
	if !ok {
		f = &findings{}
		w.known[key] = f
	}
	w.mu.Unlock()
	f.once.Do(func() {
		report, err := w.analyze(context.WithoutCancel(ctx), rules, analyzer.View{Focus: focus, Only: only})
		f.fingerprints, f.err = map[string]bool{}, err
		for _, x := range report.Findings {
			f.fingerprints[x.Fingerprint] = true
		}
	})
	return f.fingerprints, f.err
}
