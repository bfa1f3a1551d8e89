package graph

import (
	"slices"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// PeersOf returns the workloads that the peers at a path of a policy certainly
// name. The Tri is Yes when these are all: no peer is an ipBlock, and each asks
// for labels of pods in namespaces whose workloads the input shows.
func (g *Graph) PeersOf(p *Policy, at model.Path, peers []networkingv1.NetworkPolicyPeer) ([]*Workload, model.Tri) {
	var out []*Workload
	known := model.TriOf(len(peers) > 0)
	for n, peer := range peers {
		found, answer := g.peerPods(p, at.Child(strconv.Itoa(n)), peer)
		known = known.And(answer)
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b *Workload) int { return a.Ref().Compare(b.Ref()) })
	out = slices.Compact(out)
	if known != model.Yes {
		known = model.Unknown
	}
	return out, known
}

func (g *Graph) peerPods(p *Policy, at model.Path, peer networkingv1.NetworkPolicyPeer) ([]*Workload, model.Tri) {
	if peer.IPBlock != nil || p.resource.IsUnknown(at...) || peer.PodSelector == nil && peer.NamespaceSelector == nil {
		return nil, model.Unknown
	}
	pods := SelectorOf(peer.PodSelector)
	names, known := []string{p.Ref().Namespace}, model.Yes
	if peer.NamespaceSelector != nil {
		names, known = g.namespaceNames(SelectorOf(peer.NamespaceSelector))
	}
	var out []*Workload
	for _, name := range names {
		found, answer := g.pods(name, pods)
		declared := g.snapshot.Knows(model.Workloads, name) == model.Declared
		if !declared && (pods.Empty() || IsSystemNamespace(name)) {
			answer = model.Unknown
		}
		known = known.And(answer)
		out = append(out, found...)
	}
	return out, known
}

// namespaceNames are the namespaces that a selector certainly selects, Yes when
// these are all. Most selectors ask for one namespace by its name, which needs
// no look at the others.
func (g *Graph) namespaceNames(s Selector) ([]string, model.Tri) {
	if r := s.requirements; len(r) == 1 && namesOne(s) && r[0].Values[0] != "" && g.Namespace(r[0].Values[0]) != nil {
		return r[0].Values, model.Yes
	}
	namespaces, selection := g.namespaceMatches(s)
	var out []string
	for _, ns := range namespaces {
		out = append(out, ns.name)
	}
	return out, selection.Matches
}
