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
	// asked are the questions about the object that is looked at.
	asked *questions
	*converted
}

// converted holds the Rego values made from one graph. It never refers to the
// graph, so that it does not keep it alive.
type converted struct {
	encoder *encoder
	objects cache[model.Ref, *ast.Term]
	facts   cache[model.Ref, told]
	lists   cache[listKey, *ast.Term]
	params  cache[struct{}, *ast.Term]
}

type listKey struct{ kind, namespace string }

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
	return scope{graph: g, reach: pass.Reach, settings: pass.Settings, asked: &questions{}, converted: c}
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

// told is what the graph derived for an object, as it is and as rules see it.
type told struct {
	facts any
	term  *ast.Term // nil: the graph has none
}

func (s scope) factsOf(ref model.Ref) (*ast.Term, error) {
	out, err := s.facts.get(ref, func() (told, error) {
		facts := s.graph.Facts(ref)
		if facts == nil {
			return told{}, nil
		}
		term, err := s.encoder.term(facts)
		return told{facts, term}, err
	})
	s.asked.add(func(g *graph.Graph) any { return g.Facts(ref) }, out.facts)
	return out.term, err
}

// named returns an object of a kind by its name; undefined when there is none.
func (s scope) named(kind, namespace, name string) (*ast.Term, error) {
	find := func(g *graph.Graph) []graph.Object {
		objects := objectsOf(g, kind, namespace)
		i := slices.IndexFunc(objects, func(o graph.Object) bool { return o.Ref().Name == name })
		if i < 0 {
			return nil
		}
		return objects[i : i+1]
	}
	found := find(s.graph)
	s.asked.add(func(g *graph.Graph) any { return identify(find(g)) }, identify(found))
	if len(found) == 0 {
		return nil, nil
	}
	return s.lookup(found[0].Ref())
}

func (s scope) list(kind, namespace string) (*ast.Term, error) {
	objects := objectsOf(s.graph, kind, namespace)
	s.asked.add(func(g *graph.Graph) any { return identify(objectsOf(g, kind, namespace)) }, identify(objects))
	return s.lists.get(listKey{kind, namespace}, func() (*ast.Term, error) {
		var terms []*ast.Term
		for _, o := range objects {
			term, err := s.lookup(o.Ref())
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
	ask := func(g *graph.Graph) any { return g.Snapshot().Knows(domain, namespace) }
	answer := s.graph.Snapshot().Knows(domain, namespace)
	s.asked.add(ask, answer)
	return ast.InternedTerm(answer.String())
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
