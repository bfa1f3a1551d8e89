package model

import (
	"net/netip"
	"strings"
)

// VPC is a virtual private cloud.
type VPC struct {
	AWSMeta
	// CIDRs are its blocks of both families. An open one stands for any number.
	CIDRs []Value[netip.Prefix]
	// DNSSupport says whether the resolver of the VPC answers, DNSHostnames whether
	// instances get names: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
	DNSSupport, DNSHostnames Value[bool]
	// CreatedHere is set when the same input makes the VPC, so that its default
	// network ACL, main route table and default security group are as AWS makes
	// them unless the input says otherwise:
	// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
	CreatedHere bool
}

// Subnet is a range of addresses of a VPC in one availability zone.
type Subnet struct {
	AWSMeta
	VPC Link
	// CIDR is its IPv4 block, CIDR6 its IPv6 block, invalid when it has none.
	CIDR, CIDR6      Value[netip.Prefix]
	AvailabilityZone Value[string]
	// MapPublicIP says whether interfaces get a public IPv4 address at launch.
	MapPublicIP Value[bool]
	// AssignIPv6 says whether interfaces get an IPv6 address at launch.
	AssignIPv6 Value[bool]
	// FreeIPs is the number of IPv4 addresses that are free now.
	FreeIPs Value[int]
}

// RouteTable decides where the traffic of its subnets goes:
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
type RouteTable struct {
	AWSMeta
	VPC Link
	// Main is set when subnets without an association use the table.
	Main    Value[bool]
	Subnets []Link
	// Routes are without those for the VPC itself when the origin does not
	// write them.
	Routes []Route
	// Missing says why there may be more routes; empty when these are all.
	Missing string
}

// RouteKind says what a route leads to.
type RouteKind uint8

// The kinds of routes.
const (
	// RouteUnknown leads to something that the input does not name.
	RouteUnknown RouteKind = iota
	RouteLocal
	RouteInternetGateway
	RouteEgressOnlyGateway
	RouteNATGateway
	RouteEndpoint
	RouteTransitGateway
	RoutePeering
	RouteVirtualPrivateGateway
	// RouteOther leads to an interface, an instance, a carrier or local gateway.
	RouteOther
)

// String is the term of the EC2 documentation.
func (k RouteKind) String() string {
	switch k {
	case RouteLocal:
		return "local"
	case RouteInternetGateway:
		return "internet gateway"
	case RouteEgressOnlyGateway:
		return "egress-only internet gateway"
	case RouteNATGateway:
		return "NAT gateway"
	case RouteEndpoint:
		return "VPC endpoint"
	case RouteTransitGateway:
		return "transit gateway"
	case RoutePeering:
		return "VPC peering connection"
	case RouteVirtualPrivateGateway:
		return "virtual private gateway"
	case RouteOther:
		return "network interface or gateway"
	default:
		return "unknown target"
	}
}

// Route is one entry of a route table. Its destination is a block or, when
// PrefixList is set, a prefix list.
type Route struct {
	Destination Value[netip.Prefix]
	PrefixList  *Link
	Kind        RouteKind
	Target      Link
	// Blackhole is set when AWS reports that the target is gone.
	Blackhole bool
	At        Span
}

// InternetGateway joins a VPC to the internet.
type InternetGateway struct {
	AWSMeta
	VPC Link
}

// NATGateway gives the addresses behind it one of its own.
type NATGateway struct {
	AWSMeta
	Subnet Link
	// Private is set when it has no public address.
	Private Value[bool]
}

// VPCEndpoint leads to a service without the internet.
type VPCEndpoint struct {
	AWSMeta
	VPC Link
	// Service is a name such as com.amazonaws.eu-west-1.s3.
	Service Value[string]
	// Type is Interface, Gateway, GatewayLoadBalancer, Resource or ServiceNetwork.
	Type           Value[string]
	Subnets        []Link
	SecurityGroups []Link
	RouteTables    []Link
	PrivateDNS     Value[bool]
}

// FlowLog records the traffic of a VPC or of a subnet, one of which is set; of an
// interface or a transit gateway where neither is.
type FlowLog struct {
	AWSMeta
	VPC, Subnet *Link
}

// PrefixList is a named list of blocks.
type PrefixList struct {
	AWSMeta
	CIDRs []Value[netip.Prefix]
	// Missing says why there may be more blocks; empty when these are all.
	Missing string
}

// NetworkInterface is an elastic network interface that exists.
type NetworkInterface struct {
	AWSMeta
	Subnet         Link
	SecurityGroups []Link
	Addresses      []netip.Addr
	// Prefixes are the blocks that are delegated to the interface.
	Prefixes []netip.Prefix
	// PublicAddress is its public IPv4 address, invalid when it has none.
	PublicAddress netip.Addr
	// Type is that of EC2: interface, network_load_balancer, nat_gateway, …
	Type string
	// Instance is the identifier of the instance it is attached to, and
	// DeviceIndex its place there: 0 is the primary interface.
	Instance    string
	DeviceIndex int
	Description string
}

// LoadBalancer is a load balancer that exists.
type LoadBalancer struct {
	AWSMeta
	// Type is application, network, gateway or classic.
	Type Value[string]
	// Scheme is internet-facing or internal.
	Scheme         Value[string]
	VPC            Link
	Subnets        []Link
	SecurityGroups []Link
	DNSName        string
}

// Database is a database or a cache of AWS, of which is read where it lies in the
// network.
type Database struct {
	AWSMeta
	SecurityGroups []Link
	// Subnets are those of its subnet group, in one or more of which it has
	// interfaces.
	Subnets []Link
	// Port is the one that it listens on.
	Port Value[int]
}

// DatabasePort is the port on which a database listens unless another is asked for,
// by the name of its engine; open for engines of which it is not known.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html
func DatabasePort(engine Value[string]) Value[int] {
	name, _ := engine.Get()
	for _, e := range []struct {
		prefix string
		port   int
	}{
		{"aurora-postgresql", 5432},
		{"postgres", 5432},
		{"aurora-mysql", 3306},
		{"mysql", 3306},
		{"mariadb", 3306},
		{"oracle", 1521},
		{"sqlserver", 1433},
		{"redis", 6379},
		{"valkey", 6379},
		{"memcached", 11211},
		{"docdb", 27017},
		{"neptune", 8182},
	} {
		if strings.HasPrefix(name, e.prefix) {
			return Known(e.port, engine.Span())
		}
	}
	return Open[int]("the engine does not tell the port", engine.Span())
}

// RouteKindOf tells what a route leads to from the identifier of its target:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func RouteKindOf(id string) RouteKind {
	if id == "local" {
		return RouteLocal
	}
	prefix, _, found := strings.Cut(id, "-")
	if !found {
		return RouteUnknown
	}
	switch prefix {
	case "igw":
		return RouteInternetGateway
	case "eigw":
		return RouteEgressOnlyGateway
	case "nat":
		return RouteNATGateway
	case "vpce":
		return RouteEndpoint
	case "tgw":
		return RouteTransitGateway
	case "pcx":
		return RoutePeering
	case "vgw":
		return RouteVirtualPrivateGateway
	default:
		return RouteOther
	}
}
