package networkpolicy

import (
	"fmt"
	"net/netip"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// BlockHoldsThePods is NP-025.
func BlockHoldsThePods() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-025",
			Title:    "ipBlock that admits every pod of the cluster",
			Category: "networkpolicy",
			Description: `Fires on an ingress rule of a NetworkPolicy whose ipBlock holds every subnet of the pods, when the Amazon VPC
CNI is known to enforce the policies: it compares addresses, so that the block admits all pods of all
namespaces, and the isolation by the policy is undone. A block of load balancer subnets alone is fine. It is
silent for 0.0.0.0/0, which says so plainly, and where the input does not show the engine or the subnets of all
nodes.`,
			Rationale:   `Any pod connects to the pods that the policy is meant to protect, on the ports of the rule.`,
			Remediation: `Name the subnets of the load balancers or the clients in the ipBlock, or except the subnets of the pods.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
			},
			Since: "0.1.0",
		},
		Run: rule.On(blockHoldsThePods),
	}
}

func blockHoldsThePods(p *rule.Pass, policy *graph.Policy) {
	pods, known := p.Cluster().PodSubnets()
	if !known || p.Graph.Enforcement().Engine != graph.EngineVPCCNI || p.Graph.Enforcement().Enforced == model.No {
		return
	}
	object, ok := policy.Resource().Object.(*networkingv1.NetworkPolicy)
	if !ok {
		return
	}
	for i, r := range object.Spec.Ingress {
		for j, peer := range r.From {
			if peer.IPBlock == nil || !holdsAll(peer.IPBlock, pods) {
				continue
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("The ipBlock %s in ingress rule %d of NetworkPolicy %q admits every pod of the cluster: the subnets of all nodes lie in it",
					peer.IPBlock.CIDR, i+1, policy.Ref().Name),
				At: rule.ValueAt(policy.Resource(), "spec", "ingress", strconv.Itoa(i), "from", strconv.Itoa(j), "ipBlock", "cidr"),
			})
		}
	}
}

// holdsAll reports whether a block without its exceptions holds some addresses, and
// is not every address.
func holdsAll(b *networkingv1.IPBlock, addresses netset.Ranges) bool {
	block, err := netip.ParsePrefix(b.CIDR)
	if err != nil || block.Bits() == 0 {
		return false
	}
	held := netset.RangesOf(block)
	for _, text := range b.Except {
		hole, err := netip.ParsePrefix(text)
		if err != nil {
			return false
		}
		held = held.Subtract(netset.RangesOf(hole))
	}
	return len(addresses.Subtract(held)) == 0
}
