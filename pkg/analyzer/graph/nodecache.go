package graph

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// NodeCache is NodeLocal DNSCache as the arguments of its DaemonSet and its
// Corefile say: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
type NodeCache struct {
	Workload *Workload
	// Addresses are where it listens on each node; none when that is not known.
	Addresses []netip.Addr
	// AddressesAt is the argument that says so.
	AddressesAt model.Path
	// MakesInterface is Yes when the cache itself gives the node its addresses,
	// so that the node has no others of their kind.
	MakesInterface model.Tri
	// Upstream is the Service that it asks for names of the cluster, UpstreamAt
	// the argument that says so, or the container. It is empty when not known.
	Upstream   string
	UpstreamAt model.Path
	// Corefile is nil when the input does not show it.
	Corefile *Corefile
}

// UpstreamVariable stands in the Corefile for the address of NodeCache.Upstream:
// https://github.com/kubernetes/dns/blob/1.26.4/cmd/node-cache/app/configmap.go
const UpstreamVariable = "__PILLAR__CLUSTER__DNS__"

// The flags of the cache: https://github.com/kubernetes/dns/blob/1.26.4/cmd/node-cache/main.go
const (
	nodeCacheLabel     = "node-local-dns"
	nodeCacheAddresses = "localip"
	nodeCacheUpstream  = "upstreamsvc"
	nodeCacheInterface = "setupinterface"
	nodeCacheConfig    = "Corefile.base"
)

// NodeCaches are the workloads that are NodeLocal DNSCache, by the label that
// their manifest gives them:
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/cluster/addons/dns/nodelocaldns/nodelocaldns.yaml
func (g *Graph) NodeCaches() []NodeCache {
	labelled, _ := g.Matching(dnsNamespace, SelectorOfMap(map[string]string{dnsLabel: nodeCacheLabel}))
	out := make([]NodeCache, 0, len(labelled))
	for _, w := range labelled {
		out = append(out, g.nodeCache(w))
	}
	return out
}

// NodeCacheOf is what a workload is as a cache, if it is one of NodeCaches.
func (g *Graph) NodeCacheOf(w *Workload) (NodeCache, bool) {
	caches := g.NodeCaches()
	i := slices.IndexFunc(caches, func(c NodeCache) bool { return c.Workload == w })
	if i < 0 {
		return NodeCache{}, false
	}
	return caches[i], true
}

func (g *Graph) nodeCache(w *Workload) NodeCache {
	out := NodeCache{Workload: w}
	if w.PodSpec() == nil {
		return out
	}
	for i, c := range w.PodSpec().Containers {
		if text, arg, ok := argument(c, nodeCacheAddresses); ok {
			at := w.PathTo("spec", "containers", strconv.Itoa(i))
			out.Addresses, out.AddressesAt = addressesIn(text), at.Child(arg...)
			out.readDefaults(c, at)
		}
	}
	out.Corefile = g.nodeCacheCorefile(w)
	return out
}

// readDefaults reads the flags that have a default, which counts where every
// argument is known.
func (n *NodeCache) readDefaults(c corev1.Container, at model.Path) {
	known := !n.Workload.Holder().IsUnknown(at.Child("command")...) && !n.Workload.Holder().IsUnknown(at.Child("args")...)
	if known {
		n.Upstream, n.UpstreamAt = dnsService, at
		n.MakesInterface = model.Yes
	}
	if name, arg, ok := argument(c, nodeCacheUpstream); ok && !placeholder.In(name) {
		n.Upstream, n.UpstreamAt = name, at.Child(arg...)
	}
	if text, _, ok := argument(c, nodeCacheInterface); ok {
		on, err := strconv.ParseBool(text)
		n.MakesInterface = model.TriOf(on)
		if err != nil {
			n.MakesInterface = model.Unknown
		}
	}
}

// addressesIn reads a list with commas; none when one of them is no address.
func addressesIn(text string) []netip.Addr {
	var out []netip.Addr
	for item := range strings.SplitSeq(text, ",") {
		a, err := netip.ParseAddr(item)
		if err != nil {
			return nil
		}
		out = append(out, a)
	}
	return out
}

// nodeCacheCorefile reads the ConfigMap that the pods mount as their Corefile.
func (g *Graph) nodeCacheCorefile(w *Workload) *Corefile {
	for _, v := range w.PodSpec().Volumes {
		if v.ConfigMap == nil {
			continue
		}
		i := slices.IndexFunc(v.ConfigMap.Items, func(k corev1.KeyToPath) bool { return k.Path == nodeCacheConfig && k.Key == corefileKey })
		if i < 0 {
			continue
		}
		if r, text, ok := g.corefileText(v.ConfigMap.Name); ok && !placeholder.In(text) {
			return newCorefile(r, text)
		}
	}
	return nil
}

// argument finds a flag with its text as Go's package flag reads it: -name text
// or -name=text, with one dash or two. at is the place of the text in the
// container.
func argument(c corev1.Container, name string) (text string, at []string, ok bool) {
	for _, list := range []struct {
		field string
		words []string
	}{{"command", c.Command}, {"args", c.Args}} {
		for i, word := range list.words {
			flag, value, given := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), "=")
			switch {
			case !strings.HasPrefix(word, "-") || flag != name:
			case given:
				text, at, ok = value, []string{list.field, strconv.Itoa(i)}, true
			case i+1 < len(list.words):
				text, at, ok = list.words[i+1], []string{list.field, strconv.Itoa(i + 1)}, true
			}
		}
	}
	return text, at, ok
}
