package vpc

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// LoadBalancerWithoutSubnets is VPC-001.
func LoadBalancerWithoutSubnets() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "VPC-001",
			Title:    "Load balancer subnets cannot be found",
			Category: "vpc",
			Description: `Fires on a load balancer for which the controller finds too few subnets: those of the cluster's VPC that carry
the tag kubernetes.io/role/elb or kubernetes.io/role/internal-elb or, where none carries the one for its scheme,
those whose routes fit the scheme. Subnets with the tag of other clusters alone and those with fewer than eight
free addresses do not count, and of each zone one does. An Application Load Balancer needs two zones, a Network
Load Balancer one. It is silent where subnets are given, and where the input does not show the VPC of the
cluster, the tags or the routes of its subnets.`,
			Rationale: `The controller reports that it cannot resolve subnets and makes no load balancer.`,
			Remediation: `Tag a subnet in each zone: kubernetes.io/role/elb for internet-facing load balancers,
kubernetes.io/role/internal-elb for internal ones, with the value 1.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/",
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/deploy/subnet_discovery.md",
			},
			Since: "0.1.0",
		},
		Run: rule.On(loadBalancerWithoutSubnets),
	}
}

func loadBalancerWithoutSubnets(p *rule.Pass, lb *eks.LoadBalancer) {
	if lb.Refused == "" || lb.Subnets.IsSet() {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The controller cannot make the %s %s: %s", lb.Scheme.Text(), lb.Title, lb.Refused),
		At:      rule.KeyAt(lb.Resource()),
	})
}
