package eks

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Cluster is a cluster with its AWS side. It is immutable and safe for concurrent
// use.
type Cluster struct {
	Graph   *graph.Graph
	Network *vpc.Network
	// Config is the control plane; nil when the input shows none, or several of
	// which none has the cluster's name. Unknown then says which.
	Config  *model.EKSCluster
	Unknown string
	// VPC is that of the control plane; nil when it is not known.
	VPC *vpc.VPC
	// Family is that of the addresses of pods. Where it is not known, and
	// FamilyUnknown says so, it is IPv4.
	Family        vpc.Family
	FamilyUnknown string
	// NodeGroups and Profiles are those of the cluster.
	NodeGroups []*NodeGroup
	Profiles   []*model.FargateProfile
	// Pools are the NodePools of Karpenter and of EKS Auto Mode whose subnets and
	// security groups are known, as node groups without sizes; PoolsUnknown says why
	// there are others.
	Pools        []*NodeGroup
	PoolsUnknown string
	// What many rules ask for is derived when it is first asked for.
	podSubnets    func() podSubnets
	loadBalancers func() []*LoadBalancer
	// loadBalancerOf has the load balancers by what they are made of.
	loadBalancerOf sync.Map
}

// New joins a graph with the AWS side of its snapshot.
func New(g *graph.Graph) *Cluster { return Over(g, vpc.New(g.Snapshot().AWS())) }

// Over joins a graph with the network of the AWS side of its snapshot.
func Over(g *graph.Graph, network *vpc.Network) *Cluster {
	aws := network.AWS()
	c := &Cluster{Graph: g, Network: network}
	c.Config, c.Unknown = config(aws, g.Snapshot().Scope().Name)
	if c.Config != nil {
		c.VPC = c.vpcOf(c.Config)
	}
	c.Family, c.FamilyUnknown = c.family()
	for _, n := range aws.NodeGroups {
		if c.owns(n.Cluster) {
			c.NodeGroups = append(c.NodeGroups, c.nodeGroup(n))
		}
	}
	for _, p := range aws.FargateProfiles {
		if c.owns(p.Cluster) {
			c.Profiles = append(c.Profiles, p)
		}
	}
	c.addPools()
	c.podSubnets = sync.OnceValue(c.readPodSubnets)
	c.loadBalancers = sync.OnceValue(c.readLoadBalancers)
	return c
}

// Known reports whether the input has an AWS side.
func (c *Cluster) Known() bool { return !c.Network.AWS().IsEmpty() }

// config finds the control plane among those of the input: the only one, or the
// one of that name.
func config(aws *model.AWS, name string) (*model.EKSCluster, string) {
	switch len(aws.Clusters) {
	case 0:
		return nil, "the input shows no EKS cluster"
	case 1:
		return aws.Clusters[0], ""
	}
	for _, c := range aws.Clusters {
		if got, known := c.ClusterName.Get(); known && got == name {
			return c, ""
		}
	}
	return nil, fmt.Sprintf("the input shows %d EKS clusters, none with the name %s", len(aws.Clusters), name)
}

// owns reports whether something that names a cluster may be of this one.
func (c *Cluster) owns(cluster model.Value[string]) bool {
	if c.Config == nil {
		return len(c.Network.AWS().Clusters) == 0
	}
	own, ownKnown := c.Config.ClusterName.Get()
	name, known := cluster.Get()
	return !ownKnown || !known || own == name
}

// vpcOf is the VPC that a control plane names, or that of its subnets.
func (c *Cluster) vpcOf(config *model.EKSCluster) *vpc.VPC {
	for _, v := range c.Network.VPCs() {
		if config.VPC.LeadsTo(v.Meta(), config.Origin) == model.Yes {
			return v
		}
	}
	subnets, _ := c.Network.SubnetsOf(config.Subnets, config.Origin)
	for _, s := range subnets {
		if s.VPC != nil {
			return s.VPC
		}
	}
	return nil
}

// clusterGroups is the cluster security group.
func (c *Cluster) clusterGroups() vpc.Groups {
	if c.Config == nil {
		return vpc.Groups{Unknown: c.Unknown}
	}
	return c.Network.Groups([]model.Link{c.Config.ClusterSecurityGroup}, c.Config.Origin)
}

// family is that of the addresses of pods, which EKS gives one family:
// https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html
// Where the cluster does not tell, it is IPv4 if no subnet has a block of IPv6.
func (c *Cluster) family() (vpc.Family, string) {
	six := model.Unknown
	if c.Config != nil {
		six = c.Config.IPFamily.Is(func(family string) bool { return strings.EqualFold(family, "ipv6") })
	}
	blocks := slices.ContainsFunc(c.Network.Subnets(), func(s *vpc.Subnet) bool {
		return c.mayHold(s.VPC) && s.Has(vpc.IPv6) != model.No
	})
	switch {
	case six == model.Yes && blocks:
		return vpc.IPv6, ""
	case six == model.Yes:
		return vpc.IPv4, "the cluster gives pods IPv6 addresses, and its subnets have none"
	case six == model.Unknown && blocks:
		return vpc.IPv4, "whether the cluster gives pods IPv4 or IPv6 addresses is not known"
	default:
		return vpc.IPv4, ""
	}
}
