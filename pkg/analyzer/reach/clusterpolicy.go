package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// clusterPolicy is a policy with actions and priorities while it is compiled.
type clusterPolicy struct {
	*policy
	resource *model.Resource
	spec     *model.ClusterNetworkPolicySpec
}

// addTier compiles the policies of the admin or the baseline tier, by
// priority.
func (c *compiler) addTier(t tier) {
	var list []clusterPolicy
	for _, gk := range []model.GroupKind{
		model.KindAdminNetworkPolicy, model.KindBaselineAdminNetworkPolicy,
		model.KindClusterNetworkPolicy, model.KindAWSClusterNetworkPolicy,
	} {
		for _, r := range c.g.Snapshot().All(gk) {
			if p, ok := c.clusterPolicyOf(r); ok && p.tier == t {
				list = append(list, p)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b clusterPolicy) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), a.object.Ref().Compare(b.object.Ref()))
	})
	for _, p := range list {
		c.addClusterPolicy(p)
	}
}

func (c *compiler) clusterPolicyOf(r *model.Resource) (clusterPolicy, bool) {
	o, ok := r.Object.(*model.ClusterNetworkPolicy)
	if !ok {
		return clusterPolicy{}, false
	}
	p := &policy{
		object: c.g.Lookup(r.Ref), root: specification(), tier: tierOf(r, &o.Spec), priority: o.Spec.Priority,
		isolates: [2]model.Tri{model.No, model.No},
		selects:  func(*graph.Graph, *graph.Workload) model.Tri { return model.No },
	}
	// The controller of AWS leaves a pod that a NetworkPolicy selects out of this
	// tier in both directions.
	// https://github.com/aws/aws-network-policy-agent/blob/c8619c0/controllers/policyendpoints_controller.go
	p.yields = p.tier == baselineTier && r.Ref.GroupKind() == model.KindAWSClusterNetworkPolicy
	out := clusterPolicy{p, r, &o.Spec}
	p.fault = out.doubt()
	return out, true
}

func tierOf(r *model.Resource, spec *model.ClusterNetworkPolicySpec) tier {
	if r.Ref.GroupKind() == model.KindBaselineAdminNetworkPolicy || spec.Tier == "Baseline" {
		return baselineTier
	}
	return adminTier
}

// doubt says why it is not certain what the policy does as a whole.
func (p clusterPolicy) doubt() string {
	for _, field := range []string{"tier", "priority", "subject"} {
		if p.resource.IsUnknown("spec", field) {
			return "spec." + field + " is not known"
		}
	}
	if faults := InvalidCluster(p.object); len(faults) > 0 {
		return refused("the API server", faults[0])
	}
	return ""
}

func (c *compiler) addClusterPolicy(p clusterPolicy) {
	id := c.clusterSubjects(p)
	p.subject = c.peers[id].match
	c.wide = append(c.wide, p.policy)
	subjects := c.members(id)
	for _, d := range []Direction{Ingress, Egress} {
		rules := p.spec.Ingress
		if d == Egress {
			rules = p.spec.Egress
		}
		var numbers []int32
		for i := range rules {
			numbers = append(numbers, c.addClusterRule(p, d, i, &rules[i])...)
		}
		if section := p.section(d); p.resource.Hides(section...) {
			for _, a := range []action{accept, deny, pass} {
				numbers = append(numbers, c.addRule(c.mystery(p.policy, section, len(rules), a)))
			}
		}
		p.rules[d] = numbers
		c.apply(p.policy, subjects, d, p.valid(), numbers)
	}
}

func (c *compiler) clusterSubjects(p clusterPolicy) int32 {
	if id, ok := c.clusterPods(&p.spec.Subject); ok && !p.resource.IsUnknown("spec", "subject") {
		return id
	}
	return c.somePods()
}

// clusterPods are the pods that a subject or a peer selects; none when it has
// no field that is known.
func (c *compiler) clusterPods(p *model.ClusterNetworkPolicyPods) (int32, bool) {
	switch {
	case p.Pods != nil && p.Pods.Namespaces != nil:
		return c.clusterNamespaces(p.Pods.Namespaces, graph.SelectorOf(&p.Pods.PodSelector)), true
	case p.Pods != nil:
		return c.namespacedPods(graph.SelectorOf(p.Pods.NamespaceSelector), graph.SelectorOf(&p.Pods.PodSelector)), true
	case p.Namespaces != nil:
		return c.clusterNamespaces(p.Namespaces, graph.Selector{}), true
	default:
		return 0, false
	}
}

func (c *compiler) clusterNamespaces(n *model.ClusterNetworkPolicyNamespaces, pods graph.Selector) int32 {
	switch {
	case len(n.SameLabels)+len(n.NotSameLabels) > 0:
		return c.somePods() // depends on both ends, and no release keeps it
	case n.NamespaceSelector != nil:
		return c.namespacedPods(graph.SelectorOf(n.NamespaceSelector), pods)
	default:
		return c.namespacedPods(graph.SelectorOf(&n.LabelSelector), pods)
	}
}

// somePods are pods of the cluster that are not known.
func (c *compiler) somePods() int32 {
	return c.intern("some pods", func() peerSet {
		return c.scanned(func(_ *graph.Graph, e Endpoint) model.Tri { return unknownIf(!e.hostNetwork()) }, outside{})
	})
}

func unknownIf(b bool) model.Tri {
	if b {
		return model.Unknown
	}
	return model.No
}

// addClusterRule compiles a rule: one number, or one for each action when the
// action is not known.
func (c *compiler) addClusterRule(p clusterPolicy, d Direction, i int, source *model.ClusterNetworkPolicyRule) []int32 {
	r := rule{policy: p.policy, section: p.section(d), index: i}
	actions := actionsOf(&r, source.Action)
	r.ports = c.internSpec(c.clusterPorts(&r, source))
	var out []int32
	for _, a := range actions {
		r.action = a
		r.peers = c.clusterPeers(&r, d, source)
		if len(actions) > 1 {
			r.peers = []int32{c.perhaps(r.peers)}
		}
		out = append(out, c.addRule(r))
	}
	return out
}

// actionsOf returns what a rule may do. AdminNetworkPolicy says Allow where its
// successors say Accept, and the API server refuses every other word.
func actionsOf(r *rule, word string) []action {
	gk := r.policy.object.Ref().GroupKind()
	first := gk == model.KindAdminNetworkPolicy || gk == model.KindBaselineAdminNetworkPolicy
	switch {
	case r.unknown("action"):
	case word == "Deny":
		return []action{deny}
	case word == "Pass" && gk != model.KindBaselineAdminNetworkPolicy:
		return []action{pass}
	case word == "Allow" && first, word == "Accept" && !first:
		return []action{accept}
	}
	return []action{accept, deny, pass}
}

// perhaps are peers of which none is certain.
func (c *compiler) perhaps(peers []int32) int32 {
	return c.intern(fmt.Sprintf("perhaps %v", peers), func() peerSet {
		var addresses outside
		matches := make([]matcher, 0, len(peers))
		for _, id := range peers {
			p := &c.peers[id]
			matches = append(matches, p.match)
			addresses.ranges = addresses.ranges.Union(p.outside.ranges)
			addresses.everywhere = addresses.everywhere || p.outside.everywhere
		}
		return c.scanned(func(g *graph.Graph, e Endpoint) model.Tri {
			return unknownIf(slices.ContainsFunc(matches, func(match matcher) bool { return match(g, e) != model.No }))
		}, addresses)
	})
}

func (c *compiler) clusterPeers(r *rule, d Direction, source *model.ClusterNetworkPolicyRule) []int32 {
	peers := source.From
	if d == Egress {
		peers = source.To
	}
	field := peerField(d)
	if r.hidden(field) || len(peers) == 0 {
		return []int32{c.anything(false)} // the API server refuses a rule without peers
	}
	var out []int32
	for i := range peers {
		switch id, ok := c.clusterPeer(d, &peers[i]); {
		case r.unknown(field, strconv.Itoa(i)):
			out = append(out, c.anything(false))
		case ok:
			out = append(out, id)
		case r.action != accept:
			// Where a peer that is not known is not refused, it fails closed: the
			// rule denies everything.
			r.action, r.ports = deny, c.internSpec(portSpec{fixed: netset.AllPorts()})
			return []int32{c.anything(true)}
		}
	}
	return out
}

// clusterPeer compiles a peer; it fails for one that has no field that is known.
func (c *compiler) clusterPeer(d Direction, p *model.ClusterNetworkPolicyPeer) (int32, bool) {
	if id, ok := c.clusterPods(&p.ClusterNetworkPolicyPods); ok || d == Ingress {
		return id, ok
	}
	switch {
	case p.Nodes != nil:
		return c.someNodes(), true
	case len(p.Networks) > 0:
		return c.networks(p.Networks)
	case len(p.DomainNames) > 0:
		return c.someAddress(), true
	default:
		return 0, false
	}
}

// someNodes are pods on the network of nodes that are not known.
func (c *compiler) someNodes() int32 {
	return c.intern("some nodes", func() peerSet {
		return c.scanned(func(_ *graph.Graph, e Endpoint) model.Tri { return unknownIf(e.hostNetwork()) }, outside{})
	})
}

// networks compiles CIDRs, which match pods by their address as well.
func (c *compiler) networks(cidrs []string) (int32, bool) {
	var ranges netset.Ranges
	for _, text := range cidrs {
		cidr, err := netip.ParsePrefix(text)
		if err != nil {
			return c.anything(false), true // a placeholder, or refused
		}
		ranges = ranges.Union(netset.RangesOf(cidr))
	}
	key := "networks " + strings.Join(cidrs, ",")
	return c.intern(key, func() peerSet { return c.at(ranges, c.holdsAll(ranges)) }), true
}

// clusterPorts compiles ports and protocols: none of them are everything.
func (c *compiler) clusterPorts(r *rule, source *model.ClusterNetworkPolicyRule) portSpec {
	if r.unknown("ports") || r.unknown("protocols") {
		return portSpec{unknown: true}
	}
	if len(source.Ports)+len(source.Protocols) == 0 {
		return portSpec{fixed: netset.AllPorts()}
	}
	var out portSpec
	for _, p := range source.Ports {
		switch {
		case p.PortNumber != nil:
			out.add(p.PortNumber.Protocol, p.PortNumber.Port, p.PortNumber.Port)
		case p.PortRange != nil:
			out.add(p.PortRange.Protocol, p.PortRange.Start, p.PortRange.End)
		default:
			c.addName(&out, p.NamedPort)
		}
	}
	for _, p := range source.Protocols {
		switch {
		case p.TCP != nil:
			out.addDestination(netset.TCP, p.TCP)
		case p.UDP != nil:
			out.addDestination(netset.UDP, p.UDP)
		case p.SCTP != nil:
			out.addDestination(netset.SCTP, p.SCTP)
		default:
			c.addName(&out, p.DestinationNamedPort)
		}
	}
	return out
}

// addName adds a named port, which has no protocol of its own here. An element
// without any field leaves the ports unknown.
func (c *compiler) addName(s *portSpec, name string) {
	if name == "" {
		s.unknown = true
		return
	}
	for _, p := range netset.Protocols() {
		s.named = append(s.named, c.namedPort(name, corev1.Protocol(p.String())))
	}
}

func (s *portSpec) add(protocol string, first, last int32) {
	if p, ok := netset.ParseProtocol(cmp.Or(protocol, netset.TCP.String())); ok {
		s.fixed = s.fixed.Union(portRange(p, first, last))
	}
}

func (s *portSpec) addDestination(p netset.Protocol, d *model.DestinationPorts) {
	switch port := d.DestinationPort; {
	case port == nil:
		s.fixed = s.fixed.Union(netset.PortRange(p, netset.FirstPort, netset.LastPort))
	case port.Range != nil:
		s.add(p.String(), port.Range.Start, port.Range.End)
	default:
		s.add(p.String(), port.Number, port.Number)
	}
}
