package cloudformation

import (
	"cmp"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// securityGroup reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
func (x *reading) securityGroup(r *resource, v *attr.Value) {
	out := &model.SecurityGroup{
		AWSMeta: x.meta(r, v), VPC: x.link(v, "VpcId"),
		GroupName: x.strOr(v, "GroupName", model.Open[string]("CloudFormation chooses it", r.at)),
	}
	x.out.SecurityGroups = append(x.out.SecurityGroups, out)
	for _, item := range x.Objects(v.Get("SecurityGroupIngress"), "SecurityGroupIngress") {
		out.MissingIngress = cmp.Or(out.MissingIngress, x.addRules(out, item, false))
	}
	list := v.Get("SecurityGroupEgress")
	if list == nil {
		x.impliedEgress = append(x.impliedEgress, out)
		return
	}
	for _, item := range x.Objects(list, "SecurityGroupEgress") {
		out.MissingEgress = cmp.Or(out.MissingEgress, x.addRules(out, item, true))
	}
	if list.Kind != attr.Open && len(list.Items) == 0 {
		out.MissingEgress = "whether AWS adds its egress rules to an empty list is not known"
	}
}

// addRules adds the rules that are written as one. Where it is not known what is
// written, missing says why.
func (x *reading) addRules(g *model.SecurityGroup, v *attr.Value, egress bool) (missing string) {
	if v.Kind == attr.Open {
		return v.Why
	}
	g.Rules = append(g.Rules, x.rules(v, egress, v.At, model.Link{Address: g.Address})...)
	return ""
}

// rulePeers are the properties that name a peer.
var rulePeers = []struct {
	name string
	kind func(*reading, *attr.Value, string, model.Link) model.SecurityGroupPeer
}{
	{"CidrIp", (*reading).cidrPeer},
	{"CidrIpv6", (*reading).cidrPeer},
	{"SourceSecurityGroupId", (*reading).groupPeer},
	{"SourceSecurityGroupName", (*reading).groupNamePeer},
	{"DestinationSecurityGroupId", (*reading).groupPeer},
	{"SourcePrefixListId", (*reading).listPeer},
	{"DestinationPrefixListId", (*reading).listPeer},
}

// rules makes a rule of each peer. CloudFormation adds no rule that has none:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html
func (x *reading) rules(v *attr.Value, egress bool, at model.Span, owner model.Link) []model.SecurityGroupRule {
	traffic := model.Traffic{
		Protocol: x.Protocol(v.Get("IpProtocol"), "IpProtocol"), From: x.number(v, "FromPort"), To: x.number(v, "ToPort"),
	}
	var out []model.SecurityGroupRule
	for _, p := range rulePeers {
		if v.Get(p.name).IsSet() {
			out = append(out, model.SecurityGroupRule{Egress: egress, Traffic: traffic, Peer: p.kind(x, v, p.name, owner), At: at})
		}
		if v.Kind == attr.Open {
			break // one rule stands for all that nobody knows
		}
	}
	return out
}

func (x *reading) cidrPeer(v *attr.Value, name string, _ model.Link) model.SecurityGroupPeer {
	return model.SecurityGroupPeer{CIDR: x.prefix(v, name)}
}

func (x *reading) listPeer(v *attr.Value, name string, _ model.Link) model.SecurityGroupPeer {
	link := x.link(v, name)
	return model.SecurityGroupPeer{PrefixList: &link}
}

func (x *reading) groupPeer(v *attr.Value, name string, owner model.Link) model.SecurityGroupPeer {
	link := x.link(v, name)
	isSelf := link.Certainty == model.LinkKnown && link.ID == owner.ID && link.Address == owner.Address
	return model.SecurityGroupPeer{Group: &link, Self: isSelf}
}

func (x *reading) groupNamePeer(v *attr.Value, name string, owner model.Link) model.SecurityGroupPeer {
	link := x.groupNamed(v, name)
	return model.SecurityGroupPeer{Group: &link, Self: link.Certainty == model.LinkKnown && link.Address == owner.Address}
}

// groupNamed reads the name of a group, which is not its identifier.
func (x *reading) groupNamed(v *attr.Value, name string) model.Link {
	link := x.link(v, name)
	if link.ID != "" {
		return model.Link{Why: "the group is given by its name " + link.ID, At: link.At}
	}
	return link
}

func (x *reading) ingress(r *resource, v *attr.Value) { x.separateRules(r, v, false) }

func (x *reading) egress(r *resource, v *attr.Value) { x.separateRules(r, v, true) }

func (x *reading) separateRules(r *resource, v *attr.Value, egress bool) {
	owner := x.link(v, "GroupId")
	if !v.Get("GroupId").IsSet() && v.Get("GroupName").IsSet() {
		owner = x.groupNamed(v, "GroupName")
	}
	s := x.separate(r, v, model.OfSecurityGroup, owner)
	if s.Rules = x.rules(v, egress, r.at, owner); len(s.Rules) > 0 {
		x.out.Separate = append(x.out.Separate, s)
	}
}

// implyEgress adds what AWS adds to a group without egress rules: all traffic of
// both families. Whether it stays beside rules that are declared apart is not
// documented.
func (x *reading) implyEgress() {
	for _, g := range x.impliedEgress {
		if name := x.egressApart(g); name != "" {
			g.MissingEgress = "whether the egress rules of AWS stay beside " + name + " is not known"
			continue
		}
		for _, block := range []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)} {
			g.Rules = append(g.Rules, model.SecurityGroupRule{
				Egress: true, Traffic: model.Traffic{Protocol: model.Known(model.ProtocolAll, g.At)},
				Peer: model.SecurityGroupPeer{CIDR: model.Known(block, g.At)}, At: g.At,
			})
		}
	}
}

// egressApart names what declares egress rules of a group apart, or may.
func (x *reading) egressApart(g *model.SecurityGroup) string {
	for _, s := range x.out.Separate {
		if s.Kind != model.OfSecurityGroup || s.Owner.LeadsTo(g.Meta(), s.Origin) == model.No {
			continue
		}
		for _, rule := range s.Rules {
			if rule.Egress {
				return s.Address
			}
		}
	}
	return ""
}

// networkACL has no entries but the implicit ones that deny:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkacl.html
func (x *reading) networkACL(r *resource, v *attr.Value) {
	x.out.NetworkACLs = append(x.out.NetworkACLs, &model.NetworkACL{
		AWSMeta: x.meta(r, v), VPC: x.link(v, "VpcId"), Default: defaultOf(false, r),
	})
}

func (x *reading) networkACLAssociation(r *resource, v *attr.Value) {
	s := x.separate(r, v, model.OfNetworkACL, x.link(v, "NetworkAclId"))
	s.Subnets = x.links(v, "SubnetId")
	x.out.Separate = append(x.out.Separate, s)
}

// networkACLEntry reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html
func (x *reading) networkACLEntry(r *resource, v *attr.Value) {
	s := x.separate(r, v, model.OfNetworkACL, x.link(v, "NetworkAclId"))
	egress, known := x.boolean(v, "Egress", defaultOf(false, r)).Get()
	if !known { // an entry has one direction, so that neither can be claimed
		s.Owner.Certainty = min(s.Owner.Certainty, model.LinkMay)
	}
	ports := v.Get("PortRange")
	entry := model.NetworkACLEntry{
		Number: x.number(v, "RuleNumber"), Egress: egress, Allow: x.allow(v), CIDR: x.blockOf(r, v, "CidrBlock", "Ipv6CidrBlock"), At: r.at,
		Traffic: model.Traffic{Protocol: x.Protocol(v.Get("Protocol"), "Protocol"), From: x.number(ports, "From"), To: x.number(ports, "To")},
	}
	s.Entries = []model.NetworkACLEntry{entry}
	x.out.Separate = append(x.out.Separate, s)
}

func (x *reading) allow(v *attr.Value) model.Value[bool] {
	action := x.str(v, "RuleAction")
	switch word, known := action.Get(); {
	case known && (word == "allow" || word == "deny"):
		return model.Known(word == "allow", action.Span())
	case known:
		x.Refuse(action.Span(), "RuleAction: want allow or deny, got %q", word)
		return model.Open[bool]("RuleAction cannot be read", action.Span())
	default:
		return model.Open[bool](action.Why(), action.Span())
	}
}
