package webhook

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// Know takes over what happened, and which kinds are missing: nothing is known of them,
// and no rule takes their absence for a fact. What was said of them before holds no more.
func (c *Cluster) Know(changes []Change, missing []model.GroupKind) {
	c.mu.Lock()
	isSame := slices.Equal(missing, c.missing)
	c.missing = missing
	v := c.now.Load()
	if v != nil && !isSame {
		s, _ := applied(v.seen.graph.Snapshot(), changes)
		c.replace(newView(s.WithScope(c.scope(s.Scope().Name)), c.until()))
		c.underway.seen(changes)
	}
	c.mu.Unlock()
	if v != nil && isSame && len(changes) > 0 {
		c.Apply(changes)
	}
}

// Missing is the number of kinds that are missing.
func (c *Cluster) Missing() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.missing)
}

// scope says how far absences can be trusted.
func (c *Cluster) scope(name string) model.Scope {
	out := model.Scope{Name: name, Complete: len(c.missing) == 0}
	for _, gk := range c.missing {
		if o, ok := manifest.Possible(model.Ref{Group: gk.Group, Kind: gk.Kind}, "objects that cannot be listed and watched, of kind "+schema.GroupKind(gk).String()); ok {
			out.Opaque = append(out.Opaque, o)
		}
	}
	return out
}
