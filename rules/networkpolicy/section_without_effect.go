package networkpolicy

import (
	"fmt"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// SectionWithoutEffect is NP-020.
func SectionWithoutEffect() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-020",
			Title:    "Section of a policy has no effect",
			Category: "networkpolicy",
			Description: `Fires on ingress or egress rules of a policy whose policyTypes do not name that direction, and, as
a note, on an empty egress list of a policy without policyTypes, which isolates nothing for egress. It is
silent on an empty list beside policyTypes that leave the direction out, and where the input does not fix
policyTypes or the section.`,
			Rationale: `The API server accepts the section and nothing reads it. Who relies on it believes that pods are
isolated which are open.`,
			Remediation: `Name the direction in policyTypes, or remove the section.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Refs: []string{
				"https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
			},
			Since: "0.1.0",
		},
		Run: rule.On(sectionWithoutEffect),
	}
}

func sectionWithoutEffect(p *rule.Pass, policy *graph.Policy) {
	spec := policy.Spec()
	unread(p, policy, networkingv1.PolicyTypeIngress, len(spec.Ingress))
	unread(p, policy, networkingv1.PolicyTypeEgress, len(spec.Egress))
	if len(spec.PolicyTypes) == 0 && spec.Egress != nil && policy.Isolates(networkingv1.PolicyTypeEgress) == model.No {
		p.Report(rule.Finding{
			Severity: rule.Note,
			Message:  fmt.Sprintf("The empty egress list of NetworkPolicy %q isolates nothing, as policyTypes does not name Egress", policy.Ref().Name),
			At:       rule.KeyAt(policy.Resource(), "spec", "egress"),
		})
	}
}

// unread reports the rules of a direction that policyTypes leave out.
func unread(p *rule.Pass, policy *graph.Policy, direction networkingv1.PolicyType, rules int) {
	if rules == 0 || policy.Isolates(direction) != model.No {
		return
	}
	section := strings.ToLower(string(direction))
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The %s section of NetworkPolicy %q has no effect, as policyTypes does not name %s", section, policy.Ref().Name, direction),
		At:      rule.KeyAt(policy.Resource(), "spec", section),
		Related: []rule.Related{{Message: "policyTypes does not name " + string(direction), At: rule.KeyAt(policy.Resource(), "spec", "policyTypes")}},
	})
}
