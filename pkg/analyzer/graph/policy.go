package graph

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Policy is a NetworkPolicy, or an ApplicationNetworkPolicy, with the pods that
// it isolates.
type Policy struct {
	chosen   *choice
	resource *model.Resource
	spec     *networkingv1.NetworkPolicySpec
	selector Selector
	// These remember what PolicyPorts, EgressPeers and Selections returned.
	ports      recalled[PolicyPort]
	peers      recalled[EgressPeer]
	selections recalled[Selection]
	// domains holds the domain names of egress peers by rule and peer.
	domains map[[2]int][]string
	// Ingress and Egress are the directions in which the policy isolates its
	// pods; Unknown where the input does not fix the policy types.
	Ingress, Egress model.Tri
}

// Ref implements Object.
func (p *Policy) Ref() model.Ref { return p.resource.Ref }

// Resource implements Object.
func (p *Policy) Resource() *model.Resource { return p.resource }

// Spec is the specification. It is shared and must not be changed.
func (p *Policy) Spec() *networkingv1.NetworkPolicySpec { return p.spec }

// Pods are the workloads that the policy certainly selects.
func (p *Policy) Pods() []*Workload {
	pods, _ := p.pods()
	return pods
}

// PodsCertain is Yes when Pods are all, as far as the namespace is known.
func (p *Policy) PodsCertain() model.Tri {
	_, certain := p.pods()
	return certain
}

func (p *Policy) pods() ([]*Workload, model.Tri) {
	if p.resource.IsUnknown("spec", "podSelector") {
		return nil, model.Unknown
	}
	return p.chosen.selected()
}

// Domains returns the domain names that stand in the place of an egress peer of
// an ApplicationNetworkPolicy; nothing for other peers.
func (p *Policy) Domains(rule, peer int) []string { return p.domains[[2]int{rule, peer}] }

// SelectsAll answers whether the policy selects every pod of its namespace.
func (p *Policy) SelectsAll() model.Tri {
	if p.resource.IsUnknown("spec", "podSelector") {
		return model.Unknown
	}
	return model.TriOf(p.selector.Empty())
}

// Isolates answers whether the policy isolates its pods in a direction.
func (p *Policy) Isolates(direction networkingv1.PolicyType) model.Tri {
	if direction == networkingv1.PolicyTypeEgress {
		return p.Egress
	}
	return p.Ingress
}

// isolates follows the comments of NetworkPolicySpec.policyTypes: absent or
// empty means Ingress, and Egress if there is an egress rule.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
func (p *Policy) isolates(direction networkingv1.PolicyType) model.Tri {
	switch {
	case p.resource.IsUnknown("spec", "policyTypes"):
		return model.Unknown
	case len(p.spec.PolicyTypes) > 0:
		return model.TriOf(slices.Contains(p.spec.PolicyTypes, direction))
	case direction == networkingv1.PolicyTypeIngress:
		return model.Yes
	case p.resource.IsUnknown("spec", "egress"):
		return model.Unknown
	default:
		return model.TriOf(len(p.spec.Egress) > 0)
	}
}

func (g *Graph) addPolicies(sh *shard) {
	around := g.population(sh.name)
	for _, r := range slices.Concat(g.snapshot.List(model.KindNetworkPolicy, sh.name), g.snapshot.List(model.KindApplicationNetworkPolicy, sh.name)) {
		p, ok := sh.was(r).(*Policy)
		if !ok || p.chosen.population != around {
			if p = policyOf(r); p == nil {
				continue
			}
			p.chosen = choose(around, p.selector, nil)
			p.Ingress = p.isolates(networkingv1.PolicyTypeIngress)
			p.Egress = p.isolates(networkingv1.PolicyTypeEgress)
		}
		sh.namespace.Policies = append(sh.namespace.Policies, p)
		sh.add(KindName(r.Ref.GroupKind()), p)
	}
}

func policyOf(r *model.Resource) *Policy {
	p := &Policy{resource: r}
	switch o := r.Object.(type) {
	case *networkingv1.NetworkPolicy:
		p.spec = &o.Spec
	case *model.ApplicationNetworkPolicy:
		p.spec = &networkingv1.NetworkPolicySpec{PodSelector: o.Spec.PodSelector, PolicyTypes: o.Spec.PolicyTypes, Ingress: o.Spec.Ingress}
		p.domains = map[[2]int][]string{}
		for i, rule := range o.Spec.Egress {
			egress := networkingv1.NetworkPolicyEgressRule{Ports: rule.Ports}
			for j, peer := range rule.To {
				egress.To = append(egress.To, peer.NetworkPolicyPeer)
				p.domains[[2]int{i, j}] = peer.DomainNames
			}
			p.spec.Egress = append(p.spec.Egress, egress)
		}
	default:
		return nil
	}
	p.selector = SelectorOf(&p.spec.PodSelector)
	return p
}

// OtherPolicies reports whether policies that are no graph.Policy, such as
// those with tiers and those of Cilium, may concern the pods of a namespace.
// What they do to them is for reach to say.
func (g *Graph) OtherPolicies(namespace string) bool {
	return slices.ContainsFunc(model.PolicyKinds(), func(gk model.GroupKind) bool {
		if gk.IsClusterScoped() {
			return len(g.snapshot.List(gk, "")) > 0
		}
		return gk == model.KindCiliumNetworkPolicy && len(g.snapshot.List(gk, namespace)) > 0
	})
}

// Isolated answers whether some policy isolates every pod of the namespace in
// a direction. No is said only where the policies are known.
func (g *Graph) Isolated(ns *Namespace, direction networkingv1.PolicyType) model.Tri {
	answer := model.No
	for _, p := range ns.Policies {
		answer = answer.Or(p.SelectsAll().And(p.Isolates(direction)))
	}
	if answer == model.No && (g.OtherPolicies(ns.name) || g.snapshot.Knows(model.Policies, ns.name) == model.NotKnown) {
		return model.Unknown
	}
	return answer
}

// LeftOpen returns the workloads that no policy isolates in a direction in
// which policies of the namespace isolate others. It is empty where nothing or
// everything is isolated, and where the policies are not known.
func (g *Graph) LeftOpen(ns *Namespace, direction networkingv1.PolicyType) []*Workload {
	if g.OtherPolicies(ns.name) || g.snapshot.Knows(model.Policies, ns.name) == model.NotKnown {
		return nil
	}
	isolated := map[*Workload]bool{}
	for _, p := range ns.Policies {
		answer := p.Isolates(direction)
		if answer == model.No {
			continue
		}
		if answer == model.Unknown || p.resource.IsUnknown("spec", "podSelector") {
			return nil
		}
		for _, w := range p.Pods() {
			isolated[w] = true
		}
	}
	if len(isolated) == 0 {
		return nil
	}
	var open []*Workload
	for _, w := range ns.Workloads {
		if !isolated[w] && w.Enforceable() && w.template != nil && !w.labelsUnknown() {
			open = append(open, w)
		}
	}
	return open
}

// Selects answers whether the policy selects the pods of the workload.
func (p *Policy) Selects(w *Workload) model.Tri {
	switch {
	case p.Ref().Namespace != w.Ref().Namespace:
		return model.No
	case p.resource.IsUnknown("spec", "podSelector"):
		return model.Unknown
	default:
		return w.Selected(p.selector)
	}
}

// PoliciesOf returns the policies that certainly select the workload.
func (g *Graph) PoliciesOf(w *Workload) []*Policy {
	ns := g.Namespace(w.Ref().Namespace)
	if ns == nil {
		return nil
	}
	var out []*Policy
	for _, p := range ns.Policies {
		if p.Selects(w) == model.Yes {
			out = append(out, p)
		}
	}
	return out
}

// BehindLoadBalancer reports whether a Service that a load balancer or a node
// port may reach selects one of the policy's pods. A Service whose selector is
// not known may select any pod of its namespace.
func (g *Graph) BehindLoadBalancer(p *Policy) bool {
	selected := p.Pods()
	return slices.ContainsFunc(g.Namespace(p.Ref().Namespace).Services, func(s *Service) bool {
		if !s.Exposed() {
			return false
		}
		pods := s.Pods()
		if s.resource.IsUnknown("spec", "selector") {
			pods = selected
		}
		return slices.ContainsFunc(pods, func(w *Workload) bool { return slices.Contains(selected, w) })
	})
}

// Isolating returns the first policy that isolates the pods in a direction and
// has rules, as this is where one more belongs, else the first that isolates;
// nil when none certainly does.
func (g *Graph) Isolating(w *Workload, direction networkingv1.PolicyType) *Policy {
	var first *Policy
	for _, p := range g.PoliciesOf(w) {
		switch {
		case p.Isolates(direction) != model.Yes:
		case len(p.Rules(direction)) > 0:
			return p
		case first == nil:
			first = p
		}
	}
	return first
}

// Section returns the path of the rules of a direction, or of the policy types
// where it has none: the place where one more rule belongs.
func (p *Policy) Section(direction networkingv1.PolicyType) model.Path {
	written, field := p.spec.Ingress != nil, "ingress"
	if direction == networkingv1.PolicyTypeEgress {
		written, field = p.spec.Egress != nil, "egress"
	}
	if !written {
		field = "policyTypes"
	}
	return model.Path{"spec", field}
}
