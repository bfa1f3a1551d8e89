package regorule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// Mode says how the query of a kind is evaluated. The findings are the same.
type Mode uint8

// The modes.
const (
	// Auto evaluates partially where a kind has many objects.
	Auto Mode = iota
	// Plain never evaluates partially.
	Plain
	// Partial always evaluates partially.
	Partial
)

// manyObjects is the number of objects of one kind above which partial
// evaluation costs less than it saves.
const manyObjects = 400

// New returns one checker for each kind that the rules name, sorted by kind; a
// rule of several kinds is in several checkers. Nothing is parsed or compiled
// before the first Check of a kind, so mistakes in the sources surface there.
// Check is safe for concurrent use. Its error joins one *Error for each rule
// that failed; the findings of the others have been reported.
func New(modules []rule.Module, libraries ...rule.Module) ([]rule.Checker, error) {
	return NewInMode(Auto, modules, libraries...)
}

// NewInMode is New with the mode given instead of chosen.
func NewInMode(mode Mode, modules []rule.Module, libraries ...rule.Module) ([]rule.Checker, error) {
	byKind := map[string][]rule.Module{}
	seen := map[string]string{}
	for _, m := range modules {
		if first, dup := seen[m.Meta.ID]; dup {
			return nil, fmt.Errorf("rule %s stands in %s and in %s", m.Meta.ID, first, m.Path)
		}
		seen[m.Meta.ID] = m.Path
		for _, kind := range m.Meta.Kinds {
			byKind[kind] = append(byKind[kind], m)
		}
	}
	shared := &scopes{}
	var out []rule.Checker
	for kind, modules := range byKind {
		out = append(out, newBundle(kind, mode, shared, modules, libraries))
	}
	slices.SortFunc(out, func(a, b rule.Checker) int { return slices.Compare(a.Kinds(), b.Kinds()) })
	return out, nil
}

// bundle is the checker of all rules of one kind.
type bundle struct {
	kind string
	mode Mode
	// written is set where rules see the object as it was written.
	written bool
	scopes  *scopes
	metas   []rule.Meta
	program func() *program
	// isMany is set when there once were so many objects that the query is evaluated
	// partially.
	isMany atomic.Bool
}

func newBundle(kind string, mode Mode, shared *scopes, modules, libraries []rule.Module) *bundle {
	modules = slices.SortedFunc(slices.Values(modules), func(a, b rule.Module) int {
		return slices.Compare([]string{a.Meta.ID}, []string{b.Meta.ID})
	})
	b := &bundle{kind: kind, mode: mode, scopes: shared}
	for _, m := range modules {
		b.metas = append(b.metas, m.Meta)
	}
	b.program = sync.OnceValue(func() *program { return newProgram(modules, libraries) })
	return b
}

// Metas implements rule.Checker.
func (b *bundle) Metas() []rule.Meta { return slices.Clone(b.metas) }

// Kinds implements rule.Checker.
func (b *bundle) Kinds() []string { return []string{b.kind} }

// Check implements rule.Checker.
func (b *bundle) Check(ctx context.Context, pass *rule.Pass, object graph.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := b.program()
	if len(p.rules) == 0 {
		return errors.Join(p.broken...)
	}
	if found, ok := b.recall(pass, object); ok {
		for _, f := range found {
			pass.Report(f)
		}
		return errors.Join(p.broken...)
	}
	s := b.scopes.of(pass)
	input, err := b.input(&s, object)
	if err != nil {
		return fmt.Errorf("convert %w", err)
	}
	partial := b.partial(pass.Graph)
	rules, only := p.among(pass.Only)
	findings, failed := p.findings(withScope(ctx, s), s, object, rules, input, partial)
	if partial && len(failed) > 0 {
		// OPA 1.22 can leave a variable of an inlined function unbound, so that
		// a sound rule seems to fail: plain evaluation has the last word.
		findings, failed = p.findings(withScope(ctx, s), s, object, rules, input, false)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, f := range findings {
		pass.Report(f)
	}
	if len(failed) == 0 {
		b.remember(pass, object, s.asked, only, findings)
	}
	return errors.Join(slices.Concat(p.broken, failed)...)
}

// findings evaluates rules on one object.
func (p *program) findings(ctx context.Context, s scope, object graph.Object, rules []*compiledRule, input ast.Value, partial bool) ([]rule.Finding, []error) {
	results, failed := p.evaluate(ctx, rules, partial, input)
	results, over := p.limits.bounded(results)
	findings, wrong := decodeAll(s, object, results)
	return findings, slices.Concat(failed, over, wrong)
}

// input is the value that the rules look at.
func (b *bundle) input(s *scope, object graph.Object) (ast.Value, error) {
	if !b.written {
		return s.input(object)
	}
	if source := object.Resource().Source; source != nil {
		s.file = source.File()
	}
	return s.document(object)
}

func (b *bundle) partial(g *graph.Graph) bool {
	switch b.mode {
	case Plain:
		return false
	case Partial:
		return true
	default:
		if !b.isMany.Load() && g.Count(b.kind) > manyObjects {
			b.isMany.Store(true)
		}
		return b.isMany.Load()
	}
}

// result is one finding as a rule wrote it.
type result struct {
	rule    *compiledRule
	finding *ast.Term
}
