package webhook

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/ekslint/ekslint/pkg/model"
)

// patience is how long a change that was let through may be on its way. One that others
// refuse never comes.
const patience = time.Second

// underway are changes that were let through and have not been seen. Who makes one change
// after the other asks for the next before a watch tells of the last. It is safe for
// concurrent use.
type underway struct {
	mu      sync.Mutex
	changes map[model.Ref]step
}

// step is a change on its way.
type step struct {
	Change
	until time.Time
}

func (u *underway) add(c Change, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.changes == nil {
		u.changes = map[model.Ref]step{}
	}
	for ref, s := range u.changes {
		if now.After(s.until) {
			delete(u.changes, ref)
		}
	}
	u.changes[c.Ref] = step{c, now.Add(patience)}
}

// seen forgets what a watch tells of. What an object was before, or that it was gone before,
// may be told of later than what was made of it was let through.
func (u *underway) seen(changes []Change) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range changes {
		if s, ok := u.changes[c.Ref]; ok && s.isSeenBy(c) {
			delete(u.changes, c.Ref)
		}
	}
}

// isSeenBy reports whether what a watch tells of comes after what the step starts from.
func (s step) isSeenBy(c Change) bool {
	if c.Object == nil {
		return s.Object == nil || s.From != ""
	}
	order, err := resourceversion.CompareResourceVersion(c.Object.Object.GetResourceVersion(), s.From)
	return err != nil || order > 0
}

// before returns the changes in the namespace of the next one. Of one that starts from the
// same version of the same object nothing has come. To take over changes of the cluster as a
// whole takes longer than to see them.
func (u *underway) before(next Change, now time.Time) []Change {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []Change
	for ref, s := range u.changes {
		isAgain := ref == next.Ref && next.From == s.From
		if ref.Namespace != "" && ref.Namespace == next.Ref.Namespace && !isAgain && !now.After(s.until) {
			out = append(out, s.Change)
		}
	}
	return out
}
