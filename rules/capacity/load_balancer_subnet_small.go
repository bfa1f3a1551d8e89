package capacity

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// longestPrefix is that of the smallest subnet in which a load balancer can grow.
const longestPrefix = 27

// LoadBalancerSubnetSmall is CAP-002.
func LoadBalancerSubnetSmall() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-002",
			Title:    "Subnet too small for a load balancer",
			Category: "capacity",
			Description: `Fires on a load balancer that a controller makes of an Ingress or a Service when one of its subnets is smaller than
a /27, and it is an Application Load Balancer, or has fewer than eight free addresses, and an annotation or
IngressClassParams name it; the controller passes over such a subnet by itself otherwise. It is silent where the
input does not tell which subnets the load balancer has, or how large or full they are.`,
			Rationale:   `The load balancer cannot be made, or cannot grow under load.`,
			Remediation: `Give it subnets of at least a /27 with eight free addresses each.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer",
			},
			Since: "0.1.0",
		},
		Run: rule.On(loadBalancerSubnetSmall),
	}
}

func loadBalancerSubnetSmall(p *rule.Pass, lb *eks.LoadBalancer) {
	for _, front := range lb.Fronts {
		s := front.Subnet
		block, sized := s.CIDR.Get()
		free, asked := s.FreeIPs.Get()
		f := rule.Finding{Key: s.Title(), Related: []rule.Related{{Message: "the " + lb.Title, At: rule.ValueAt(lb.Resource())}}}
		switch {
		case lb.Kind == eks.ALB && sized && block.Addr().Is4() && block.Bits() > longestPrefix:
			f.Message = fmt.Sprintf("The %s has subnet %s, a /%d, and needs a /%d at least", lb.Title, s.Title(), block.Bits(), longestPrefix)
			f.At = rule.SpanAt(s.CIDR.Span())
		case asked && free < eks.LoadBalancerAddresses:
			f.Message = fmt.Sprintf("The %s has subnet %s, with %s free, and needs %d", lb.Title, s.Title(), addresses(free), eks.LoadBalancerAddresses)
			f.At = rule.SpanAt(s.FreeIPs.Span())
		default:
			continue
		}
		p.Report(f)
	}
}
