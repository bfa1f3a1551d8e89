package regorule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

const (
	// collectorPath is the name under which the generated module is compiled.
	collectorPath  = "ekslint-collector.rego"
	collectorQuery = "data.ekslint.collector.all"
)

// compiling keeps OPA's compiler away from everything that reads terms: while
// it rewrites a module it writes to terms that the whole process shares, such as
// the interned true (ast.Transform). It writes what is there already, but it is
// a data race. Evaluations read, compilations write.
var compiling sync.RWMutex

// program is the compiled form of the rules of one kind.
type program struct {
	rules  []*compiledRule
	byID   map[string]*compiledRule
	broken []error // one *Error a rule that does not compile

	sources  map[string]*ast.Module
	compiler *ast.Compiler
	plain    func() (rego.PreparedEvalQuery, error)
	partial  func() (rego.PreparedEvalQuery, error)

	// What differs for the rules of a user: their data, their limits, and that
	// conftest takes a failing built-in function for an undefined one.
	store   storage.Store
	limits  *limiter
	lenient bool
}

// compiledRule is a rule with a query of its own, for when the common one fails.
type compiledRule struct {
	meta   rule.Meta
	path   string
	pkg    string
	module *ast.Module
	alone  func() (rego.PreparedEvalQuery, error)

	// at is where a rule of a user stands: file:line:col.
	at string
	// conftest is set for a rule that conftest would ask by its name, which its
	// package may except.
	conftest bool
	name     string
	excepts  bool
}

// newProgram compiles what can be compiled. Rules with errors are set aside,
// each with its own error.
func newProgram(modules, libraries []rule.Module) *program {
	p := &program{byID: map[string]*compiledRule{}, sources: map[string]*ast.Module{}}
	libs, err := parseLibraries(libraries)
	if err != nil {
		p.breakAll(modules, err)
		return p
	}
	packages := map[string]bool{}
	for _, m := range modules {
		r, err := parseRule(m, packages)
		if err != nil {
			p.broken = append(p.broken, &Error{RuleID: m.Meta.ID, Err: err})
			continue
		}
		p.rules = append(p.rules, r)
	}
	p.compile(libs)
	for _, r := range p.rules {
		p.byID[r.meta.ID] = r
		p.aloneBy(r, "data."+r.pkg+"."+findingsRule)
	}
	p.plain = sync.OnceValues(func() (rego.PreparedEvalQuery, error) { return p.prepare(p.compiler, collectorQuery) })
	p.partial = sync.OnceValues(p.preparePartial)
	return p
}

func (p *program) aloneBy(r *compiledRule, query string) {
	r.alone = sync.OnceValues(func() (rego.PreparedEvalQuery, error) { return p.prepare(p.compiler, query) })
}

func (p *program) breakAll(modules []rule.Module, err error) {
	for _, m := range modules {
		p.broken = append(p.broken, &Error{RuleID: m.Meta.ID, Err: err})
	}
}

func parseLibraries(libraries []rule.Module) (map[string]*ast.Module, error) {
	out := map[string]*ast.Module{}
	for _, l := range libraries {
		module, err := parse(l.Path, l.Source)
		if err != nil {
			return nil, err
		}
		out["lib/"+l.Path] = module
	}
	return out, nil
}

// parseRule parses a rule again, because its Meta may come from elsewhere. Two
// rules in one package would report each other's findings.
func parseRule(m rule.Module, packages map[string]bool) (*compiledRule, error) {
	module, err := parse(m.Path, m.Source)
	if err != nil {
		return nil, err
	}
	if _, err := checkPackage(module); err != nil {
		return nil, err
	}
	if err := checkFindings(module); err != nil {
		return nil, err
	}
	name := packageName(module)
	if packages[name] {
		return nil, fmt.Errorf("%s: package %s belongs to another rule", module.Package.Location, name)
	}
	packages[name] = true
	return &compiledRule{meta: m.Meta, path: m.Path, pkg: name, module: module}, nil
}

// compile compiles all rules together. A rule that OPA blames is taken out and
// the others are tried again; when it blames none, all are broken.
func (p *program) compile(libs map[string]*ast.Module) {
	for len(p.rules) > 0 {
		p.sources = map[string]*ast.Module{}
		for name, module := range libs {
			p.sources[name] = module
		}
		for _, r := range p.rules {
			p.sources["rule/"+r.path] = r.module
		}
		p.sources[collectorPath] = collector(p.rules)
		compiler, err := compileModules(p.sources, nil)
		if err == nil {
			p.compiler = compiler
			return
		}
		p.setAside(err)
	}
}

// setAside removes the rules that a compile error names.
func (p *program) setAside(err error) {
	blamed := map[string][]error{}
	var list ast.Errors
	if errors.As(err, &list) {
		for _, e := range list {
			if e.Location != nil {
				blamed[e.Location.File] = append(blamed[e.Location.File], e)
			}
		}
	}
	var kept []*compiledRule
	for _, r := range p.rules {
		if own := blamed[r.path]; len(own) > 0 {
			p.broken = append(p.broken, &Error{RuleID: r.meta.ID, Err: errors.Join(own...)})
			continue
		}
		kept = append(kept, r)
	}
	if len(kept) == len(p.rules) {
		for _, r := range p.rules {
			p.broken = append(p.broken, &Error{RuleID: r.meta.ID, Err: err})
		}
		kept = nil
	}
	p.rules = kept
}

// compileModules compiles modules; hidden, when not nil, tells which paths of
// data a package must not have.
func compileModules(modules map[string]*ast.Module, hidden func([]string) (bool, error)) (*ast.Compiler, error) {
	compiling.Lock()
	defer compiling.Unlock()
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithUseTypeCheckAnnotations(true).
		WithPathConflictsCheck(hidden).SetErrorLimit(0)
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, fmt.Errorf("compile rego: %w", compiler.Errors)
	}
	return compiler, nil
}

// collector generates the module that yields the findings of all rules, by ID.
func collector(rules []*compiledRule) *ast.Module {
	var b strings.Builder
	b.WriteString("package ekslint.collector\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "all contains [%q, f] if some f in data.%s.findings\n", r.meta.ID, r.pkg)
	}
	return ast.MustParseModuleWithOpts(b.String(), ast.ParserOptions{RegoVersion: ast.RegoV1})
}

// preparePartial specialises the query for everything but input and the
// graph. It works on a compiler of its own, because OPA adds to it.
func (p *program) preparePartial() (rego.PreparedEvalQuery, error) {
	compiler, err := compileModules(p.sources, nil)
	if err != nil {
		return rego.PreparedEvalQuery{}, err
	}
	return p.prepare(compiler, collectorQuery, rego.WithPartialEval(), rego.WithNoInline(p.severalValues()))
}

// severalValues lists the single-valued rules with more than one definition.
// Once inlined they would no longer notice that two definitions disagree. OPA
// inlines functions in any case: there only plain evaluation notices it.
func (p *program) severalValues() []string {
	var paths []string
	for _, module := range p.sources {
		count := map[string]int{}
		for _, r := range module.Rules {
			if r.Head.RuleKind() == ast.SingleValue {
				count[r.Ref().GroundPrefix().String()]++
			}
		}
		for path, n := range count {
			if n > 1 {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

func (p *program) prepare(compiler *ast.Compiler, query string, opts ...rego.PrepareOption) (rego.PreparedEvalQuery, error) {
	compiling.Lock()
	defer compiling.Unlock()
	settings := []func(*rego.Rego){
		rego.Compiler(compiler),
		rego.Query(query),
		rego.Capabilities(capabilities()),
		rego.StrictBuiltinErrors(!p.lenient),
		rego.SetRegoVersion(ast.RegoV1),
	}
	if p.store != nil {
		settings = append(settings, rego.Store(p.store))
	}
	return rego.New(settings...).PrepareForEval(context.Background(), opts...)
}

// few is up to how many rules cost less by themselves than with all others.
const few = 3

// evaluate returns the findings of all rules, or of few, for one input, by rule and then
// in the order of their values. When the common query fails each rule is evaluated alone,
// and the errors are those of the rules that fail.
func (p *program) evaluate(ctx context.Context, rules []*compiledRule, partial bool, input ast.Value) ([]result, []error) {
	if len(rules) == len(p.rules) && p.limits.together() {
		query, err := p.query(partial)
		if err == nil {
			var found ast.Set
			if found, err = p.limits.all(ctx, bind(query, input)); err == nil {
				return p.split(found), nil
			}
		}
		if ctx.Err() != nil {
			return nil, nil // the caller sees it
		}
	}
	return p.evaluateAlone(ctx, rules, input)
}

// among are the rules to evaluate where some are wanted, and their names: these, or all,
// which nil names, if that costs less. Rules of a user are held to their limits together.
func (p *program) among(wanted map[string]bool) (rules []*compiledRule, only map[string]bool) {
	if wanted == nil || p.limits != nil {
		return p.rules, nil
	}
	for _, r := range p.rules {
		if wanted[r.meta.ID] {
			rules = append(rules, r)
		}
	}
	if len(rules) > few || len(rules) == len(p.rules) {
		return p.rules, nil
	}
	return rules, wanted
}

func bind(query rego.PreparedEvalQuery, input ast.Value) evaluation {
	return func(ctx context.Context) (ast.Set, error) { return run(ctx, query, input) }
}

// query returns the partially evaluated query where that is wanted and
// possible: a rule whose constant part fails makes the preparation fail, and
// then the plain query tells which.
func (p *program) query(partial bool) (rego.PreparedEvalQuery, error) {
	if partial {
		if query, err := p.partial(); err == nil {
			return query, nil
		}
	}
	return p.plain()
}

// split reads the pairs [id, finding]; a set iterates in order.
func (p *program) split(found ast.Set) []result {
	out := make([]result, 0, found.Len())
	found.Foreach(func(t *ast.Term) {
		pair, ok := t.Value.(*ast.Array)
		if !ok || pair.Len() != 2 {
			return
		}
		if id, ok := pair.Elem(0).Value.(ast.String); ok {
			out = p.byID[string(id)].results(out, pair.Elem(1))
		}
	})
	return out
}

func (p *program) evaluateAlone(ctx context.Context, rules []*compiledRule, input ast.Value) (found []result, failed []error) {
	for _, r := range rules {
		query, err := r.alone()
		var findings ast.Set
		if err == nil {
			findings, err = p.limits.one(ctx, r, bind(query, input))
		}
		if err != nil {
			failed = append(failed, &Error{RuleID: r.meta.ID, Err: err})
			continue
		}
		findings.Foreach(func(t *ast.Term) { found = r.results(found, t) })
	}
	return found, failed
}

// results adds what stands in one element of the collected set.
func (r *compiledRule) results(to []result, term *ast.Term) []result {
	if !r.conftest {
		return append(to, result{rule: r, finding: term})
	}
	for _, element := range elements(term) {
		to = append(to, result{rule: r, finding: element})
	}
	return to
}

// run evaluates a query for a set. An undefined result is the empty set.
func run(ctx context.Context, query rego.PreparedEvalQuery, input ast.Value) (ast.Set, error) {
	compiling.RLock()
	defer compiling.RUnlock()
	cancel := topdown.NewCancel()
	defer context.AfterFunc(ctx, cancel.Cancel)()
	results, err := query.Eval(ctx,
		rego.EvalParsedInput(input),
		rego.EvalExternalCancel(cancel), // OPA would start a goroutine an evaluation
		rego.EvalGenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t, nil }),
	)
	if err != nil {
		return nil, err
	}
	if len(results) == 0 || len(results[0].Expressions) == 0 {
		return ast.NewSet(), nil
	}
	term, ok := results[0].Expressions[0].Value.(*ast.Term)
	if !ok {
		return nil, fmt.Errorf("unexpected result %T", results[0].Expressions[0].Value)
	}
	set, ok := term.Value.(ast.Set)
	if !ok {
		return nil, fmt.Errorf("findings is not a set: %v", term)
	}
	return set, nil
}
