package vpc_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// packet is one packet of a protocol with ports.
type packet struct {
	from, to netip.Addr
	protocol int
	port     int
}

// world is a random VPC of two subnets and four interfaces, whose truth a naive
// evaluator reads packet by packet.
type world struct {
	r       *rand.Rand
	aws     *model.AWS
	holders []holder
}

// holder is an interface, with an address of each family.
type holder struct {
	addresses [2]netip.Addr
	subnet    *model.Subnet
	groups    []*model.SecurityGroup
}

// over is the interface as one end of a connection over a family.
func (h holder) over(f vpc.Family) end { return end{h, h.addresses[f]} }

// end is an interface with the address that it uses.
type end struct {
	holder
	address netip.Addr
}

func families() []vpc.Family { return []vpc.Family{vpc.IPv4, vpc.IPv6} }

// own are the blocks of the VPC.
func own() [2]netip.Prefix {
	return [2]netip.Prefix{netip.MustParsePrefix("10.0.0.0/22"), netip.MustParsePrefix("2600:1f00::/56")}
}

// at is the address of a number in a subnet.
func at(f vpc.Family, subnet, n int) netip.Addr {
	if f == vpc.IPv4 {
		return netip.AddrFrom4([4]byte{10, 0, byte(subnet), byte(n)})
	}
	return netip.AddrFrom16([16]byte{0: 0x26, 2: 0x1f, 7: byte(subnet), 15: byte(n)})
}

func known[T any](v T) model.Value[T] { return model.Known(v, model.Span{}) }

func link(id string) model.Link { return model.LinkTo(id, model.Span{}) }

// addresses are where the blocks of a world lie: few, so that rules often match.
func (w *world) block() netip.Prefix {
	f := families()[w.r.IntN(2)]
	bits := [2][]int{{0, 8, 23, 24, 29, 30, 31, 32}, {0, 16, 63, 64, 125, 126, 127, 128}}[f]
	return netip.PrefixFrom(at(f, w.r.IntN(2), w.r.IntN(8)), bits[w.r.IntN(8)]).Masked()
}

func (w *world) traffic() model.Traffic {
	from := w.r.IntN(12)
	return model.Traffic{
		Protocol: known([]int{model.ProtocolAll, model.ProtocolTCP, model.ProtocolTCP, model.ProtocolUDP, model.ProtocolICMP}[w.r.IntN(5)]),
		From:     known(from), To: known(from + w.r.IntN(6)),
	}
}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 7)), aws: &model.AWS{}} //nolint:gosec // a test that can be repeated
	w.aws.VPCs = []*model.VPC{{AWSMeta: model.AWSMeta{ID: "vpc"}, CIDRs: []model.Value[netip.Prefix]{known(own()[0]), known(own()[1])}}}
	list := &model.PrefixList{AWSMeta: model.AWSMeta{ID: "pl"}}
	for range w.r.IntN(3) {
		list.CIDRs = append(list.CIDRs, known(w.block()))
	}
	w.aws.PrefixLists = []*model.PrefixList{list}
	for i := range 2 {
		id := fmt.Sprint("subnet", i)
		w.aws.Subnets = append(w.aws.Subnets, &model.Subnet{
			AWSMeta: model.AWSMeta{ID: id}, VPC: link("vpc"), CIDR: known(netip.PrefixFrom(at(vpc.IPv4, i, 0), 24)), CIDR6: known(netip.PrefixFrom(at(vpc.IPv6, i, 0), 64)),
		})
		w.aws.NetworkACLs = append(w.aws.NetworkACLs, w.acl(id))
		w.aws.RouteTables = append(w.aws.RouteTables, w.table(id))
	}
	for i := range 4 {
		w.aws.SecurityGroups = append(w.aws.SecurityGroups, w.group(fmt.Sprint("sg", i)))
	}
	for range 4 {
		subnet := w.r.IntN(2)
		h := holder{subnet: w.aws.Subnets[subnet]}
		for _, f := range families() {
			h.addresses[f] = at(f, subnet, w.r.IntN(8))
		}
		for _, g := range w.aws.SecurityGroups {
			if w.r.IntN(3) == 0 {
				h.groups = append(h.groups, g)
			}
		}
		w.holders = append(w.holders, h)
	}
	return w
}

func (w *world) acl(subnet string) *model.NetworkACL {
	out := &model.NetworkACL{AWSMeta: model.AWSMeta{ID: "acl-" + subnet}, VPC: link("vpc"), Subnets: []model.Link{link(subnet)}}
	for n := range w.r.IntN(10) {
		out.Entries = append(out.Entries, model.NetworkACLEntry{
			Number: known(100 - n), Egress: w.r.IntN(2) == 0, Allow: known(w.r.IntN(3) > 0), Traffic: w.traffic(), CIDR: known(w.block()),
		})
	}
	return out
}

func (w *world) table(subnet string) *model.RouteTable {
	out := &model.RouteTable{AWSMeta: model.AWSMeta{ID: "rtb-" + subnet}, VPC: link("vpc"), Subnets: []model.Link{link(subnet)}}
	seen := map[netip.Prefix]bool{}
	for range w.r.IntN(8) {
		block := w.block()
		if seen[block] {
			continue
		}
		seen[block] = true
		kind := []model.RouteKind{model.RouteInternetGateway, model.RouteNATGateway, model.RoutePeering}[w.r.IntN(3)]
		if block.Addr().Is6() && kind == model.RouteNATGateway {
			kind = model.RouteEgressOnlyGateway
		}
		out.Routes = append(out.Routes, model.Route{Destination: known(block), Kind: kind, Target: link("x"), Blackhole: w.r.IntN(5) == 0})
	}
	return out
}

func (w *world) group(id string) *model.SecurityGroup {
	out := &model.SecurityGroup{AWSMeta: model.AWSMeta{ID: id}, VPC: link("vpc")}
	for range w.r.IntN(7) {
		rule := model.SecurityGroupRule{Egress: w.r.IntN(2) == 0, Traffic: w.traffic()}
		switch w.r.IntN(5) {
		case 0:
			l := link("pl")
			rule.Peer.PrefixList = &l
		case 1, 2:
			l := link(fmt.Sprint("sg", w.r.IntN(4)))
			rule.Peer = model.SecurityGroupPeer{Group: &l, Self: l.ID == id}
		default:
			rule.Peer.CIDR = known(w.block())
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}

func carries(t model.Traffic, p packet) bool {
	protocol, _ := t.Protocol.Get()
	from, _ := t.From.Get()
	to, _ := t.To.Get()
	return protocol == model.ProtocolAll || protocol == p.protocol && from <= p.port && p.port <= to
}

// groupsAdmit reads the rules of all groups of one interface.
func (w *world) groupsAdmit(of, peer end, egress bool, p packet) bool {
	for _, g := range of.groups {
		for _, rule := range g.Rules {
			if rule.Egress == egress && carries(rule.Traffic, p) && w.names(rule.Peer, peer) {
				return true
			}
		}
	}
	return false
}

func (w *world) names(p model.SecurityGroupPeer, peer end) bool {
	switch {
	case p.Group != nil:
		for _, g := range peer.groups {
			if g.ID == p.Group.ID {
				return true
			}
		}
		return false
	case p.PrefixList != nil:
		for _, c := range w.aws.PrefixLists[0].CIDRs {
			if block, _ := c.Get(); block.Contains(peer.address) {
				return true
			}
		}
		return false
	}
	block, _ := p.CIDR.Get()
	return block.Contains(peer.address)
}

// aclAllows looks for the lowest number that matches.
func (w *world) aclAllows(of *model.Subnet, other netip.Addr, egress bool, p packet) bool {
	best, allow := 1<<30, false
	for _, a := range w.aws.NetworkACLs {
		if a.Subnets[0].ID != of.ID {
			continue
		}
		for _, e := range a.Entries {
			block, _ := e.CIDR.Get()
			number, _ := e.Number.Get()
			if e.Egress == egress && carries(e.Traffic, p) && block.Contains(other) && number < best {
				best = number
				allow, _ = e.Allow.Get()
			}
		}
	}
	return allow
}

// open is what the two interfaces can say to each other.
func (w *world) open(from, to end, p packet) bool {
	if !w.groupsAdmit(from, to, true, p) || !w.groupsAdmit(to, from, false, p) {
		return false
	}
	return from.subnet == to.subnet || w.aclAllows(from.subnet, to.address, true, p) && w.aclAllows(to.subnet, from.address, false, p)
}

// answered reports whether the answers to a port of the side that began pass.
func (w *world) answered(from, to end, protocol, port int) bool {
	p := packet{from: to.address, to: from.address, protocol: protocol, port: port}
	return from.subnet == to.subnet || w.aclAllows(to.subnet, from.address, true, p) && w.aclAllows(from.subnet, to.address, false, p)
}

// routed is the kind of the route with the longest prefix.
func (w *world) routed(of *model.Subnet, to netip.Addr) (kind model.RouteKind, found, lost bool) {
	bits := -1
	for _, block := range own() {
		if block.Contains(to) {
			kind, bits = model.RouteLocal, block.Bits()
		}
	}
	for _, t := range w.aws.RouteTables {
		if t.Subnets[0].ID != of.ID {
			continue
		}
		for _, r := range t.Routes {
			if block, _ := r.Destination.Get(); block.Contains(to) && block.Bits() > bits {
				kind, bits, lost = r.Kind, block.Bits(), r.Blackhole
			}
		}
	}
	return kind, bits >= 0, lost
}

// side describes an interface. Its address is one of a block when exact is not set.
func (w *world) side(n *vpc.Network, h end, f vpc.Family, exact bool) vpc.Side {
	links := make([]model.Link, 0, len(h.groups))
	for _, g := range h.groups {
		links = append(links, link(g.ID))
	}
	subnets, _ := n.SubnetsOf([]model.Link{link(h.subnet.ID)}, "")
	out := vpc.Side{Name: "x", Subnet: subnets[0], Groups: n.Groups(links, ""), Addresses: subnets[0].Ranges(f)}
	if exact {
		out.Addresses = netset.RangesOf(netip.PrefixFrom(h.address, h.address.BitLen()))
	}
	return out
}

// blur hides some of what the world holds from its description. The truth stays
// that of the world.
func (w *world) blur() *model.AWS {
	hide := func() bool { return w.r.IntN(6) == 0 }
	seldom := func() bool { return w.r.IntN(36) == 0 }
	out := *w.aws
	out.SecurityGroups, out.NetworkACLs, out.PrefixLists = nil, nil, nil
	for _, g := range w.aws.SecurityGroups {
		c := *g
		c.Rules = nil
		for _, rule := range g.Rules {
			switch {
			case hide() && rule.Egress:
				c.MissingEgress = "hidden"
				continue
			case hide() && !rule.Egress:
				c.MissingIngress = "hidden"
				continue
			case hide():
				rule.Peer = model.SecurityGroupPeer{}
			case hide():
				rule.Traffic.To = model.Value[int]{}
			case hide():
				rule.Traffic.Protocol = model.Value[int]{}
			case rule.Peer.Group != nil && hide():
				l, other := *rule.Peer.Group, link(fmt.Sprint("sg", w.r.IntN(4)))
				l.Certainty, other.Certainty = []model.Certainty{model.LinkMay, model.LinkUnknown}[w.r.IntN(2)], model.LinkMay
				rule.Peer.Group = &other
				c.Rules = append(c.Rules, rule) // the link leads to one of several
				rule.Peer.Group = &l
			}
			c.Rules = append(c.Rules, rule)
		}
		out.SecurityGroups = append(out.SecurityGroups, &c)
	}
	for _, a := range w.aws.NetworkACLs {
		c := *a
		c.Entries = nil
		for _, e := range a.Entries {
			switch {
			case seldom():
				c.Missing = "hidden"
				continue
			case hide():
				e.CIDR = model.Value[netip.Prefix]{}
			case hide():
				e.Allow = model.Value[bool]{}
			case hide():
				e.Traffic.From = model.Value[int]{}
			case seldom():
				e.Number = model.Value[int]{}
			}
			c.Entries = append(c.Entries, e)
		}
		out.NetworkACLs = append(out.NetworkACLs, &c)
	}
	for _, l := range w.aws.PrefixLists {
		c := *l
		if hide() {
			c.Missing, c.CIDRs = "hidden", nil
		}
		out.PrefixLists = append(out.PrefixLists, &c)
	}
	return &out
}

// TestOther: one of the protocols without ports may be what is asked for, and
// all of them certainly are it.
func TestOther(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[int][2]bool{
		model.ProtocolICMP: {false, true}, 50: {false, true}, model.ProtocolAll: {true, true}, model.ProtocolTCP: {false, false},
	} {
		all := model.SecurityGroupPeer{CIDR: known(netip.MustParsePrefix("0.0.0.0/0"))}
		g := &model.SecurityGroup{AWSMeta: model.AWSMeta{ID: "sg"}, Rules: []model.SecurityGroupRule{
			{Traffic: model.Traffic{Protocol: known(protocol), From: known(-1), To: known(-1)}, Peer: all},
		}}
		n := vpc.New(&model.AWS{SecurityGroups: []*model.SecurityGroup{g}})
		f := n.Filter(vpc.Side{Groups: n.Groups([]model.Link{link("sg")}, "")}, vpc.In, vpc.Side{Addresses: netset.IPv4()})
		if got := [2]bool{f.Certain.Other(), f.Possible.Other()}; got != want {
			t.Errorf("protocol %d: got %v, want %v", protocol, got, want)
		}
	}
}

// TestAgreesWithEveryPacket: what is fully described is answered exactly as a
// reading of each rule for each packet answers it.
func TestAgreesWithEveryPacket(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1500) {
		w := newWorld(seed)
		n := vpc.New(w.aws)
		w.compare(t, n, seed, true, func(certain, possible, truth bool) bool { return certain == truth && possible == truth })
		w.compareRoutes(t, n, seed)
	}
}

// TestNeverContradictsTheTruth: where something is hidden, what is certain holds,
// and what is true may be.
func TestNeverContradictsTheTruth(t *testing.T) {
	t.Parallel()
	undecided := 0
	for seed := range uint64(3000) {
		w := newWorld(seed)
		n := vpc.New(w.blur())
		w.compare(t, n, seed, seed%2 == 0, func(certain, possible, truth bool) bool {
			if certain != possible {
				undecided++
			}
			return (!certain || truth) && (!truth || possible)
		})
	}
	if undecided == 0 {
		t.Error("nothing was ever undecided")
	}
}

func (w *world) compare(t *testing.T, n *vpc.Network, seed uint64, exact bool, agree func(certain, possible, truth bool) bool) {
	t.Helper()
	for i, from := range w.holders {
		for j, to := range w.holders {
			for _, f := range families() {
				if i != j {
					w.comparePair(t, n, f, from.over(f), to.over(f), fmt.Sprintf("seed %d: %d to %d over %s", seed, i, j, f), exact, agree)
				}
			}
		}
	}
}

func (w *world) comparePair(
	t *testing.T, n *vpc.Network, f vpc.Family, from, to end, name string, exact bool, agree func(certain, possible, truth bool) bool,
) {
	t.Helper()
	a, b := w.side(n, from, f, exact), w.side(n, to, f, exact)
	certain, possible := through(n.InVPC(a, b, netset.AllPorts()))
	back, maybeBack := through(vpc.Reply(a, b, netset.AllPorts(), vpc.AnyPort))
	for protocol, number := range map[netset.Protocol]int{netset.TCP: model.ProtocolTCP, netset.UDP: model.ProtocolUDP} {
		for port := 1; port < 20; port++ {
			p := uint16(port)
			truth := w.open(from, to, packet{from.address, to.address, number, port})
			if !agree(certain.Contains(protocol, p), possible.Contains(protocol, p), truth) {
				t.Fatalf("%s, %s %d: certain %v, possible %v, truth %v", name, protocol, port, certain.Contains(protocol, p), possible.Contains(protocol, p), truth)
			}
			truth = w.answered(from, to, number, port)
			if !agree(back.Contains(protocol, p), maybeBack.Contains(protocol, p), truth) {
				t.Fatalf("%s, answers on %s %d: truth %v", name, protocol, port, truth)
			}
		}
	}
}

func through(hops []vpc.Hop) (certain, possible netset.Ports) {
	certain, possible = netset.AllPorts(), netset.AllPorts()
	for _, h := range hops {
		certain, possible = certain.Intersect(h.Certain), possible.Intersect(h.Possible)
	}
	return certain, possible
}

func (w *world) compareRoutes(t *testing.T, n *vpc.Network, seed uint64) {
	t.Helper()
	for _, s := range n.Subnets() {
		for range 20 {
			to := w.destination()
			ways := n.Ways(s, netset.RangesOf(netip.PrefixFrom(to, to.BitLen())))
			kind, found, lost := w.routed(s.Subnet, to)
			got := ways[0]
			if len(ways) != 1 || got.Unknown != "" || got.Kind != kind || got.Dropped() != (!found || lost) {
				t.Fatalf("seed %d: %s to %s: got %+v, want %v, found %v, lost %v", seed, s.ID, to, ways, kind, found, lost)
			}
		}
	}
}

// destination is an address in the VPC or beside it.
func (w *world) destination() netip.Addr {
	if w.r.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{10, byte(w.r.IntN(2)), byte(w.r.IntN(5)), byte(w.r.IntN(8))})
	}
	return netip.AddrFrom16([16]byte{0: 0x26, 1: byte(w.r.IntN(2)), 2: 0x1f, 6: byte(w.r.IntN(2)), 7: byte(w.r.IntN(5)), 15: byte(w.r.IntN(8))})
}
