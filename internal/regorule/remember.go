package regorule

import (
	"reflect"
	"slices"
	"weak"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// memo is what the rules of a bundle made of an object. They are a function of the object
// and of what they asked the graph, so it holds while both are the same.
type memo struct {
	ref      model.Ref
	asked    []question
	findings []rule.Finding // without the resource, which would live as long as the memo
}

// question is one that can be asked of another graph, with the answer of the first.
type question struct {
	about  topic
	ask    func(*graph.Graph) any
	answer any
}

// topic tells questions apart: the function that asks, and what it is given.
type topic struct {
	function, kind, namespace, name string
	ref                             model.Ref
}

// questions are those that rules ask about one object.
type questions struct {
	asked []question
	// isOpen is set when a rule asked what is too dear to ask again.
	isOpen bool
}

// add notes a question once, unless nobody will ask it again.
func (q *questions) add(g *graph.Graph, about topic, ask func(*graph.Graph) any) {
	if q == nil || slices.ContainsFunc(q.asked, func(x question) bool { return x.about == about }) {
		return
	}
	q.asked = append(q.asked, question{about, ask, ask(g)})
}

// recall returns what the rules found about the object before, if they would see now what
// they saw then.
func (b *bundle) recall(pass *rule.Pass, object graph.Object) ([]rule.Finding, bool) {
	kept, ok := pass.Memory.Recall(b, object.Resource())
	if !ok {
		return nil, false
	}
	m, _ := kept.(memo)
	if m.ref != object.Ref() || slices.ContainsFunc(m.asked, func(q question) bool { return !reflect.DeepEqual(q.answer, q.ask(pass.Graph)) }) {
		return nil, false
	}
	return about(m.findings, object.Resource()), true
}

// remember keeps findings that are about the object alone.
func (b *bundle) remember(pass *rule.Pass, object graph.Object, q *questions, findings []rule.Finding) {
	r := object.Resource()
	for _, f := range findings {
		if f.At.Resource != r || slices.ContainsFunc(f.Related, func(x rule.Related) bool { return x.At.Resource != r }) {
			return
		}
	}
	if q != nil && !q.isOpen {
		pass.Memory.Keep(b, r, memo{ref: object.Ref(), asked: q.asked, findings: about(findings, nil)})
	}
}

// about are findings of which every place is in a resource.
func about(findings []rule.Finding, r *model.Resource) []rule.Finding {
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		f.At.Resource, f.Related = r, slices.Clone(f.Related)
		for n := range f.Related {
			f.Related[n].At.Resource = r
		}
	}
	return out
}

// identity tells the objects of graphs apart that share their resources.
type identity struct {
	ref      model.Ref
	resource weak.Pointer[model.Resource]
}

func identify(objects []graph.Object, wanted func(model.Ref) bool) []identity {
	var out []identity
	for _, o := range objects {
		if ref := o.Ref(); wanted(ref) {
			out = append(out, identity{ref, weak.Make(o.Resource())})
		}
	}
	return out
}
