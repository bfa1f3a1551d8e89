package model

import "net/netip"

// NetworkACL is the stateless filter of its subnets:
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
type NetworkACL struct {
	AWSMeta
	VPC Link
	// Default is set when subnets without an association use the ACL.
	Default Value[bool]
	Subnets []Link
	// Entries are in no order; the lowest number that matches decides, and
	// traffic that none matches is refused.
	Entries []NetworkACLEntry
	// Missing says why there may be more entries; empty when these are all.
	Missing string
}

// NetworkACLEntry allows or denies traffic of a block.
type NetworkACLEntry struct {
	Number  Value[int]
	Egress  bool
	Allow   Value[bool]
	Traffic Traffic
	CIDR    Value[netip.Prefix]
	At      Span
}
