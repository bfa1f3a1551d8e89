package networkpolicy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// DomainNamesOutsideAutoMode is NP-015.
func DomainNamesOutsideAutoMode() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-015",
			Title:    "Domain names in a policy for pods outside EKS Auto Mode",
			Category: "networkpolicy",
			Description: `Fires on an egress peer with domainNames of an ApplicationNetworkPolicy that selects pods which certainly run
on nodes that EKS Auto Mode does not make: on Fargate, in a managed node group, on nodes of a Karpenter
NodePool with an EC2NodeClass, or in a complete input without a sign of EKS Auto Mode. It is silent about pods
that do not say where they run: a cluster may have nodes of both kinds.`,
			Rationale: `Only nodes of EKS Auto Mode learn the addresses behind a domain name. For other pods the peer admits
nothing, and policies that isolate them close the way to the domain.`,
			Remediation: `Run the pods on nodes of EKS Auto Mode, or name the addresses in a NetworkPolicy.`,
			Severity:    rule.Warning,
			Kinds:       []string{"ApplicationNetworkPolicy.networking.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/associate-workload.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(domainNamesOutsideAutoMode),
	}
}

func domainNamesOutsideAutoMode(p *rule.Pass, policy *graph.Policy) {
	var outside []*graph.Workload
	for _, w := range policy.Pods() {
		if p.Graph.OnAutoMode(w) == model.No {
			outside = append(outside, w)
		}
	}
	if len(outside) == 0 {
		return
	}
	first := outside[0]
	for n, r := range policy.Rules(networkingv1.PolicyTypeEgress) {
		for i := range r.Peers {
			names := policy.Domains(n, i)
			if len(names) == 0 {
				continue
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Domain name %q of ApplicationNetworkPolicy %q admits nothing for %s, whose nodes EKS Auto Mode does not make",
					names[0], policy.Ref().Name, andMore(outside)),
				At:      rule.KeyAt(policy.Resource(), r.Path().Child("to", fmt.Sprint(i), "domainNames")...),
				Related: []rule.Related{{Message: workload(first), At: rule.KeyAt(first.Holder(), first.PathTo("spec")...)}},
				Key:     names[0],
			})
		}
	}
}
