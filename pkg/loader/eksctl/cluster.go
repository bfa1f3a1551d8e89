package eksctl

import (
	"fmt"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// The addresses of security groups that eksctl makes.
const (
	sharedGroup  = "vpc/shared-node-security-group"
	controlGroup = "vpc/control-plane-security-group"
)

// clusterAddress is the name of the cluster.
func (x *reading) clusterAddress() string {
	if name, known := x.name.Get(); known {
		return name
	}
	return "metadata"
}

// clusterGroup is the address of the cluster security group, which EKS makes.
func (x *reading) clusterGroup() string { return x.clusterAddress() + model.ClusterGroupSuffix }

// cluster reads the control plane:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/cfn/builder/cluster.go
func (x *reading) cluster() {
	meta, v := x.config.Get("metadata"), x.config.Get("vpc")
	endpoints, network := v.Get("clusterEndpoints"), x.config.Get("kubernetesNetworkConfig")
	// https://github.com/eksctl-io/eksctl/blob/main/userdocs/src/usage/outposts.md
	local := x.config.Get("outpost").IsSet()
	private := local || x.isOn(x.config.Get("privateCluster"), "enabled")
	m := x.meta(x.clusterAddress(), meta.Span())
	m.ID, m.Name = m.Address, m.Address
	out := &model.EKSCluster{
		AWSMeta: m, ClusterName: x.name, Version: x.str(meta, "version"), VPC: x.vpcLink(v), Subnets: x.controlSubnets(v, meta.Span()),
		SecurityGroups: x.controlGroups(v, meta.Span()), ClusterSecurityGroup: to(x.clusterGroup(), meta.Span()),
		PublicAccess:  x.boolOr(endpoints, "publicAccess", !private),
		PrivateAccess: x.boolOr(endpoints, "privateAccess", private), Local: local,
		PublicCIDRs: x.Prefixes(v.Get("publicAccessCIDRs"), "publicAccessCIDRs"), IPFamily: x.family(network),
		ServiceCIDR: x.Prefix(network.Get("serviceIPv4CIDR"), "serviceIPv4CIDR", model.Open[netip.Prefix]("EKS chooses the block", meta.Span())),
		AutoMode:    x.boolOr(x.config.Get("autoModeConfig"), "enabled", false),
	}
	if auto := x.config.Get("autoModeConfig"); auto.IsSet() {
		// https://docs.aws.amazon.com/eks/latest/eksctl/auto-mode.html
		out.BuiltInPools = x.HasItems(auto.Get("nodePools"), "nodePools", model.Known(true, auto.Span()))
	}
	if !v.Get("publicAccessCIDRs").IsSet() {
		// https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html
		out.PublicCIDRs = []model.Value[netip.Prefix]{model.Known(everywhere, meta.Span())}
	}
	x.out.Clusters = append(x.out.Clusters, out)
	x.groups(meta.Span())
}

// family is ipv4 or ipv6, as the EKS API spells it.
func (x *reading) family(network *attr.Value) model.Value[string] {
	family := x.strOr(network, "ipFamily", "ipv4")
	switch text, known := family.Get(); {
	case known && text == "IPv4":
		return model.Known("ipv4", family.Span())
	case known && text == "IPv6":
		return model.Known("ipv6", family.Span())
	default:
		return family
	}
}

func (x *reading) vpcLink(v *attr.Value) model.Link {
	switch {
	case len(x.out.VPCs) > 0:
		return to(vpcAddress, v.Span())
	case v.Get("id").IsSet():
		return x.Link(v.Get("id"), "id")
	case hasIDs(v.Get("subnets")):
		return model.Link{Why: "the VPC is that of the subnets", At: v.Span()}
	default:
		return model.Link{Why: "eksctl makes the VPC", At: v.Span()}
	}
}

// controlSubnets are those of the control plane: all of the cluster, unless the
// config says otherwise.
func (x *reading) controlSubnets(v *attr.Value, at model.Span) []model.Link {
	if ids := v.Get("controlPlaneSubnetIDs"); ids.IsSet() {
		return x.Links(ids, "controlPlaneSubnetIDs")
	}
	if x.isOn(v, "controlPlaneOnPrivateSubnets") {
		return x.private.all(at)
	}
	return append(x.public.all(at), x.private.all(at)...)
}

func (x *reading) controlGroups(v *attr.Value, at model.Span) []model.Link {
	switch {
	case v.Get("controlPlaneSecurityGroupIDs").IsSet():
		return x.Links(v.Get("controlPlaneSecurityGroupIDs"), "controlPlaneSecurityGroupIDs")
	case v.Get("securityGroup").IsSet():
		return x.Links(v.Get("securityGroup"), "securityGroup")
	default:
		return []model.Link{to(controlGroup, at)}
	}
}

// groups are the security groups that eksctl makes for the cluster: the one that
// unmanaged nodes share, which the group of EKS admits, and that of the control
// plane, to which every node group adds rules:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/cfn/builder/cluster.go
func (x *reading) groups(at model.Span) {
	vpc, v, shared := x.out.Clusters[0].VPC, x.config.Get("vpc"), x.shared()
	admits := &model.Separate{
		AWSMeta: x.meta("vpc/manageSharedNodeSecurityGroupRules", at), Kind: model.OfSecurityGroup, Owner: to(x.clusterGroup(), at),
		Rules: []model.SecurityGroupRule{{Traffic: everything(at), Peer: model.SecurityGroupPeer{Group: &shared}, At: at}},
	}
	if shared.Address != sharedGroup {
		admits.Conditional = "eksctl may admit the security group that nodes share"
	}
	if manages, known := x.boolOr(v, "manageSharedNodeSecurityGroupRules", true).Get(); manages || !known {
		x.out.Separate = append(x.out.Separate, admits)
	}
	if shared.Address == sharedGroup {
		rules := append(allFrom(sharedGroup, true, at), allFrom(x.clusterGroup(), false, at)...)
		x.out.SecurityGroups = append(x.out.SecurityGroups, &model.SecurityGroup{AWSMeta: x.tagged(sharedGroup, at), VPC: vpc, Rules: append(rules, allOut(at)...)})
	}
	if !v.Get("securityGroup").IsSet() && !v.Get("controlPlaneSecurityGroupIDs").IsSet() {
		const why = "eksctl adds rules for each node group"
		x.out.SecurityGroups = append(x.out.SecurityGroups, &model.SecurityGroup{
			AWSMeta: x.tagged(controlGroup, at), VPC: vpc, MissingIngress: why, MissingEgress: why,
		})
	}
}

// tagged names a resource to which eksctl gives tags of its own.
func (x *reading) tagged(address string, at model.Span) model.AWSMeta {
	m := x.meta(address, at)
	m.Tags.Missing = "eksctl adds tags"
	return m
}

// shared is the security group that unmanaged nodes share.
func (x *reading) shared() model.Link {
	if given := x.config.Get("vpc").Get("sharedNodeSecurityGroup"); given.IsSet() {
		return x.Link(given, "sharedNodeSecurityGroup")
	}
	return to(sharedGroup, x.config.Get("metadata").Span())
}

func everything(at model.Span) model.Traffic {
	return model.Traffic{Protocol: model.Known(model.ProtocolAll, at)}
}

// allFrom admits all that comes from a group.
func allFrom(group string, self bool, at model.Span) []model.SecurityGroupRule {
	link := to(group, at)
	return []model.SecurityGroupRule{{Traffic: everything(at), Peer: model.SecurityGroupPeer{Group: &link, Self: self}, At: at}}
}

// allOut is what AWS lets out of a new group.
func allOut(at model.Span) []model.SecurityGroupRule {
	return []model.SecurityGroupRule{
		{Egress: true, Traffic: everything(at), Peer: model.SecurityGroupPeer{CIDR: model.Known(everywhere, at)}, At: at},
		{Egress: true, Traffic: everything(at), Peer: model.SecurityGroupPeer{CIDR: model.Known(netip.MustParsePrefix("::/0"), at)}, At: at},
	}
}

// fargateProfile lies in the private subnets unless it names some.
func (x *reading) fargateProfile(i int, v *attr.Value) {
	name, _ := x.str(v, "name").Get()
	out := &model.FargateProfile{
		AWSMeta: x.named(fmt.Sprintf("fargateProfiles/%s", orIndex(name, i)), name, v.At), Cluster: x.name, Subnets: x.private.all(v.At),
	}
	if given := v.Get("subnets"); given.IsSet() {
		out.Subnets = x.Links(given, "subnets")
	}
	if v.Kind == attr.Open {
		out.Missing = v.Why
	}
	for _, item := range x.Objects(v.Get("selectors"), "selectors") {
		out.Selectors = append(out.Selectors, model.FargateSelector{Namespace: x.str(item, "namespace"), Labels: x.tagsOf(item.Get("labels")), At: item.At})
	}
	x.out.FargateProfiles = append(x.out.FargateProfiles, out)
}

func (x *reading) addon(i int, v *attr.Value) {
	name := x.str(v, "name")
	text, _ := name.Get()
	x.out.Addons = append(x.out.Addons, &model.EKSAddon{
		AWSMeta: x.named("addons/"+orIndex(text, i), text, v.At), Cluster: x.name, AddonName: name, Version: x.str(v, "version"),
		Configuration: x.String(v.Get("configurationValues"), "configurationValues", model.Known("", v.At)),
	})
}

func orIndex(name string, i int) string {
	if name == "" {
		return fmt.Sprint(i)
	}
	return name
}
