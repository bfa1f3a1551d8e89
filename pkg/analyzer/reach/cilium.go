package reach

import (
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
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
	var fault string
	if faults := InvalidCilium(c.g.Lookup(r.Ref)); len(faults) > 0 {
		fault = refused("Cilium", faults[0])
	}
	for _, rule := range ciliumRules(r, o) {
		c.addCiliumRule(r, rule, fault)
	}
}

// placedRule is a rule of a policy of Cilium with the path that leads to it.
type placedRule struct {
	at model.Path
	*model.CiliumRule
}

// ciliumRules are the rules of a policy: spec and specs add up. A part that the
// input does not show is a rule of which nothing is known.
func ciliumRules(r *model.Resource, o *model.CiliumNetworkPolicy) []placedRule {
	var out []placedRule
	if o.Spec != nil {
		out = append(out, placedRule{specification(), o.Spec})
	} else if r.Hides(specification()...) {
		out = append(out, placedRule{specification(), &model.CiliumRule{}})
	}
	list := o.Specs
	if several := (model.Path{"specs"}); len(list) == 0 && r.Hides(several...) {
		list = make([]model.CiliumRule, 1)
	}
	for i := range list {
		out = append(out, placedRule{model.Path{"specs", strconv.Itoa(i)}, &list[i]})
	}
	return out
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

func (c *compiler) addCiliumRule(r *model.Resource, source placedRule, fault string) {
	if source.NodeSelector != nil {
		return // for nodes, and so for no pod that a policy protects
	}
	p := ciliumPolicy{
		policy:   &policy{object: c.g.Lookup(r.Ref), root: source.at, tier: policyTier, fault: fault},
		resource: r, wide: r.Ref.GroupKind().IsClusterScoped(), namespace: r.Ref.Namespace,
	}
	id := c.ciliumSubjects(p, source.EndpointSelector)
	p.subject = c.peers[id].match
	subjects := slices.DeleteFunc(slices.Clone(c.members(id)), func(x entry) bool { return !p.concerns(c.endpoints.At(int(x.id))) })
	p.selects = func(g *graph.Graph, w *graph.Workload) model.Tri {
		if !p.concerns(Endpoint{Workload: w}) {
			return model.No
		}
		return p.subject(g, Endpoint{Workload: w})
	}
	if p.wide {
		c.wide = append(c.wide, p.policy)
	} else {
		c.addOwn(p.policy, p.namespace)
	}
	for d := range p.isolates {
		p.isolates[d] = p.isolating(source.CiliumRule, Direction(d)).And(p.valid()) //nolint:gosec // two directions
		c.isolate(p.policy, Direction(d), subjects)                                 //nolint:gosec // two directions
	}
	for _, s := range ciliumSections(source.CiliumRule) {
		numbers := c.ciliumSection(p, s)
		p.rules[s.direction] = append(p.rules[s.direction], numbers...)
		c.apply(p.policy, subjects, s.direction, p.valid(), numbers)
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
	case p.resource.Hides(p.root.Child(d.String())...), p.resource.Hides(p.root.Child(d.String() + "Deny")...):
		return model.Unknown
	case rules == 0:
		return model.No
	case p.resource.IsUnknown(p.root.Child("enableDefaultDeny")...):
		return model.Unknown
	default:
		return model.TriOf(written == nil || *written)
	}
}

// ciliumSubjects are the pods that a policy is for. What the selector of a
// policy of a namespace says of the namespace's name is overwritten, unless it
// says so in an expression or leaves the source of the label open.
// https://github.com/cilium/cilium/blob/v1.18.0/pkg/k8s/apis/cilium.io/utils/utils.go
func (c *compiler) ciliumSubjects(p ciliumPolicy, s *metav1.LabelSelector) int32 {
	if p.resource.IsUnknown(p.root.Child("endpointSelector")...) {
		return c.somePods()
	}
	if s != nil && !p.wide {
		s = s.DeepCopy()
		delete(s.MatchLabels, "k8s:"+ciliumNamespace)
	}
	return c.ciliumPods(p, ciliumSelectorOf(s))
}

// concerns reports whether an endpoint can be a subject: a pod where the policy
// acts that is not on the node's network.
func (p ciliumPolicy) concerns(e Endpoint) bool {
	return e.Workload != nil && !e.hostNetwork() && (p.wide || e.Workload.Ref().Namespace == p.namespace)
}

// ciliumSection compiles the rules of a section.
func (c *compiler) ciliumSection(p ciliumPolicy, s ciliumSection) []int32 {
	section := p.root.Child(s.field)
	var out []int32
	for i := range s.rules {
		out = append(out, c.addRule(c.ciliumRule(p, s, i)))
		if narrows(&s.rules[i]) {
			out = append(out, c.addRule(c.mystery(p.policy, section, i, deny)))
		}
	}
	if p.resource.Hides(section...) {
		out = append(out, c.addRule(c.mystery(p.policy, section, len(s.rules), s.action)))
	}
	return out
}

// narrows reports whether a rule takes from what others admit: it asks for
// labels that every peer must have, or for something of all traffic to a port.
func narrows(r *model.CiliumDirectionRule) bool {
	return asksIdentity(r) || slices.Contains(r.Others, "fromRequires") || slices.Contains(r.Others, "toRequires") ||
		slices.ContainsFunc(r.ToPorts, func(p model.CiliumPortRule) bool { return len(p.ServerNames) > 0 })
}

// asksIdentity reports whether both ends have to prove who they are.
func asksIdentity(r *model.CiliumDirectionRule) bool {
	return r.Authentication != nil && r.Authentication.Mode != "disabled"
}

func (c *compiler) ciliumRule(p ciliumPolicy, s ciliumSection, i int) rule {
	r := rule{policy: p.policy, section: p.root.Child(s.field), index: i, action: s.action}
	source := &s.rules[i]
	if r.unknown() || len(source.Others) > 0 {
		return c.mystery(p.policy, r.section, i, s.action)
	}
	r.peers = c.ciliumPeers(p, s.direction, source)
	r.ports = c.internSpec(c.ciliumPorts(s.direction, source))
	return r
}
