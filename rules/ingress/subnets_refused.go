package ingress

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// SubnetsRefused is ING-029.
func SubnetsRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "ING-029",
			Title:    "Subnets that a load balancer cannot have",
			Category: "ingress",
			Description: `Fires when the subnets that an annotation or IngressClassParams gives to a load balancer lie in one zone for an
Application Load Balancer, which needs two, or two of them lie in the same zone. It is silent where the input
does not show the subnets or their zones.`,
			Rationale:   `AWS refuses the load balancer, and the controller tries again without end.`,
			Remediation: `Name one subnet in each zone, and two zones or more for an Application Load Balancer.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#subnets",
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones",
			},
			Since: "0.1.0",
		},
		Run: rule.On(subnetsRefused),
	}
}

func subnetsRefused(p *rule.Pass, lb *eks.LoadBalancer) {
	if lb.Refused == "" || !lb.Subnets.IsSet() || lb.Subnets.Ref == nil {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("AWS refuses the %s: %s", lb.Title, lb.Refused),
		At:      rule.ValueAt(p.Graph.Snapshot().Get(*lb.Subnets.Ref), lb.Subnets.Path...),
	})
}
