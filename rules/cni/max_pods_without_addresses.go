package cni

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// far is how many pods without an address make it an error.
const far = 10

// MaxPodsWithoutAddresses is CNI-001.
func MaxPodsWithoutAddresses() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-001",
			Title:    "Kubelet takes more pods than the node has addresses for",
			Category: "cni",
			Description: `Fires on a node group whose user data gives the kubelet a number of pods above what every instance type of the group
can hold under the settings of the VPC CNI: the addresses of its interfaces and one pod for each DaemonSet on the
node's network, two at least. It is an error above ten pods too many. It is silent for IPv6, for pods with security
groups of their own, and where the instance types, the number or the settings of the VPC CNI are not known or not
shown.`,
			Rationale: `The scheduler sends pods to a node that has no address for them; they stay in ContainerCreating, though other nodes
have room.`,
			Remediation: `Lower the number, or switch on ENABLE_PREFIX_DELEGATION.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.Kinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#eni-allocation",
			},
			Since: "0.1.0",
		},
		Run: rule.On(maxPodsWithoutAddresses),
	}
}

func maxPodsWithoutAddresses(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	if s := r.Settings; s.Assumed || s.IPv6 || s.PodENI {
		return
	}
	for _, g := range r.Groups {
		given, known := g.GivenPods.Get()
		if g.NodeGroup != n || !known || g.Unknown != "" {
			continue
		}
		host := max(g.HostPods-ipam.NodeNetworkPods, 0)
		excess := given - g.Holds.High - host
		if excess <= 0 {
			continue
		}
		severity := rule.Warning
		if excess > far {
			severity = rule.Error
		}
		p.Report(rule.Finding{
			Severity: severity,
			Message:  fmt.Sprintf("The kubelet of %s takes %d pods, and %s has addresses for %d", n.Title(), given, strings.Join(g.Types, ", "), g.Holds.High+host),
			At:       rule.SpanAt(g.GivenPods.Span()),
		})
	}
}
