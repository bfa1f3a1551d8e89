package model

import "net/netip"

// The protocol numbers that matter here:
// https://www.iana.org/assignments/protocol-numbers/
const (
	ProtocolAll    = -1
	ProtocolICMP   = 1
	ProtocolTCP    = 6
	ProtocolUDP    = 17
	ProtocolICMPv6 = 58
	ProtocolSCTP   = 132
)

// Traffic is what a rule of a security group or a network ACL is about.
type Traffic struct {
	// Protocol is its IANA number or ProtocolAll.
	Protocol Value[int]
	// From and To are the first and last destination port. For ICMP, and for
	// ProtocolAll, they mean no ports and are not used.
	From, To Value[int]
}

// SecurityGroup is a stateful filter of network interfaces.
type SecurityGroup struct {
	AWSMeta
	// GroupName is what AWS calls the group name, which is not the Name tag.
	GroupName Value[string]
	VPC       Link
	// Default is set for the group that AWS makes with each VPC.
	Default bool
	Rules   []SecurityGroupRule
	// Missing says why there may be more rules, for each direction; empty when
	// these are all.
	MissingIngress, MissingEgress string
}

// SecurityGroupRule admits traffic of one peer. Each peer of a rule that is
// written with several is a rule of its own.
type SecurityGroupRule struct {
	Egress  bool
	Traffic Traffic
	Peer    SecurityGroupPeer
	// At is the rule, or the peer where that is written apart.
	At Span
}

// SecurityGroupPeer is one of a block, a group and a prefix list.
type SecurityGroupPeer struct {
	CIDR       Value[netip.Prefix]
	Group      *Link
	PrefixList *Link
	// Self is set when Group is the group that holds the rule.
	Self bool
}

// StaleRule is a rule that AWS reports to be stale: the group that it names is
// deleted, or no longer within reach of the VPC.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
type StaleRule struct {
	// AWSMeta names the group that holds the rule.
	AWSMeta
	VPC    Link
	Egress bool
	// Names is the group that the rule names.
	Names Link
}
