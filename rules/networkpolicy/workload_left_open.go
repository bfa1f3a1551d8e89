package networkpolicy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// WorkloadLeftOpen is NP-005.
func WorkloadLeftOpen() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-005",
			Title:    "Pod is not selected by any NetworkPolicy",
			Category: "networkpolicy",
			Description: `Fires on a workload that no policy isolates for egress, in a namespace whose policies isolate
the egress of other workloads. It is silent where every pod or none is isolated, and in namespaces that
lack a default deny for ingress as well: both are for NP-004. It is also silent on pods to which policies
cannot apply, because they are on the node's network, on Fargate or on Windows, on Jobs and Helm hooks,
which end by themselves, on namespaces that Kubernetes or EKS fills, and where the input does not show
the policies.`,
			Rationale: `Somebody decided that the pods of this namespace may not talk to everything, and this workload was
left out. A process that is broken into there can still reach the internet and every other pod.`,
			Remediation:      `Add a policy that selects the workload, or one for egress with an empty podSelector for the whole namespace.`,
			Severity:         rule.Note,
			SecuritySeverity: 5.5,
			Kinds:            []string{"Namespace"},
			Needs:            model.Policies,
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc",
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
			},
			Since: "0.1.0",
		},
		Run: rule.On(leftOpen),
	}
}

func leftOpen(p *rule.Pass, ns *graph.Namespace) {
	if graph.IsSystemNamespace(ns.Name()) || p.Graph.Isolated(ns, networkingv1.PolicyTypeIngress) == model.No {
		return
	}
	for _, w := range p.Graph.LeftOpen(ns, networkingv1.PolicyTypeEgress) {
		if endsByItself(w) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s %q is selected by no NetworkPolicy for egress, while other pods of its namespace are", w.Ref().Kind, w.Ref().Name),
			At:      rule.ValueAt(w.Holder(), w.PathTo("metadata", "labels")...),
		})
	}
}

// endsByItself: hooks of Helm run once around a release:
// https://helm.sh/docs/topics/charts_hooks/
func endsByItself(w *graph.Workload) bool {
	_, hook := w.Resource().Object.GetAnnotations()["helm.sh/hook"]
	return hook || w.Ref().GroupKind() == model.KindJob
}
