package regorule

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// TestResult is the outcome of one rule test_… of the user's.
type TestResult struct {
	// Name is the test with its package: shop.owner_test.test_denied.
	Name string
	// At is where it stands, as file:line:col.
	At string
	// Skipped is set for todo_test_….
	Skipped bool
	// Failure says what went wrong; empty for a test that passed or was skipped.
	Failure string
	// Output is what the test printed.
	Output string
}

// Coverage is how much of a file the tests evaluated.
type Coverage struct {
	File    string
	Percent float64
	// Uncovered are the lines that no test reached, as pairs of first and last.
	Uncovered [][2]int
}

// Test runs the tests whose name, with its package, matches a regular
// expression; empty means all. The coverage is that of every file but tests.
func (p *Policies) Test(ctx context.Context, l Limits, name string) ([]TestResult, []Coverage, error) {
	ctx, done := l.watchAll(ctx)
	defer done()
	coverage := cover.New()
	store := inmem.NewFromObject(p.data)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open data: %w", err)
	}
	defer store.Abort(ctx, txn)
	modules := p.sources(p.tests)
	results, err := tester.NewRunner().
		SetCompiler(ast.NewCompiler().WithCapabilities(capabilities()).WithEnablePrintStatements(true).
			WithUseTypeCheckAnnotations(true).WithPathConflictsCheck(holds(p.data)).SetErrorLimit(0)).
		SetStore(store).
		SetModules(modules).
		SetTimeout(l.Evaluation).
		SetCoverageQueryTracer(coverage).
		SetCoverageRuns(nil).
		SetParallel(1).
		Filter(name).
		RunTests(ctx, txn)
	if err != nil {
		return nil, nil, mistakes(err)
	}
	var out []TestResult
	for r := range results {
		out = append(out, l.testResult(ctx, r))
	}
	slices.SortFunc(out, func(a, b TestResult) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.At, b.At)) })
	return out, p.coverage(coverage), nil
}

// watchAll bounds the memory of many evaluations together.
func (l Limits) watchAll(parent context.Context) (ctx context.Context, done func()) {
	l.Evaluation = time.Hour
	return l.watch(parent)
}

func (l Limits) testResult(ctx context.Context, r *tester.Result) TestResult {
	out := TestResult{
		Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name, At: place(r.Location),
		Skipped: r.Skip, Output: string(r.Output),
	}
	switch {
	case topdown.IsCancel(r.Error):
		out.Failure = "stopped: " + cmp.Or(context.Cause(ctx), fmt.Errorf("more than %s", l.Evaluation)).Error()
	case r.Error != nil:
		out.Failure = oneLine(r.Error).Error()
	case r.Fail:
		out.Failure = "failed"
		for name, sub := range r.SubResults.Iter {
			if sub.Fail {
				out.Failure += " for " + strings.Join(name, ", ")
				break
			}
		}
	}
	return out
}

func (p *Policies) coverage(c *cover.Cover) []Coverage {
	report := c.Report(p.modules)
	var out []Coverage
	for _, name := range slices.Sorted(maps.Keys(p.modules)) {
		file := report.Files[name]
		if file == nil || file.CoveredLines+file.NotCoveredLines == 0 {
			continue
		}
		out = append(out, Coverage{File: name, Percent: file.Coverage, Uncovered: linesOf(file.NotCovered)})
	}
	return out
}

// linesOf joins the ranges that touch the same lines or neighbours.
func linesOf(ranges []cover.Range) [][2]int {
	slices.SortFunc(ranges, func(a, b cover.Range) int {
		return cmp.Or(cmp.Compare(a.Start.Row, b.Start.Row), cmp.Compare(a.End.Row, b.End.Row))
	})
	var out [][2]int
	for _, r := range ranges {
		if n := len(out) - 1; n >= 0 && r.Start.Row <= out[n][1]+1 {
			out[n][1] = max(out[n][1], r.End.Row)
			continue
		}
		out = append(out, [2]int{r.Start.Row, r.End.Row})
	}
	return out
}
