package eks

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// The kinds of object that Objects takes.
const (
	KindLoadBalancer = "LoadBalancer"
	KindCluster      = "EKSCluster"
	// KindNodeGroup takes the NodePools of Karpenter as well.
	KindNodeGroup   = "NodeGroup"
	KindSubnet      = "Subnet"
	KindVPCEndpoint = "VPCEndpoint"
)

// IsKind reports whether a kind is one that Objects takes.
func IsKind(kind string) bool {
	return slices.Contains([]string{KindLoadBalancer, KindCluster, KindNodeGroup, KindSubnet, KindVPCEndpoint}, kind)
}

// Objects returns the objects of a kind, in the order of the input.
func (c *Cluster) Objects(kind string) []graph.Object {
	switch kind {
	case KindLoadBalancer:
		if !c.Known() {
			return nil
		}
		return objects(c.LoadBalancers())
	case KindCluster:
		if c.Config != nil {
			return []graph.Object{c}
		}
		return nil
	case KindNodeGroup:
		return objects(c.Nodes())
	case KindSubnet:
		return wrapped(KindSubnet, c.Network.Subnets(), (*vpc.Subnet).Meta)
	case KindVPCEndpoint:
		return wrapped(KindVPCEndpoint, c.Network.AWS().Endpoints, (*model.VPCEndpoint).Meta)
	default:
		return nil
	}
}

// ObjectsIn returns the objects of a kind that a change in some namespaces affects: the load
// balancers that are made there, and all of AWS itself.
func (c *Cluster) ObjectsIn(kind string, namespaces []string) []graph.Object {
	if kind != KindLoadBalancer || !c.Known() {
		return c.Objects(kind)
	}
	return objects(c.loadBalancersOf(func(kind string) []graph.Object { return c.Graph.ObjectsIn(kind, namespaces) }))
}

func objects[T graph.Object](list []T) []graph.Object {
	out := make([]graph.Object, len(list))
	for i, o := range list {
		out[i] = o
	}
	return out
}

// Of is an object of the AWS network as rules look at it.
type Of[T any] struct {
	Is   T
	kind string
	meta *model.AWSMeta
}

func wrapped[T any](kind string, list []T, meta func(T) *model.AWSMeta) []graph.Object {
	out := make([]graph.Object, len(list))
	for i, t := range list {
		out[i] = Of[T]{t, kind, meta(t)}
	}
	return out
}

// Ref implements graph.Object.
func (o Of[T]) Ref() model.Ref { return derived(o.kind, o.meta.Title()) }

// Resource implements graph.Object: no manifest holds it.
func (o Of[T]) Resource() *model.Resource { return nil }

func derived(kind, name string) model.Ref {
	return model.Ref{Group: model.GroupDerived, Kind: kind, Name: name}
}

// Ref implements graph.Object.
func (lb *LoadBalancer) Ref() model.Ref { return derived(KindLoadBalancer, lb.Title) }

// Resource implements graph.Object: the manifest that the load balancer is made of.
func (lb *LoadBalancer) Resource() *model.Resource { return lb.Of.Resource() }

// Ref implements graph.Object.
func (n *NodeGroup) Ref() model.Ref { return derived(KindNodeGroup, n.AWSMeta.Title()) }

// Resource implements graph.Object: no manifest holds it.
func (n *NodeGroup) Resource() *model.Resource { return nil }

// Ref implements graph.Object.
func (c *Cluster) Ref() model.Ref { return derived(KindCluster, c.Config.AWSMeta.Title()) }

// Resource implements graph.Object: no manifest holds it.
func (c *Cluster) Resource() *model.Resource { return nil }
