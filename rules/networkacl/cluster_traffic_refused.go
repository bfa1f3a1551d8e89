package networkacl

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ClusterTrafficRefused is NACL-002.
func ClusterTrafficRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NACL-002",
			Title:    "Network ACL refuses what the cluster needs",
			Category: "networkacl",
			Description: `Fires on network ACLs that refuse, between two subnets of the cluster, what it needs: DNS between nodes, TCP 10250 from
the control plane to the kubelets, TCP 443 from nodes to the private endpoint of the API server, or the answers to
these. It is silent where the entries of an ACL, the blocks of subnets or the endpoints are not known.`,
			Rationale: `Network ACLs stand above security groups, so that no rule of these helps: nodes do not join, names are not found in one
of the zones, kubectl logs fails for some nodes.`,
			Remediation: `Allow the subnets of the cluster to reach each other on all ports, in both directions.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindCluster},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(clusterTrafficRefused),
	}
}

func clusterTrafficRefused(p *rule.Pass, c *eks.Cluster) {
	var nodes []vpc.Side
	for _, n := range c.NodeGroups {
		nodes = append(nodes, n.Sides()...)
	}
	told := map[string]bool{}
	plane := c.ControlPlane()
	dns := netset.PortRange(netset.UDP, 53, 53)
	check(p, told, nodes, nodes, dns, "DNS between nodes")
	check(p, told, plane, nodes, netset.PortRange(netset.TCP, 10250, 10250), "the control plane's way to the kubelets")
	if private, known := c.Config.PrivateAccess.Get(); private && known && c.Family == vpc.IPv4 { // else by either family
		check(p, told, nodes, plane, netset.PortRange(netset.TCP, 443, 443), "the nodes' way to the API server")
	}
}

// check reports the first hop of each ACL that refuses a connection or the answers
// to it.
func check(p *rule.Pass, told map[string]bool, from, to []vpc.Side, ports netset.Ports, what string) {
	for _, a := range from {
		for _, b := range to {
			if a.Subnet == b.Subnet {
				continue
			}
			hops := []vpc.Hop{vpc.ACLHop(a, vpc.Out, b, ports), vpc.ACLHop(b, vpc.In, a, ports)}
			for _, h := range append(hops, vpc.Reply(a, b, ports, vpc.Linux)...) {
				if h.Verdict == model.No && len(h.Rules) > 0 && !told[h.Where] {
					told[h.Where] = true
					answers := ""
					if h.Reply {
						answers = "the answers to "
					}
					p.Report(rule.Finding{
						Message: fmt.Sprintf("The %s, refuses %s%s (%s to %s)", h.Where, answers, what, a.Subnet.Title(), b.Subnet.Title()),
						At:      rule.SpanAt(h.Rules[0].At), Key: h.Where,
					})
				}
			}
		}
	}
}
