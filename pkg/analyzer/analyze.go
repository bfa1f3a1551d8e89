package analyzer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Options configures New. The zero value runs nothing.
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
	// Jobs bounds the objects looked at at once; 0 means one per CPU.
	Jobs int
	// Remember is set where many graphs are looked at that differ little: what does not
	// change is then not looked at again, for some memory.
	Remember bool
}

// View is what of a graph is looked at. The zero value is all of it.
type View struct {
	// Focus names the namespaces whose objects are looked at, as
	// graph.Affected returns them, one after the other, with the load balancers that are
	// made there and what is of AWS itself; nil means all, and the objects of the cluster
	// as a whole besides.
	Focus []string
	// Only names the rules that are wanted, by their IDs; nil means all. Others may
	// report as well, where one checker holds them.
	Only map[string]bool
	// Changed is the object in which the graph differs from one whose findings are known;
	// zero means that none are. Where there is a focus, findings that are the same in both
	// may be left out.
	Changed model.Ref
	// Reach returns the reachability engine of the graph, for a caller that has
	// one; nil means that it is built when a rule first asks for it.
	Reach func() *reach.Engine
	// Jobs bounds the objects looked at at once; 0 means as Options says.
	Jobs int
	// Progress is called now and then with the number of objects looked at so
	// far, and of all; it may be nil and must be safe for concurrent use.
	Progress func(done, total int)
}

// Analyzer runs rules over graphs. It is safe for concurrent use.
type Analyzer struct {
	options  Options
	checkers []checker
	// rules are those of all checkers, as the user grades them.
	rules    []rule.Meta
	settings map[string]rule.Params
	// memory is nil unless the analyzer remembers.
	memory *rule.Memory
	// network is that of the last AWS side, where it does.
	network atomic.Pointer[vpc.Network]
}

// checker is a rule.Checker with what it says of itself, asked once.
type checker struct {
	rule.Checker
	kinds []string
	metas map[string]rule.Meta
	// params are those of its rule; nil where it holds several.
	params rule.Params
	// reads are those of all its rules; nil where one may read anything.
	reads []string
}

// New returns an analyzer with the given rules.
func New(o Options) *Analyzer {
	rules := metas(o.Checkers)
	a := &Analyzer{options: o, rules: regraded(rules, o.Severity), settings: settings(rules, o.Params)}
	if o.Remember {
		a.memory = &rule.Memory{}
	}
	for _, c := range o.Checkers {
		own := checker{Checker: c, kinds: c.Kinds(), metas: map[string]rule.Meta{}}
		for _, m := range c.Metas() {
			own.metas[m.ID] = m
			own.params = a.settings[m.ID]
		}
		if len(own.metas) != 1 {
			own.params = nil
		}
		own.reads = reads(c.Metas())
		a.checkers = append(a.checkers, own)
	}
	return a
}

// Snapshots runs the rules over all clusters of a run and joins their reports, and what
// was said before, such as the problems of reading. When the rule NoEffect is among the
// checkers it judges the suppressions. progress gives that of each cluster, by its index;
// it may be nil. The error is for a cancelled context only.
func (a *Analyzer) Snapshots(ctx context.Context, clusters []*model.Snapshot, before Report, progress func(n int) func(done, total int)) (Report, error) {
	reports := []Report{before}
	for n, s := range clusters {
		var v View
		if progress != nil {
			v.Progress = progress(n)
		}
		r, err := a.Graph(ctx, graph.New(s), v)
		if err != nil {
			return Report{}, err
		}
		reports = append(reports, r)
	}
	out := Merge(reports...)
	for _, m := range a.rules {
		if m.ID == rule.NoEffect {
			out = out.withNoEffect(a.options.Suppressions, m)
		}
	}
	return out, nil
}

// Graph runs the rules over one graph. A rule that breaks becomes a Failure in the report
// and hides nothing else; the error is for a cancelled context only.
func (a *Analyzer) Graph(ctx context.Context, g *graph.Graph, v View) (Report, error) {
	if v.Reach == nil {
		v.Reach = func() *reach.Engine { return reach.New(g) }
	}
	s := g.Snapshot()
	r := &run{
		Analyzer: a, graph: g, focus: v.Focus, only: v.Only, jobs: cmp.Or(v.Jobs, a.options.Jobs), reach: sync.OnceValue(v.Reach),
		cluster: s.Scope().Name, skips: map[skipKey]bool{}, looked: map[string]bool{},
	}
	r.eks = sync.OnceValue(func() *eks.Cluster { return eks.Over(g, a.networkOf(s.AWS())) })
	r.capacity = sync.OnceValue(func() *capacity.Report { return capacity.New(r.eks()) })
	r.path = sync.OnceValue(func() *path.Engine { return path.New(r.eks(), r.reach()) })
	if err := r.all(ctx, r.tasks(v), v.Progress); err != nil {
		return Report{}, fmt.Errorf("cluster %s: %w", r.cluster, err)
	}
	report := Report{
		Clusters: []Cluster{{Name: s.Scope().Name, Resources: s.Len() + s.AWS().Len(), Guessed: s.Scope().Guessed}},
		Rules:    a.rules,
		Findings: dedupe(r.findings),
		Looked:   slices.Sorted(maps.Keys(r.looked)),
		Failures: r.failures,
	}
	report.suppress(a.options.Suppressions.Of(s))
	for key := range r.skips {
		report.Skipped = append(report.Skipped, r.skip(key))
	}
	report.sort()
	report.Failures = joined(report.Failures)
	return report, nil
}

// networkOf is the network of an AWS side.
func (a *Analyzer) networkOf(aws *model.AWS) *vpc.Network {
	if last := a.network.Load(); last != nil && last.AWS() == aws {
		return last
	}
	n := vpc.New(aws)
	if a.memory != nil && !aws.IsEmpty() {
		a.network.Store(n)
	}
	return n
}

// reads unites what rules read.
func reads(metas []rule.Meta) []string {
	out := []string{}
	for _, m := range metas {
		if m.Reads == nil {
			return nil
		}
		out = append(out, m.Reads...)
	}
	return out
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
