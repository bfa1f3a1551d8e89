package model

import "slices"

// notes are what others know of a resource, as they are at one moment.
type notes struct {
	identity *Identity
	all      []note
}

type note struct{ key, value any }

// Identity tells a resource from all others, those of the same Ref included, without
// keeping it in memory. Identities are compared as pointers.
type Identity struct{ _ byte }

// Identity is that of the resource. It is safe for concurrent use.
func (r *Resource) Identity() *Identity {
	return r.noted(func(n *notes) bool { return n != nil }, func(*notes) {}).identity
}

// Note is what was last kept under a key, which is compared as those of a map are. It is
// safe for concurrent use.
func (r *Resource) Note(key any) (value any, ok bool) {
	if n := r.notes.Load(); n != nil {
		for _, x := range n.all {
			if x.key == key {
				return x.value, true
			}
		}
	}
	return nil, false
}

// SetNote keeps a value with the resource, for as long as the resource is in memory. It is
// meant for few keys, and safe for concurrent use. A value that holds on to other resources
// keeps them in memory, too, with their own values.
func (r *Resource) SetNote(key, value any) {
	r.noted(func(*notes) bool { return false }, func(n *notes) {
		n.all = slices.DeleteFunc(n.all, func(x note) bool { return x.key == key })
		n.all = append(n.all, note{key, value})
	})
}

// noted are the notes of the resource, changed unless they are right.
func (r *Resource) noted(isRight func(*notes) bool, change func(*notes)) *notes {
	for {
		before := r.notes.Load()
		if isRight(before) {
			return before
		}
		after := &notes{identity: &Identity{}}
		if before != nil {
			after.identity, after.all = before.identity, slices.Clone(before.all)
		}
		change(after)
		if r.notes.CompareAndSwap(before, after) {
			return after
		}
	}
}

// Copied is the resource without what others know of it.
func (r *Resource) Copied() *Resource {
	return &Resource{
		Ref: r.Ref, Version: r.Version, Object: r.Object, Source: r.Source, Written: r.Written, Unknown: r.Unknown, Defects: r.Defects,
	}
}
