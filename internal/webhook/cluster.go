package webhook

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// Cluster is what is known of a running cluster. It is safe for concurrent use.
type Cluster struct {
	rules  *analyzer.Analyzer
	maxAge time.Duration
	clock  func() time.Time
	// clients is for what a change closes.
	clients clients
	// underway is what was let through and is not seen yet.
	underway underway

	// now is nil until Replace.
	now atomic.Pointer[view]

	// mu guards what follows, and who changes now.
	mu  sync.Mutex
	aws *model.AWS
	// asOf is when the AWS side was so; zero without one.
	asOf time.Time
	// missing are the kinds of which nothing is known.
	missing []model.GroupKind
	// updates counts the changes since the worlds were made from nothing.
	updates int
	// remaking is what changed since the worlds began to be made from nothing, beside
	// their use; nil when they are not.
	remaking *remaking
}

// view is the cluster at one moment, in two worlds.
type view struct {
	// seen is the world in which nothing is but what was seen.
	seen *world
	// certain is the world in which anything may be besides, and of AWS only what is fresh.
	certain *world
	// until is when the AWS side that is certain is no longer fresh; zero without one.
	until time.Time
}

type remaking struct{ changed []model.Ref }

// Options configures NewCluster.
type Options struct {
	// Analysis is how the rules run.
	Analysis analyzer.Options
	// MaxAge is how old the AWS side may be for a change to be refused because of it.
	MaxAge time.Duration
	// Clock gives the time.
	Clock func() time.Time
}

// NewCluster returns a cluster of which nothing is known yet.
func NewCluster(o Options) *Cluster {
	o.Analysis.Remember = true
	return &Cluster{rules: analyzer.New(o.Analysis), maxAge: o.MaxAge, clock: o.Clock, aws: &model.AWS{}}
}

// Change is what happens to one object.
type Change struct {
	Ref model.Ref
	// Object is what it becomes; nil when it is gone.
	Object *model.Resource
	// From is the resourceVersion from which the change starts; empty where the object was
	// not there, or that is not known.
	From string
}

func (c Change) isOf(kind model.GroupKind) bool { return c.Ref.GroupKind() == kind }

func (c Change) on(s *model.Snapshot) *model.Snapshot {
	if c.Object == nil {
		return s.Without(c.Ref)
	}
	return s.With(c.Object)
}

// applied is a snapshot after some changes, and what they change.
func applied(s *model.Snapshot, changes []Change) (*model.Snapshot, []model.Ref) {
	refs := make([]model.Ref, 0, len(changes))
	for _, c := range changes {
		s = c.on(s)
		refs = append(refs, c.Ref)
	}
	return s, refs
}

// mostUpdates bounds the changes that a world is made by one after the other, as what it
// is made of only grows, and more than a share of the cluster is soon no less work.
func mostUpdates(s *model.Snapshot) int { return max(1000, s.Len()/4) }

// Ready reports whether the cluster is known.
func (c *Cluster) Ready() bool { return c.now.Load() != nil }

// Snapshot is what was seen last; nil until Replace.
func (c *Cluster) Snapshot() *model.Snapshot {
	if v := c.now.Load(); v != nil {
		return v.seen.graph.Snapshot()
	}
	return nil
}

// Replace sets all objects of the cluster, and looks at them once as changes do later, so
// that the first of these need not. The error is for a cancelled context only.
func (c *Cluster) Replace(ctx context.Context, name string, resources []*model.Resource) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := newView(model.NewSnapshot(c.scope(name), resources).WithAWS(c.aws), c.until())
	for _, w := range []*world{v.seen, v.certain} {
		if _, err := w.analyze(ctx, c.rules, analyzer.View{}); err != nil {
			return err
		}
	}
	c.clients.named(v.seen.graph, "") // which reads all workloads
	c.replace(v)
	return nil
}

// SetAWS sets the AWS side, as it was at a time.
func (c *Cluster) SetAWS(aws *model.AWS, asOf time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aws, c.asOf = aws, asOf
	if v := c.now.Load(); v != nil {
		c.replace(newView(v.seen.graph.Snapshot().WithAWS(aws), c.until()))
	}
}

// AWSAge is how old the AWS side is; ok is false without one.
func (c *Cluster) AWSAge() (age time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock().Sub(c.asOf), !c.asOf.IsZero()
}

// until is when the AWS side is no longer fresh; zero when it is not.
func (c *Cluster) until() time.Time {
	if until := c.asOf.Add(c.maxAge); !c.asOf.IsZero() && !c.clock().After(until) {
		return until
	}
	return time.Time{}
}

// newView makes the worlds of a snapshot from nothing. Its AWS side is fresh until a time.
func newView(s *model.Snapshot, until time.Time) *view {
	v := &view{seen: newWorld(s), certain: newWorld(certainly(s, !until.IsZero())), until: until}
	v.settle()
	return v
}

// certainly is a snapshot as far as it is certain.
func certainly(s *model.Snapshot, isFresh bool) *model.Snapshot {
	s = s.WithScope(model.Scope{Name: s.Scope().Name, Opaque: []model.Opaque{manifest.Unforeseen("other objects may be created")}})
	if !isFresh {
		s = s.WithAWS(&model.AWS{})
	}
	return s
}

// with is the view after some resources changed.
func (v *view) with(s *model.Snapshot, refs ...model.Ref) *view {
	out := &view{seen: v.seen.with(s, refs...), certain: v.certain.with(certainly(s, !v.until.IsZero()), refs...), until: v.until}
	out.settle()
	return out
}

// settle makes what the worlds after these rest on, so that they do not hold on to those
// before.
func (v *view) settle() {
	v.seen.reach()
	v.certain.reach()
}

// replace takes worlds that were made from nothing.
func (c *Cluster) replace(v *view) {
	c.updates, c.remaking = 0, nil
	c.now.Store(v)
}

// Apply takes over what happened.
func (c *Cluster) Apply(changes []Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.now.Load()
	s, refs := applied(before.seen.graph.Snapshot(), changes)
	c.now.Store(before.with(s, refs...))
	c.underway.seen(changes)
	if c.remaking != nil {
		c.remaking.changed = append(c.remaking.changed, refs...)
	} else if c.updates += len(changes); c.updates > mostUpdates(s) {
		c.remaking = &remaking{}
		go c.remake(s, c.until(), c.remaking)
	}
}

// remake makes the worlds from nothing and catches up, unless others did meanwhile.
func (c *Cluster) remake(s *model.Snapshot, until time.Time, own *remaking) {
	v := newView(s, until)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remaking != own {
		return
	}
	if len(own.changed) > 0 {
		v = v.with(c.now.Load().seen.graph.Snapshot(), own.changed...)
	}
	c.replace(v)
}

// current is the view of now, in which nothing of AWS is certain that has become too old.
func (c *Cluster) current() *view {
	v := c.now.Load()
	isStale := func() bool { return !v.until.IsZero() && c.clock().After(v.until) }
	if v == nil || !isStale() {
		return v
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if v = c.now.Load(); isStale() {
		v = &view{seen: v.seen, certain: newWorld(certainly(v.seen.graph.Snapshot(), false))}
		v.settle()
		c.now.Store(v)
	}
	return v
}

// Harm is a finding that a change brings.
type Harm struct {
	rule.Finding
	// IsCertain is set when the finding holds, as severe as it is, whatever else is created,
	// and does not rest on an AWS side that is no longer fresh.
	IsCertain bool
}

// Outcome is what a change that has not happened would do.
type Outcome struct {
	Harm []Harm
	// Closed is what a NetworkPolicy closes, first to those of its own namespace.
	Closed []Closed
	// Failures are rules that broke; they hide nothing else.
	Failures []analyzer.Failure
}

// Admitted says that a change was let through. What comes next in its namespace is considered
// as if it had happened, until it is seen or for a second.
func (c *Cluster) Admitted(change Change) {
	if s := c.Snapshot(); s != nil && change.Object != nil {
		if seen := s.Get(change.Ref); seen != nil && reflect.DeepEqual(seen.Object, change.Object.Object) {
			return // nothing changes, and nothing will be seen
		}
	}
	c.underway.add(change, c.clock())
}

// Consider returns what a change would do.
func (c *Cluster) Consider(ctx context.Context, change Change) (Outcome, error) {
	var out Outcome
	begun := c.underway.before(change, c.clock()) // what is seen from now on may be in both
	v := c.current()
	if v == nil {
		return out, fmt.Errorf("%s: the cluster is not known yet", change.Ref)
	}
	before := v.seen.then(begun...)
	after := before.then(change)
	look := analyzer.View{Focus: after.focus(change.Ref), Changed: change.Ref}
	report, err := after.analyze(ctx, c.rules, look)
	out.Failures = report.Failures
	if change.isOf(model.KindNetworkPolicy) {
		out.Closed = c.clients.closed(before, after, change.Ref.Namespace)
	}
	if err != nil || len(report.Findings) == 0 {
		return out, err
	}
	look.Only = rulesOf(report.Findings)
	known, err := before.graded(ctx, c.rules, look)
	if err != nil {
		return out, err
	}
	var severe []rule.Finding
	for _, f := range report.Findings {
		if known[f.Fingerprint] == 0 {
			out.Harm = append(out.Harm, Harm{Finding: f})
			if f.Severity == rule.Error {
				severe = append(severe, f)
			}
		}
	}
	if len(severe) > 0 {
		err = c.confirm(ctx, v.certain.then(begun...), change, out.Harm, rulesOf(severe))
	}
	return out, err
}

// rulesOf are the rules of findings, by ID.
func rulesOf(findings []rule.Finding) map[string]bool {
	out := map[string]bool{}
	for _, f := range findings {
		out[f.RuleID] = true
	}
	return out
}

// confirm says which harm of some rules is certain.
func (c *Cluster) confirm(ctx context.Context, before *world, change Change, harm []Harm, rules map[string]bool) error {
	after := before.then(change)
	certain, err := after.graded(ctx, c.rules, analyzer.View{Focus: after.focus(change.Ref), Changed: change.Ref, Only: rules})
	if err != nil {
		return err
	}
	for i := range harm {
		harm[i].IsCertain = certain[harm[i].Fingerprint] >= harm[i].Judged // a rule may doubt
	}
	return nil
}
