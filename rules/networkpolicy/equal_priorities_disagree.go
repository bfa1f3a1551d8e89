package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// EqualPrioritiesDisagree is NP-023.
func EqualPrioritiesDisagree() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-023",
			Title:    "Policies of equal priority disagree",
			Category: "networkpolicy",
			Description: `Fires on two policies of one kind and tier with equal spec.priority, AdminNetworkPolicy or either
ClusterNetworkPolicy, that decide one connection between pods of the input, or to addresses, differently:
one accepts and the other denies it, or one passes it and a later tier then decides otherwise than the
other. It points at the policy that comes last by its name, once for each pair. It is silent where a
policy of a higher priority decides before both, where both come to the same end, and where the pods, the
ports or the policies of the later tiers are not known.`,
			Rationale: `Which of the two is asked first is not defined: an implementation may choose, and choose differently
after an upgrade or for another node. What is denied today may be open tomorrow.`,
			Remediation: `Give the policy that shall win the lower number.`,
			Severity:    rule.Warning,
			Kinds:       []string{"AdminNetworkPolicy", "ClusterNetworkPolicy", "ClusterNetworkPolicy.networking.k8s.aws"},
			Refs: []string{
				"https://github.com/kubernetes-sigs/network-policy-api/blob/066a9454c5585568d99b22723b847bcf13df6b41/apis/v1alpha2/clusternetworkpolicy_types.go",
				"https://network-policy-api.sigs.k8s.io/api-overview/",
			},
			Since: "0.1.0",
		},
		Run: equalPrioritiesDisagree,
	}
}

func equalPrioritiesDisagree(p *rule.Pass, o graph.Object) {
	policy, ok := o.Resource().Object.(*model.ClusterNetworkPolicy)
	if !ok {
		return
	}
	for _, c := range p.Reach().Contests(o) {
		other := c.Theirs.Policy
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s %q and %q both have priority %d: %s rule %d of the first %s %s to %s%s, and rule %d of the second %s it",
				o.Ref().Kind, o.Ref().Name, other.Ref().Name, policy.Spec.Priority,
				c.Direction, c.Mine.Index+1, c.Mine.Verb, either(c.From), either(c.To), onPorts(c.Ports), c.Theirs.Index+1, c.Theirs.Verb),
			At: rule.ValueAt(o.Resource(), "spec", "priority"),
			Related: []rule.Related{
				{Message: "the other priority", At: rule.ValueAt(other.Resource(), "spec", "priority")},
				{Message: "the rule of the first", At: rule.ValueAt(o.Resource(), c.Mine.At...)},
				{Message: "the rule of the second", At: rule.ValueAt(other.Resource(), c.Theirs.At...)},
			},
			Key: other.Ref().String(),
		})
	}
}

// either writes a workload as spoken does, and else the addresses.
func either(e reach.Endpoint) string {
	if e.Workload == nil {
		return e.Range.String()
	}
	return spoken(e)
}

// onPorts writes: on TCP 80. Nothing where every port is meant.
func onPorts(ports netset.Ports) string {
	if ports.IsAllTransport() {
		return ""
	}
	return " on " + ports.String()
}
