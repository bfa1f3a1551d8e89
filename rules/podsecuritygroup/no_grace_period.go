package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// NoGracePeriod is SGP-006.
func NoGracePeriod() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-006",
			Title:    "Pods with security groups are killed at once",
			Category: "podsecuritygroup",
			Description: `Fires on pods to which a SecurityGroupPolicy gives security groups and whose terminationGracePeriodSeconds is 0. It is
silent where that is a placeholder.`,
			Rationale:   `The VPC CNI does not get to take the interface of the pod away, and the next pod on the node may not get one.`,
			Remediation: `Leave the field out, or give it at least a few seconds.`,
			Severity:    rule.Error,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
			},
			Since: "0.1.0",
		},
		Run: noGracePeriod,
	}
}

func noGracePeriod(p *rule.Pass, o graph.Object) {
	pods, _ := p.Cluster().PodsOf(o.Resource())
	for _, w := range pods {
		grace := w.PodSpec().TerminationGracePeriodSeconds
		at := w.PathTo("spec", "terminationGracePeriodSeconds")
		if grace == nil || *grace != 0 || w.Holder().IsUnknown(at...) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Pods of %s have security groups of SecurityGroupPolicy %q and no time to end", w.Ref(), o.Ref().Name),
			At:      rule.ValueAt(w.Holder(), at...), Key: w.Ref().String(),
			Related: []rule.Related{{Message: "the policy", At: rule.KeyAt(o.Resource(), "spec")}},
		})
	}
}
