package rule

import "github.com/ekslint/ekslint/pkg/model"

// Memory has checkers keep what they found out about resources, from one graph to the next,
// for as long as the resources live. It is safe for concurrent use. What is kept must not
// refer to other resources.
type Memory struct{ _ byte }

type memoryKey struct {
	memory  *Memory
	checker Checker
}

// Recall returns what a checker keeps of a resource. A nil Memory keeps nothing.
func (m *Memory) Recall(c Checker, r *model.Resource) (any, bool) {
	if m == nil || r == nil {
		return nil, false
	}
	return r.Note(memoryKey{m, c})
}

// Keep keeps what a checker, which must be comparable, found out about a resource.
func (m *Memory) Keep(c Checker, r *model.Resource, what any) {
	if m != nil && r != nil {
		r.SetNote(memoryKey{m, c}, what)
	}
}
