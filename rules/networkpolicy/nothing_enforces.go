package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// NothingEnforces is NP-002.
func NothingEnforces() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-002",
			Title:    "NetworkPolicies exist but nothing enforces them",
			Category: "networkpolicy",
			Description: `Fires on the DaemonSet kube-system/aws-node when its policy agent is absent or not switched on, and on
the ConfigMap kube-system/amazon-vpc-cni of a cluster of EKS Auto Mode that switches policies off, or, in a
complete input, on an eksctl ClusterConfig whose add-on vpc-cni does, when the input holds NetworkPolicies and no other engine is in
it. It is silent without one of them, as most repositories are: where the add-on is installed otherwise nothing is
known. Values with placeholders are unknown.`,
			Rationale: `The API server takes every NetworkPolicy, and without an agent that enforces them all pods reach each
other. Whoever wrote the policies counts on them.`,
			Remediation: `Switch the agent on with --enable-network-policy=true, or enableNetworkPolicy in the add-on's configuration. In
EKS Auto Mode set enable-network-policy-controller to "true".`,
			Severity:         rule.Error,
			SecuritySeverity: 7.5,
			Kinds:            []string{"DaemonSet", "ConfigMap", "ClusterConfig.eksctl.io"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html",
				"https://github.com/aws/aws-network-policy-agent",
			},
			Since: "0.1.0",
		},
		Run: nothingEnforces,
	}
}

func nothingEnforces(p *rule.Pass, o graph.Object) {
	policies := p.Graph.Objects("NetworkPolicy")
	e := p.Graph.Enforcement()
	if e.Agent != o || e.Enforced != model.No || len(policies) == 0 {
		return
	}
	first := policies[0]
	what := fmt.Sprintf("NetworkPolicy %q has no effect", first.Ref().NamespacedName())
	if n := len(policies) - 1; n > 0 {
		what = fmt.Sprintf("NetworkPolicy %q and %d more have no effect", first.Ref().NamespacedName(), n)
	}
	verb := "switches network policies off"
	if _, isAgent := o.(*graph.Workload); isAgent {
		verb = "does not enforce network policies"
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("%s %q %s: %s", o.Ref().Kind, o.Ref().Name, verb, what),
		At:      rule.ValueAt(graph.Holder(o), e.At...),
		Related: []rule.Related{{Message: fmt.Sprintf("NetworkPolicy %q has no effect", first.Ref().NamespacedName()), At: rule.KeyAt(first.Resource(), "spec")}},
	})
}
