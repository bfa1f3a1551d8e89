package regorule

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// builtinPrefix is the name space of the functions that ask the graph.
const builtinPrefix = "ekslint."

// builtin is a function of rules that asks the graph. A nil term is undefined.
type builtin struct {
	name, description string
	// params names the arguments.
	params []string
	args   []types.Type
	result types.Type
	// memoize keeps the answer for one evaluation. It pays where the answer is
	// not kept for the whole run anyway.
	memoize bool
	// isDear is set where it is no less work to ask again than to run a rule.
	isDear bool
	answer func(s scope, args []*ast.Term) (*ast.Term, error)
}

func builtins() []builtin {
	object := types.NewObject(nil, types.NewDynamicProperty(types.S, types.A))
	refs := types.NewArray(nil, object)
	return []builtin{
		{
			"get",
			"the object {ref, object} of that kind, namespace and name; undefined when there is none",
			[]string{"kind", "namespace", "name"},
			[]types.Type{types.S, types.S, types.S},
			object, false, false, answerGet,
		},
		{
			"list",
			"the objects {ref, object} of a kind in a namespace",
			[]string{"kind", "namespace"},
			[]types.Type{types.S, types.S},
			refs, false, false, answerList,
		},
		{
			"pods",
			"the workloads of a namespace that a label selector matches: {certain, refs}",
			[]string{"namespace", "selector"},
			[]types.Type{types.S, types.NewAny(types.NewNull(), object)},
			object, true, true, answerPods,
		},
		{
			"services",
			"the references of the Services that select a workload; undefined for anything else",
			[]string{"ref"},
			[]types.Type{object},
			refs, true, true, answerServices,
		},
		{
			"known",
			"how far an absence in a domain of a namespace can be trusted: no, inferred or declared",
			[]string{"domain", "namespace"},
			[]types.Type{types.S, types.S},
			types.S, false, false, answerKnown,
		},
		{
			"facts",
			"what the graph derived for the object of a reference; undefined when nothing",
			[]string{"ref"},
			[]types.Type{object},
			types.A, false, false, answerFacts,
		},
		{
			"reach",
			"the question {from, to, protocol?, port?}: whether from can talk to to: open, blocked or unknown; undefined for what is no workload",
			[]string{"question"},
			[]types.Type{object},
			types.S, true, true, answerReach,
		},
		{
			"conftest_file",
			"the file of the object, {name, dir}; data.conftest.file of policies written for conftest",
			nil, nil,
			object, false, true, answerConftestFile,
		},
	}
}

// Function describes a built-in function that asks the graph.
type Function struct {
	// Call is how it is written, with the types of the arguments:
	// ekslint.list(kind string, namespace string).
	Call string
	// Result is the type of its answer.
	Result      string
	Description string
}

// Functions lists the functions that rules may call besides those of OPA.
func Functions() []Function {
	var out []Function
	for _, b := range builtins() {
		params := make([]string, len(b.params))
		for i, name := range b.params {
			params[i] = name + " " + typeName(b.args[i])
		}
		out = append(out, Function{
			Call:   builtinPrefix + b.name + "(" + strings.Join(params, ", ") + ")",
			Result: typeName(b.result), Description: b.description,
		})
	}
	return out
}

// typeName is a short name of a type: what is in an object stands in the
// description.
func typeName(t types.Type) string {
	switch t := t.(type) {
	case *types.Object:
		return "object"
	case *types.Array:
		return "array of objects"
	case types.Any:
		if len(t) == 0 {
			return "any"
		}
		return "object or null"
	default:
		return t.String()
	}
}

// register makes the built-ins known to OPA, once a process: only global
// built-ins are left alone by partial evaluation. They hold no state.
var register = sync.OnceFunc(func() {
	for _, b := range builtins() {
		b.register()
	}
	capBuiltins()
})

func (b builtin) register() {
	rego.RegisterBuiltinDyn(&rego.Function{
		Name:             builtinPrefix + b.name,
		Description:      b.description,
		Decl:             types.NewFunction(b.args, b.result),
		Memoize:          b.memoize,
		Nondeterministic: true,
	}, func(bctx rego.BuiltinContext, terms []*ast.Term) (term *ast.Term, err error) {
		// A panic here would take the whole run with it; as an error it is one
		// rule's failure on one object.
		defer func() {
			if r := recover(); r != nil {
				term, err = nil, fmt.Errorf("panic: %v", r)
			}
		}()
		s, err := scopeOf(bctx.Context)
		if err != nil {
			return nil, rego.NewHaltError(err)
		}
		if s.asked != nil && b.isDear {
			s.asked.isOpen = true
		}
		return b.answer(s, terms)
	})
}

func answerGet(s scope, args []*ast.Term) (*ast.Term, error) {
	words, err := stringArgs(args, 3)
	if err != nil {
		return nil, err
	}
	return s.named(words[0], words[1], words[2])
}

func answerList(s scope, args []*ast.Term) (*ast.Term, error) {
	words, err := stringArgs(args, 2)
	if err != nil {
		return nil, err
	}
	return s.list(words[0], words[1])
}

func answerPods(s scope, args []*ast.Term) (*ast.Term, error) {
	words, err := stringArgs(args, 1)
	if err != nil {
		return nil, err
	}
	selector, err := selectorArg(args[1])
	if err != nil {
		return nil, err
	}
	workloads, certain := s.graph.Pods(words[0], selector)
	refs := make([]*ast.Term, len(workloads))
	for i, w := range workloads {
		refs[i] = refTerm(w.Ref())
	}
	return ast.ObjectTerm(
		[2]*ast.Term{ast.InternedTerm("certain"), ast.InternedTerm(certain.String())},
		[2]*ast.Term{ast.InternedTerm("refs"), ast.ArrayTerm(refs...)},
	), nil
}

func answerServices(s scope, args []*ast.Term) (*ast.Term, error) {
	ref, err := refArg(args[0])
	if err != nil {
		return nil, err
	}
	w, ok := s.graph.Lookup(ref).(*graph.Workload)
	if !ok {
		return nil, nil
	}
	services := s.graph.ServicesOf(w)
	refs := make([]*ast.Term, len(services))
	for i, service := range services {
		refs[i] = refTerm(service.Ref())
	}
	return ast.ArrayTerm(refs...), nil
}

func answerKnown(s scope, args []*ast.Term) (*ast.Term, error) {
	words, err := stringArgs(args, 2)
	if err != nil {
		return nil, err
	}
	domain, ok := model.ParseDomain(words[0])
	if !ok {
		return nil, fmt.Errorf("unknown domain %q", words[0])
	}
	return s.known(domain, words[1]), nil
}

func answerFacts(s scope, args []*ast.Term) (*ast.Term, error) {
	ref, err := refArg(args[0])
	if err != nil {
		return nil, err
	}
	return s.factsOf(ref)
}

// stringArgs reads the first n arguments.
func stringArgs(args []*ast.Term, n int) ([3]string, error) {
	var out [3]string
	for i := range n {
		s, ok := args[i].Value.(ast.String)
		if !ok {
			return out, fmt.Errorf("argument %d: want a string", i+1)
		}
		out[i] = string(s)
	}
	return out, nil
}

// refArg reads {group?, kind, namespace?, name}.
func refArg(arg *ast.Term) (model.Ref, error) {
	object, ok := arg.Value.(ast.Object)
	if !ok {
		return model.Ref{}, errors.New("want a reference {group, kind, namespace, name}")
	}
	var ref model.Ref
	for _, f := range []struct {
		name string
		to   *string
	}{{"group", &ref.Group}, {"kind", &ref.Kind}, {"namespace", &ref.Namespace}, {"name", &ref.Name}} {
		value := object.Get(ast.InternedTerm(f.name))
		if value == nil {
			continue
		}
		s, ok := value.Value.(ast.String)
		if !ok {
			return model.Ref{}, fmt.Errorf("%s of the reference is not a string", f.name)
		}
		*f.to = string(s)
	}
	// The namespace of manifests that name none has no name either.
	if ref.Kind == "" || ref.Name == "" && ref.Kind != model.KindNamespace.Kind {
		return model.Ref{}, errors.New("the reference lacks kind or name")
	}
	return ref, nil
}

// selectorArg reads a LabelSelector; null is the absent one. It is strict,
// because a plain map of labels would be read as the selector of everything.
func selectorArg(arg *ast.Term) (*metav1.LabelSelector, error) {
	if _, null := arg.Value.(ast.Null); null {
		return nil, nil
	}
	native, err := ast.JSON(arg.Value)
	if err != nil {
		return nil, fmt.Errorf("selector: %w", err)
	}
	text, err := json.Marshal(native)
	if err != nil {
		return nil, fmt.Errorf("selector: %w", err)
	}
	var selector metav1.LabelSelector
	strict, err := sigsjson.UnmarshalStrict(text, &selector)
	if err != nil {
		return nil, fmt.Errorf("selector: %w", err)
	}
	if len(strict) > 0 {
		return nil, fmt.Errorf("selector: want matchLabels and matchExpressions: %s", strings.TrimPrefix(strict[0].Error(), "strict decoding error: "))
	}
	return &selector, nil
}
