package networkpolicy

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// EngineCannotEnforce is NP-012.
func EngineCannotEnforce() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-012",
			Title:    "Network policies where the engine cannot enforce them",
			Category: "networkpolicy",
			Description: `Fires on the DaemonSet kube-system/aws-node, or on the add-on vpc-cni of an eksctl ClusterConfig, with
network policies switched on, when it also chains the bandwidth plugin, and, as a warning, when pods of an IPv6 cluster leave over IPv4, or those of an IPv4
cluster over IPv6, while a NetworkPolicy isolates pods for egress. Fires as a warning on a NetworkPolicy that
selects nothing but pods on Fargate or, where the VPC CNI is the engine, on Windows. It is silent where
the input does not show the engine, its switches or all pods of the policy; only pods that say so
themselves are on Fargate. POD-002 speaks of pods on the node's network.`,
			Rationale: `The API server takes the policies, and the pods stay open. The agent filters the primary interface of
a pod and fails beside the bandwidth plugin; Fargate and Windows nodes run no agent.`,
			Remediation: `Switch off ENABLE_BANDWIDTH_PLUGIN and the egress over the other family, and give pods on Fargate or
Windows security groups.`,
			Severity:         rule.Error,
			SecuritySeverity: 7.0,
			Kinds:            []string{"DaemonSet", "ClusterConfig.eksctl.io", "NetworkPolicy"},
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s#enable_bandwidth_plugin-v1100",
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
				"https://github.com/aws/aws-network-policy-agent#enable-ipv6",
			},
			Since: "0.1.0",
		},
		Run: func(p *rule.Pass, o graph.Object) {
			if policy, ok := o.(*graph.Policy); ok {
				selectsOnlyOutOfReach(p, policy)
			} else {
				engineConflicts(p, o)
			}
		},
	}
}

func engineConflicts(p *rule.Pass, o graph.Object) {
	e := p.Graph.Enforcement()
	if e.Agent != o || e.Engine != graph.EngineVPCCNI || e.Enforced != model.Yes {
		return
	}
	if on, at := p.Graph.CNI().Switch("ENABLE_BANDWIDTH_PLUGIN", false); on == model.Yes {
		p.Report(rule.Finding{
			Message: "The bandwidth plugin keeps the policy agent of the VPC CNI from enforcing network policies",
			At:      rule.ValueAt(graph.Holder(o), at...), Key: "bandwidth",
		})
	}
	policies := isolatingEgress(p.Graph)
	if len(policies) == 0 {
		return
	}
	family, on, at := e.OtherFamily()
	if on != model.Yes {
		return
	}
	first := policies[0].Ref().NamespacedName()
	what := fmt.Sprintf("NetworkPolicy %q isolates", first)
	if n := len(policies) - 1; n > 0 {
		what = fmt.Sprintf("NetworkPolicy %q and %d more isolate", first, n)
	}
	p.Report(rule.Finding{
		Severity: rule.Warning,
		Message:  fmt.Sprintf("Pods that %s for egress leave over %s, which the VPC CNI does not filter", what, family),
		At:       rule.ValueAt(graph.Holder(o), at...), Key: family,
		Related: []rule.Related{{Message: fmt.Sprintf("NetworkPolicy %q isolates pods for egress", first), At: rule.KeyAt(policies[0].Resource(), "spec")}},
	})
}

func isolatingEgress(g *graph.Graph) []*graph.Policy {
	var out []*graph.Policy
	for _, o := range g.Objects("NetworkPolicy") {
		if policy, ok := o.(*graph.Policy); ok && policy.Isolates(networkingv1.PolicyTypeEgress) == model.Yes {
			out = append(out, policy)
		}
	}
	return out
}

// selectsOnlyOutOfReach reports a policy all of whose pods run where no agent
// does.
func selectsOnlyOutOfReach(p *rule.Pass, policy *graph.Policy) {
	pods := policy.Pods()
	windows := p.Graph.Enforcement().Engine == graph.EngineVPCCNI
	outOfReach := func(w *graph.Workload) bool {
		return !w.Holder().IsUnknown(w.PathTo("spec", "nodeSelector")...) && (w.Fargate() || windows && w.Windows())
	}
	if len(pods) == 0 || policy.PodsCertain() != model.Yes ||
		slices.ContainsFunc(pods, func(w *graph.Workload) bool { return !outOfReach(w) }) {
		return
	}
	p.Report(rule.Finding{
		Severity: rule.Warning,
		Message:  fmt.Sprintf("NetworkPolicy %q selects only pods on Fargate or Windows, where nothing enforces it: %s", policy.Ref().Name, andMore(pods)),
		At:       rule.KeyAt(policy.Resource(), "spec", "podSelector"), Key: "pods",
		Related: []rule.Related{{Message: workload(pods[0]), At: rule.KeyAt(pods[0].Holder(), pods[0].PathTo("spec")...)}},
	})
}
