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
			Description: `Fires on the DaemonSet kube-system/aws-node when its policy agent is absent or not switched on, the
input holds NetworkPolicies, and no other engine is in it. It is silent without that DaemonSet, as most
repositories are: where the add-on is installed otherwise nothing is known. Arguments with placeholders are
unknown.`,
			Rationale: `The API server takes every NetworkPolicy, and without an agent that enforces them all pods reach each
other. Whoever wrote the policies counts on them.`,
			Remediation:      `Switch the agent on with --enable-network-policy=true, or enableNetworkPolicy in the add-on's configuration.`,
			Severity:         rule.Error,
			SecuritySeverity: 7.5,
			Kinds:            []string{"DaemonSet"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html",
				"https://github.com/aws/aws-network-policy-agent",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nothingEnforces),
	}
}

func nothingEnforces(p *rule.Pass, w *graph.Workload) {
	policies := p.Graph.Objects("NetworkPolicy")
	e := p.Graph.Enforcement()
	if e.Agent != w || e.Enforced != model.No || len(policies) == 0 {
		return
	}
	first := policies[0]
	what := fmt.Sprintf("NetworkPolicy %q has no effect", first.Ref().NamespacedName())
	if n := len(policies) - 1; n > 0 {
		what = fmt.Sprintf("NetworkPolicy %q and %d more have no effect", first.Ref().NamespacedName(), n)
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("DaemonSet %q does not enforce network policies: %s", w.Ref().Name, what),
		At:      rule.ValueAt(w.Holder(), e.At...),
		Related: []rule.Related{{Message: fmt.Sprintf("NetworkPolicy %q has no effect", first.Ref().NamespacedName()), At: rule.KeyAt(first.Resource(), "spec")}},
	})
}
