package path_test

import (
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// iface is a network interface, and peer what it talks to, or the source that it sees.
type iface struct {
	subnet *subnet
	groups []*group
}

type peer struct {
	address netip.Addr
	subnet  *subnet // nil outside the VPC
	groups  []*group
}

func (i iface) over(f vpc.Family) peer {
	return peer{i.subnet.blocks[f].Addr().Next(), i.subnet, i.groups}
}

func familyOf(a netip.Addr) vpc.Family {
	if a.Is6() {
		return vpc.IPv6
	}
	return vpc.IPv4
}

// spot is where a pod runs.
type spot struct {
	pod, node       iface
	on              string
	own, fargate    bool // it has groups of its own; it shares no node
	host, hasPublic bool
}

// way is one way of a packet: lost where a filter or a route refuses it, doubtful where
// answers pass to some ports of the one who begins and not to others.
type way struct{ lost, doubtful bool }

func (v *way) pass(yes bool) { v.lost = v.lost || !yes }

// verdict of all ways. Which of them a packet takes is chance.
func verdict(ways []way) path.Verdict {
	seen := map[path.Verdict]bool{}
	for _, v := range ways {
		switch {
		case v.lost:
			seen[path.Blocked] = true
		case v.doubtful:
			seen[path.NotKnown] = true
		default:
			seen[path.Open] = true
		}
	}
	switch {
	case seen[path.Open] && seen[path.Blocked]:
		return path.Depends
	case seen[path.NotKnown] || len(ways) == 0:
		return path.NotKnown
	case seen[path.Open]:
		return path.Open
	default:
		return path.Blocked
	}
}

func (r rule) matches(out bool, p peer, port int) bool {
	if r.out != out || r.to > 0 && (port < r.from || port > r.to) {
		return false
	}
	if r.group == "" {
		return r.block.Contains(p.address)
	}
	return slices.ContainsFunc(p.groups, func(g *group) bool { return g.id == r.group })
}

func (i iface) lets(out bool, p peer, port int) bool {
	return slices.ContainsFunc(i.groups, func(g *group) bool {
		return slices.ContainsFunc(g.rules, func(r rule) bool { return r.matches(out, p, port) })
	})
}

func (s *subnet) lets(out bool, p peer, port int) bool {
	for _, r := range s.acl.rules {
		if r.matches(out, p, port) {
			return !r.deny
		}
	}
	return false
}

// connect passes a packet from one interface of the VPC to another, which sees it come
// from a source.
func (v *way) connect(from iface, source peer, to iface, port int) {
	at := to.over(familyOf(source.address))
	v.pass(from.lets(true, at, port))
	if from.subnet != to.subnet {
		v.pass(from.subnet.lets(true, at, port))
		v.pass(to.subnet.lets(false, source, port))
	}
	v.pass(to.lets(false, source, port))
}

// The ports that answers go to.
func anyone() [2]int { return [2]int{1024, 65535} }
func linux() [2]int  { return [2]int{32768, 60999} }

// answer passes packets between two ends to every port of a range: of a network ACL on
// the way out of the subnet of one, and into that of the other.
func (v *way) answer(from, to peer, ports [2]int) {
	if from.subnet == to.subnet {
		return
	}
	if from.subnet != nil {
		v.toEach(ports, func(port int) bool { return from.subnet.lets(true, to, port) })
	}
	if to.subnet != nil {
		v.toEach(ports, func(port int) bool { return to.subnet.lets(false, from, port) })
	}
}

func (v *way) toEach(ports [2]int, passes func(int) bool) {
	all, none := true, true
	for _, port := range []int{1024, podPort, nodePort, 32768, 40000, 60999, 65535} { // each range of the rules has one
		if port >= ports[0] && port <= ports[1] {
			all, none = all && passes(port), none && !passes(port)
		}
	}
	v.lost, v.doubtful = v.lost || none, v.doubtful || !all
}

// target is where the route with the longest prefix leads.
func (s *subnet) target(to netip.Addr) string {
	bits, out := -1, ""
	for _, r := range s.table.routes {
		if r.block.Contains(to) && r.block.Bits() > bits {
			bits, out = r.block.Bits(), r.target
		}
	}
	return out
}

func (w *world) spots(of *workload) []spot {
	var out []spot
	if of.fargate {
		pod := iface{w.subnets[0], w.groups[:1]}
		if of.groups != nil {
			pod.groups = of.groups
		}
		return []spot{{pod: pod, node: pod, on: "fargate", fargate: true}}
	}
	for _, n := range w.nodes {
		if of.on != nil && of.on != n {
			continue
		}
		for _, s := range n.subnets {
			node := iface{s, n.groups}
			next := spot{pod: node, node: node, on: n.id, own: of.groups != nil, host: of.host, hasPublic: s.public}
			if next.own {
				next.pod.groups = of.groups
			}
			out = append(out, next)
		}
	}
	return out
}

// admitted is what policies of web let in. The pods admit their own node besides.
func (w *world) admitted(at spot, source netip.Addr) bool {
	return at.host || !w.admits.isolated || w.admits.block.IsValid() && w.admits.block.Contains(source)
}

// fromInternet walks from a client over the load balancer.
func (w *world) fromInternet(client netip.Addr) path.Verdict {
	var ways []way
	for _, s := range w.lb.subnets {
		front := iface{s, []*group{w.lb.group}}
		var head way
		head.pass(!w.lb.internal)
		head.pass(client.Is4() || w.lb.dualStack)
		head.pass(s.target(client) == "igw-1")
		head.pass(s.lets(false, peer{address: client}, listener))
		head.pass(front.lets(false, peer{address: client}, listener))
		head.pass(w.family == vpc.IPv4 || w.lb.dualStack)
		head.answer(front.over(familyOf(client)), peer{address: client}, anyone())
		source := front.over(w.family)
		if w.lb.preserves && familyOf(client) == w.family {
			source.address = client
		}
		for _, at := range w.spots(w.web) {
			zonal := w.lb.network && s.zone != at.node.subnet.zone
			switch {
			case zonal && (w.lb.ip || w.local || !w.nodesIn(s.zone)):
				continue // it has no such target, and DNS does not name it
			case w.lb.ip:
				ways = append(ways, w.toPod(head, front, source, at))
				continue
			case head.lost:
				ways = append(ways, head) // whichever node it would have sent to
				continue
			}
			ways = append(ways, w.overNodes(head, at, source, func(node iface) (way, bool) {
				v := head
				v.connect(front, source, node, nodePort)
				v.answer(node.over(w.family), source, anyone())
				return v, !w.lb.network || s.zone == node.subnet.zone
			})...)
		}
	}
	if len(w.lb.subnets) > 0 && len(ways) == 0 {
		return path.NotKnown
	}
	return verdict(ways)
}

func (w *world) nodesIn(zone string) bool {
	return slices.ContainsFunc(w.nodes, func(n *nodes) bool {
		return slices.ContainsFunc(n.subnets, func(s *subnet) bool { return s.zone == zone })
	})
}

func (w *world) toPod(v way, front iface, source peer, at spot) way {
	v.connect(front, source, at.pod, podPort)
	v.pass(w.admitted(at, source.address))
	v.answer(at.pod.over(w.family), source, anyone())
	return v
}

// overNodes are the ways over a port of the node of the pod, or of another one.
func (w *world) overNodes(head way, at spot, source peer, toNode func(iface) (_ way, taken bool)) []way {
	if w.local && (at.own || at.fargate) {
		return []way{{lost: head.lost, doubtful: true}} // AWS does not support it
	}
	var out []way
	if v, taken := toNode(at.node); taken && !at.fargate {
		if at.own {
			w.passOn(&v, at.node, at)
		}
		v.pass(!w.local || w.admitted(at, source.address))
		out = append(out, v)
	}
	for _, n := range w.nodes {
		for _, s := range n.subnets {
			first := iface{s, n.groups}
			if v, taken := toNode(first); taken && !w.local {
				w.passOn(&v, first, at)
				v.pass(w.admitted(at, first.over(w.family).address))
				out = append(out, v)
			}
		}
	}
	return out
}

// passOn sends from a node to the pod, with the address of the node.
func (w *world) passOn(v *way, node iface, at spot) {
	v.connect(node, node.over(w.family), at.pod, podPort)
	v.answer(at.pod.over(w.family), node.over(w.family), anyone())
}

// toNodes walks from a client to ports of the nodes.
func (w *world) toNodes(client netip.Addr) path.Verdict {
	var ways []way
	for _, at := range w.spots(w.web) {
		ways = append(ways, w.overNodes(way{}, at, peer{address: client}, func(node iface) (way, bool) { return w.arrive(client, node, nodePort), true })...)
	}
	if familyOf(client) != w.family {
		return path.Blocked
	}
	return verdict(ways)
}

// directly walks to a port of pods that have a public address: on the network of their
// node, or by IPv6.
func (w *world) directly(client netip.Addr) path.Verdict {
	var ways []way
	for _, at := range w.spots(w.web) {
		v := w.arrive(client, at.pod, podPort)
		v.pass(w.admitted(at, client))
		ways = append(ways, v)
	}
	return verdict(ways)
}

func (w *world) arrive(client netip.Addr, at iface, port int) way {
	var v way
	v.pass(client.Is6() && w.family == vpc.IPv6 || client.Is4() && at.subnet.public)
	v.pass(at.subnet.target(client) == "igw-1")
	v.pass(at.subnet.lets(false, peer{address: client}, port))
	v.pass(at.lets(false, peer{address: client}, port))
	v.answer(at.over(familyOf(client)), peer{address: client}, anyone())
	return v
}

// sends is the interface by which a pod leaves the VPC, and the ports that answers come
// back to.
func (w *world) sends(at spot, f vpc.Family) (by iface, ports [2]int) {
	rewritten := f == vpc.IPv4 && (w.family == vpc.IPv6 || w.snat && !at.own && !at.fargate)
	if rewritten || at.host && f == vpc.IPv4 {
		return at.node, anyone()
	}
	return at.pod, linux()
}

// toInternet walks from web to a public address.
func (w *world) toInternet(to netip.Addr) path.Verdict {
	var ways []way
	for _, at := range w.spots(w.web) {
		ways = append(ways, w.leave(at, to))
	}
	return verdict(ways)
}

func (w *world) leave(at spot, to netip.Addr) way {
	f := familyOf(to)
	by, ports := w.sends(at, f)
	source, outside := by.over(f), peer{address: to}
	var v way
	v.pass(f == vpc.IPv4 || w.family == vpc.IPv6)
	v.pass(at.host || !w.admits.silent)
	v.pass(by.lets(true, outside, outPort))
	v.pass(by.subnet.lets(true, outside, outPort))
	switch by.subnet.target(to) {
	case "igw-1":
		v.pass(to.Is6() || by.subnet.public && ports == anyone() && !at.fargate)
	case "eigw-1":
	case "nat-1":
		gateway := peer{subnet: w.natIn, address: w.natIn.blocks[0].Addr().Next()}
		if w.natIn != by.subnet {
			v.pass(w.natIn.lets(false, source, outPort))
		}
		v.pass(w.natIn.lets(true, outside, outPort))
		v.pass(w.natIn.target(to) == "igw-1")
		v.answer(outside, gateway, anyone())
		if w.natIn != by.subnet { // the answer still has the address of the destination
			v.toEach(ports, func(port int) bool { return w.natIn.lets(true, source, port) })
			v.toEach(ports, func(port int) bool { return by.subnet.lets(false, outside, port) })
		}
		return v
	default:
		v.pass(false)
	}
	v.answer(outside, source, ports)
	return v
}

// samples are public IPv4 addresses of each kind that rules tell apart, one of s3 first.
func samples() []netip.Addr {
	return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("100.0.0.1")}
}

// toService walks from web to s3 or sts.
func (w *world) toService(service string) path.Verdict {
	var ways []way
	for _, at := range w.spots(w.web) {
		by, ports := w.sends(at, vpc.IPv4)
		switch {
		case service == "sts" && w.endpoint != nil:
			if w.family == vpc.IPv4 {
				by, ports = at.pod, linux()
			}
			for _, s := range w.endpoint.subnets {
				var v way
				end := iface{s, w.endpoint.groups}
				v.pass(at.host || !w.admits.silent)
				v.connect(by, by.over(vpc.IPv4), end, outPort)
				v.answer(end.over(vpc.IPv4), by.over(vpc.IPv4), ports)
				ways = append(ways, v)
			}
		case service == "s3" && slices.Contains(w.gateway, by.subnet.table):
			outside := peer{address: samples()[0]}
			var v way
			v.pass(at.host || !w.admits.silent)
			v.pass(by.lets(true, outside, outPort))
			v.pass(by.subnet.lets(true, outside, outPort))
			v.answer(outside, by.over(vpc.IPv4), ports)
			ways = append(ways, v)
		default: // which addresses it has nobody tells
			var each []way
			for _, to := range samples() {
				each = append(each, w.leave(at, to))
			}
			for _, v := range each {
				if verdict([]way{v}) != verdict(each[:1]) {
					each = []way{{doubtful: true}}
				}
			}
			ways = append(ways, each...)
		}
	}
	return verdict(ways)
}

// between walks from web to db.
func (w *world) between() path.Verdict {
	var ways []way
	for _, from := range w.spots(w.web) {
		for _, to := range w.spots(w.db) {
			var inside, v way
			inside.pass(from.host || !w.admits.silent)
			v.pass(from.host || !w.admits.silent)
			if from.on == to.on && from.pod.subnet == to.pod.subnet && !from.fargate && !from.own && !to.own {
				ways = append(ways, inside)
			}
			v.connect(from.pod, from.pod.over(w.family), to.pod, podPort)
			v.answer(to.pod.over(w.family), from.pod.over(w.family), linux())
			ways = append(ways, v)
		}
	}
	return verdict(ways)
}
