package securitygroup

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodesOpenToTheWorld is SG-005.
func NodesOpenToTheWorld() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-005",
			Title:    "Node ports open to every address",
			Category: "securitygroup",
			Description: `Fires on a rule of a security group of nodes that admits every address to SSH, RDP, the kubelet or the node
ports, or to all ports, when the nodes have public addresses: their subnet leads to an internet gateway and
gives them one. It is silent for nodes in private subnets, which the internet cannot reach and where load
balancers that keep the address of the client need such rules, and where the input does not tell.`,
			Rationale:        `Anybody reaches the port of every node.`,
			Remediation:      `Admit the addresses or the security groups that need the port.`,
			Severity:         rule.Error,
			SecuritySeverity: 8.0,
			Kinds:            []string{eks.KindNodeGroup},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nodesOpenToTheWorld),
	}
}

func nodesOpenToTheWorld(p *rule.Pass, n *eks.NodeGroup) {
	exposed := slices.ContainsFunc(n.Subnets, func(s *vpc.Subnet) bool {
		gives, known := s.MapPublicIP.Get()
		return known && gives && p.Cluster().Network.Public(s) == model.Yes
	})
	if !exposed {
		return
	}
	told := map[model.Span]bool{} // a rule may be written for both families at once
	for _, g := range n.Groups.Known {
		for i, r := range g.Rules {
			block, known := r.Peer.CIDR.Get()
			if r.Egress || !known || !block.IsValid() || block.Bits() > 0 {
				continue
			}
			if what := sensitive(vpc.Covered(r.Traffic)); what != "" && !told[r.At] {
				told[r.At] = true
				p.Report(rule.Finding{
					Message: fmt.Sprintf("Security group %s of %s, which has public addresses, admits every address to %s", g.Title(), n.Title(), what),
					At:      rule.SpanAt(r.At), Key: fmt.Sprint(g.Title(), i),
				})
			}
		}
	}
}

// sensitive names the first of the ports of nodes that nobody outside needs.
func sensitive(ports netset.Ports) string {
	for _, x := range []struct {
		first, last uint16
		name        string
	}{
		{22, 22, "SSH"}, {3389, 3389, "RDP"}, {10250, 10250, "the kubelet"}, {10255, 10255, "the kubelet"}, {30000, 32767, "the node ports"},
	} {
		if want := netset.PortRange(netset.TCP, x.first, x.last); want.Subtract(ports).IsEmpty() {
			if ports.IsAllTransport() {
				return "all ports"
			}
			return x.name
		}
	}
	return ""
}
