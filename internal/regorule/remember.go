package regorule

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// memo is what the rules of a bundle made of an object. They are a function of the object
// and of what they asked the graph, so it holds while both are the same.
type memo struct {
	ref model.Ref
	// only names the rules that were asked; nil means all.
	only     map[string]bool
	asked    []asked
	findings []rule.Finding
}

// memos are the last of a resource, the newest first: who looks at graphs in which more and
// less is known of the same objects gets two answers in turn.
type memos [2]*memo

// function is a built-in that asks the graph.
type function uint8

// The functions that can be asked again.
const (
	askFacts function = iota
	askGet
	askList
	askKnown
)

// question is one that can be asked of another graph.
type question struct {
	function function
	// ref is what is asked about. askList and askKnown leave the name out.
	ref model.Ref
	// domain is for askKnown.
	domain model.Domain
}

// answer is what a graph said, as far as it is needed to see whether another says the same.
type answer struct {
	// digest is that of facts and of knowledge.
	digest uint64
	// objects are those that were found.
	objects []identity
}

func (q question) ask(g *graph.Graph) answer {
	switch q.function {
	case askGet:
		return answer{objects: identify(objectsOf(g, q.ref.Kind, q.ref.Namespace), func(ref model.Ref) bool { return ref.Name == q.ref.Name })}
	case askList:
		return answer{objects: identify(objectsOf(g, q.ref.Kind, q.ref.Namespace), func(model.Ref) bool { return true })}
	case askKnown:
		return answer{digest: uint64(g.Snapshot().Knows(q.domain, q.ref.Namespace))}
	default:
		return answer{digest: digest(g.Facts(q.ref))}
	}
}

// asked is a question with the answer of the first graph.
type asked struct {
	question
	answer
}

func (a *asked) holds(g *graph.Graph) bool {
	is := a.ask(g)
	return is.digest == a.digest && slices.Equal(is.objects, a.objects)
}

// questions are those that rules ask about one object.
type questions struct {
	asked []asked
	// isOpen is set when a rule asked what is too dear to ask again.
	isOpen bool
}

// add notes a question once, unless nobody will ask it again.
func (q *questions) add(g *graph.Graph, x question) {
	if q != nil && !slices.ContainsFunc(q.asked, func(a asked) bool { return a.question == x }) {
		q.asked = append(q.asked, asked{x, x.ask(g)})
	}
}

// recall returns what the rules found about the object before, if they would see now what
// they saw then.
func (b *bundle) recall(pass *rule.Pass, object graph.Object) ([]rule.Finding, bool) {
	for _, m := range b.memos(pass, object) {
		if m == nil || !m.answers(pass.Only) || !m.holds(pass.Graph, object) {
			continue
		}
		out := slices.Clone(m.findings)
		for i := range out {
			out[i].Related = slices.Clone(out[i].Related) // who reports them completes them
		}
		return out, true
	}
	return nil, false
}

func (b *bundle) memos(pass *rule.Pass, object graph.Object) memos {
	kept, _ := pass.Memory.Recall(b, object.Resource())
	out, _ := kept.(memos)
	return out
}

// answers reports whether all rules that are wanted were asked.
func (m *memo) answers(wanted map[string]bool) bool {
	if m.only == nil {
		return true
	}
	for id := range wanted {
		if !m.only[id] {
			return false
		}
	}
	return wanted != nil
}

func (m *memo) holds(g *graph.Graph, object graph.Object) bool {
	return m.ref == object.Ref() && !slices.ContainsFunc(m.asked, func(a asked) bool { return !a.holds(g) })
}

// remember keeps findings that are about the object alone, of some rules or of all.
func (b *bundle) remember(pass *rule.Pass, object graph.Object, q *questions, only map[string]bool, findings []rule.Finding) {
	r := object.Resource()
	for _, f := range findings {
		if f.At.Resource != r || slices.ContainsFunc(f.Related, func(x rule.Related) bool { return x.At.Resource != r }) {
			return
		}
	}
	if q != nil && !q.isOpen {
		last := b.memos(pass, object)[0]
		pass.Memory.Keep(b, r, memos{{ref: object.Ref(), only: only, asked: q.asked, findings: findings}, last})
	}
}

// identity tells the objects of graphs apart that share their resources.
type identity struct {
	ref      model.Ref
	resource *model.Identity
}

func identify(objects []graph.Object, wanted func(model.Ref) bool) []identity {
	var out []identity
	for _, o := range objects {
		if ref := o.Ref(); wanted(ref) {
			x := identity{ref: ref}
			if r := o.Resource(); r != nil {
				x.resource = r.Identity()
			}
			out = append(out, x)
		}
	}
	return out
}
