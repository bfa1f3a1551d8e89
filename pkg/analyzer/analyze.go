package analyzer

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/model"
)

// Options configures Analyze. The zero value runs nothing.
type Options struct {
	// Checkers hold the rules to run.
	Checkers []rule.Checker
	// Severity replaces the severity of all findings of a rule, by its ID.
	Severity map[string]rule.Severity
	// Params are values of the parameters of rules, by their ID, which replace the
	// defaults.
	Params map[string]rule.Params
	// Suppressions are the findings that the user accepts; nil accepts none.
	Suppressions *suppression.Set
	// Focus names the namespaces whose objects are looked at, as
	// graph.Affected returns them; nil means all, and the objects of the
	// cluster as a whole besides.
	Focus []string
	// Reach returns the reachability engine of the graph, for a caller that has
	// one; nil means that it is built when a rule first asks for it.
	Reach func() *reach.Engine
	// Jobs bounds the objects looked at at once; 0 means one per CPU.
	Jobs int
	// Progress is called now and then with the number of objects looked at so
	// far, and of all; it may be nil and must be safe for concurrent use.
	Progress func(done, total int)
}

// Analyze runs the rules over one snapshot. A rule that breaks becomes a
// Failure in the report and hides nothing else; the error is for a cancelled
// context only.
func Analyze(ctx context.Context, s *model.Snapshot, o Options) (Report, error) {
	return AnalyzeGraph(ctx, graph.New(s), o)
}

// AnalyzeAll runs the rules over all clusters of a run and joins their reports, and what
// was said before, such as the problems of reading. When the rule NoEffect is among the
// checkers it judges the suppressions. progress gives that of each cluster, by its index;
// it may be nil.
func AnalyzeAll(ctx context.Context, clusters []*model.Snapshot, before Report, o Options, progress func(n int) func(done, total int)) (Report, error) {
	reports := []Report{before}
	for n, s := range clusters {
		if progress != nil {
			o.Progress = progress(n)
		}
		r, err := Analyze(ctx, s, o)
		if err != nil {
			return Report{}, err
		}
		reports = append(reports, r)
	}
	out := Merge(reports...)
	for _, m := range regraded(metas(o.Checkers), o.Severity) {
		if m.ID == rule.NoEffect {
			out = out.withNoEffect(o.Suppressions, m)
		}
	}
	return out, nil
}

// AnalyzeGraph is Analyze for a graph that is there already.
func AnalyzeGraph(ctx context.Context, g *graph.Graph, o Options) (Report, error) {
	s, metas := g.Snapshot(), metas(o.Checkers)
	if o.Reach == nil {
		o.Reach = func() *reach.Engine { return reach.New(g) }
	}
	r := &run{
		graph: g, focus: o.Focus, reach: sync.OnceValue(o.Reach),
		cluster: s.Scope().Name, skips: map[skipKey]bool{},
		looked: map[string]bool{}, severity: o.Severity, settings: settings(metas, o.Params),
	}
	r.eks = sync.OnceValue(func() *eks.Cluster { return eks.New(g) })
	r.capacity = sync.OnceValue(func() *capacity.Report { return capacity.New(r.eks()) })
	r.path = sync.OnceValue(func() *path.Engine { return path.New(r.eks(), r.reach()) })
	if err := r.all(ctx, o); err != nil {
		return Report{}, err
	}
	report := Report{
		Clusters: []Cluster{{Name: s.Scope().Name, Resources: s.Len() + s.AWS().Len(), Guessed: s.Scope().Guessed}},
		Rules:    regraded(metas, o.Severity),
		Findings: dedupe(r.findings),
		Looked:   slices.Sorted(maps.Keys(r.looked)),
		Failures: r.failures,
	}
	report.suppress(o.Suppressions.Of(s))
	for key := range r.skips {
		report.Skipped = append(report.Skipped, r.skip(key))
	}
	report.sort()
	report.Failures = joined(report.Failures)
	return report, nil
}

// metas returns the rules of the checkers, each once, sorted by ID.
func metas(checkers []rule.Checker) []rule.Meta {
	seen := map[string]bool{}
	var out []rule.Meta
	for _, c := range checkers {
		for _, m := range c.Metas() {
			if !seen[m.ID] {
				seen[m.ID] = true
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// regraded gives rules the severity that the user wants.
func regraded(metas []rule.Meta, severity map[string]rule.Severity) []rule.Meta {
	for i, m := range metas {
		if s, ok := severity[m.ID]; ok {
			metas[i].Severity = s
		}
	}
	return metas
}

// settings are the parameters of every rule that has any.
func settings(metas []rule.Meta, values map[string]rule.Params) map[string]rule.Params {
	out := map[string]rule.Params{}
	for _, m := range metas {
		if len(m.Params) > 0 {
			out[m.ID] = m.Defaults()
			maps.Copy(out[m.ID], values[m.ID])
		}
	}
	return out
}

// run is the state of one analysis.
type run struct {
	graph    *graph.Graph
	focus    []string
	reach    func() *reach.Engine
	eks      func() *eks.Cluster
	path     func() *path.Engine
	capacity func() *capacity.Report
	cluster  string
	severity map[string]rule.Severity
	settings map[string]rule.Params

	mu       sync.Mutex
	findings []rule.Finding
	failures []Failure
	skips    map[skipKey]bool
	// looked are the rules that looked at an object.
	looked map[string]bool
}

type skipKey struct {
	rule      string
	domain    model.Domain
	namespace string
}

// batch is what one worker takes at a time: enough objects to make the lock
// and the scheduling cheap.
const batch = 64

func (r *run) all(ctx context.Context, o Options) error {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	done := r.progress(o)
	for _, c := range o.Checkers {
		for _, kind := range c.Kinds() {
			objects := r.objects(kind)
			r.look(c, kind, len(objects))
			for chunk := range slices.Chunk(objects, batch) {
				group.Go(func() error {
					if err := ctx.Err(); err != nil {
						return err
					}
					r.check(ctx, c, chunk)
					done(len(chunk))
					return nil
				})
			}
		}
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("cluster %s: %w", r.cluster, err)
	}
	return nil
}

// look notes which rules have objects to look at. What is derived from the AWS
// side is nothing to look at without one.
func (r *run) look(c rule.Checker, kind string, objects int) {
	if objects == 0 || eks.IsKind(kind) && r.graph.Snapshot().AWS().IsEmpty() {
		return
	}
	for _, m := range c.Metas() {
		r.looked[m.ID] = true
	}
}

func (r *run) objects(kind string) []graph.Object {
	if eks.IsKind(kind) {
		return r.eks().Objects(kind)
	}
	if r.focus == nil {
		return r.graph.Objects(kind)
	}
	return r.graph.ObjectsIn(kind, r.focus)
}

func (r *run) progress(o Options) func(n int) {
	if o.Progress == nil {
		return func(int) {}
	}
	total := 0
	for _, c := range o.Checkers {
		for _, kind := range c.Kinds() {
			total += len(r.objects(kind))
		}
	}
	var mu sync.Mutex
	sum := 0
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		sum += n
		o.Progress(sum, total)
	}
}

// check runs one checker over some objects and keeps what it reports.
func (r *run) check(ctx context.Context, c rule.Checker, objects []graph.Object) {
	local := &collector{run: r, metas: map[string]rule.Meta{}}
	for _, m := range c.Metas() {
		local.metas[m.ID] = m
	}
	pass := &rule.Pass{Graph: r.graph, Reach: r.reach, Cluster: r.eks, Path: r.path, Capacity: r.capacity, Settings: r.settings, Report: local.report}
	for _, object := range objects {
		local.begin(object)
		if err := guarded(ctx, c, pass, object); err != nil {
			local.fail(err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.findings = append(r.findings, local.findings...)
	r.failures = append(r.failures, local.failures...)
	for _, key := range local.skips {
		r.skips[key] = true
	}
}

// guarded turns a panic of a rule into an error.
func guarded(ctx context.Context, c rule.Checker, pass *rule.Pass, object graph.Object) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.Check(ctx, pass, object)
}

// skip completes a skip with its reason.
func (r *run) skip(key skipKey) Skip {
	out := Skip{RuleID: key.rule, Domain: key.domain, Namespace: key.namespace, Cluster: r.cluster}
	if opaque, ok := r.graph.Snapshot().Obscured(key.domain, key.namespace); ok {
		out.Why = opaque.Why
	}
	return out
}
