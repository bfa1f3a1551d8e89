// Package persistent holds lists and tables of which a copy shares what neither changes.
// Of a list or table and its copy only the copy may be changed from then on.
package persistent

import (
	"iter"
	"maps"
	"slices"
)

// List is a list. The zero value is empty.
type List[T any] struct {
	chunks []*[chunk]T
	// own says which chunks no other list has.
	own []bool
	n   int
}

// chunk is how much of a list is copied for one change.
const chunk = 64

// Len is the number of elements.
func (l *List[T]) Len() int { return l.n }

// At returns an element.
func (l *List[T]) At(i int) T { return l.chunks[i/chunk][i%chunk] }

// Set changes an element.
func (l *List[T]) Set(i int, v T) {
	n := i / chunk
	if !l.own[n] {
		copied := *l.chunks[n]
		l.chunks[n], l.own[n] = &copied, true
	}
	l.chunks[n][i%chunk] = v
}

// Add adds an element at the end.
func (l *List[T]) Add(v T) {
	if l.n == len(l.chunks)*chunk {
		l.chunks, l.own = append(l.chunks, new([chunk]T)), append(l.own, true)
	}
	l.n++
	l.Set(l.n-1, v)
}

// Copied returns a copy, which can be changed while the list stays.
func (l *List[T]) Copied() List[T] {
	return List[T]{chunks: slices.Clone(l.chunks), own: make([]bool, len(l.own)), n: l.n}
}

// All are the elements in their order.
func (l *List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range l.n {
			if !yield(i, l.At(i)) {
				return
			}
		}
	}
}

// Table is a map.
type Table[K comparable, V any] struct {
	base map[K]V
	// over is what differs from base.
	over map[K]change[V]
	n    int
	// edits counts the changes since base was made: what was before each is still in it.
	edits int
}

type change[V any] struct {
	value  V
	isGone bool
}

// NewTable returns an empty table.
func NewTable[K comparable, V any]() Table[K, V] {
	return Table[K, V]{over: map[K]change[V]{}}
}

// Over returns the table of a map, which must not be changed any more.
func Over[K comparable, V any](m map[K]V) Table[K, V] {
	return Table[K, V]{base: m, over: map[K]change[V]{}, n: len(m)}
}

// Len is the number of keys.
func (t *Table[K, V]) Len() int { return t.n }

// Get returns the value of a key.
func (t *Table[K, V]) Get(key K) (V, bool) {
	if c, ok := t.over[key]; ok {
		return c.value, !c.isGone
	}
	v, ok := t.base[key]
	return v, ok
}

// Set gives a key a value.
func (t *Table[K, V]) Set(key K, v V) {
	if _, known := t.Get(key); !known {
		t.n++
	}
	t.over[key] = change[V]{value: v}
	t.edits++
}

// Delete takes a key out.
func (t *Table[K, V]) Delete(key K) {
	if _, known := t.Get(key); known {
		t.n--
		t.over[key] = change[V]{isGone: true}
		t.edits++
	}
}

// All are the keys and their values in any order.
func (t *Table[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for key, c := range t.over {
			if !c.isGone && !yield(key, c.value) {
				return
			}
		}
		for key, v := range t.base {
			if _, differs := t.over[key]; !differs && !yield(key, v) {
				return
			}
		}
	}
}

// Copied returns a copy, which can be changed while the table stays. Copies of copies hold on
// to a value that was replaced for some more changes, in proportion to the size of the table.
func (t *Table[K, V]) Copied() Table[K, V] {
	const few = 32 // a copy for a change that adds this much is no loss
	if t.edits <= few+len(t.base)/16 {
		return Table[K, V]{base: t.base, over: maps.Clone(t.over), n: t.n, edits: t.edits}
	}
	base := make(map[K]V, t.n)
	maps.Insert(base, t.All())
	return Over(base)
}
