package vpc

import (
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Side is one end of a connection: a network interface, or addresses outside the
// VPC.
type Side struct {
	// Name is what messages call it.
	Name string
	// Addresses hold its address. Where they are several, its address is one of
	// them and it is not known which, or all of them are meant and no rule tells
	// them apart: see Network.Atoms.
	Addresses netset.Ranges
	// Subnet is that of the interface; nil outside the VPC.
	Subnet *Subnet
	// Groups are the security groups of the interface. Unfiltered is set when
	// it has none and so admits everything.
	Groups     Groups
	Unfiltered bool
	// Endpoint is set for the addresses of a service of AWS: the gateway endpoint
	// that leads to them, by whose prefix list rules may name them.
	Endpoint *model.VPCEndpoint
}

// Groups are the security groups of an interface.
type Groups struct {
	// Known are certainly on it, May perhaps.
	Known, May []*SecurityGroup
	// Unknown says why there may be others; empty when these are all.
	Unknown string
}

// And joins the groups of two lists.
func (g Groups) And(o Groups) Groups {
	out := Groups{Known: append(g.Known[:len(g.Known):len(g.Known)], o.Known...), May: append(g.May[:len(g.May):len(g.May)], o.May...), Unknown: g.Unknown}
	if out.Unknown == "" {
		out.Unknown = o.Unknown
	}
	return out
}

// Filtered is what a filter lets through.
type Filtered struct {
	Certain, Possible netset.Ports
	// Rules are those that let it through or, when nothing passes, those that
	// refuse it; none when no rule is about the connection.
	Rules []Rule
	// Unknown says what keeps the answer from being certain.
	Unknown string
}

// Rule is one line that decides.
type Rule struct {
	// Text says what the rule is, such as "allows tcp 443 from 0.0.0.0/0".
	Text string
	At   model.Span
	// ports are those that it is or may be about, of those that reach it.
	ports netset.Ports
}

// everything is the answer of a filter that is not known.
func everything(unknown string) Filtered {
	return Filtered{Possible: netset.AllPorts(), Unknown: unknown}
}
