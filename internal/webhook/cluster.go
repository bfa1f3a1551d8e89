package webhook

import (
	"context"
	"fmt"
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

	// seen is the world in which nothing is but what was seen; nil until Replace.
	seen atomic.Pointer[world]

	// mu guards what follows, and who changes seen.
	mu sync.Mutex
	// certain is the world in which anything may be besides, and of AWS only what is
	// fresh. It is behind by some references until it is asked for.
	certain *world
	behind  []model.Ref
	fresh   bool
	aws     *model.AWS
	// asOf is when the AWS side was so; zero without one.
	asOf    time.Time
	updates int
}

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
}

func (c Change) on(s *model.Snapshot) *model.Snapshot {
	if c.Object == nil {
		return s.Without(c.Ref)
	}
	return s.With(c.Object)
}

const (
	// maxBehind bounds the references that a world catches up on: beyond, it is made anew.
	maxBehind = 1000
	// maxUpdates bounds the changes that a world is made by one after the other, as what
	// it is made of only grows.
	maxUpdates = 1000
)

// Ready reports whether the cluster is known.
func (c *Cluster) Ready() bool { return c.seen.Load() != nil }

// Snapshot is what was seen last; nil until Replace.
func (c *Cluster) Snapshot() *model.Snapshot {
	if w := c.seen.Load(); w != nil {
		return w.graph.Snapshot()
	}
	return nil
}

// Replace sets all objects of the cluster, and runs the rules over them once, so that what
// a change asks for is known. The error is for a cancelled context only.
func (c *Cluster) Replace(ctx context.Context, name string, resources []*model.Resource) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := newWorld(model.NewSnapshot(model.Scope{Name: name, Complete: true}, resources).WithAWS(c.aws))
	if _, err := w.analyze(ctx, c.rules, analyzer.View{}); err != nil {
		return err
	}
	c.replace(w)
	return nil
}

// SetAWS sets the AWS side, as it was at a time.
func (c *Cluster) SetAWS(aws *model.AWS, asOf time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aws, c.asOf = aws, asOf
	if w := c.seen.Load(); w != nil {
		c.rebuild(w.graph.Snapshot().WithAWS(aws))
	}
}

// AWSAge is how old the AWS side is; ok is false without one.
func (c *Cluster) AWSAge() (age time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock().Sub(c.asOf), !c.asOf.IsZero()
}

func (c *Cluster) rebuild(s *model.Snapshot) { c.replace(newWorld(s)) }

func (c *Cluster) replace(w *world) {
	w.settle()
	c.certain, c.behind, c.updates = nil, nil, 0
	c.seen.Store(w)
}

// Apply takes over what happened.
func (c *Cluster) Apply(changes []Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.seen.Load()
	s := before.graph.Snapshot()
	refs := make([]model.Ref, 0, len(changes))
	for _, change := range changes {
		s = change.on(s)
		refs = append(refs, change.Ref)
	}
	if c.updates += len(changes); c.updates > maxUpdates {
		c.rebuild(s)
		return
	}
	after := before.with(s, refs...)
	after.settle()
	if c.behind = append(c.behind, refs...); len(c.behind) > maxBehind {
		c.certain, c.behind = nil, nil
	}
	c.seen.Store(after)
}

// certainly brings the world of what is certain up to date.
func (c *Cluster) certainly() *world {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := !c.asOf.IsZero() && c.clock().Sub(c.asOf) <= c.maxAge
	s := c.seen.Load().graph.Snapshot()
	s = s.WithScope(model.Scope{Name: s.Scope().Name, Opaque: []model.Opaque{manifest.Unforeseen("other objects may be created")}})
	if !fresh {
		s = s.WithAWS(&model.AWS{})
	}
	switch {
	case c.certain == nil || fresh != c.fresh:
		c.certain = newWorld(s)
	case len(c.behind) > 0:
		c.certain = c.certain.with(s, c.behind...)
	}
	c.certain.settle()
	c.behind, c.fresh = nil, fresh
	return c.certain
}

// Harm is a finding that a change brings.
type Harm struct {
	rule.Finding
	// IsCertain is set when the finding holds whatever else is created, and does not
	// rest on an AWS side that is no longer fresh.
	IsCertain bool
}

// Consider returns the harm of a change that has not happened. Failures are rules that
// broke; they hide nothing else.
func (c *Cluster) Consider(ctx context.Context, change Change) (harm []Harm, failures []analyzer.Failure, err error) {
	before := c.seen.Load()
	if before == nil {
		return nil, nil, fmt.Errorf("%s: the cluster is not known yet", change.Ref)
	}
	after := before.with(change.on(before.graph.Snapshot()), change.Ref)
	focus := after.focus(change.Ref)
	report, err := after.analyze(ctx, c.rules, analyzer.View{Focus: focus})
	if err != nil || len(report.Findings) == 0 {
		return nil, report.Failures, err
	}
	known, err := before.fingerprints(ctx, c.rules, focus, rulesOf(report.Findings))
	if err != nil {
		return nil, report.Failures, err
	}
	var severe []rule.Finding
	for _, f := range report.Findings {
		if !known[f.Fingerprint] {
			harm = append(harm, Harm{Finding: f})
			if f.Severity == rule.Error {
				severe = append(severe, f)
			}
		}
	}
	if len(severe) > 0 {
		err = c.confirm(ctx, change, harm, rulesOf(severe))
	}
	return harm, report.Failures, err
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
func (c *Cluster) confirm(ctx context.Context, change Change, harm []Harm, rules map[string]bool) error {
	before := c.certainly()
	after := before.with(change.on(before.graph.Snapshot()), change.Ref)
	certain, err := after.fingerprints(ctx, c.rules, after.focus(change.Ref), rules)
	if err != nil {
		return err
	}
	for i := range harm {
		harm[i].IsCertain = certain[harm[i].Fingerprint]
	}
	return nil
}
