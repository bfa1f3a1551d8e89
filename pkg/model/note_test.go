package model_test

import (
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/ekslint/ekslint/pkg/model"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	r, other := &model.Resource{Ref: model.Ref{Name: "a"}}, &model.Resource{Ref: model.Ref{Name: "a"}}
	if r.Identity() == other.Identity() {
		t.Error("two resources have the same identity")
	}
	before := r.Identity()
	r.SetNote("one", 1)
	r.SetNote("two", 2)
	r.SetNote("one", 3)
	for key, want := range map[string]any{"one": 3, "two": 2, "three": nil} {
		if got, ok := r.Note(key); got != want || ok != (want != nil) {
			t.Errorf("%s is %v, %v, want %v", key, got, ok, want)
		}
	}
	copied := r.Copied()
	if _, ok := copied.Note("one"); ok || copied.Ref != r.Ref {
		t.Errorf("the copy %s has the notes of the resource", copied.Ref)
	}
	if r.Identity() != before || copied.Identity() == before {
		t.Error("the identity is not that of the resource alone")
	}
}

// TestNotesTogether: nothing that is kept at once is lost.
func TestNotesTogether(t *testing.T) {
	t.Parallel()
	r := &model.Resource{}
	var group sync.WaitGroup
	identities := make([]*model.Identity, 8)
	for i := range identities {
		group.Go(func() {
			for n := range 100 {
				r.SetNote(i, n)
			}
			identities[i] = r.Identity()
		})
	}
	group.Wait()
	for i, identity := range identities {
		if n, ok := r.Note(i); n != 99 || !ok || identity != r.Identity() {
			t.Errorf("%d is %v, %v", i, n, ok)
		}
	}
}

// TestNotesEnd: what is kept with a resource goes with it, and an identity does not keep it.
func TestNotesEnd(t *testing.T) {
	t.Parallel()
	identity, of, with := noted()
	for range 1000 {
		runtime.GC()
		if of.Value() == nil && with.Value() == nil {
			runtime.KeepAlive(identity)
			return
		}
		runtime.Gosched()
	}
	t.Error("a resource that is gone is kept")
}

// noted is a resource with a note, which nothing holds but weakly.
func noted() (identity *model.Identity, of, with weak.Pointer[model.Resource]) {
	r, kept := &model.Resource{Ref: model.Ref{Name: "a"}}, &model.Resource{}
	r.SetNote("one", kept)
	return r.Identity(), weak.Make(r), weak.Make(kept)
}
