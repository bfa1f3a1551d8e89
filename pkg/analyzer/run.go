package analyzer

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// run is the state of one analysis.
type run struct {
	*Analyzer
	graph    *graph.Graph
	focus    []string
	jobs     int
	reach    func() *reach.Engine
	eks      func() *eks.Cluster
	path     func() *path.Engine
	capacity func() *capacity.Report
	only     map[string]bool
	cluster  string

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

// task is a checker with the objects of one kind that it looks at.
type task struct {
	checker *checker
	objects []graph.Object
}

// tasks pairs the checkers that hold a wanted rule with their objects.
func (r *run) tasks(v View) []task {
	byKind := map[string][]graph.Object{}
	var out []task
	for i := range r.checkers {
		c := &r.checkers[i]
		if v.Only != nil && !holds(c, v.Only) {
			continue
		}
		isApart := v.Focus != nil && c.isApart(v.Changed)
		for _, kind := range c.kinds {
			objects, known := byKind[kind]
			switch {
			case isApart:
				objects = r.changed(kind, v.Changed)
			case !known:
				objects = r.objects(kind)
				byKind[kind] = objects
			}
			if len(objects) > 0 {
				r.look(c, kind)
				out = append(out, task{c, objects})
			}
		}
	}
	return out
}

// isApart reports whether what changed can matter to the rule where it is looked at only.
func (c *checker) isApart(changed model.Ref) bool {
	return changed.Kind != "" && c.reads != nil && !slices.ContainsFunc(c.reads, func(kind string) bool {
		return graph.IsOfKind(changed.GroupKind(), kind)
	})
}

// changed is what changed, if it is of a kind.
func (r *run) changed(kind string, changed model.Ref) []graph.Object {
	if o := r.graph.Lookup(changed); o != nil && graph.IsOfKind(changed.GroupKind(), kind) {
		return []graph.Object{o}
	}
	return nil
}

func holds(c *checker, wanted map[string]bool) bool {
	for id := range c.metas {
		if wanted[id] {
			return true
		}
	}
	return false
}

// look notes which rules have objects to look at. What is derived from the AWS
// side is nothing to look at without one.
func (r *run) look(c *checker, kind string) {
	if eks.IsKind(kind) && r.graph.Snapshot().AWS().IsEmpty() {
		return
	}
	for id := range c.metas {
		r.looked[id] = true
	}
}

func (r *run) objects(kind string) []graph.Object {
	switch isAWS := eks.IsKind(kind); {
	case isAWS && r.focus == nil:
		return r.eks().Objects(kind)
	case isAWS:
		return r.eks().ObjectsIn(kind, r.focus)
	case r.focus == nil:
		return r.graph.Objects(kind)
	}
	return r.graph.ObjectsIn(kind, r.focus)
}

// batch is what one worker takes at a time: enough objects to make the lock
// and the scheduling cheap.
const batch = 64

func (r *run) all(ctx context.Context, tasks []task, progress func(done, total int)) error {
	done := counted(tasks, progress)
	if r.focus != nil {
		for _, t := range tasks {
			if err := ctx.Err(); err != nil {
				return err
			}
			r.check(ctx, t.checker, t.objects)
			done(len(t.objects))
		}
		return nil
	}
	jobs := r.jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for _, t := range tasks {
		for chunk := range slices.Chunk(t.objects, batch) {
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				r.check(ctx, t.checker, chunk)
				done(len(chunk))
				return nil
			})
		}
	}
	return group.Wait()
}

// counted adds up what is done, for progress.
func counted(tasks []task, progress func(done, total int)) func(n int) {
	if progress == nil {
		return func(int) {}
	}
	total := 0
	for _, t := range tasks {
		total += len(t.objects)
	}
	var mu sync.Mutex
	sum := 0
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		sum += n
		progress(sum, total)
	}
}

// check runs one checker over some objects and keeps what it reports.
func (r *run) check(ctx context.Context, c *checker, objects []graph.Object) {
	local := &collector{run: r, metas: c.metas}
	pass := &rule.Pass{
		Graph: r.graph, Reach: r.reach, Cluster: r.eks, Path: r.path, Capacity: r.capacity,
		Settings: r.settings, Params: c.params, Only: r.only, Memory: r.memory, Report: local.report,
	}
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
