package service

import (
	"fmt"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// AddressesDoNotFit is SVC-007.
func AddressesDoNotFit() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SVC-007",
			Title:    "Addresses given to a Network Load Balancer do not fit",
			Category: "service",
			Description: `Fires on a Service of a Network Load Balancer with elastic addresses for an internal one, private addresses for an
internet-facing one, another number of addresses than the load balancer has subnets, or a private address outside the
blocks of all its subnets. It is silent where the scheme, the subnets or their blocks are not known, and for
placeholders.`,
			Rationale: `The controller fails to make the load balancer, and the Service stays without an address.`,
			Remediation: `Give one address for each subnet: allocations of elastic addresses when it faces the internet, addresses of the subnets
when it is internal.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#eip-allocations",
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#private-ipv4-addresses",
			},
			Since: "0.1.0",
		},
		Run: rule.On(addressesDoNotFit),
	}
}

func addressesDoNotFit(p *rule.Pass, lb *eks.LoadBalancer) {
	s, ok := lb.Of.(*graph.Service)
	if !ok {
		return
	}
	for _, given := range []struct{ suffix, what, scheme string }{
		{"eip-allocations", "elastic addresses", "internet-facing"},
		{"private-ipv4-addresses", "private addresses", "internal"},
	} {
		setting := s.Annotation("aws-load-balancer-" + given.suffix)
		addresses := lbc.StringList(setting.Text())
		if !setting.IsSet() || !setting.Known || len(addresses) == 0 {
			continue
		}
		if text := misfit(lb, addresses, given.what, given.scheme); text != "" {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("The %s %s", lb.Title, text), At: rule.ValueAt(p.Graph.Snapshot().Get(*setting.Ref), setting.Path...), Key: given.suffix,
			})
		}
	}
}

// misfit says why a load balancer cannot have some addresses, which are for one
// scheme alone.
func misfit(lb *eks.LoadBalancer, addresses []string, what, scheme string) string {
	switch {
	case !lb.Scheme.Known:
		return ""
	case !lb.Scheme.Is(scheme):
		return fmt.Sprintf("is %s and is given %s, which are for %s ones", lb.Scheme.Text(), what, scheme)
	case lb.FrontsUnknown != "" || lb.Refused != "":
		return ""
	case len(addresses) != len(lb.Fronts):
		return fmt.Sprintf("has %d subnets and is given %d %s", len(lb.Fronts), len(addresses), what)
	}
	for _, text := range addresses {
		if address, err := netip.ParseAddr(text); err == nil && outside(lb, address) {
			return fmt.Sprintf("is given address %s, which lies in none of its subnets", text)
		}
	}
	return ""
}

func outside(lb *eks.LoadBalancer, address netip.Addr) bool {
	for _, front := range lb.Fronts {
		if block, known := front.Subnet.CIDR.Get(); !known || block.Contains(address) {
			return false
		}
	}
	return true
}
