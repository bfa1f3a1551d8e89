package model

// Certainty says how sure it is that a link leads to its target.
type Certainty uint8

// The certainties.
const (
	// LinkUnknown leads to something that the input does not name.
	LinkUnknown Certainty = iota
	// LinkMay leads to its target or to another: one of several instances.
	LinkMay
	// LinkKnown leads to its target.
	LinkKnown
)

// Link leads from one AWS resource to another. In a list of links those that
// are LinkKnown are certainly members, those that are LinkMay may be, and one
// that is LinkUnknown stands for any number of members that nobody knows.
type Link struct {
	// ID is the identifier that AWS gives the target, such as sg-0123; empty
	// when it is not known.
	ID string
	// Address is the AWSMeta.Address of the target, which has the same Origin as
	// the resource that holds the link; empty when the link is by ID.
	Address   string
	Certainty Certainty
	// Why names the expression that cannot be resolved.
	Why string
	At  Span
}

// LinkTo returns a link by identifier.
func LinkTo(id string, at Span) Link { return Link{ID: id, Certainty: LinkKnown, At: at} }

// LeadsTo reports whether the link of a resource of some origin leads to a
// resource of the right type.
func (l Link) LeadsTo(m *AWSMeta, origin string) Tri {
	isNamed := l.ID != "" && l.ID == m.ID || l.Address != "" && l.Address == m.Address && origin == m.Origin
	switch {
	case l.Certainty == LinkUnknown, l.Certainty == LinkMay && isNamed:
		return Unknown
	default:
		return TriOf(isNamed)
	}
}

// What AWS makes beside a resource has the address of that resource with one of
// these suffixes where no origin declares it.
const (
	// ClusterGroupSuffix is for the cluster security group of an EKS cluster.
	ClusterGroupSuffix = "/cluster-security-group"
	// DefaultGroupSuffix, DefaultACLSuffix and MainTableSuffix are for the default
	// security group, the default network ACL and the main route table of a VPC.
	DefaultGroupSuffix = "/default-security-group"
	DefaultACLSuffix   = "/default-network-acl"
	MainTableSuffix    = "/main-route-table"
)
