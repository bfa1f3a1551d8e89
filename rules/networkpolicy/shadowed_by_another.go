package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ShadowedByAnother is NP-021.
func ShadowedByAnother() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-021",
			Title:    "Policy is covered by another",
			Category: "networkpolicy",
			Description: `Fires on a policy to which one other policy of the namespace leaves no effect: it selects every pod
or has the same podSelector, isolates at least the same directions, and has each rule too, word for word or
for all peers or all ports. Of two policies that say the same, the later by name is reported. It is silent on
a policy without rules beside one with rules, as a default deny is good to have by itself, on rules that are
covered only by several policies together or in other words, where the API server refuses the other policy,
where the input does not fix part of either, and on policies that name no namespace.`,
			Rationale: `Policies add up, so nothing changes when the policy is edited or removed. Who narrows it believes that
the pods are narrower.`,
			Remediation: `Remove the policy, or narrow the one that covers it.`,
			Severity:    rule.Note,
			Kinds:       []string{"NetworkPolicy"},
			Reads:       graph.ConnectionKinds(),
			Refs: []string{
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
			},
			Since: "0.1.0",
		},
		Run: rule.On(shadowedByAnother),
	}
}

func shadowedByAnother(p *rule.Pass, policy *graph.Policy) {
	other := p.Graph.Covering(policy)
	if other == nil || len(reach.Invalid(other)) > 0 {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("NetworkPolicy %q has no effect: NetworkPolicy %q selects all of its pods and has all of its rules", policy.Ref().Name, other.Ref().Name),
		At:      rule.ValueAt(policy.Resource(), "metadata", "name"),
		Related: []rule.Related{{Message: fmt.Sprintf("NetworkPolicy %q", other.Ref().Name), At: rule.ValueAt(other.Resource(), "metadata", "name")}},
	})
}
