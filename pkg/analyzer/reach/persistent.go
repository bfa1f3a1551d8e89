package reach

import (
	"iter"
	"maps"
	"slices"
)

// list is a list whose copies share what none of them changes, as a change to a cluster
// concerns few of what it lists.
type list[T any] struct {
	chunks []*[chunk]T
	// own says which chunks no other list has.
	own []bool
	n   int
}

// chunk is how much of a list is copied for one change.
const chunk = 64

func (l *list[T]) len() int { return l.n }

func (l *list[T]) at(i int) T { return l.chunks[i/chunk][i%chunk] }

func (l *list[T]) set(i int, v T) {
	n := i / chunk
	if !l.own[n] {
		copied := *l.chunks[n]
		l.chunks[n], l.own[n] = &copied, true
	}
	l.chunks[n][i%chunk] = v
}

func (l *list[T]) add(v T) {
	if l.n == len(l.chunks)*chunk {
		l.chunks, l.own = append(l.chunks, new([chunk]T)), append(l.own, true)
	}
	l.n++
	l.set(l.n-1, v)
}

// copied is a list that can be changed while the other stays. Of the two only the copy may
// be changed from now on.
func (l *list[T]) copied() list[T] {
	return list[T]{chunks: slices.Clone(l.chunks), own: make([]bool, len(l.own)), n: l.n}
}

func (l *list[T]) all() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range l.n {
			if !yield(i, l.at(i)) {
				return
			}
		}
	}
}

// table is a map whose copies share what none of them changes.
type table[K comparable, V any] struct{ base, over map[K]V }

func newTable[K comparable, V any]() table[K, V] {
	return table[K, V]{over: map[K]V{}}
}

func (t *table[K, V]) get(key K) (V, bool) {
	if v, ok := t.over[key]; ok {
		return v, true
	}
	v, ok := t.base[key]
	return v, ok
}

func (t *table[K, V]) set(key K, v V) { t.over[key] = v }

// copied is a table that can be changed while the other stays. Of the two only the copy
// may be changed from now on.
func (t *table[K, V]) copied() table[K, V] {
	const few = 32 // a copy for a change that adds this much is no loss
	if len(t.over) <= few+len(t.base)/16 {
		return table[K, V]{base: t.base, over: maps.Clone(t.over)}
	}
	all := make(map[K]V, len(t.base)+len(t.over))
	maps.Copy(all, t.base)
	maps.Copy(all, t.over)
	return table[K, V]{base: all, over: map[K]V{}}
}
