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
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// world is one reading of the cluster. It is immutable but for what it remembers, and of
// what it found it hands nothing on: what is found in one namespace may rest on others.
type world struct {
	graph *graph.Graph
	reach func() *reach.Engine
	// known are the findings of all of the cluster, by the rules.
	mu    sync.Mutex
	known map[string]*findings
}

// findings are those of some rules, found once.
type findings struct {
	once   sync.Once
	graded map[string]rule.Severity
	err    error
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

// then is the world after some changes.
func (w *world) then(changes ...Change) *world {
	if len(changes) == 0 {
		return w
	}
	s, refs := applied(w.graph.Snapshot(), changes)
	return w.with(s, refs...)
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

// graded are the severities that rules give what is found in a view, by fingerprint. What
// was found in all of the cluster is remembered.
func (w *world) graded(ctx context.Context, rules *analyzer.Analyzer, v analyzer.View) (map[string]rule.Severity, error) {
	if v.Focus != nil {
		return w.find(ctx, rules, v)
	}
	key := strings.Join(slices.Sorted(maps.Keys(v.Only)), ",")
	w.mu.Lock()
	f, ok := w.known[key]
	if !ok {
		f = &findings{}
		w.known[key] = f
	}
	w.mu.Unlock()
	f.once.Do(func() { f.graded, f.err = w.find(context.WithoutCancel(ctx), rules, v) })
	return f.graded, f.err
}

func (w *world) find(ctx context.Context, rules *analyzer.Analyzer, v analyzer.View) (map[string]rule.Severity, error) {
	report, err := w.analyze(ctx, rules, v)
	out := map[string]rule.Severity{}
	for _, f := range report.Findings {
		out[f.Fingerprint] = f.Judged
	}
	return out, err
}
