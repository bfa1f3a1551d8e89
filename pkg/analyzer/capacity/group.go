package capacity

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Group is what the nodes of a node group hold and take.
type Group struct {
	*eks.NodeGroup
	// Types are the instance types, written at TypesAt.
	Types   []string
	TypesAt model.Span
	// GivenPods is the number of pods that the kubelet is told to take, open when
	// it is not told. Holds is the number that has addresses.
	GivenPods model.Value[int]
	Holds     Range
	// Pods is how many pods a node takes, and System how many of these are pods of
	// DaemonSets. HostPods are those DaemonSets of the input that use the address of
	// the node.
	Pods, System Range
	HostPods     int
	// OwnSubnet is how many addresses a node takes of its subnet: from those of a
	// node that has no pods but of DaemonSets to those of one that is full.
	// PodSubnet is how many it takes of the subnet of its ENIConfig.
	OwnSubnet, PodSubnet Range
	// Nodes are the numbers of nodes by size, open where they are not known.
	Nodes [sizes]model.Value[int]
	// Unknown says why the numbers are not known.
	Unknown string
}

func (r *Report) group(n *eks.NodeGroup) *Group {
	g := &Group{NodeGroup: n, Unknown: r.Settings.Unknown, GivenPods: givenPods(n)}
	g.Nodes = [sizes]model.Value[int]{n.Desired, n.Max, g.updated()}
	hostPods, vpcPods := r.daemons(n)
	var nodes []ipam.Node
	for _, kind := range instanceTypes(n) {
		name, known := kind.Get()
		limits, listed := ipam.LimitsOf(name)
		switch {
		case !known:
			g.Unknown = cmp.Or(g.Unknown, kind.Why())
		case !listed:
			g.Unknown = cmp.Or(g.Unknown, "the limits of instance type "+name+" are not known")
		}
		g.Types = append(g.Types, name)
		g.TypesAt = kind.Span()
		nodes = append(nodes, ipam.Node{Limits: limits, Settings: r.Settings.Settings})
	}
	if g.Unknown = cmp.Or(g.Unknown, g.SubnetsUnknown, r.podNetworkUnknown(n)); g.Unknown != "" {
		return g
	}
	g.HostPods = hostPods
	g.System = Range{hostPods + vpcPods, max(hostPods, ipam.NodeNetworkPods) + vpcPods}
	for i, node := range nodes {
		first := i == 0
		g.addType(node, r.Settings.IPv6, vpcPods, first)
	}
	return g
}

// podNetworkUnknown says why the subnets of the pods are not known.
func (r *Report) podNetworkUnknown(n *eks.NodeGroup) string {
	if r.Settings.IPv6 {
		return ""
	}
	for _, s := range n.Subnets {
		if _, why := r.Cluster.PodNetwork(n, s); why != "" {
			return why
		}
	}
	return ""
}

// addType adds what a node of one type holds and takes.
func (g *Group) addType(node ipam.Node, ipv6 bool, vpcPods int, first bool) {
	pods := g.podsOf(node, ipv6)
	node.MaxPods = pods.High
	idle, full := node.Take(vpcPods), node.Take(pods.High-ipam.NodeNetworkPods)
	holds := Range{node.Holds(), node.Holds()}
	own, other := Range{idle.Node, full.Node}, Range{idle.Pods, full.Pods}
	if ipv6 {
		own, other, holds = Range{1, 1}, Range{}, pods
	}
	if !first {
		pods, holds, own, other = g.Pods.join(pods), g.Holds.join(holds), g.OwnSubnet.join(own), g.PodSubnet.join(other)
	}
	g.Pods, g.Holds, g.OwnSubnet, g.PodSubnet = pods, holds, own, other
}

// podsOf is how many pods a node takes: as many as it is told, or as have
// addresses. EKS bounds the number on managed nodes of its own images; with
// prefixes and custom networking it depends on the image whether the settings of
// the VPC CNI are taken into account.
// https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
func (g *Group) podsOf(node ipam.Node, ipv6 bool) Range {
	plain := ipam.Node{Limits: node.Limits}.Holds()
	out := Range{min(plain, node.Holds()), max(plain, node.Holds())}
	if ipv6 {
		out.High = max(out.High, node.RecommendedPods)
	}
	if n, known := g.GivenPods.Get(); known {
		return Range{n, n}
	}
	if limit := node.RecommendedPods; limit > 0 && !g.SelfManaged && !g.hasOwnImage() {
		out = Range{min(out.Low, limit), min(out.High, limit)}
	}
	return out
}

func (g *Group) hasOwnImage() bool {
	if g.Template == nil {
		return g.TemplateUnknown != ""
	}
	image, known := g.Template.ImageID.Get()
	return !known || image != ""
}

// instanceTypes are those of the group, or that of its launch template.
func instanceTypes(n *eks.NodeGroup) []model.Value[string] {
	switch {
	case len(n.InstanceTypes) > 0:
		return n.InstanceTypes
	case n.Template != nil:
		return []model.Value[string]{n.Template.InstanceType}
	case n.TemplateUnknown != "":
		return []model.Value[string]{model.Open[string](n.TemplateUnknown, n.At)}
	default:
		return []model.Value[string]{model.Open[string]("the instance types of "+n.Title()+" are not written", n.At)}
	}
}

// maxPods is how the kubelet, nodeadm and Bottlerocket are told a number of pods.
var maxPods = regexp.MustCompile(`(?i)\bmax-?pods["']?\s*[=: ]\s*["']?(\d+)\b`)

// givenPods is the number of pods that the user data of the nodes gives.
func givenPods(n *eks.NodeGroup) model.Value[int] {
	if n.Template == nil {
		return model.Open[int](cmp.Or(n.TemplateUnknown, "nothing gives a number"), n.At)
	}
	script, known := n.Template.UserData.Get()
	at := n.Template.UserData.Span()
	if !known {
		return model.Open[int](n.Template.UserData.Why(), at)
	}
	found := maxPods.FindAllStringSubmatch(script, -1)
	if len(found) != 1 {
		return model.Open[int]("the user data does not give one number", at)
	}
	number, err := strconv.Atoi(found[0][1])
	if err != nil || number > 1000 {
		return model.Open[int]("the user data gives a number that no node can have", at)
	}
	return model.Known(number, at)
}

// daemons counts the DaemonSets whose pods run on every node of a group: those
// with the address of the node, and those with one of the VPC.
func (r *Report) daemons(n *eks.NodeGroup) (onHost, onVPC int) {
	for _, o := range r.Cluster.Graph.Objects(graph.KindWorkload) {
		w, ok := o.(*graph.Workload)
		if !ok || w.Ref().GroupKind() != model.KindDaemonSet || r.Cluster.Takes(n, w) != model.Yes {
			continue
		}
		if w.HostNetwork() {
			onHost++
		} else {
			onVPC++
		}
	}
	return onHost, onVPC
}

// updated is the size of a group that is updated at its largest. EKS adds up to
// two nodes a zone, or as many as may be unavailable where that is more:
// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
func (g *Group) updated() model.Value[int] {
	size, known := g.Max.Get()
	if !known || g.SelfManaged {
		return g.Max
	}
	zones, _ := g.zones()
	surge := max(2*len(zones), 1)
	if n, known := g.MaxUnavailable.Get(); known {
		surge = max(surge, n)
	}
	if percent, known := g.MaxUnavailablePercentage.Get(); known {
		surge = max(surge, (size*percent+99)/100)
	}
	return model.Known(size+surge, g.Max.Span())
}

// zones are the subnets of the group by zone, and whether all zones are known; a
// subnet whose zone is not is counted as one of its own.
func (g *Group) zones() (zones map[string][]*vpc.Subnet, known bool) {
	zones, known = map[string][]*vpc.Subnet{}, true
	for _, s := range g.Subnets {
		zone, ok := s.AvailabilityZone.Get()
		if !ok {
			zone, known = s.Title(), false
		}
		zones[zone] = append(zones[zone], s)
	}
	return zones, known
}

// nodesIn is how many of n nodes lie in a subnet. Auto Scaling balances them over
// the zones:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html
func (g *Group) nodesIn(s *vpc.Subnet, n int) Range {
	zones, known := g.zones()
	if !known && len(g.Subnets) > 1 {
		return Range{0, n}
	}
	out := Range{n / len(zones), (n + len(zones) - 1) / len(zones)}
	for _, subnets := range zones {
		if len(subnets) > 1 && slices.Contains(subnets, s) {
			out.Low = 0
		}
	}
	return out
}
