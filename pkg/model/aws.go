package model

import "reflect"

// AWS is the AWS side of a cluster: what its input says of an account, or of
// what is to be made in one. It is not changed after loading. Lists are in the
// order of the input.
type AWS struct {
	VPCs             []*VPC
	Subnets          []*Subnet
	RouteTables      []*RouteTable
	InternetGateways []*InternetGateway
	NATGateways      []*NATGateway
	Endpoints        []*VPCEndpoint
	FlowLogs         []*FlowLog
	PrefixLists      []*PrefixList
	NetworkACLs      []*NetworkACL
	SecurityGroups   []*SecurityGroup
	StaleRules       []*StaleRule
	Interfaces       []*NetworkInterface
	LoadBalancers    []*LoadBalancer
	Databases        []*Database
	Clusters         []*EKSCluster
	NodeGroups       []*NodeGroup
	LaunchTemplates  []*LaunchTemplate
	FargateProfiles  []*FargateProfile
	Addons           []*EKSAddon
	// Separate are the parts that are written apart. The loader adds them to
	// their owners, so that a snapshot has none.
	Separate []*Separate
}

// IsEmpty reports whether nothing of AWS is known.
func (a *AWS) IsEmpty() bool { return a.Len() == 0 }

// Len is the number of resources.
func (a *AWS) Len() int {
	lists, n := reflect.ValueOf(*a), 0
	for i := range lists.NumField() {
		n += lists.Field(i).Len()
	}
	return n
}

// AWSMeta names a resource of AWS and says where it stands.
type AWSMeta struct {
	// ID is what AWS calls the resource, such as vpc-0123; empty before AWS has
	// made it.
	ID string
	// Address is what its origin calls it: a Terraform address, a logical ID. It
	// is unique in the origin, and equal to ID where AWS itself was asked.
	Address string
	// Origin is the file or folder whose addresses belong together.
	Origin string
	// Name is what people call it: its Name tag or its own name; may be empty.
	Name string
	Tags Tags
	// Observed is set when AWS was asked for the resource, so that what its
	// attributes do not say is not there.
	Observed bool
	// Conditional says why the resource may not be made, or more than once;
	// empty when it is certain.
	Conditional string
	// At is where the resource is declared.
	At Span
}

// Meta returns m, also of every type that embeds it.
func (m *AWSMeta) Meta() *AWSMeta { return m }

// Title is the shortest name that tells people which resource is meant.
func (m AWSMeta) Title() string {
	switch {
	case m.Address != "" && m.Address != m.ID:
		return m.Address
	case m.Name != "":
		return m.Name
	default:
		return m.ID
	}
}

// Tags are the tags of a resource.
type Tags struct {
	Values map[string]Value[string]
	// Missing says why there may be more; empty when these are all.
	Missing string
}

// Get returns a tag. Whether it is there is Unknown when the tags are not all
// known and it is not among them.
func (t Tags) Get(key string) (value Value[string], found Tri) {
	value, ok := t.Values[key]
	switch {
	case ok:
		return value, Yes
	case t.Missing != "":
		return Open[string](t.Missing, Span{}), Unknown
	default:
		return value, No
	}
}

// SeparateKind says what the owner of a Separate is.
type SeparateKind uint8

// The kinds of owners.
const (
	OfSecurityGroup SeparateKind = iota
	OfNetworkACL
	OfRouteTable
)

// Separate is a part of a resource that is written apart from it: rules of a
// security group, entries of a network ACL, routes, the subnets of a table.
type Separate struct {
	AWSMeta
	Kind    SeparateKind
	Owner   Link
	Rules   []SecurityGroupRule
	Entries []NetworkACLEntry
	Routes  []Route
	Subnets []Link
	// Main is set when it makes a route table the main one of its VPC.
	Main bool
}
