package model

import "strings"

// Domain is a set of areas in which an absence may or may not be real: "no pod
// matches" means something only where the workloads are known.
type Domain uint8

// The domains of a manifest-only cluster.
const (
	// Workloads are the objects that make pods, by namespace.
	Workloads Domain = 1 << iota
	// Services are the Services of a namespace.
	Services
	// Policies are the network policies of a namespace.
	Policies
	// Namespaces are the Namespace objects of the cluster.
	Namespaces
	// IngressClasses are the IngressClass objects of the cluster.
	IngressClasses
)

var domainNames = []struct {
	domain Domain
	name   string
}{
	{Workloads, "workloads"},
	{Services, "services"},
	{Policies, "policies"},
	{Namespaces, "namespaces"},
	{IngressClasses, "ingressclasses"},
}

// Each calls f for every single domain of the set, in a fixed order.
func (d Domain) Each(f func(Domain)) {
	for _, n := range domainNames {
		if d&n.domain != 0 {
			f(n.domain)
		}
	}
}

// String lists the names of the set, joined by commas.
func (d Domain) String() string {
	var names []string
	for _, n := range domainNames {
		if d&n.domain != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}

// ParseDomain returns the domain of one name as String writes it.
func ParseDomain(name string) (Domain, bool) {
	for _, n := range domainNames {
		if n.name == name {
			return n.domain, true
		}
	}
	return 0, false
}

// Knowledge grades how far an absence in a domain can be trusted.
type Knowledge uint8

// The grades, in rising order.
const (
	// NotKnown means that an absence says nothing.
	NotKnown Knowledge = iota
	// Inferred means that other objects of the domain are there, so the
	// absence is likely, but nobody declared the input complete.
	Inferred
	// Declared means that the user, or a live cluster, says it is complete.
	Declared
)

// String is "no", "inferred" or "declared".
func (k Knowledge) String() string {
	switch k {
	case Inferred:
		return "inferred"
	case Declared:
		return "declared"
	default:
		return "no"
	}
}
