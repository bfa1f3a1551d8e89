package graph

import "sync/atomic"

// recalled is a list that rests on an object and on the workloads of the cluster. It is
// safe for concurrent use.
type recalled[T any] struct{ last atomic.Pointer[listAt[T]] }

type listAt[T any] struct {
	moment *Moment
	list   []T
}

// at is the list of a moment, which is read unless it is the last that was.
func (r *recalled[T]) at(m *Moment, read func() []T) []T {
	last := r.last.Load()
	if last == nil || last.moment != m {
		last = &listAt[T]{m, read()}
		r.last.Store(last)
	}
	return last.list
}
