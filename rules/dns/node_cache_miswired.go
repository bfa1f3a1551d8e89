package dns

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodeCacheMiswired is DNS-010.
func NodeCacheMiswired() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-010",
			Title:    "NodeLocal DNSCache is wired wrong",
			Category: "dns",
			Description: `Fires on the DaemonSet of NodeLocal DNSCache when its Corefile cannot be read, forwards names to an
address on which the cache itself listens, or binds a link-local address that its argument -localip does not
name, and when the Service of its argument -upstreamsvc is not in a namespace whose Services the input shows.
It is silent about what holds placeholders, but for the variables that the cache fills in itself. Whether
policies let pods out to the cache is for NP-001.`,
			Rationale: `The cache fails to start or asks itself, and with it every pod of the node that asks the cache for names.`,
			Remediation: `Name the same addresses in -localip and bind, and forward names of the cluster to a Service of CoreDNS
that has an address of its own, such as kube-dns-upstream.`,
			Severity: rule.Error,
			Kinds:    []string{"DaemonSet"},
			Refs: []string{
				"https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/",
				"https://github.com/kubernetes/dns/blob/1.26.4/cmd/node-cache/main.go",
				"https://coredns.io/plugins/bind/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nodeCacheMiswired),
	}
}

func nodeCacheMiswired(p *rule.Pass, w *graph.Workload) {
	cache, ok := p.Graph.NodeCacheOf(w)
	if !ok {
		return
	}
	upstream := upstreamOf(p, cache)
	c := cache.Corefile
	switch {
	case c == nil:
		return
	case c.Err != nil:
		p.Report(rule.Finding{
			Message: fmt.Sprintf("NodeLocal DNSCache does not start: its Corefile cannot be read, %s", c.Err.Message),
			At:      rule.ValueAt(c.Resource(), c.At(c.Err.Line)...), Key: "syntax",
		})
		return
	}
	listens := listensAt(cache)
	for _, b := range c.File.Blocks {
		for _, bind := range b.All("bind") {
			bindsOther(p, cache, bind)
		}
		for _, f := range b.All("forward") {
			asksTheCache(p, cache, f, upstream, listens)
		}
	}
}

// upstreamOf returns the addresses of the Service that the cache asks. It
// reports one that is not there: EKS makes kube-dns, and nobody another.
func upstreamOf(p *rule.Pass, cache graph.NodeCache) []netip.Addr {
	ref := model.Ref{Kind: "Service", Namespace: cache.Workload.Ref().Namespace, Name: cache.Upstream}
	if s, ok := p.Graph.Lookup(ref).(*graph.Service); ok {
		return s.ClusterIPs()
	}
	if cache.Upstream == "" || cache.Upstream == "kube-dns" || p.Graph.Snapshot().Knows(model.Services, ref.Namespace) == model.NotKnown {
		return nil
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("NodeLocal DNSCache asks Service %q for names of the cluster, which does not exist", ref.NamespacedName()),
		At:      rule.ValueAt(cache.Workload.Holder(), cache.UpstreamAt...), Key: "upstream",
	})
	return nil
}

// listensAt are the addresses of every bind, and those of -localip where the
// cache itself gives them to the node: else others may lead them to the pods.
func listensAt(cache graph.NodeCache) []netip.Addr {
	var out []netip.Addr
	if cache.MakesInterface == model.Yes {
		out = slices.Clone(cache.Addresses)
	}
	for _, b := range cache.Corefile.File.Blocks {
		for _, bind := range b.All("bind") {
			for _, text := range bind.Args {
				if a, err := netip.ParseAddr(text); err == nil {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// bindsOther reports addresses that no interface of the node has.
func bindsOther(p *rule.Pass, cache graph.NodeCache, bind corefile.Plugin) {
	for _, text := range bind.Args {
		address, err := netip.ParseAddr(text)
		if err != nil || !address.IsLinkLocalUnicast() || len(cache.Addresses) == 0 ||
			cache.MakesInterface != model.Yes || slices.Contains(cache.Addresses, address) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("NodeLocal DNSCache binds %s, which -localip does not give to the node", address),
			At:      rule.ValueAt(cache.Corefile.Resource(), cache.Corefile.At(bind.Line)...), Key: "bind " + address.String(),
			Related: []rule.Related{{Message: "-localip", At: rule.ValueAt(cache.Workload.Holder(), cache.AddressesAt...)}},
		})
	}
}

// asksTheCache reports a forward to an address on which the cache listens.
func asksTheCache(p *rule.Pass, cache graph.NodeCache, f corefile.Plugin, upstream, listens []netip.Addr) {
	for _, target := range targets(f) {
		asked := upstream
		if target != graph.UpstreamVariable {
			address, port, ok := corefile.Upstream(target)
			if !ok || port != "53" {
				continue
			}
			asked = []netip.Addr{address}
		}
		for _, address := range asked {
			if !slices.Contains(listens, address) {
				continue
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("NodeLocal DNSCache forwards names to %s, on which it listens itself", address),
				At:      rule.ValueAt(cache.Corefile.Resource(), cache.Corefile.At(f.Line)...), Key: "loop " + address.String(),
			})
		}
	}
}
