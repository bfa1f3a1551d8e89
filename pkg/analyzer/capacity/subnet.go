package capacity

import (
	"cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// reserved is how many addresses of a subnet AWS keeps:
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const reserved = 5

// Subnet is what is asked of a subnet.
type Subnet struct {
	*vpc.Subnet
	// Usable is how many addresses it has for use.
	Usable model.Value[int]
	// Room is how many there are for what Needs counts. Where AWS was asked these
	// are the addresses that are free, and the nodes that there are, load balancers
	// and the control plane have theirs; else all that are usable.
	Room model.Value[int]
	// Asked is set where AWS was asked.
	Asked bool
	// Others are those besides nodes and pods that take addresses; empty where AWS
	// was asked.
	Others []Use
	// Needs are the addresses that are taken of the Room, by size.
	Needs [sizes]Range
	// Forecasts say how far the groups in the subnet can grow.
	Forecasts []Forecast
	// Unknown says why Needs are not known.
	Unknown string
	shares  []share
}

// Use is something that takes addresses.
type Use struct {
	Name      string
	Addresses Range
}

// Forecast is how far one group can grow until a subnet is full, while the others
// keep the size that is desired.
type Forecast struct {
	Group *Group
	// Nodes is the number of nodes that fit into the Room, each full of pods, and
	// Pods the number of pods of these.
	Nodes int
	Pods  Range
}

// share is what the nodes of a group take of one subnet.
type share struct {
	group  *Group
	subnet *vpc.Subnet
	// each is what a node takes that lies in one of a zone's subnets, from.
	each Range
	from *vpc.Subnet
}

// nodes is how many nodes of the group take their part when there are n in all.
func (s share) nodes(n int) Range { return s.group.nodesIn(s.from, n) }

// shares are those of every group: a node takes addresses of its own subnet and,
// under custom networking, of that of its ENIConfig.
func (r *Report) shares() []share {
	var out []share
	for _, g := range r.Groups {
		for _, s := range g.Subnets {
			out = append(out, share{g, s, g.OwnSubnet, s})
			if r.Settings.CustomNetworking {
				network, _ := r.Cluster.PodNetwork(g.NodeGroup, s)
				out = append(out, share{g, network.Subnet, g.PodSubnet, s})
			}
		}
	}
	return out
}

// addSubnets adds the subnets in the order of the input.
func (r *Report) addSubnets() {
	others, shares := r.others(), r.shares()
	for _, s := range r.Cluster.Network.Subnets() {
		out := &Subnet{Subnet: s, Others: others[s]}
		for _, share := range shares {
			if share.subnet == s {
				out.shares = append(out.shares, share)
			}
		}
		if len(out.shares) == 0 && len(out.Others) == 0 {
			continue
		}
		out.size()
		for _, share := range out.shares {
			out.addNeeds(share)
		}
		out.forecast()
		r.Subnets = append(r.Subnets, out)
	}
}

// size counts the addresses of a subnet.
func (s *Subnet) size() {
	block, known := s.CIDR.Get()
	switch {
	case !known:
		s.Usable = model.Open[int](s.CIDR.Why(), s.CIDR.Span())
	case !block.IsValid() || !block.Addr().Is4():
		s.Usable = model.Known(0, s.CIDR.Span())
	default:
		s.Usable = model.Known(max(1<<(block.Addr().BitLen()-block.Bits())-reserved, 0), s.CIDR.Span())
	}
	s.Room = s.Usable
	if _, s.Asked = s.FreeIPs.Get(); s.Asked {
		s.Room, s.Others = s.FreeIPs, nil
	}
	for size := range s.Needs {
		for _, use := range s.Others {
			s.Needs[size] = s.Needs[size].add(use.Addresses)
		}
	}
}

// addNeeds adds what the nodes of a group take.
func (s *Subnet) addNeeds(part share) {
	s.Unknown = cmp.Or(s.Unknown, part.group.Unknown)
	for size := range s.Needs {
		n, known := part.group.Nodes[size].Get()
		if !known {
			s.Unknown = cmp.Or(s.Unknown, "the size of "+part.group.Title()+" is not known")
			continue
		}
		nodes := part.nodes(n)
		if s.Asked {
			// Nodes that exist have addresses, and may take more when pods come.
			now, _ := part.group.Nodes[Desired].Get()
			existing := part.nodes(now)
			nodes = Range{max(nodes.Low-existing.High, 0), max(nodes.High-existing.High, 0)}
			s.Needs[size].High += existing.High * (part.each.High - part.each.Low)
		}
		s.Needs[size] = s.Needs[size].add(nodes.times(part.each))
	}
}

// forecast counts how many nodes of each group fit.
func (s *Subnet) forecast() {
	room, known := s.Room.Get()
	if !known || s.Unknown != "" {
		return
	}
	for _, part := range s.shares {
		left := room - s.Needs[Desired].High
		desired, _ := part.group.Nodes[Desired].Get()
		if !s.Asked {
			left += part.nodes(desired).times(part.each).High
		}
		nodes := max(left, 0) / max(part.each.High, 1)
		s.Forecasts = append(s.Forecasts, Forecast{Group: part.group, Nodes: nodes, Pods: Range{nodes, nodes}.times(part.group.Pods)})
	}
}

// others are those that take addresses besides nodes and pods, as far as the
// input tells. Those of the control plane lie in two or more of its subnets:
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets
// A load balancer needs eight free addresses in each of its subnets:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
func (r *Report) others() map[*vpc.Subnet][]Use {
	out := map[*vpc.Subnet][]Use{}
	add := func(name string, addresses Range, subnets ...*vpc.Subnet) {
		for _, s := range subnets {
			out[s] = append(out[s], Use{name, addresses})
		}
	}
	of := func(links []model.Link, origin string) []*vpc.Subnet {
		subnets, _ := r.Cluster.Network.SubnetsOf(links, origin)
		return subnets
	}
	if c := r.Cluster.Config; c != nil {
		add("the control plane", Range{0, 4}, of(c.Subnets, c.Origin)...)
	}
	for _, lb := range r.Cluster.LoadBalancers() {
		for _, side := range lb.Fronts {
			add("the "+lb.Title, Range{1, eks.LoadBalancerAddresses}, side.Subnet)
		}
	}
	for _, n := range r.Cluster.Network.AWS().NATGateways {
		add("NAT gateway "+n.Title(), Range{1, 1}, of([]model.Link{n.Subnet}, n.Origin)...)
	}
	for _, e := range r.Cluster.Network.AWS().Endpoints {
		if e.Type.Is(func(kind string) bool { return kind == eks.EndpointInterface }) == model.Yes {
			add("VPC endpoint "+e.Title(), Range{1, 1}, of(e.Subnets, e.Origin)...)
		}
	}
	return out
}

// Part is what a group takes of one subnet.
type Part struct {
	// Node is what one node takes there.
	Node Range
	// Desired is the number of nodes there at desired size.
	Desired Range
}

// PartOf is what the nodes of a group in the subnet take of it.
func (s *Subnet) PartOf(n *eks.NodeGroup) Part {
	for _, part := range s.shares {
		if part.group.NodeGroup == n && part.from == s.Subnet && part.subnet == s.Subnet {
			desired, _ := n.Desired.Get()
			return Part{Node: part.each, Desired: part.nodes(desired)}
		}
	}
	return Part{}
}
