package networkpolicy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// MetadataOpen is NP-011.
func MetadataOpen() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-011",
			Title:    "Egress policy leaves instance metadata open",
			Category: "networkpolicy",
			Description: `Fires on an ipBlock of an egress rule that admits TCP 80 to 169.254.169.254 for pods that Karpenter may
place on nodes whose EC2NodeClass has a hop limit of 2 or more. The NodePool has no taint and gives every label
that the pods select. It is silent on pods with affinity, of namespaces that Kubernetes or EKS fills, and of
controllers that ask the service on purpose, where a policy of the pods excepts the address, and where the
input does not show the NodePool and its EC2NodeClass.`,
			Rationale: `The metadata service hands out the credentials of the node's role. With a hop limit of 1 its answer does
not reach a pod; with 2 every program in the pod can act as the node.`,
			Remediation: `Except 169.254.169.254/32 from the block, and set httpPutResponseHopLimit to 1.`,
			Severity:    rule.Warning, SecuritySeverity: 7.0,
			Kinds: []string{"NetworkPolicy"},
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/iam.adoc",
				"https://karpenter.sh/docs/concepts/nodeclasses/#specmetadataoptions",
			},
			Since: "0.1.0",
		},
		Run: rule.On(metadataOpen),
	}
}

func metadataOpen(p *rule.Pass, policy *graph.Policy) {
	if graph.IsSystemNamespace(policy.Ref().Namespace) {
		return
	}
	blocks := metadataBlocks(policy)
	pools := slices.DeleteFunc(p.Graph.NodePools(), func(n *graph.NodePool) bool {
		limit, known := n.HopLimit()
		return !known || limit < 2
	})
	if len(blocks) == 0 || len(pools) == 0 {
		return
	}
	for _, w := range policy.Pods() {
		i := slices.IndexFunc(pools, func(n *graph.NodePool) bool { return n.Takes(w) })
		if i < 0 || w.HostNetwork() || w.Holder().IsUnknown(w.PathTo("spec", "hostNetwork")...) || asksMetadata(w) {
			continue
		}
		if at := admittedBy(p, policy, w, blocks); at >= 0 {
			p.Report(metadataFinding(policy, blocks[at], w, pools[i]))
			return
		}
	}
}

// block is an ipBlock that holds the address, with its rule.
type block struct {
	rule graph.PolicyRule
	peer int
}

func metadataBlocks(policy *graph.Policy) []block {
	var out []block
	for _, r := range policy.Rules(networkingv1.PolicyTypeEgress) {
		for i, peer := range r.Peers {
			if peer.IPBlock == nil {
				continue
			}
			if cidr, err := netip.ParsePrefix(peer.IPBlock.CIDR); err == nil && cidr.Contains(reach.InstanceMetadata) {
				out = append(out, block{r, i})
			}
		}
	}
	return out
}

// admittedBy returns the block that certainly admits the pods to the service, or
// -1. To the VPC CNI an except of any policy is a deny.
func admittedBy(p *rule.Pass, policy *graph.Policy, w *graph.Workload, blocks []block) int {
	from, ok := p.Reach().Number(w)
	if !ok || slices.ContainsFunc(p.Graph.PoliciesOf(w), exceptsMetadata) {
		return -1
	}
	answer := p.Reach().Ask(from, p.Reach().InstanceMetadata(), netset.PortRange(netset.TCP, 80, 80))
	admitting := answer.Admitting(reach.Egress)
	return slices.IndexFunc(blocks, func(b block) bool {
		return answer.Verdict == reach.Open && slices.ContainsFunc(admitting, func(d reach.Decision) bool {
			return d.Policy == graph.Object(policy) && slices.Equal(d.At, b.rule.Path())
		})
	})
}

func exceptsMetadata(policy *graph.Policy) bool {
	for _, r := range policy.Rules(networkingv1.PolicyTypeEgress) {
		for _, peer := range r.Peers {
			if peer.IPBlock != nil && slices.ContainsFunc(peer.IPBlock.Except, holdsMetadata) {
				return true
			}
		}
	}
	return false
}

// holdsMetadata reports whether a CIDR holds the address, or may.
func holdsMetadata(text string) bool {
	cidr, err := netip.ParsePrefix(text)
	return err != nil || cidr.Contains(reach.InstanceMetadata)
}

// asksMetadata reports whether the pods are of a controller that asks the
// service for what it is on.
func asksMetadata(w *graph.Workload) bool {
	return slices.ContainsFunc(w.PodSpec().Containers, func(c corev1.Container) bool {
		return slices.ContainsFunc([]string{
			"aws-load-balancer-controller", "ebs-csi-driver", "efs-csi-driver", "cluster-autoscaler", "external-dns",
			"karpenter", "node-termination-handler", "cloudwatch-agent", "fluent-bit", "otel", "datadog",
		}, func(name string) bool { return strings.Contains(c.Image, name) })
	})
}

func metadataFinding(policy *graph.Policy, b block, w *graph.Workload, pool *graph.NodePool) rule.Finding {
	limit, _ := pool.HopLimit()
	cidr := b.rule.Peers[b.peer].IPBlock.CIDR
	return rule.Finding{
		Message: fmt.Sprintf("NetworkPolicy %q lets %s %q ask the instance metadata for the credentials of its node: %s holds 169.254.169.254, and nodes of NodePool %q answer over %d hops",
			policy.Ref().Name, w.Ref().Kind, w.Ref().Name, cidr, pool.Ref().Name, limit),
		At:      rule.ValueAt(policy.Resource(), b.rule.Path().Child("to", strconv.Itoa(b.peer), "ipBlock", "cidr")...),
		Related: []rule.Related{{Message: fmt.Sprintf("NodePool %q", pool.Ref().Name), At: rule.ValueAt(pool.Class, "spec", "metadataOptions")}},
		Key:     cidr,
	}
}
