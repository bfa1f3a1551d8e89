package graph

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// KindCorefile is the name under which Objects lists the configurations of the
// cluster's DNS.
const KindCorefile = "Corefile"

const corefileKey = "Corefile"

// Corefile is what configures CoreDNS, or a cache in front of it: a ConfigMap,
// or the configuration of the add-on.
// https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/#coredns
// https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
type Corefile struct {
	resource *model.Resource
	// at leads to the text, whose first line is that after offset; -1 means that
	// its lines have no places.
	at     model.Path
	offset int
	// Present is unset when the ConfigMap has no such key.
	Present bool
	// File is what the text says, when Err is nil.
	File corefile.File
	Err  *corefile.Error
}

// Ref implements Object.
func (c *Corefile) Ref() model.Ref { return c.resource.Ref }

// Resource implements Object.
func (c *Corefile) Resource() *model.Resource { return c.resource }

// Place returns the path of the whole text.
func (c *Corefile) Place() model.Path { return c.at }

// At returns the path of a line of the text.
func (c *Corefile) At(line int) model.Path {
	if c.offset < 0 {
		return c.at
	}
	return c.at.Child(model.Line(c.offset + line))
}

// Root returns the block that answers for every name; nil when there is none.
func (c *Corefile) Root() *corefile.Block {
	for i := range c.File.Blocks {
		if c.File.Blocks[i].Root() {
			return &c.File.Blocks[i]
		}
	}
	return nil
}

// addCorefile adds the configuration of CoreDNS, unless the input does not fix
// its text.
func (g *Graph) addCorefile(sh *shard) {
	switch sh.name {
	case dnsNamespace:
		r, text, present := g.corefileText("coredns")
		if r != nil && !r.IsUnknown("data", corefileKey) && !placeholder.In(text) {
			c := newCorefile(r, text)
			c.Present = present
			sh.byKind[KindCorefile] = []Object{c}
		}
	case "":
		if c := g.corefileOfAddon(); c != nil {
			sh.byKind[KindCorefile] = []Object{c}
		}
	}
}

// newCorefile reads the text of a ConfigMap.
func newCorefile(r *model.Resource, text string) *Corefile {
	file, err := corefile.Parse(text)
	return &Corefile{resource: r, at: model.Path{"data", corefileKey}, Present: true, File: file, Err: err}
}

// corefileOfAddon reads the configuration of the add-on CoreDNS; nil when it
// leaves the Corefile as it is.
func (g *Graph) corefileOfAddon() *Corefile {
	a, ok := g.addon(addonCoreDNS)
	var values struct {
		Corefile *string `json:"corefile"`
	}
	if !ok || !a.values(&values) || values.Corefile == nil {
		return nil
	}
	out := newCorefile(a.resource, *values.Corefile)
	out.at, out.offset = a.at, a.corefileLine()
	return out
}

// corefileText returns a ConfigMap beside the cluster's DNS, nil when there is
// none, with its Corefile.
func (g *Graph) corefileText(name string) (r *model.Resource, text string, present bool) {
	r = g.snapshot.Get(model.Ref{Kind: model.KindConfigMap.Kind, Namespace: dnsNamespace, Name: name})
	if r == nil {
		return nil, "", false
	}
	object, ok := r.Object.(*corev1.ConfigMap)
	if !ok {
		return nil, "", false
	}
	text, present = object.Data[corefileKey]
	return r, text, present
}
