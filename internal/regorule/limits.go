package regorule

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Limits bound what a rule of a user may use. The rules that ship have none.
type Limits struct {
	// Evaluation is the time that one rule has for one object.
	Evaluation time.Duration
	// Total is the time that one rule has in a run.
	Total time.Duration
	// Memory is by how many bytes the heap may grow while rules are evaluated.
	Memory uint64
	// Findings is how many findings one rule may make in a run.
	Findings int
	// Now is the clock.
	Now func() time.Time
}

// DefaultLimits are wide for any rule that is meant seriously.
func DefaultLimits(now func() time.Time) Limits {
	return Limits{Evaluation: 5 * time.Second, Total: 30 * time.Second, Memory: 1 << 30, Findings: 10_000, Now: now}
}

// watchEvery is how often the heap is looked at. An evaluation that ends sooner
// costs nothing: single calls that allocate much are capped.
const watchEvery = 10 * time.Millisecond

var (
	errTooLong  = errors.New("one evaluation took too long")
	errTooLarge = errors.New("an evaluation took too much memory")
)

// limiter holds the rules of one program to their limits. Rules are evaluated
// together, and any number at the same time, until a limit is exceeded; from
// then on each is evaluated by itself, so that it is known which one it is. The
// nil limiter has no limits.
type limiter struct {
	limits Limits
	// turns lets evaluations of single rules have the heap for themselves.
	turns sync.RWMutex

	mu      sync.Mutex
	apart   bool
	spent   map[*compiledRule]time.Duration // under nil: all together
	found   map[*compiledRule]int
	stopped map[*compiledRule]bool
}

func newLimiter(l Limits) *limiter {
	return &limiter{limits: l, spent: map[*compiledRule]time.Duration{}, found: map[*compiledRule]int{}, stopped: map[*compiledRule]bool{}}
}

// together reports whether the rules may be evaluated by one query.
func (l *limiter) together() bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.apart
}

// evaluation is a query bound to its input.
type evaluation func(context.Context) (ast.Set, error)

// all evaluates the query of all rules.
func (l *limiter) all(ctx context.Context, eval evaluation) (ast.Set, error) {
	if l == nil {
		return eval(ctx)
	}
	l.turns.RLock()
	defer l.turns.RUnlock()
	found, limit, err := l.limited(ctx, nil, eval)
	if limit != nil {
		l.mu.Lock()
		l.apart = true
		l.mu.Unlock()
	}
	return found, errors.Join(limit, err)
}

// one evaluates the query of one rule. A rule that exceeds a limit is stopped:
// it fails once, and finds nothing more.
func (l *limiter) one(ctx context.Context, r *compiledRule, eval evaluation) (ast.Set, error) {
	if l == nil {
		return eval(ctx)
	}
	l.turns.Lock()
	defer l.turns.Unlock()
	if l.isStopped(r) {
		return ast.NewSet(), nil
	}
	found, limit, err := l.limited(ctx, r, eval)
	if limit != nil {
		l.stop(r)
		return nil, fmt.Errorf("%s: stopped: %w", r.at, limit)
	}
	return found, err
}

// limited returns the limit that the evaluation exceeded, if any.
func (l *limiter) limited(ctx context.Context, r *compiledRule, eval evaluation) (found ast.Set, limit, err error) {
	start := l.limits.Now()
	own, done := l.limits.watch(ctx)
	found, err = eval(own)
	if cause := context.Cause(own); err != nil && ctx.Err() == nil && cause != nil {
		limit = cause
	}
	done()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spent[r] += l.limits.Now().Sub(start)
	if limit == nil && l.spent[r] > l.limits.Total {
		limit = fmt.Errorf("more than %s in all", l.limits.Total)
	}
	return found, limit, err
}

func (l *limiter) isStopped(r *compiledRule) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped[r]
}

func (l *limiter) stop(r *compiledRule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped[r] = true
	l.apart = true
}

// bounded takes away what exceeds the number of findings that a rule may make.
func (l *limiter) bounded(results []result) (kept []result, failed []error) {
	if l == nil {
		return results, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range results {
		l.found[r.rule]++
		if l.found[r.rule] <= l.limits.Findings {
			kept = append(kept, r)
			continue
		}
		if !l.stopped[r.rule] {
			failed = append(failed, &Error{r.rule.meta.ID, fmt.Errorf("%s: stopped: more than %d findings", r.rule.at, l.limits.Findings)})
		}
		l.stopped[r.rule], l.apart = true, true
	}
	return kept, failed
}

// watch returns a context that ends, with its cause, when an evaluation exceeds
// its time or memory.
func (l Limits) watch(parent context.Context) (ctx context.Context, done func()) {
	ctx, stop := context.WithTimeoutCause(parent, l.Evaluation, fmt.Errorf("%w: more than %s", errTooLong, l.Evaluation))
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(watchEvery, func() { cancel(l.watchHeap(ctx)) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
		stop()
	}
}

// watchHeap waits until the heap has grown too much, or the context ends. What
// looks like growth may be garbage, so it is collected before judging.
func (l Limits) watchHeap(ctx context.Context) error {
	start := heap()
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		if heap() > start+l.Memory {
			runtime.GC()
			if heap() > start+l.Memory {
				return fmt.Errorf("%w: more than %d MiB", errTooLarge, l.Memory>>20)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// heap is the size of the objects on the heap, dead ones included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
