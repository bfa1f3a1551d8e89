package reach

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// addCilium compiles the policies of Cilium. They stand in the tier of
// NetworkPolicies, with which they add up; what they deny wins over what any
// other of the tier admits.
// https://docs.cilium.io/en/stable/security/policy/language/#deny-policies
func (c *compiler) addCilium() {
	for _, gk := range []model.GroupKind{model.KindCiliumNetworkPolicy, model.KindCiliumClusterwideNetworkPolicy} {
		for _, r := range c.g.Snapshot().All(gk) {
			if gk.IsClusterScoped() || c.in(r.Ref.Namespace) {
				c.addCiliumPolicy(r)
			}
		}
	}
}

func (c *compiler) addCiliumPolicy(r *model.Resource) {
	o, ok := r.Object.(*model.CiliumNetworkPolicy)
	if !ok {
		return
	}
	if o.Spec != nil {
		c.addCiliumRule(r, specification(), o.Spec)
	}
	for i := range o.Specs {
		c.addCiliumRule(r, model.Path{"specs", strconv.Itoa(i)}, &o.Specs[i])
	}
}

// ciliumPolicy is one rule of a policy of Cilium while it is compiled.
type ciliumPolicy struct {
	*policy
	resource *model.Resource
	// wide is set for a policy of the whole cluster, else it is one of a
	// namespace.
	wide      bool
	namespace string
}

func (c *compiler) addCiliumRule(r *model.Resource, at model.Path, source *model.CiliumRule) {
	if source.NodeSelector != nil {
		return // for nodes, and so for no pod that a policy protects
	}
	p := ciliumPolicy{
		policy: &policy{object: c.g.Lookup(r.Ref), root: at, tier: policyTier}, resource: r,
		wide: r.Ref.GroupKind().IsClusterScoped(), namespace: r.Ref.Namespace,
	}
	if source.EndpointSelector == nil {
		p.fault = refused(Fault{at.Child("endpointSelector"), "it is missing"})
	}
	subject := ciliumSelectorOf(source.EndpointSelector)
	id := c.ciliumSubjects(p, subject)
	p.subject = c.peers[id].match
	subjects := slices.DeleteFunc(slices.Clone(c.members(id)), func(x entry) bool { return !p.concerns(c.endpoints[x.id]) })
	p.selects = func(w *graph.Workload) model.Tri {
		if !p.concerns(Endpoint{Workload: w}) {
			return model.No
		}
		return p.subject(Endpoint{Workload: w})
	}
	sections := ciliumSections(source)
	for d := range p.isolates {
		p.isolates[d] = p.isolating(source, Direction(d)).And(p.valid()) //nolint:gosec // two directions
		c.isolate(p.policy, Direction(d), subjects)                      //nolint:gosec // two directions
	}
	if p.wide {
		c.wide = append(c.wide, p.policy)
	} else {
		c.addOwn(p.policy, p.namespace)
	}
	for _, s := range sections {
		var numbers []int32
		for i := range s.rules {
			numbers = append(numbers, c.addRule(c.ciliumRule(p, s, i)))
		}
		if section := at.Child(s.field); covered(r, section) {
			numbers = append(numbers, c.addRule(c.mystery(p.policy, section, len(s.rules), s.action)))
		}
		p.rules[s.direction] = append(p.rules[s.direction], numbers...)
		c.apply(subjects, s.direction, p.valid(), numbers)
	}
}

// ciliumSection is one of the four lists of a rule.
type ciliumSection struct {
	field     string
	direction Direction
	action    action
	rules     []model.CiliumDirectionRule
}

func ciliumSections(r *model.CiliumRule) []ciliumSection {
	return []ciliumSection{
		{"ingress", Ingress, accept, r.Ingress},
		{"ingressDeny", Ingress, deny, r.IngressDeny},
		{"egress", Egress, accept, r.Egress},
		{"egressDeny", Egress, deny, r.EgressDeny},
	}
}

// isolating answers whether a rule isolates: it does when a section of the
// direction holds something, unless it says otherwise.
// https://docs.cilium.io/en/stable/security/policy/language/#rule-basics
func (p ciliumPolicy) isolating(source *model.CiliumRule, d Direction) model.Tri {
	written, rules := source.EnableDefaultDeny.Ingress, len(source.Ingress)+len(source.IngressDeny)
	if d == Egress {
		written, rules = source.EnableDefaultDeny.Egress, len(source.Egress)+len(source.EgressDeny)
	}
	switch {
	case p.resource.IsUnknown(p.root.Child("enableDefaultDeny")...):
		return model.Unknown
	case written != nil:
		return model.TriOf(*written)
	case covered(p.resource, p.root.Child(d.String())), covered(p.resource, p.root.Child(d.String()+"Deny")):
		return model.Unknown
	default:
		return model.TriOf(rules > 0)
	}
}

func (c *compiler) ciliumSubjects(p ciliumPolicy, s ciliumSelector) int32 {
	if p.resource.IsUnknown(p.root.Child("endpointSelector")...) {
		return c.somePods()
	}
	return c.ciliumPods(p, s)
}

// concerns reports whether an endpoint can be a subject: a pod where the policy
// acts that is not on the node's network.
func (p ciliumPolicy) concerns(e Endpoint) bool {
	return e.Workload != nil && !e.hostNetwork() && (p.wide || e.Workload.Ref().Namespace == p.namespace)
}

// ciliumPods are the pods that a selector selects: in the namespaces that it
// names, else in that of the policy, or everywhere when it has none.
func (c *compiler) ciliumPods(p ciliumPolicy, s ciliumSelector) int32 {
	switch {
	case s.foreign:
		return c.anything(false)
	case !p.wide && !s.anyNamespace:
		return c.ownPods(p.namespace, s.pods)
	default:
		return c.namespacedPods(s.namespaces, s.pods)
	}
}

func (c *compiler) ciliumRule(p ciliumPolicy, s ciliumSection, i int) rule {
	r := rule{policy: p.policy, section: p.root.Child(s.field), index: i, action: s.action}
	source := &s.rules[i]
	if r.unknown() || len(source.Others) > 0 {
		return c.mystery(p.policy, r.section, i, s.action)
	}
	r.peers = c.ciliumPeers(p, s.direction, source)
	r.ports = c.internSpec(c.ciliumPorts(source))
	return r
}

// ciliumPeers compiles the peers of a rule. A rule that names ports only is for
// every peer, one that names nothing at all is for none.
func (c *compiler) ciliumPeers(p ciliumPolicy, d Direction, r *model.CiliumDirectionRule) []int32 {
	endpoints, cidrs, sets, entities := r.FromEndpoints, r.FromCIDR, r.FromCIDRSet, r.FromEntities
	if d == Egress {
		endpoints, cidrs, sets, entities = r.ToEndpoints, r.ToCIDR, r.ToCIDRSet, r.ToEntities
	}
	if endpoints == nil && cidrs == nil && sets == nil && entities == nil && r.ToFQDNs == nil {
		if len(r.ToPorts)+len(r.ICMPs) > 0 {
			return []int32{c.anything(true)}
		}
		return nil
	}
	var out []int32
	for i := range endpoints {
		out = append(out, c.ciliumPods(p, ciliumSelectorOf(&endpoints[i])))
	}
	for _, cidr := range cidrs {
		out = append(out, c.ciliumAddresses(model.CiliumCIDR{CIDR: cidr}))
	}
	for _, set := range sets {
		out = append(out, c.ciliumAddresses(set))
	}
	for _, entity := range entities {
		out = append(out, c.ciliumEntity(entity)...)
	}
	if len(r.ToFQDNs) > 0 {
		out = append(out, c.someAddress())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ciliumAddresses are addresses outside the cluster: pods and, unless Cilium is
// told otherwise, nodes are never matched by address.
// https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based
func (c *compiler) ciliumAddresses(set model.CiliumCIDR) int32 {
	if set.CIDRGroupRef != "" || set.CIDRGroupSelector != nil {
		return c.someAddress()
	}
	ranges, ok := parseRanges(ciliumPrefix(set.CIDR), set.Except)
	if !ok {
		return c.someAddress()
	}
	key := "cilium addresses " + set.CIDR + " except " + strings.Join(set.Except, ",")
	return c.intern(key, func() peerSet { return addressed(outside{ranges: ranges, certain: true}) })
}

// ciliumPrefix: an address stands for itself alone.
func ciliumPrefix(cidr string) string {
	if a, err := netip.ParseAddr(cidr); err == nil {
		return netip.PrefixFrom(a, a.BitLen()).String()
	}
	return cidr
}

// ciliumEntity compiles one of Cilium's names for sets of peers:
// https://docs.cilium.io/en/stable/security/policy/language/#entities-based
func (c *compiler) ciliumEntity(name string) []int32 {
	switch name {
	case "all":
		return []int32{c.anything(true)}
	case "world":
		return []int32{c.intern("world", func() peerSet { return addressed(outside{everywhere: true, certain: true}) })}
	case "world-ipv4":
		return []int32{c.intern(name, func() peerSet { return addressed(outside{ranges: netset.IPv4(), certain: true}) })}
	case "world-ipv6":
		return []int32{c.intern(name, func() peerSet { return addressed(outside{ranges: netset.IPv6(), certain: true}) })}
	case "cluster":
		return []int32{c.namespacedPods(graph.Selector{}, graph.Selector{}), c.someNodes()}
	case "host", "remote-node":
		return []int32{c.someNodes()}
	case "kube-apiserver":
		return []int32{c.someNodes(), c.someAddress()}
	case "none":
		return nil
	default: // Cilium's own pods, or a name that is not known
		return []int32{c.anything(false)}
	}
}

// ciliumPorts compiles the ports of a rule: no ports are everything, but for a
// rule of ICMP, whose messages are not judged.
func (c *compiler) ciliumPorts(r *model.CiliumDirectionRule) portSpec {
	var out portSpec
	switch {
	case len(r.ToPorts)+len(r.ICMPs) == 0:
		return portSpec{fixed: netset.AllPorts()}
	case len(r.ICMPs) > 0:
		out.extra = withoutPorts()
	}
	for i := range r.ToPorts {
		c.addCiliumPorts(&out, &r.ToPorts[i])
	}
	return out
}

// withoutPorts are the protocols without ports.
func withoutPorts() netset.Ports {
	out := netset.AllPorts()
	for _, p := range netset.Protocols() {
		out = out.Subtract(netset.PortRange(p, netset.FirstPort, netset.LastPort))
	}
	return out
}

// addCiliumPorts adds a list of ports. What more is asked of the traffic to
// them may refuse a request, so the ports are then only perhaps open.
func (c *compiler) addCiliumPorts(s *portSpec, r *model.CiliumPortRule) {
	doubtful := asksMore(r)
	add := func(p netset.Ports) {
		if doubtful {
			s.extra = s.extra.Union(p)
			return
		}
		s.fixed = s.fixed.Union(p)
	}
	if len(r.Ports) == 0 {
		add(netset.AllPorts())
	}
	for _, p := range r.Ports {
		for _, protocol := range ciliumProtocols(p.Protocol) {
			number, err := strconv.ParseInt(p.Port, 10, 32)
			switch {
			case err != nil && p.Port != "":
				named := c.namedPort(p.Port, corev1.Protocol(protocol.String()))
				named.doubtful = doubtful
				s.named = append(s.named, named)
			case number == 0:
				add(netset.PortRange(protocol, netset.FirstPort, netset.LastPort))
			default:
				add(portRange(protocol, int32(number), max(int32(number), p.EndPort)))
			}
		}
	}
}

// asksMore reports whether a rule asks for more than ports. A rule for names
// that takes them all refuses none.
func asksMore(r *model.CiliumPortRule) bool {
	if len(r.Listener) > 0 {
		return true
	}
	l7 := r.Rules
	if l7 == nil {
		return false
	}
	everyName := slices.ContainsFunc(l7.DNS, func(n model.CiliumFQDN) bool { return n.MatchPattern == "*" })
	others := [][]json.RawMessage{l7.HTTP, l7.Kafka, l7.L7}
	return l7.L7Proto != "" || len(l7.DNS) > 0 && !everyName ||
		slices.ContainsFunc(others, func(list []json.RawMessage) bool { return len(list) > 0 })
}

func ciliumProtocols(name string) []netset.Protocol {
	if name == "" || strings.EqualFold(name, "ANY") {
		return netset.Protocols()
	}
	if p, ok := netset.ParseProtocol(name); ok {
		return []netset.Protocol{p}
	}
	return nil
}
