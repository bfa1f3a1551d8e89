package loader

import (
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
)

// synthesise adds what AWS makes beside what the input declares: the cluster
// security group of an EKS cluster, and of a VPC that the input makes the default
// security group, the default network ACL and the main route table.
func synthesise(a *model.AWS) {
	for _, c := range a.Clusters {
		if c.ClusterSecurityGroup.Address == c.Address+model.ClusterGroupSuffix {
			a.SecurityGroups = append(a.SecurityGroups, clusterGroup(c))
		}
	}
	for _, v := range a.VPCs {
		if !v.CreatedHere {
			continue
		}
		if !slices.ContainsFunc(a.SecurityGroups, func(g *model.SecurityGroup) bool { return g.Default && mayBeIn(v, g.VPC, g.Origin) }) {
			a.SecurityGroups = append(a.SecurityGroups, defaultGroup(v))
		}
		if !slices.ContainsFunc(a.NetworkACLs, func(l *model.NetworkACL) bool { return isNot(l.Default, false) && mayBeIn(v, l.VPC, l.Origin) }) {
			a.NetworkACLs = append(a.NetworkACLs, defaultACL(v))
		}
		if !slices.ContainsFunc(a.RouteTables, func(t *model.RouteTable) bool { return isNot(t.Main, false) && mayBeIn(v, t.VPC, t.Origin) }) &&
			!slices.ContainsFunc(a.Separate, func(s *model.Separate) bool { return s.Main && s.Origin == v.Origin }) {
			a.RouteTables = append(a.RouteTables, mainTable(v))
		}
	}
}

// mayBeIn reports whether a link of a resource may lead to a VPC.
func mayBeIn(v *model.VPC, l model.Link, origin string) bool {
	return l.LeadsTo(v.Meta(), origin) != model.No
}

// isNot reports whether a value is, or may be, another than v.
func isNot(value model.Value[bool], v bool) bool {
	got, known := value.Get()
	return !known || got != v
}

// beside names a resource that AWS makes beside another.
func beside(m model.AWSMeta, suffix string) model.AWSMeta {
	return model.AWSMeta{Address: m.Address + suffix, Origin: m.Origin, At: m.At, Conditional: m.Conditional}
}

// clusterGroup is as EKS makes it: all from itself, and all to everywhere. It
// carries the tags of the cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
func clusterGroup(c *model.EKSCluster) *model.SecurityGroup {
	g := groupOfItself(beside(c.AWSMeta, model.ClusterGroupSuffix), c.VPC)
	if name, known := c.ClusterName.Get(); known {
		g.Tags.Values = map[string]model.Value[string]{
			"kubernetes.io/cluster/" + name: model.Known("owned", c.At), "aws:eks:cluster-name": model.Known(name, c.At),
		}
	} else {
		g.Tags.Missing = c.ClusterName.Why()
	}
	return g
}

// defaultGroup is as AWS makes it:
// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
func defaultGroup(v *model.VPC) *model.SecurityGroup {
	g := groupOfItself(beside(v.AWSMeta, model.DefaultGroupSuffix), linkTo(v.AWSMeta))
	g.Default, g.GroupName = true, model.Known("default", v.At)
	return g
}

// groupOfItself admits all that comes from its members, and lets all out.
func groupOfItself(m model.AWSMeta, vpc model.Link) *model.SecurityGroup {
	self := linkTo(m)
	all := model.Traffic{Protocol: model.Known(model.ProtocolAll, m.At)}
	g := &model.SecurityGroup{AWSMeta: m, VPC: vpc, Rules: []model.SecurityGroupRule{
		{Traffic: all, Peer: model.SecurityGroupPeer{Group: &self, Self: true}, At: m.At},
	}}
	for _, block := range everywhere() {
		g.Rules = append(g.Rules, model.SecurityGroupRule{
			Egress: true, Traffic: all, Peer: model.SecurityGroupPeer{CIDR: model.Known(block, m.At)}, At: m.At,
		})
	}
	return g
}

// defaultACL allows everything:
// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
func defaultACL(v *model.VPC) *model.NetworkACL {
	l := &model.NetworkACL{AWSMeta: beside(v.AWSMeta, model.DefaultACLSuffix), VPC: linkTo(v.AWSMeta), Default: model.Known(true, v.At)}
	for i, block := range everywhere() {
		for _, egress := range []bool{false, true} {
			l.Entries = append(l.Entries, model.NetworkACLEntry{
				Number: model.Known(100+i, v.At), Egress: egress, Allow: model.Known(true, v.At),
				Traffic: model.Traffic{Protocol: model.Known(model.ProtocolAll, v.At)}, CIDR: model.Known(block, v.At), At: v.At,
			})
		}
	}
	return l
}

// mainTable has the route of the VPC itself alone:
// https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html#MainRouteTables
func mainTable(v *model.VPC) *model.RouteTable {
	return &model.RouteTable{AWSMeta: beside(v.AWSMeta, model.MainTableSuffix), VPC: linkTo(v.AWSMeta), Main: model.Known(true, v.At)}
}

func linkTo(m model.AWSMeta) model.Link {
	return model.Link{ID: m.ID, Address: m.Address, Certainty: model.LinkKnown, At: m.At}
}

func everywhere() []netip.Prefix {
	return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
}
