package vpc

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Layer says which part of AWS a hop is.
type Layer string

// The layers.
const (
	LayerRoute         Layer = "route"
	LayerNetworkACL    Layer = "network ACL"
	LayerSecurityGroup Layer = "security group"
)

// Hop is one place that a connection passes.
type Hop struct {
	Layer Layer
	// Where names the place: "security groups of node group app, in".
	Where string
	// Reply is set on the way back.
	Reply bool
	// Certain are the ports asked for that certainly pass, Possible those that
	// may. On the way back they are those of the side that began.
	Certain, Possible netset.Ports
	// Verdict is Yes when some of the ports asked for certainly pass, and No
	// when certainly none does. Of a reply it is Yes only when all do.
	Verdict model.Tri
	// Rules are the lines that decide.
	Rules []Rule
	// Why says what keeps the verdict from Yes.
	Why string
	// Fix says what to write so that it passes; empty where that is not plain.
	Fix string
}

// InVPC returns the hops of a connection between two interfaces of a VPC: the
// groups of the one that begins, the network ACLs of their subnets when these
// differ, the groups of the other. Each hop is asked for what passes those
// before it.
func (n *Network) InVPC(from, to Side, ports netset.Ports) []Hop {
	w := walk{network: n, ports: ports}
	w.groups(from, Out, to)
	if from.Subnet == nil || from.Subnet != to.Subnet {
		w.acl(from, Out, to)
		w.acl(to, In, from)
	}
	w.groups(to, In, from)
	return w.hops
}

// Entering returns the hops of a connection from outside the VPC to an interface.
func (n *Network) Entering(from, to Side, ports netset.Ports) []Hop {
	w := walk{network: n, ports: ports}
	w.acl(to, In, from)
	w.groups(to, In, from)
	return w.hops
}

// Leaving returns the hops of a connection from an interface to addresses outside
// the VPC, up to its route.
func (n *Network) Leaving(from, to Side, ports netset.Ports) []Hop {
	w := walk{network: n, ports: ports}
	w.groups(from, Out, to)
	w.acl(from, Out, to)
	return w.hops
}

// walk asks each hop for what may have passed those before it.
type walk struct {
	network *Network
	ports   netset.Ports
	hops    []Hop
}

func (w *walk) groups(of Side, d Direction, peer Side) {
	if !of.Unfiltered {
		w.add(w.network.groupHop(of, d, peer, w.ports))
	}
}

func (w *walk) acl(of Side, d Direction, peer Side) { w.add(ACLHop(of, d, peer, w.ports)) }

func (w *walk) add(h Hop) {
	w.hops = append(w.hops, h)
	if !h.Possible.IsEmpty() {
		w.ports = h.Possible
	}
}

func (n *Network) groupHop(of Side, d Direction, peer Side, ports netset.Ports) Hop {
	f := n.Filter(of, d, peer)
	h := newHop(LayerSecurityGroup, fmt.Sprintf("security groups of %s, %s", of.Name, d), f, ports)
	if h.Verdict == model.No {
		h.Why = fmt.Sprintf("no rule of %s admits %s %s", of.Groups.words(), what(ports), map[Direction]string{In: "from " + peer.described(), Out: "to " + peer.described()}[d])
		h.Rules = of.Groups.declared()
		h.Fix = fix(of, d, peer, ports)
	}
	return h
}

// what names the ports of a question.
func what(ports netset.Ports) string {
	if ports.IsAllTransport() {
		return "it"
	}
	return strings.ToLower(ports.String())
}

// fix is the rule that would admit a connection, where there is one group to add
// it to and one group to name.
func fix(of Side, d Direction, peer Side, ports netset.Ports) string {
	if len(of.Groups.Known) != 1 || len(peer.Groups.Known) != 1 || of.Groups.Known[0].made || peer.Groups.Known[0].made {
		return ""
	}
	return fmt.Sprintf("add a rule to %s: %s, %s, %s %s", of.Groups.Known[0].Title(), map[Direction]string{In: "inbound", Out: "outbound"}[d],
		what(ports), map[Direction]string{In: "from", Out: "to"}[d], peer.Groups.Known[0].Title())
}

// ACLHop is the network ACL of a side's subnet, in or out.
func ACLHop(of Side, d Direction, peer Side, ports netset.Ports) Hop {
	f := everything("the subnet of " + of.Name + " is not known")
	where := of.Name
	if of.Subnet != nil {
		f = FilterACL(of.Subnet, d, peer.Addresses)
		where = "subnet " + of.Subnet.Title()
	}
	h := newHop(LayerNetworkACL, fmt.Sprintf("network ACL of %s, %s", where, d), f, ports)
	if h.Verdict == model.No && len(h.Rules) == 0 {
		h.Why = fmt.Sprintf("no entry of %s matches, so that it is refused", of.Subnet.ACL.Title())
		h.Rules = []Rule{{Text: of.Subnet.ACL.Title(), At: of.Subnet.ACL.At}}
	}
	return h
}

// newHop asks a filter for ports.
func newHop(layer Layer, where string, f Filtered, ports netset.Ports) Hop {
	h := Hop{Layer: layer, Where: where, Certain: f.Certain.Intersect(ports), Possible: f.Possible.Intersect(ports)}
	for _, r := range f.Rules {
		if !r.ports.Intersect(ports).IsEmpty() {
			h.Rules = append(h.Rules, r)
		}
	}
	switch {
	case !h.Certain.IsEmpty():
		h.Verdict = model.Yes
	case h.Possible.IsEmpty():
		h.Verdict = model.No
	default:
		h.Why = f.Unknown
	}
	return h
}

// Reply returns the hops of the answers to a connection, which network ACLs
// judge by the port of the side that began.
func Reply(from, to Side, ports netset.Ports, initiator Initiator) []Hop {
	if from.Subnet != nil && from.Subnet == to.Subnet {
		return nil
	}
	var hops []Hop
	if to.Subnet != nil {
		hops = append(hops, ReplyACL(to, Out, from, ports, initiator))
	}
	if from.Subnet != nil {
		hops = append(hops, ReplyACL(from, In, to, ports, initiator))
	}
	return hops
}

// ReplyACL is the network ACL of a side's subnet for the answers to a connection
// on some ports.
func ReplyACL(of Side, d Direction, peer Side, ports netset.Ports, initiator Initiator) Hop {
	back := initiator.ports(ports)
	h := ACLHop(of, d, peer, back)
	h.answer(back)
	return h
}

// answer makes a hop one of the way back, where every port has to pass: which of
// them the side that began has taken nobody knows.
func (h *Hop) answer(ports netset.Ports) {
	h.Reply = true
	if h.Verdict != model.Yes || ports.Subtract(h.Certain).IsEmpty() {
		return
	}
	h.Verdict = model.Unknown
	h.Why = "answers to some ports are refused: " + ports.Subtract(h.Possible).String()
	if ports.Subtract(h.Possible).IsEmpty() {
		h.Why = "whether answers to all ports pass is not known"
	}
}

// Initiator says who begins a connection, and so which port answers go to.
type Initiator uint8

// The initiators.
const (
	// Anyone takes a port from 1024 on: clients on the internet, load
	// balancers, NAT gateways, and the VPC CNI when it rewrites the source.
	Anyone Initiator = iota
	// Linux takes a port of net.ipv4.ip_local_port_range, 32768 to 60999.
	Linux
	// AnyPort takes any port at all.
	AnyPort
)

// ports are those that answers to a connection on some ports go to:
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
func (i Initiator) ports(asked netset.Ports) netset.Ports {
	first, last := uint16(1024), netset.LastPort
	switch i {
	case Linux:
		first, last = 32768, 60999
	case AnyPort:
		first = netset.FirstPort
	case Anyone:
	}
	var out netset.Ports
	for _, p := range netset.Protocols() {
		if len(asked.Intervals(p)) > 0 {
			out = out.Union(netset.PortRange(p, first, last))
		}
	}
	return out
}

// declared are the places where rules are missing: the groups themselves.
func (g Groups) declared() []Rule {
	var out []Rule
	for _, group := range g.Known {
		out = append(out, Rule{Text: "security group " + group.Title(), At: group.At})
	}
	return out
}

// words names the groups of an interface.
func (g Groups) words() string {
	switch len(g.Known) {
	case 0:
		return "its security groups"
	case 1:
		return g.Known[0].Title()
	case 2:
		return g.Known[0].Title() + " and " + g.Known[1].Title()
	default:
		return fmt.Sprintf("%s and %d more", g.Known[0].Title(), len(g.Known)-1)
	}
}

// described names a side as a rule would have to: by its group where it has one.
func (s Side) described() string {
	if len(s.Groups.Known) == 1 {
		return s.Groups.Known[0].Title() + " (" + s.Name + ")"
	}
	return s.Name
}
