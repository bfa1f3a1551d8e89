package networkacl

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// RemoteAccessAdmitted is NACL-003.
func RemoteAccessAdmitted() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NACL-003",
			Title:    "Network ACL of nodes admits SSH or RDP from everywhere",
			Category: "networkacl",
			Description: `Fires on an entry of a network ACL that admits TCP 22 or 3389 from 0.0.0.0/0 to a subnet with nodes whose routes lead
to an internet gateway, whatever security groups say. The entry has to be meant for it: one of more than a hundred
ports is for answers or for everything, and silent. So are the default ACL of a VPC, entries that others come before,
and ACLs whose entries are not all known.`,
			Rationale:        `The subnet filters nothing where a security group of a node, or of what runs beside it, is too wide.`,
			Remediation:      `Remove the entry, or name the block from which administrators come.`,
			Severity:         rule.Warning,
			SecuritySeverity: 4.5,
			OptIn:            true,
			Kinds:            []string{eks.KindCluster},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
				"https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-21",
			},
			Since: "0.1.0",
		},
		Run: rule.On(remoteAccessAdmitted),
	}
}

func remoteAccessAdmitted(p *rule.Pass, c *eks.Cluster) {
	told := map[model.Span]bool{}
	for _, s := range c.Network.Subnets() {
		if s.ACL == nil || !isOwn(s.ACL) || !hasNodes(c, s) || c.Network.Public(s) != model.Yes {
			continue
		}
		for _, e := range s.ACL.Entries {
			port, found := admitted(s, e)
			if !found || told[e.At] {
				continue
			}
			told[e.At] = true
			block, _ := e.CIDR.Get()
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Network ACL %s admits TCP %d from %s to nodes in the public subnet %s", s.ACL.Title(), port, block, s.Title()),
				At:      rule.SpanAt(e.At), Key: fmt.Sprintf("%s %d %s", s.ACL.Title(), port, block),
				Related: []rule.Related{{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)}},
			})
		}
	}
}

// isOwn reports whether somebody made an ACL for certain, and all that it holds is
// known.
func isOwn(a *model.NetworkACL) bool {
	byDefault, known := a.Default.Get()
	return known && !byDefault && a.Missing == ""
}

func everywhere() netip.Prefix { return netip.PrefixFrom(netip.IPv4Unspecified(), 0) }

// admitted is the port of remote access that an entry is meant for and that no
// entry before it decides.
func admitted(s *vpc.Subnet, e model.NetworkACLEntry) (port int, found bool) {
	allow, _ := e.Allow.Get()
	block, known := e.CIDR.Get()
	protocol, _ := e.Traffic.Protocol.Get()
	from, fromKnown := e.Traffic.From.Get()
	to, toKnown := e.Traffic.To.Get()
	if e.Egress || !allow || !known || block != everywhere() || protocol != model.ProtocolTCP || !fromKnown || !toKnown || to-from >= 100 {
		return 0, false
	}
	filter := vpc.FilterACL(s, vpc.In, netset.RangesOf(block))
	if !slices.ContainsFunc(filter.Rules, func(r vpc.Rule) bool { return r.At == e.At }) {
		return 0, false
	}
	for _, port := range []uint16{22, 3389} {
		if from <= int(port) && int(port) <= to && filter.Possible.Contains(netset.TCP, port) {
			return int(port), true
		}
	}
	return 0, false
}
