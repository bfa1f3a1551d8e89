package cni

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ExternalSNATWithoutNAT is CNI-006.
func ExternalSNATWithoutNAT() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-006",
			Title:    "Pods keep their addresses and have no NAT",
			Category: "cni",
			Description: `Fires on a node group where AWS_VPC_K8S_CNI_EXTERNALSNAT is true and the subnets of its pods lead to an internet gateway
and by no other way to the internet. Without that setting pods leave with the address of their node, also under custom
networking, so that the routes of their own subnet do not matter. It is silent for IPv6 and for Windows, where the VPC
CNI may put pods into another subnet, and where the setting or the routes are not known.`,
			Rationale: `An internet gateway serves only what has a public address, which pods never have: they reach neither the internet nor the
services of AWS without an endpoint in the VPC.`,
			Remediation: `Set AWS_VPC_K8S_CNI_EXTERNALSNAT to false, or give pods subnets whose default route leads to a NAT gateway or a transit
gateway.`,
			Severity: rule.Warning,
			Kinds:    []string{eks.KindNodeGroup},
			Reads:    capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#aws_vpc_k8s_cni_externalsnat",
				"https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(externalSNATWithoutNAT),
	}
}

func externalSNATWithoutNAT(p *rule.Pass, n *eks.NodeGroup) {
	const name = "AWS_VPC_K8S_CNI_EXTERNALSNAT"
	c := p.Cluster()
	external, _ := c.Graph.CNI().Switch(name, false)
	at, written := place(c.Graph.CNI(), name)
	ami, _ := n.AMIType.Get()
	if external != model.Yes || !written || p.Capacity().Settings.IPv6 || strings.HasPrefix(ami, "WINDOWS") {
		return
	}
	f := rule.Finding{At: at, Key: n.Name, Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}}}
	var names []string
	for _, s := range podSubnets(p, n) {
		if c.Network.NeedsPublicAddress(s) {
			names = append(names, s.Title())
			f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
		}
	}
	if len(names) > 0 {
		f.Message = fmt.Sprintf("Pods on %s keep their own addresses (%s) in subnets that lead to an internet gateway alone: %s", n.Title(), name, strings.Join(names, ", "))
		p.Report(f)
	}
}

// podSubnets are those in which pods of nodes of a group certainly have their
// addresses, each once.
func podSubnets(p *rule.Pass, n *eks.NodeGroup) []*vpc.Subnet {
	var out []*vpc.Subnet
	seen := map[*vpc.Subnet]bool{}
	for _, s := range n.Subnets {
		network, why := p.Cluster().PodNetwork(n, s)
		if why == "" && !seen[network.Subnet] && !elsewhere(p, network.Subnet) {
			seen[network.Subnet] = true
			out = append(out, network.Subnet)
		}
	}
	return out
}
