package networkpolicy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// STSNotAdmitted is NP-010.
func STSNotAdmitted() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-010",
			Title:    "Pods with an IAM role cannot reach STS",
			Category: "networkpolicy",
			Description: `Fires on a workload whose ServiceAccount in the input is annotated with eks.amazonaws.com/role-arn while
policies isolate its pods for egress and admit TCP 443 to no address outside the cluster. It is silent where
some address is admitted on that port, whichever it is, where a peer is a domain name, on pods that nothing
lets out, and where the input does not show the policies.`,
			Rationale: `The AWS SDK exchanges the pod's token for credentials at STS. Without them every call to AWS fails, or
waits for a time-out first.`,
			Remediation: `Admit TCP 443 to the interface endpoint of STS, or to the addresses outside the cluster.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindWorkload},
			Needs:       model.Policies,
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(stsNotAdmitted),
	}
}

const roleAnnotation = "eks.amazonaws.com/role-arn"

func stsNotAdmitted(p *rule.Pass, w *graph.Workload) {
	name, account := p.Graph.ServiceAccount(w)
	if account == nil || account.Object.GetAnnotations()[roleAnnotation] == "" {
		return
	}
	policy := p.Reach().CutOff(w, p.Reach().Outside(), netset.PortRange(netset.TCP, 443, 443))
	if policy == nil {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("%s %q runs as ServiceAccount %q with an IAM role, and NetworkPolicy %q keeps it from STS: no policy admits TCP 443 to an address outside the cluster",
			w.Ref().Kind, w.Ref().Name, name, policy.Ref().Name),
		At:      rule.KeyAt(policy.Resource(), policy.Section(networkingv1.PolicyTypeEgress)...),
		Related: []rule.Related{{Message: fmt.Sprintf("ServiceAccount %q has a role", name), At: rule.ValueAt(account, "metadata", "annotations", roleAnnotation)}},
		Key:     w.Ref().Kind + " " + w.Ref().Name,
	})
}
