package terraform

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

func (x *reading) traffic(v *attr.Value, protocol string) model.Traffic {
	return model.Traffic{
		Protocol: x.Protocol(given(v.Get(protocol)), protocol), From: x.number(v, "from_port"), To: x.number(v, "to_port"),
	}
}

// securityGroup reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
//
// Terraform removes the rule that AWS makes, which lets all traffic out, so that
// a group without rules has none.
func (x *reading) securityGroup(r Resource) {
	v := r.Attributes
	out := &model.SecurityGroup{AWSMeta: x.meta(r), VPC: x.link(v, "vpc_id"), GroupName: x.str(v, "name")}
	out.VPC = x.defaultVPC(v, out.VPC)
	x.addInline(out, r)
}

// defaultVPC is where a group is made that names no VPC: the default VPC of the
// account, which no resource shows.
func (x *reading) defaultVPC(v *attr.Value, l model.Link) model.Link {
	if given(v.Get("vpc_id")) == nil {
		return model.Link{Why: "it is in the default VPC of the account", At: v.Span()}
	}
	return l
}

// defaultSecurityGroup reads the group that AWS makes with a VPC and that
// Terraform takes over, with all its rules:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
func (x *reading) defaultSecurityGroup(r Resource) {
	out := &model.SecurityGroup{
		AWSMeta: x.meta(r), VPC: x.defaultVPC(r.Attributes, x.link(r.Attributes, "vpc_id")),
		GroupName: model.Known("default", r.At), Default: true,
	}
	if r.Conditional != "" {
		out.MissingIngress, out.MissingEgress = r.Conditional, r.Conditional
	}
	x.addInline(out, r)
}

func (x *reading) addInline(out *model.SecurityGroup, r Resource) {
	own := model.Link{ID: out.ID, Address: out.Address, Certainty: model.LinkKnown, At: out.At}
	for _, list := range []struct {
		name    string
		egress  bool
		missing *string
	}{{"ingress", false, &out.MissingIngress}, {"egress", true, &out.MissingEgress}} {
		for _, item := range x.Objects(r.Attributes.Get(list.name), list.name) {
			if item.Kind == attr.Open {
				*list.missing = item.Why
				continue
			}
			out.Rules = append(out.Rules, x.rules(item, own, list.egress)...)
		}
	}
	x.out.SecurityGroups = append(x.out.SecurityGroups, out)
}

// rules makes a rule of each peer of a block.
func (x *reading) rules(v *attr.Value, own model.Link, egress bool) []model.SecurityGroupRule {
	traffic := x.traffic(v, "protocol")
	var out []model.SecurityGroupRule
	add := func(peer model.SecurityGroupPeer) {
		out = append(out, model.SecurityGroupRule{Egress: egress, Traffic: traffic, Peer: peer, At: v.Span()})
	}
	for _, name := range []string{"cidr_blocks", "ipv6_cidr_blocks"} {
		for _, block := range x.Prefixes(given(v.Get(name)), name) {
			add(model.SecurityGroupPeer{CIDR: block})
		}
	}
	for _, link := range x.links(v, "prefix_list_ids") {
		add(model.SecurityGroupPeer{PrefixList: &link})
	}
	for _, name := range []string{"security_groups", "source_security_group_id"} {
		for _, link := range x.links(v, name) {
			add(x.group(link, own))
		}
	}
	self := x.boolOr(v, "self", false)
	switch is, known := self.Get(); {
	case !known:
		may := own
		may.Certainty = model.LinkMay
		add(model.SecurityGroupPeer{Group: &may, Self: true})
	case is:
		add(model.SecurityGroupPeer{Group: &own, Self: true})
	}
	return out
}

func (x *reading) group(l, own model.Link) model.SecurityGroupPeer {
	isOwn := l.Certainty == model.LinkKnown && (l.Address != "" && l.Address == own.Address || l.ID != "" && l.ID == own.ID)
	return model.SecurityGroupPeer{Group: &l, Self: isOwn}
}

// securityGroupRule reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule
// When its direction is not known it counts for both.
func (x *reading) securityGroupRule(r Resource) {
	v, group := r.Attributes, x.link(r.Attributes, "security_group_id")
	kind, known := x.str(v, "type").Get()
	s := &model.Separate{Kind: model.OfSecurityGroup, Owner: group}
	if known {
		s.Rules = x.rules(v, group, kind == "egress")
	} else {
		s.Owner.Certainty = min(s.Owner.Certainty, model.LinkMay)
		s.Rules = []model.SecurityGroupRule{{At: v.Span()}, {Egress: true, At: v.Span()}}
	}
	x.separate(r, s)
}

func (x *reading) ingressRule(r Resource) { x.oneRule(r, false) }

func (x *reading) egressRule(r Resource) { x.oneRule(r, true) }

// oneRule reads a rule with one peer:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
func (x *reading) oneRule(r Resource, egress bool) {
	v, group := r.Attributes, x.link(r.Attributes, "security_group_id")
	rule := model.SecurityGroupRule{Egress: egress, Traffic: x.traffic(v, "ip_protocol"), At: v.Span()}
	switch {
	case given(v.Get("cidr_ipv4")) != nil:
		rule.Peer.CIDR = x.prefix(v, "cidr_ipv4", model.Value[netip.Prefix]{})
	case given(v.Get("cidr_ipv6")) != nil:
		rule.Peer.CIDR = x.prefix(v, "cidr_ipv6", model.Value[netip.Prefix]{})
	case given(v.Get("prefix_list_id")) != nil:
		link := x.link(v, "prefix_list_id")
		rule.Peer.PrefixList = &link
	default:
		rule.Peer = x.group(x.link(v, "referenced_security_group_id"), group)
	}
	x.separate(r, &model.Separate{Kind: model.OfSecurityGroup, Owner: group, Rules: []model.SecurityGroupRule{rule}})
}

// networkACL reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl
// One without rules refuses everything.
func (x *reading) networkACL(r Resource) {
	x.addEntries(&model.NetworkACL{
		AWSMeta: x.meta(r), VPC: x.link(r.Attributes, "vpc_id"), Default: model.Known(false, r.At), Subnets: x.links(r.Attributes, "subnet_ids"),
	}, r)
}

// defaultNetworkACL reads the ACL that AWS makes with a VPC and that Terraform
// takes over, with all its rules:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_network_acl
func (x *reading) defaultNetworkACL(r Resource) {
	out := &model.NetworkACL{
		AWSMeta: x.meta(r), VPC: x.vpcBeside(r, "default_network_acl_id", model.DefaultACLSuffix), Default: model.Known(true, r.At),
		Subnets: x.links(r.Attributes, "subnet_ids"), Missing: r.Conditional,
	}
	x.addEntries(out, r)
}

func (x *reading) addEntries(out *model.NetworkACL, r Resource) {
	for _, list := range []struct {
		name   string
		egress bool
	}{{"ingress", false}, {"egress", true}} {
		for _, item := range x.Objects(r.Attributes.Get(list.name), list.name) {
			if item.Kind == attr.Open {
				out.Missing = item.Why
				continue
			}
			out.Entries = append(out.Entries, x.entry(item, "rule_no", "action", list.egress))
		}
	}
	x.out.NetworkACLs = append(x.out.NetworkACLs, out)
}

func (x *reading) entry(v *attr.Value, number, action string, egress bool) model.NetworkACLEntry {
	out := model.NetworkACLEntry{Number: x.number(v, number), Egress: egress, Traffic: x.traffic(v, "protocol"), At: v.Span()}
	allow := x.str(v, action)
	out.Allow = model.Open[bool](allow.Why(), allow.Span())
	if word, known := allow.Get(); known {
		out.Allow = model.Known(word == "allow", allow.Span())
	}
	out.CIDR = x.prefix(v, "cidr_block", model.Value[netip.Prefix]{})
	if given(v.Get("cidr_block")) == nil {
		out.CIDR = x.prefix(v, "ipv6_cidr_block", model.Value[netip.Prefix]{})
	}
	return out
}

// networkACLRule reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule
// When its direction is not known it may be none of the ACL's entries that count.
func (x *reading) networkACLRule(r Resource) {
	v := r.Attributes
	s := &model.Separate{Kind: model.OfNetworkACL, Owner: x.link(v, "network_acl_id")}
	egress, known := x.boolOr(v, "egress", false).Get()
	s.Entries = []model.NetworkACLEntry{x.entry(v, "rule_number", "rule_action", egress)}
	if !known {
		s.Owner.Certainty = min(s.Owner.Certainty, model.LinkMay)
	}
	x.separate(r, s)
}

func (x *reading) networkACLAssociation(r Resource) {
	x.separate(r, &model.Separate{
		Kind: model.OfNetworkACL, Owner: x.link(r.Attributes, "network_acl_id"), Subnets: x.links(r.Attributes, "subnet_id"),
	})
}
