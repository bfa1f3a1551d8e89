package regorule

import (
	"fmt"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// newOwnBundle returns the checker of the rules that a user has for one kind.
// They are never evaluated partially, because that runs what does not depend on
// the input while it prepares, where no limit holds.
func newOwnBundle(kind string, shared *scopes, p *Policies, rules []*compiledRule, l Limits) *bundle {
	b := &bundle{kind: kind, mode: Plain, scopes: shared, written: rules[0].conftest}
	for _, r := range rules {
		b.metas = append(b.metas, r.meta)
	}
	b.program = sync.OnceValue(func() *program { return newOwnProgram(p, rules, l) })
	return b
}

// newOwnProgram compiles all modules of a user with the collector of some rules.
func newOwnProgram(p *Policies, rules []*compiledRule, l Limits) *program {
	out := &program{
		rules: rules, byID: map[string]*compiledRule{}, lenient: rules[0].conftest,
		store: inmem.NewFromObject(p.data), limits: newLimiter(l),
	}
	gather, err := ownCollector(rules)
	if err == nil {
		out.sources = p.sources(map[string]*ast.Module{collectorPath: gather})
		out.compiler, err = compileModules(out.sources, nil)
	}
	if err != nil {
		for _, r := range rules {
			out.broken = append(out.broken, &Error{RuleID: r.meta.ID, Err: r.located(mistakes(err))})
		}
		out.rules = nil
		return out
	}
	for n, r := range rules {
		out.byID[r.meta.ID] = r
		out.aloneBy(r, "data.ekslint.collector."+collected(n))
	}
	out.plain = sync.OnceValues(func() (rego.PreparedEvalQuery, error) { return out.prepare(out.compiler, collectorQuery) })
	return out
}

// collected is the set of the generated module that holds what a rule yields.
func collected(n int) string { return fmt.Sprintf("r%d", n) }

// ownCollector generates the module that yields the findings of all rules, each
// under a name of its own and all by ID.
func ownCollector(rules []*compiledRule) (*ast.Module, error) {
	var b strings.Builder
	b.WriteString("package ekslint.collector\n")
	for n, r := range rules {
		if r.conftest {
			b.WriteString(r.collect(collected(n)))
		} else {
			fmt.Fprintf(&b, "%s contains f if some f in %s.%s\n", collected(n), r.pkg, findingsRule)
		}
		fmt.Fprintf(&b, "all contains [%q, f] if some f in %s\n", r.meta.ID, collected(n))
	}
	return parseVersion(collectorPath, b.String(), ast.RegoV1, capabilities())
}
