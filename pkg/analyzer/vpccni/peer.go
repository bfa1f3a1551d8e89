package vpccni

import (
	"net/netip"
	"slices"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// rule is one rule of a policy that isolates the pods of a side.
type rule struct {
	policy *graph.Policy
	graph.PolicyRule
}

// rules are those of all policies that isolate the pods of a side.
func (j *judge) rules(h reach.Hop) []rule {
	var out []rule
	for _, p := range j.isolating(h) {
		for _, r := range p.Rules(h.Direction.PolicyType()) {
			out = append(out, rule{p, r})
		}
	}
	return out
}

// admits reports whether a rule is one of those that admit on a side.
func admits(h reach.Hop, r rule) bool {
	return slices.ContainsFunc(h.Decisions, func(d reach.Decision) bool {
		return d.Policy == graph.Object(r.policy) && d.Verdict == model.Yes && slices.Equal(d.At, r.Path())
	})
}

// selects answers whether a peer names pods with labels in a namespace; No for
// a peer that is a block of addresses.
func (j *judge) selects(r rule, peer networkingv1.NetworkPolicyPeer, namespace string, match func(graph.Selector) model.Tri) model.Tri {
	inside := model.TriOf(namespace == r.policy.Ref().Namespace)
	switch {
	case peer.IPBlock != nil:
		return model.No
	case peer.NamespaceSelector != nil:
		inside = model.Unknown
		if ns := j.graph.Namespace(namespace); ns != nil {
			inside = ns.Selected(graph.SelectorOf(peer.NamespaceSelector))
		}
	}
	return inside.And(match(graph.SelectorOf(peer.PodSelector)))
}

// peer is the other end of a side.
func (j *judge) peer(h reach.Hop) reach.Endpoint {
	if h.Direction == reach.Egress {
		return j.answer.To
	}
	return j.answer.From
}

// named reports whether a selector of a rule that admits names the peer.
func (j *judge) named(h reach.Hop, peer reach.Endpoint) bool {
	return slices.ContainsFunc(j.rules(h), func(r rule) bool { return admits(h, r) && j.names(r, peer) })
}

// names reports whether a selector of a rule certainly names a workload.
func (j *judge) names(r rule, peer reach.Endpoint) bool {
	if peer.Workload == nil {
		return false
	}
	for _, p := range r.Peers {
		if j.selects(r, p, peer.Workload.Ref().Namespace, peer.Workload.Selected) == model.Yes {
			return true
		}
	}
	return false
}

// holds reports whether a block of a rule certainly holds all addresses of the
// peer.
func (j *judge) holds(r rule, peer reach.Endpoint) bool {
	if peer.Label != "" {
		return false
	}
	addresses := addressesOf(peer)
	return len(addresses) > 0 && !slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		return !slices.ContainsFunc(blocks(r), func(b block) bool { return b.holds(a) })
	})
}

// addressesOf are the addresses of an end, of which a rule holds all or none
// when it is outside the cluster; those that the input shows when it is pods.
func addressesOf(end reach.Endpoint) []netip.Addr {
	if end.Workload == nil {
		return []netip.Addr{end.Range.First}
	}
	return end.Workload.Addresses()
}

// block is a CIDR of a policy, or one that an except cuts out of it.
type block struct {
	netip.Prefix
	policy *graph.Policy
	at     model.Path
	// holes are what its own except cuts out.
	holes []block
}

// holds reports whether a block admits an address.
func (b block) holds(a netip.Addr) bool {
	return b.Contains(a) && !slices.ContainsFunc(b.holes, func(x block) bool { return x.Contains(a) })
}

// blocks are what a rule admits by address. A rule without peers admits every
// address.
func blocks(r rule) []block {
	var out []block
	if len(r.Peers) == 0 {
		for _, all := range []string{"0.0.0.0/0", "::/0"} {
			out = append(out, block{Prefix: netip.MustParsePrefix(all), policy: r.policy, at: r.Path()})
		}
	}
	for i, peer := range r.Peers {
		if peer.IPBlock == nil {
			continue
		}
		at := peerPath(r, i).Child("ipBlock")
		prefix, err := netip.ParsePrefix(peer.IPBlock.CIDR)
		if err != nil {
			continue
		}
		b := block{Prefix: prefix, policy: r.policy, at: at.Child("cidr")}
		for n, text := range peer.IPBlock.Except {
			if hole, err := netip.ParsePrefix(text); err == nil {
				b.holes = append(b.holes, block{Prefix: hole, policy: r.policy, at: at.Child("except", strconv.Itoa(n))})
			}
		}
		out = append(out, b)
	}
	return out
}

func peerPath(r rule, i int) model.Path {
	field := "to"
	at := r.Path()
	if at[1] == reach.Ingress.String() {
		field = "from"
	}
	return at.Child(field, strconv.Itoa(i))
}

// private are the addresses that Services of a cluster can have. EKS gives them
// 10.100.0.0/16, 172.20.0.0/16, what the cluster names of the private ranges, or
// addresses of fc00::/7.
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
var private = func() netset.Ranges {
	var out netset.Ranges
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7"} {
		out = out.Union(netset.RangesOf(netip.MustParsePrefix(text)))
	}
	return out
}()

// mayHoldService reports whether a CIDR shares an address with those that a
// Service can have.
func mayHoldService(p netip.Prefix) bool {
	return len(netset.RangesOf(p).Intersect(private)) > 0
}

// mayHoldPod reports whether a CIDR holds an address that a pod can have: a VPC
// may be of any range but those of the link and the host.
func mayHoldPod(p netip.Prefix) bool {
	a := p.Addr()
	return p.Bits() == 0 || !a.IsLinkLocalUnicast() && !a.IsLoopback() && !a.IsMulticast()
}
