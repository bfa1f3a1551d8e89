package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PolicyRefused is SGP-009.
func PolicyRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-009",
			Title:    "SecurityGroupPolicy names too many groups or selects nothing",
			Category: "podsecuritygroup",
			Description: `Fires on a SecurityGroupPolicy with more than five security groups, which is what an interface takes, or with neither a
selector of pods nor one of service accounts, and, where the input is complete, on one that selects no pod of its
namespace. It is silent where selectors or groups are placeholders.`,
			Rationale:   `The API server refuses the first. The others give no pod a security group.`,
			Remediation: `Join rules in fewer groups; write the labels that the pods have.`,
			Severity:    rule.Error,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
			},
			Since: "0.1.0",
		},
		Run: policyRefused,
	}
}

func policyRefused(p *rule.Pass, o graph.Object) {
	policy, ok := o.Resource().Object.(*model.SecurityGroupPolicy)
	if !ok {
		return
	}
	unknown := o.Resource().IsUnknown("spec", "podSelector") || o.Resource().IsUnknown("spec", "serviceAccountSelector")
	pods, others := p.Cluster().PodsOf(o.Resource())
	f := rule.Finding{Severity: rule.Warning, At: rule.KeyAt(o.Resource(), "spec")}
	switch ids := policy.Spec.SecurityGroups.GroupIDs; {
	case len(ids) > mostGroups:
		f.At, f.Severity = rule.ValueAt(o.Resource(), "spec", "securityGroups", "groupIds"), rule.Error
		f.Message = fmt.Sprintf("SecurityGroupPolicy %q names %d security groups, and an interface takes %d", o.Ref().Name, len(ids), mostGroups)
	case unknown:
		return
	case policy.Spec.PodSelector == nil && policy.Spec.ServiceAccountSelector == nil:
		f.Message = fmt.Sprintf("SecurityGroupPolicy %q has no selector and is for no pod", o.Ref().Name)
	case len(pods) == 0 && !others && p.Graph.Snapshot().Scope().Complete:
		f.Message = fmt.Sprintf("SecurityGroupPolicy %q selects no pod of namespace %q", o.Ref().Name, o.Ref().Namespace)
	default:
		return
	}
	p.Report(f)
}

const mostGroups = 5
