package networkpolicy

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ClusterPolicyOverrides is NP-014.
func ClusterPolicyOverrides() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-014",
			Title:    "ClusterNetworkPolicy overrides namespace policy",
			Category: "networkpolicy",
			Description: `Fires on a rule with the action Deny of an AdminNetworkPolicy or of a ClusterNetworkPolicy of the
Admin tier. It is an error when the rule keeps pods that may talk to others from the cluster's DNS on UDP
53, and a warning when it leaves a rule of a NetworkPolicy without effect: that rule names pods by
selectors, and none of the pods that one of its peers selects may talk on any of its ports. It is silent
about pods that may talk to nobody else or do not ask the cluster's DNS, and where an earlier rule accepts
or passes the connection. It is also silent about rules of NetworkPolicies that name address blocks,
everybody or pods that the input does not show, where policies that ekslint does not read apply, where the
cache of node-local-dns answers, and, for AWS's ClusterNetworkPolicy, about DNS where the input neither
shows its pods nor is complete: nodes of EKS Auto Mode answer for themselves.`,
			Rationale: `The Admin tier is asked first and its Deny is final: no NetworkPolicy admits the connection again.
Without DNS most programs fail with timeouts that do not look like a policy, and who reads the
NetworkPolicy of the namespace believes that a connection is open.`,
			Remediation: `Let an earlier rule of the policy Accept or Pass what shall stay open, UDP and TCP 53 of kube-dns first
of all, or take out the rule of the NetworkPolicy.`,
			Severity: rule.Error,
			Kinds:    []string{"AdminNetworkPolicy", "ClusterNetworkPolicy", "ClusterNetworkPolicy.networking.k8s.aws"},
			Refs: []string{
				"https://network-policy-api.sigs.k8s.io/api-overview/",
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
				"https://github.com/aws/aws-network-policy-agent/blob/1d1c9159a64ee4e892bbb463de174b53ac9fe7d7/yamls/clusternetworkpolicy.yaml",
				"https://github.com/aws/containers-roadmap/issues/2552",
			},
			Since: "0.1.0",
		},
		Run: clusterPolicyOverrides,
	}
}

func clusterPolicyOverrides(p *rule.Pass, o graph.Object) {
	for _, d := range p.Reach().Denials(o) {
		reportWithoutDNS(p, d)
		for _, x := range p.Reach().Overridden(d) {
			p.Report(rule.Finding{
				Severity: rule.Warning,
				Message: fmt.Sprintf("%s denies %s to %s%s, which %s rule %d of NetworkPolicy %q admits",
					named(d), spoken(x.From), spoken(x.To), onPorts(x.Ports), x.Direction, x.Index+1, x.Policy.Ref().Name),
				At:      rule.ValueAt(o.Resource(), d.At...),
				Related: []rule.Related{{Message: "the rule that admits", At: rule.ValueAt(x.Policy.Resource(), x.At...)}},
				Key:     fmt.Sprint(x.Policy.Ref(), " ", x.At),
			})
		}
	}
}

func reportWithoutDNS(p *rule.Pass, d reach.Denial) {
	names := answering(p, d.Policy)
	var workloads []string
	for _, n := range p.Reach().Deprived(d, names, netset.PortRange(netset.UDP, 53, 53)) {
		if end := p.Reach().Endpoint(n); asksClusterDNS(end.Workload) {
			workloads = append(workloads, spoken(end))
		}
	}
	if len(workloads) > 0 {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s denies %s the cluster's DNS, UDP 53 of %s",
				named(d), firstOf(workloads), spoken(p.Reach().Endpoint(names[0]))),
			At:  rule.ValueAt(d.Policy.Resource(), d.At...),
			Key: "dns",
		})
	}
}

// answering are the pods that answer for the cluster's names; none where others
// may answer. A cache on the node has an address of its own:
// https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
// Nodes of EKS Auto Mode answer as well, and only there and on the VPC CNI are
// AWS's policies in force: https://github.com/aws/containers-roadmap/issues/2552
func answering(p *rule.Pass, policy graph.Object) []int {
	if len(p.Graph.NodeCaches()) > 0 {
		return nil
	}
	names := p.Reach().DNS()
	maybe := policy.Ref().GroupKind() == model.KindAWSClusterNetworkPolicy && p.Graph.Controller().AutoMode != model.No
	if maybe && slices.ContainsFunc(names, func(n int) bool { return p.Reach().Endpoint(n).Assumed }) {
		return nil
	}
	return names
}

// asksClusterDNS: Default and None take the servers from elsewhere.
func asksClusterDNS(w *graph.Workload) bool {
	if w.PodSpec() == nil || w.Holder().IsUnknown(w.PathTo("spec", "dnsPolicy")...) {
		return false
	}
	switch w.PodSpec().DNSPolicy {
	case "", corev1.DNSClusterFirst, corev1.DNSClusterFirstWithHostNet:
		return true
	case corev1.DNSDefault, corev1.DNSNone:
	}
	return false
}

// named writes: Egress rule 1 of ClusterNetworkPolicy "tenants".
func named(d reach.Denial) string {
	direction := d.Direction.String()
	return fmt.Sprintf("%s rule %d of %s %q", strings.ToUpper(direction[:1])+direction[1:], d.Index+1, d.Policy.Ref().Kind, d.Policy.Ref().Name)
}

// spoken writes: Deployment shop/web.
func spoken(e reach.Endpoint) string { return e.Workload.Ref().String() }

// firstOf names as many as are read, and counts the others.
func firstOf(list []string) string {
	const few = 2
	if len(list) <= few+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more workloads", strings.Join(list[:few], ", "), len(list)-few)
}
