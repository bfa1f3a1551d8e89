package reach

import (
	"slices"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// addPolicy compiles a NetworkPolicy, or an ApplicationNetworkPolicy.
func (c *compiler) addPolicy(source *graph.Policy) {
	p := &policy{object: source, root: specification(), tier: policyTier, selects: func(_ *graph.Graph, w *graph.Workload) model.Tri { return source.Selects(w) }}
	if faults := Invalid(source); len(faults) > 0 {
		p.fault = refused("the API server", faults[0])
	}
	for d := range p.isolates {
		p.isolates[d] = source.Isolates(Direction(d).PolicyType()).And(p.valid()) //nolint:gosec // two directions
	}
	c.addOwn(p, source.Ref().Namespace)
	subjects := c.subjects(source)
	for _, d := range []Direction{Ingress, Egress} {
		if p.isolates[d] == model.No {
			continue // its rules have no effect
		}
		c.isolate(p, d, subjects)
		c.apply(p, subjects, d, p.isolates[d], c.addRules(p, source, d))
	}
}

// refused words a fault: what is in the cluster instead of the policy is not
// known.
func refused(by string, f Fault) string {
	return by + " refuses the policy, " + f.Path.String() + ": " + f.Why
}

// valid is Unknown when the policy may not be in force.
func (p *policy) valid() model.Tri {
	if p.fault != "" {
		return model.Unknown
	}
	return model.Yes
}

// subjects are the endpoints that a policy may select. Pods on the node's
// network are not subject to policy.
func (c *compiler) subjects(p *graph.Policy) []entry {
	namespace := p.Ref().Namespace
	if p.Resource().IsUnknown("spec", "podSelector") {
		return c.entries(nil, slices.Concat(c.matching(namespace, graph.Selector{})))
	}
	return c.entries(c.matching(namespace, graph.SelectorOf(&p.Spec().PodSelector)))
}

// addRules compiles the rules of one direction and returns their numbers. When
// the input does not show them, one rule may admit anything.
func (c *compiler) addRules(p *policy, source *graph.Policy, d Direction) []int32 {
	var out []int32
	section := p.section(d)
	list := source.Rules(d.PolicyType())
	for i, item := range list {
		r := rule{policy: p, section: section, index: i}
		r.peers = c.rulePeers(&r, source, peerField(d), item.Peers)
		r.ports = c.internSpec(c.portSpec(&r, item.Ports))
		out = append(out, c.addRule(r))
	}
	if source.Resource().Hides(section...) {
		out = append(out, c.addRule(c.mystery(p, section, len(list), accept)))
	}
	return out
}

// mystery is a rule that may name anything.
func (c *compiler) mystery(p *policy, section model.Path, index int, a action) rule {
	return rule{
		policy: p, section: section, index: index, action: a,
		peers: []int32{c.anything(false)}, ports: c.internSpec(portSpec{unknown: true}),
	}
}

// rulePeers compiles the peers of a rule: no peers are all peers.
func (c *compiler) rulePeers(r *rule, source *graph.Policy, field string, peers []networkingv1.NetworkPolicyPeer) []int32 {
	if r.hidden(field) {
		return []int32{c.anything(false)}
	}
	if len(peers) == 0 {
		return []int32{c.anything(true)}
	}
	var out []int32
	for i, peer := range peers {
		if id, ok := c.rulePeer(r, source, i, peer); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (c *compiler) rulePeer(r *rule, source *graph.Policy, i int, peer networkingv1.NetworkPolicyPeer) (int32, bool) {
	d := Ingress
	if r.section[1] == Egress.String() {
		d = Egress
	}
	switch {
	case r.unknown(peerField(d), strconv.Itoa(i)):
		return c.anything(false), true
	case d == Egress && len(source.Domains(r.index, i)) > 0:
		return c.someAddress(), true
	default:
		return c.peer(source.Ref().Namespace, peer)
	}
}

func peerField(d Direction) string {
	if d == Egress {
		return "to"
	}
	return "from"
}

// peer compiles one peer. A peer that names nothing, which the API server
// refuses, matches nothing.
func (c *compiler) peer(own string, peer networkingv1.NetworkPolicyPeer) (int32, bool) {
	switch {
	case peer.IPBlock != nil:
		return c.ipBlock(peer.IPBlock)
	case peer.NamespaceSelector != nil:
		return c.namespacedPods(graph.SelectorOf(peer.NamespaceSelector), graph.SelectorOf(peer.PodSelector)), true
	case peer.PodSelector != nil:
		return c.ownPods(own, graph.SelectorOf(peer.PodSelector)), true
	default:
		return 0, false
	}
}

// namespacedPods are the pods that one selector selects in the namespaces that
// the other selects.
func (c *compiler) namespacedPods(namespaces, pods graph.Selector) int32 {
	key := "namespaces " + selectorKey(namespaces) + " pods " + selectorKey(pods)
	return c.intern(key, func() peerSet {
		found := c.selected(c.matchNamespaces(namespaces), pods)
		c.note(c.unseenAmong(namespaces, pods, found))
		return peerSet{members: found, match: func(g *graph.Graph, e Endpoint) model.Tri {
			if e.hostNetwork() {
				return model.No
			}
			return namespaceOf(g, e.Workload).Selected(namespaces).And(e.Workload.Selected(pods))
		}}
	})
}

// ownPods are pods of one namespace.
func (c *compiler) ownPods(namespace string, pods graph.Selector) int32 {
	key := "own " + strconv.Quote(namespace) + " pods " + selectorKey(pods)
	return c.intern(key, func() peerSet {
		found := c.entries(c.matching(namespace, pods))
		c.note(c.unseenIn(namespace, pods, found))
		return peerSet{members: found, own: true, namespace: namespace, match: func(_ *graph.Graph, e Endpoint) model.Tri {
			if e.hostNetwork() || e.Workload.Ref().Namespace != namespace {
				return model.No
			}
			return e.Workload.Selected(pods)
		}}
	})
}
