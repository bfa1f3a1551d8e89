package networkacl

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// RepliesRefused is NACL-001.
func RepliesRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NACL-001",
			Title:    "Network ACL refuses the answers to nodes",
			Category: "networkacl",
			Description: `Fires on a network ACL of a subnet with nodes that lets HTTPS out to the internet, to which the subnet has a way, and
refuses the answers on some of the ports from 32768 to 60999, from which Linux begins connections. Network ACLs keep no
state: answers need an entry of their own. It is silent where the routes of the subnet or the entries of the ACL are
not known.`,
			Rationale: `Connections to registries and to the services of AWS hang: always, or now and then where only some of the ports are
refused.`,
			Remediation: `Allow TCP 1024-65535 in from 0.0.0.0/0.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindSubnet},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(repliesRefused),
	}
}

func repliesRefused(p *rule.Pass, o eks.Of[*vpc.Subnet]) {
	c, s := p.Cluster(), o.Is
	internet := vpc.IPv4.Public()
	if s.ACL == nil || !hasNodes(c, s) || !leavesFor(c, s, internet) {
		return
	}
	node := vpc.Side{Name: "the nodes in subnet " + s.Title(), Addresses: s.Ranges(vpc.IPv4), Subnet: s}
	peer := vpc.Side{Name: "the internet", Addresses: internet}
	https := netset.PortRange(netset.TCP, 443, 443)
	if vpc.ACLHop(node, vpc.Out, peer, https).Verdict != model.Yes {
		return
	}
	hop := vpc.ReplyACL(node, vpc.In, peer, https, vpc.Linux)
	lost := netset.PortRange(netset.TCP, 32768, 60999).Subtract(hop.Possible)
	if lost.IsEmpty() {
		return
	}
	f := rule.Finding{
		Message: fmt.Sprintf("Network ACL %s lets nodes in subnet %s ask the internet by HTTPS and refuses answers to %s", s.ACL.Title(), s.Title(), lost),
		At:      rule.SpanAt(s.ACL.At), Key: s.ACL.Title(),
		Related: []rule.Related{{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)}},
	}
	if hop.Verdict == model.No && len(hop.Rules) > 0 {
		f.At = rule.SpanAt(hop.Rules[0].At)
	}
	p.Report(f)
}

// leavesFor reports whether a subnet has a way to some addresses for certain.
func leavesFor(c *eks.Cluster, s *vpc.Subnet, to netset.Ranges) bool {
	for _, w := range c.Network.Ways(s, to) {
		if w.Unknown == "" && !w.Dropped() && (w.Kind == model.RouteNATGateway || w.Kind == model.RouteInternetGateway) {
			return true
		}
	}
	return false
}

func hasNodes(c *eks.Cluster, s *vpc.Subnet) bool {
	for _, n := range c.NodeGroups {
		for _, own := range n.Subnets {
			if own == s {
				return true
			}
		}
	}
	return false
}
