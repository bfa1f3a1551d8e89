package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ClusterPolicyRefused is NP-024.
func ClusterPolicyRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-024",
			Title:    "Cluster policy has a peer or field that its API refuses",
			Category: "networkpolicy",
			Description: `Fires on an AdminNetworkPolicy, a BaselineAdminNetworkPolicy and both kinds of ClusterNetworkPolicy
for what their definitions refuse: a tier, a priority or an action that there is not, such as Allow in a
ClusterNetworkPolicy and Accept in an AdminNetworkPolicy, a rule without peers, a subject or a peer with
none or several of its fields, a field of egress peers in an ingress rule, domain names in a rule that
does not accept, named ports beside peers that have none, and more rules, peers or addresses than are
allowed. Limits and words are those of the kind: AWS's ClusterNetworkPolicy allows 100 rules where
upstream allows 25, and domain names in a rule that passes. It is silent about values that the input does
not fix.`,
			Rationale: `The API server refuses the policy, and the tier lacks its rules. Where an older definition lets it
through, a peer without a field that is known fails closed: a rule that accepts matches nothing, and one
that denies or passes denies everything.`,
			Remediation: `Write the field as the definition of this kind and version has it.`,
			Severity:    rule.Error,
			Kinds:       clusterPolicyKinds(),
			Refs: []string{
				"https://github.com/kubernetes-sigs/network-policy-api/blob/066a9454c5585568d99b22723b847bcf13df6b41/apis/v1alpha2/clusternetworkpolicy_types.go",
				"https://github.com/kubernetes-sigs/network-policy-api/blob/main/apis/v1alpha1/adminnetworkpolicy_types.go",
				"https://github.com/oliviassss/amazon-network-policy-controller-k8s/blob/1b16d320b12a4bb964cadba80c3397adae398f53/config/crd/bases/networking.k8s.aws_clusternetworkpolicies.yaml",
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
			},
			Since: "0.1.0",
		},
		Run: clusterPolicyRefused,
	}
}

// clusterPolicyKinds are the kinds with actions and priorities.
func clusterPolicyKinds() []string {
	return []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy", "ClusterNetworkPolicy.networking.k8s.aws"}
}

func clusterPolicyRefused(p *rule.Pass, o graph.Object) {
	for _, fault := range reach.InvalidCluster(o) {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s %q is not valid at %s: %s", o.Ref().Kind, o.Ref().Name, fault.Path, fault.Why),
			At:      rule.ValueAt(o.Resource(), fault.Path...),
		})
	}
}
