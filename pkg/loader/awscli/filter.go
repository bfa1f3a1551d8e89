package awscli

import (
	"cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

func (x *reading) networkACL(v *attr.Value) {
	out := &model.NetworkACL{
		AWSMeta: x.meta(v, "NetworkAclId"), VPC: x.link(v, "VpcId"), Default: x.boolean(v, "IsDefault"),
		Subnets: x.linksIn(v, "Associations", "SubnetId"), Missing: leftOut(v, "Entries"),
	}
	out.Subnets = append(out.Subnets, unseen(v, "Associations")...)
	for _, item := range x.Objects(v.Get("Entries"), "Entries") {
		egress, _ := x.boolean(item, "Egress").Get()
		out.Missing = cmp.Or(out.Missing, leftOut(item, "Egress"))
		entry := model.NetworkACLEntry{
			Number: x.number(item, "RuleNumber"), Egress: egress, At: item.At,
			Traffic: x.traffic(item, "Protocol", item.Get("PortRange").Get("From"), item.Get("PortRange").Get("To")),
		}
		if action := x.str(item, "RuleAction"); action.Why() == "" {
			word, _ := action.Get()
			entry.Allow = model.Known(word == "allow", action.Span())
		}
		entry.CIDR = x.prefix(item, "CidrBlock")
		if item.Get("Ipv6CidrBlock").IsSet() {
			entry.CIDR = x.prefix(item, "Ipv6CidrBlock")
		}
		out.Entries = append(out.Entries, entry)
	}
	x.out.NetworkACLs = append(x.out.NetworkACLs, out)
}

func (x *reading) traffic(v *attr.Value, protocol string, from, to *attr.Value) model.Traffic {
	return model.Traffic{
		Protocol: x.Protocol(v.Get(protocol), protocol),
		From:     x.Int(from, "the first port", model.Value[int]{}),
		To:       x.Int(to, "the last port", model.Value[int]{}),
	}
}

func (x *reading) securityGroup(v *attr.Value) {
	out := &model.SecurityGroup{
		AWSMeta: x.meta(v, "GroupId"), VPC: x.link(v, "VpcId"), GroupName: x.str(v, "GroupName"),
		MissingIngress: leftOut(v, "IpPermissions"), MissingEgress: leftOut(v, "IpPermissionsEgress"),
	}
	name, _ := out.GroupName.Get()
	out.Default = name == "default" // no other group may have the name
	for _, item := range x.Objects(v.Get("IpPermissions"), "IpPermissions") {
		rules := x.permission(item, out, false)
		out.Rules = append(out.Rules, rules...)
		out.MissingIngress = cmp.Or(out.MissingIngress, withoutPeers(rules))
	}
	for _, item := range x.Objects(v.Get("IpPermissionsEgress"), "IpPermissionsEgress") {
		rules := x.permission(item, out, true)
		out.Rules = append(out.Rules, rules...)
		out.MissingEgress = cmp.Or(out.MissingEgress, withoutPeers(rules))
	}
	x.out.SecurityGroups = append(x.out.SecurityGroups, out)
}

// withoutPeers says that a permission names nobody, which those of AWS do.
func withoutPeers(rules []model.SecurityGroupRule) string {
	if len(rules) == 0 {
		return "the answer leaves out the peers of a rule"
	}
	return ""
}

// permission makes a rule of each peer:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func (x *reading) permission(v *attr.Value, group *model.SecurityGroup, egress bool) []model.SecurityGroupRule {
	traffic := x.traffic(v, "IpProtocol", v.Get("FromPort"), v.Get("ToPort"))
	var out []model.SecurityGroupRule
	for _, list := range []struct{ list, name string }{
		{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}, {"PrefixListIds", "PrefixListId"}, {"UserIdGroupPairs", "GroupId"},
	} {
		for _, item := range x.Objects(v.Get(list.list), list.list) {
			rule := model.SecurityGroupRule{Egress: egress, Traffic: traffic, At: item.At}
			rule.Peer = x.peer(item, list.name, group.ID)
			out = append(out, rule)
			if x.is(item, "PeeringStatus", "deleted", "rejected", "expired", "failed") {
				x.stale(group, item, egress)
			}
		}
	}
	return out
}

// staleGroup reads the stale rules of one group:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StaleSecurityGroup.html
func (x *reading) staleGroup(v *attr.Value) {
	group := &model.SecurityGroup{AWSMeta: x.meta(v, "GroupId"), VPC: x.link(v, "VpcId")}
	for i, list := range []string{"StaleIpPermissions", "StaleIpPermissionsEgress"} {
		for _, item := range x.Objects(v.Get(list), list) {
			for _, pair := range x.Objects(item.Get("UserIdGroupPairs"), "UserIdGroupPairs") {
				x.stale(group, pair, i == 1)
			}
		}
	}
}

func (x *reading) stale(group *model.SecurityGroup, pair *attr.Value, egress bool) {
	out := &model.StaleRule{AWSMeta: group.AWSMeta, VPC: group.VPC, Egress: egress, Names: x.link(pair, "GroupId")}
	out.At = pair.At
	x.out.StaleRules = append(x.out.StaleRules, out)
}

// peer reads the field that names the peer of a rule.
func (x *reading) peer(v *attr.Value, name, group string) model.SecurityGroupPeer {
	switch name {
	case "PrefixListId":
		link := x.link(v, name)
		return model.SecurityGroupPeer{PrefixList: &link}
	case "GroupId":
		link := x.link(v, name)
		return model.SecurityGroupPeer{Group: &link, Self: link.ID != "" && link.ID == group}
	default:
		return model.SecurityGroupPeer{CIDR: x.prefix(v, name)}
	}
}

// securityGroupRule reads a rule that names its group:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
func (x *reading) securityGroupRule(v *attr.Value) {
	owner := x.link(v, "GroupId")
	egress, _ := x.boolean(v, "IsEgress").Get()
	rule := model.SecurityGroupRule{
		Egress: egress, At: v.At, Traffic: x.traffic(v, "IpProtocol", v.Get("FromPort"), v.Get("ToPort")),
	}
	switch {
	case v.Get("CidrIpv4").IsSet():
		rule.Peer = x.peer(v, "CidrIpv4", owner.ID)
	case v.Get("CidrIpv6").IsSet():
		rule.Peer = x.peer(v, "CidrIpv6", owner.ID)
	case v.Get("PrefixListId").IsSet():
		rule.Peer = x.peer(v, "PrefixListId", owner.ID)
	default:
		rule.Peer = x.peer(v.Get("ReferencedGroupInfo"), "GroupId", owner.ID)
	}
	x.out.Separate = append(x.out.Separate, &model.Separate{
		AWSMeta: x.meta(v, "SecurityGroupRuleId"), Owner: owner, Rules: []model.SecurityGroupRule{rule},
	})
}
