package rule

import (
	"runtime"
	"sync"
	"weak"

	"github.com/ekslint/ekslint/pkg/model"
)

// Memory keeps what checkers found out about resources, from one graph to the next, for as
// long as the resources live. It is safe for concurrent use. What is kept must not refer
// to the resource.
type Memory struct {
	mu   sync.RWMutex
	kept map[memoryKey]any
}

type memoryKey struct {
	checker  Checker
	resource weak.Pointer[model.Resource]
}

// Recall returns what a checker keeps of a resource. A nil Memory keeps nothing.
func (m *Memory) Recall(c Checker, r *model.Resource) (any, bool) {
	if m == nil || r == nil {
		return nil, false
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	kept, ok := m.kept[memoryKey{c, weak.Make(r)}]
	return kept, ok
}

// Keep keeps what a checker, which must be comparable, found out about a resource.
func (m *Memory) Keep(c Checker, r *model.Resource, what any) {
	if m == nil || r == nil {
		return
	}
	key := memoryKey{c, weak.Make(r)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[memoryKey]any{}
	}
	if _, known := m.kept[key]; !known {
		runtime.AddCleanup(r, m.forget, key)
	}
	m.kept[key] = what
}

// Len is the number of things that are kept.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.kept)
}

func (m *Memory) forget(key memoryKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, key)
}
