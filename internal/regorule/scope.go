package regorule

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// scope is what an evaluation may ask: one graph, with what was already
// converted from it.
type scope struct {
	graph *graph.Graph
	reach func() *reach.Engine
	// file is that of the object; it is set for policies of conftest only.
	file string
	// settings are the parameters of the rules.
	settings map[string]rule.Params
	// asked are the questions about the object that is looked at; nil when nobody will
	// ask them again.
	asked *questions
	*converted
}

// converted holds the Rego values made from one graph. It never refers to the
// graph, so that it does not keep it alive.
type converted struct {
	encoder *encoder
	objects cache[model.Ref, *ast.Term]
	facts   cache[model.Ref, *ast.Term] // nil: the graph has none
	lists   cache[listKey, *ast.Term]
	kinds   cache[listKey, *kindIndex]
	params  cache[struct{}, *ast.Term]
}

type listKey struct{ kind, namespace string }

// kindIndex finds the objects of a kind in a namespace.
type kindIndex struct {
	refs   []model.Ref
	byName map[string]model.Ref
}

// scopes gives each graph its converted values for as long as the graph lives.
type scopes struct {
	encoder encoder
	mu      sync.Mutex
	byGraph map[weak.Pointer[graph.Graph]]*converted
}

// of is the scope in which one object is looked at.
func (s *scopes) of(pass *rule.Pass) scope {
	g := pass.Graph
	key := weak.Make(g)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.byGraph[key]
	if !ok {
		c = &converted{encoder: &s.encoder}
		if s.byGraph == nil {
			s.byGraph = map[weak.Pointer[graph.Graph]]*converted{}
		}
		s.byGraph[key] = c
		runtime.AddCleanup(g, s.forget, key)
	}
	out := scope{graph: g, reach: pass.Reach, settings: pass.Settings, converted: c}
	if pass.Memory != nil {
		out.asked = &questions{}
	}
	return out
}

func (s *scopes) forget(key weak.Pointer[graph.Graph]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byGraph, key)
}

type scopeKey struct{}

func withScope(ctx context.Context, s scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, s)
}

// errNoScope is what a built-in answers while a query is prepared. It is not
// called then, because it is declared nondeterministic; were it called, the
// answer of one graph would be given for all others.
var errNoScope = errors.New("there is no cluster to ask; a test gives the answer itself, as in: with ekslint.get as {…}")

func scopeOf(ctx context.Context) (scope, error) {
	if ctx == nil {
		return scope{}, errNoScope
	}
	s, ok := ctx.Value(scopeKey{}).(scope)
	if !ok {
		return scope{}, errNoScope
	}
	return s, nil
}

// object is an object as rules see it: {"ref", "object"}, without "object"
// when no manifest is behind it. Objects that a rule asked for are kept; the
// one that is looked at is usually needed once, with more beside it.
func (s scope) object(o graph.Object, more ...[2]*ast.Term) (*ast.Term, error) {
	pairs := make([][2]*ast.Term, 0, 3)
	pairs = append(pairs, more...)
	pairs = append(pairs, [2]*ast.Term{ast.InternedTerm("ref"), refTerm(o.Ref())})
	if r := o.Resource(); r != nil && r.Object != nil {
		manifest, err := s.encoder.term(r.Object)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Ref(), err)
		}
		pairs = append(pairs, [2]*ast.Term{ast.InternedTerm("object"), manifest})
	}
	return ast.ObjectTerm(pairs...), nil
}

// input is the value that an object is evaluated with.
func (s scope) input(o graph.Object) (ast.Value, error) {
	compiling.RLock()
	defer compiling.RUnlock()
	params, err := s.params.get(struct{}{}, s.paramsTerm)
	if err != nil {
		return nil, err
	}
	term, err := s.object(o, [2]*ast.Term{ast.InternedTerm("params"), params})
	if err != nil {
		return nil, err
	}
	return term.Value, nil
}

// paramsTerm are the parameters of all rules, by the ID of the rule.
func (s scope) paramsTerm() (*ast.Term, error) {
	value, err := ast.InterfaceToValue(s.settings)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	return ast.NewTerm(value), nil
}

func (s scope) lookup(ref model.Ref) (*ast.Term, error) {
	return s.objects.get(ref, func() (*ast.Term, error) {
		o := s.graph.Lookup(ref)
		if o == nil {
			return nil, nil
		}
		return s.object(o)
	})
}

func (s scope) factsOf(ref model.Ref) (*ast.Term, error) {
	s.asked.add(s.graph, question{function: askFacts, ref: ref})
	return s.facts.get(ref, func() (*ast.Term, error) {
		facts := s.graph.Facts(ref)
		if facts == nil {
			return nil, nil
		}
		return s.encoder.term(facts)
	})
}

// named returns an object of a kind by its name; undefined when there is none.
func (s scope) named(kind, namespace, name string) (*ast.Term, error) {
	s.asked.add(s.graph, question{function: askGet, ref: model.Ref{Kind: kind, Namespace: namespace, Name: name}})
	index, err := s.index(kind, namespace)
	if err != nil {
		return nil, err
	}
	ref, ok := index.byName[name]
	if !ok {
		return nil, nil
	}
	return s.lookup(ref)
}

func (s scope) list(kind, namespace string) (*ast.Term, error) {
	s.asked.add(s.graph, question{function: askList, ref: model.Ref{Kind: kind, Namespace: namespace}})
	return s.lists.get(listKey{kind, namespace}, func() (*ast.Term, error) {
		index, err := s.index(kind, namespace)
		if err != nil {
			return nil, err
		}
		var terms []*ast.Term
		for _, ref := range index.refs {
			term, err := s.lookup(ref)
			if err != nil {
				return nil, err
			}
			if term != nil {
				terms = append(terms, term)
			}
		}
		return ast.ArrayTerm(terms...), nil
	})
}

func (s scope) known(domain model.Domain, namespace string) *ast.Term {
	s.asked.add(s.graph, question{function: askKnown, domain: domain, ref: model.Ref{Namespace: namespace}})
	return ast.InternedTerm(s.graph.Snapshot().Knows(domain, namespace).String())
}

// index finds the objects of a kind in a namespace.
func (s scope) index(kind, namespace string) (*kindIndex, error) {
	return s.kinds.get(listKey{kind, namespace}, func() (*kindIndex, error) {
		index := &kindIndex{byName: map[string]model.Ref{}}
		for _, o := range objectsOf(s.graph, kind, namespace) {
			ref := o.Ref()
			index.refs = append(index.refs, ref)
			if _, ok := index.byName[ref.Name]; !ok {
				index.byName[ref.Name] = ref
			}
		}
		return index, nil
	})
}

// objectsOf are the objects of a kind in a namespace. The kind is a name that graph.Objects
// takes, or Kind.group for one that it lists under the bare name.
func objectsOf(g *graph.Graph, kind, namespace string) []graph.Object {
	in := func(kind string) []graph.Object {
		if namespace == "" {
			return g.Objects(kind)
		}
		return g.ObjectsIn(kind, []string{namespace})
	}
	objects := in(kind)
	group := ""
	if name, after, ok := strings.Cut(kind, "."); ok && len(objects) == 0 {
		objects, group = in(name), after
	}
	return slices.DeleteFunc(slices.Clone(objects), func(o graph.Object) bool {
		return o.Ref().Namespace != namespace || group != "" && o.Ref().Group != group
	})
}

// refTerm is a reference as rules see it: all four fields, empty or not.
func refTerm(r model.Ref) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{ast.InternedTerm("group"), ast.InternedTerm(r.Group)},
		[2]*ast.Term{ast.InternedTerm("kind"), ast.InternedTerm(r.Kind)},
		[2]*ast.Term{ast.InternedTerm("namespace"), ast.InternedTerm(r.Namespace)},
		[2]*ast.Term{ast.InternedTerm("name"), ast.InternedTerm(r.Name)},
	)
}
