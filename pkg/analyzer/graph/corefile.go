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

// Corefile is the ConfigMap that configures CoreDNS:
// https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/#coredns
type Corefile struct {
	resource *model.Resource
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

// At returns the path of a line of the text.
func (c *Corefile) At(line int) model.Path {
	return model.Path{"data", corefileKey, model.Line(line)}
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
	if sh.name != dnsNamespace {
		return
	}
	r, text, present := g.corefileText("coredns")
	if r == nil || r.IsUnknown("data", corefileKey) || placeholder.In(text) {
		return
	}
	file, err := corefile.Parse(text)
	sh.byKind[KindCorefile] = []Object{&Corefile{resource: r, Present: present, File: file, Err: err}}
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
