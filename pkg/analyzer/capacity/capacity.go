// Package capacity compares the addresses and the pods that a cluster asks for
// with what its subnets and its nodes hold.
package capacity

import (
	"sync"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// Range are the bounds of a number.
type Range struct{ Low, High int }

// add adds another number.
func (r Range) add(o Range) Range { return Range{r.Low + o.Low, r.High + o.High} }

// times multiplies two numbers.
func (r Range) times(o Range) Range { return Range{r.Low * o.Low, r.High * o.High} }

// join are the bounds of either number.
func (r Range) join(o Range) Range { return Range{min(r.Low, o.Low), max(r.High, o.High)} }

// Size is a size of all node groups.
type Size int

// The sizes.
const (
	// Desired is the size that the groups have now, or are made with.
	Desired Size = iota
	// Max is the largest size that the groups may have.
	Max
	// Update is Max with the nodes that an update of a managed node group adds.
	Update
	sizes
)

// Report is the capacity of a cluster.
type Report struct {
	Cluster  *eks.Cluster
	Settings Settings
	Groups   []*Group
	// Subnets are those in which nodes, their pods, the control plane or load
	// balancers have addresses.
	Subnets []*Subnet
	Pools   []Pool
	// Demands counts pods when it is first asked.
	Demands func() []Demand
	// Uncounted says which nodes, pods and addresses the numbers leave out.
	Uncounted []string
}

// Kinds names, as graph.Objects does, the kinds in namespaces on which a Report rests.
func Kinds() []string {
	return append(PodKinds(), model.KindIngress.Kind, model.KindService.Kind)
}

// PodKinds are those of Kinds on which what it says of pods rests, which is all but the
// addresses of load balancers.
func PodKinds() []string {
	return []string{graph.KindWorkload, graph.KindName(model.KindHorizontalPodAutoscaler), graph.KindName(model.KindSecurityGroupPolicy)}
}

// New counts the capacity of a cluster.
func New(c *eks.Cluster) *Report {
	r := &Report{Cluster: c, Settings: settings(c)}
	for _, n := range c.NodeGroups {
		r.Groups = append(r.Groups, r.group(n))
	}
	r.addSubnets()
	r.addPools()
	r.Demands = sync.OnceValue(r.demands)
	for _, pool := range c.Graph.NodePools() {
		r.Uncounted = append(r.Uncounted, "the nodes that NodePool "+pool.Ref().Name+" makes")
	}
	if c.Config != nil && c.Config.AutoMode.Is(func(on bool) bool { return on }) == model.Yes {
		r.Uncounted = append(r.Uncounted, "the nodes that EKS Auto Mode makes")
	}
	return r
}
