package cni

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// WarmTargets is CNI-002.
func WarmTargets() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-002",
			Title:    "MINIMUM_IP_TARGET without WARM_IP_TARGET",
			Category: "cni",
			Description: `Fires where the VPC CNI has MINIMUM_IP_TARGET without WARM_IP_TARGET, or with one of 0. It is silent where the settings are
not shown.`,
			Rationale: `The targets then count addresses, and none beyond the minimum is ever taken: the pods above it stay in
ContainerCreating.`,
			Remediation: `Set WARM_IP_TARGET to 1 or more, or leave both out.`,
			Severity:    rule.Error,
			Kinds:       []string{"DaemonSet", eks.KindCluster},
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/eni-and-ip-target.md",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#minimum_ip_target",
			},
			Since: "0.1.0",
		},
		Run: warmTargets,
	}
}

func warmTargets(p *rule.Pass, o graph.Object) {
	cni := p.Graph.CNI()
	if _, isDaemonSet := cni.Agent.(*graph.Workload); isDaemonSet != (cni.Agent == o) {
		return // told of the DaemonSet or, where an add-on says so, of the cluster
	}
	least := cni.Number("MINIMUM_IP_TARGET", 0)
	warm, known := cni.Number("WARM_IP_TARGET", 0).Get()
	if n, set := least.Get(); set && n > 0 && known && warm == 0 {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The VPC CNI has MINIMUM_IP_TARGET %d and no WARM_IP_TARGET, so that a node never has more than %d addresses for pods", n, n),
			At:      rule.SpanAt(least.Span()),
		})
	}
}
