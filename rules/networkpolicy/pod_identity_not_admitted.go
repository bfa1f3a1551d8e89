package networkpolicy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PodIdentityNotAdmitted is NP-009.
func PodIdentityNotAdmitted() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-009",
			Title:    "Pods with a Pod Identity cannot reach its agent",
			Category: "networkpolicy",
			Description: `Fires on a workload whose namespace and service account a PodIdentityAssociation in the input names, while
policies isolate its pods for egress and no ipBlock admits TCP 80 to 169.254.170.23 or fd00:ec2::23. It is
silent on pods on the node's network, on pods that nothing lets out, and where the input does not show the
policies.`,
			Rationale: `The agent answers at an address of the node that no selector matches, and policies judge it like any
other. Without it the AWS SDK finds no credentials.`,
			Remediation: `Admit TCP 80 to 169.254.170.23/32, and to fd00:ec2::23/128 in a cluster of IPv6.`,
			Severity:    rule.Error,
			Kinds:       []string{kindAssociation},
			Needs:       model.Policies,
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html",
				"https://aws-controllers-k8s.github.io/community/reference/eks/v1alpha1/podidentityassociation/",
			},
			Since: "0.1.0",
		},
		Run: podIdentityNotAdmitted,
	}
}

// kindAssociation is the kind of the AWS Controllers for Kubernetes.
const kindAssociation = "PodIdentityAssociation.eks.services.k8s.aws"

func podIdentityNotAdmitted(p *rule.Pass, association graph.Object) {
	object, ok := association.Resource().Object.(*unstructured.Unstructured)
	if !ok || association.Resource().IsUnknown("spec") {
		return
	}
	namespace, _, _ := unstructured.NestedString(object.Object, "spec", "namespace")
	account, _, _ := unstructured.NestedString(object.Object, "spec", "serviceAccount")
	ns := p.Graph.Namespace(namespace)
	if ns == nil || account == "" || p.Graph.Snapshot().Knows(model.Policies, namespace) == model.NotKnown {
		return
	}
	for _, w := range ns.Workloads {
		if name, _ := p.Graph.ServiceAccount(w); name == account {
			agentNotAdmitted(p, association, w)
		}
	}
}

func agentNotAdmitted(p *rule.Pass, association graph.Object, w *graph.Workload) {
	policy := p.Reach().CutOff(w, p.Reach().PodIdentityAgent(), netset.PortRange(netset.TCP, 80, 80))
	if policy == nil {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("NetworkPolicy %q isolates %s %q for egress, and no policy admits TCP 80 to the Pod Identity agent at 169.254.170.23",
			policy.Ref().Name, w.Ref().Kind, w.Ref().Name),
		At:      rule.KeyAt(policy.Resource(), policy.Section(networkingv1.PolicyTypeEgress)...),
		Related: []rule.Related{{Message: fmt.Sprintf("PodIdentityAssociation %q names its service account", association.Ref().Name), At: rule.ValueAt(association.Resource(), "spec", "serviceAccount")}},
		Key:     w.Ref().Kind + " " + w.Ref().Name,
	})
}
