package eks

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// PodsOf are the workloads to whose pods a SecurityGroupPolicy certainly gives
// security groups, and whether it may give them to others.
func (c *Cluster) PodsOf(r *model.Resource) (certain []*graph.Workload, others bool) {
	policy, ok := r.Object.(*model.SecurityGroupPolicy)
	ns := c.Graph.Namespace(r.Ref.Namespace)
	if !ok || ns == nil {
		return nil, true
	}
	for _, w := range ns.Workloads {
		switch c.selects(policy, r, w) {
		case model.Yes:
			certain = append(certain, w)
		case model.Unknown:
			others = true
		case model.No:
		}
	}
	return certain, others
}

// GroupsOf are the security groups that a SecurityGroupPolicy gives to its pods.
func (c *Cluster) GroupsOf(r *model.Resource) vpc.Groups {
	policy, ok := r.Object.(*model.SecurityGroupPolicy)
	if !ok {
		return vpc.Groups{Unknown: "the policy cannot be read"}
	}
	return c.groupsOf(policy, r)
}

// BranchPlaces are the places of pods where all have security groups of their own
// on nodes and all are known; none otherwise.
func (c *Cluster) BranchPlaces(w *graph.Workload) []Place {
	places, why := c.Places(w)
	for _, p := range places {
		if !p.Branch {
			return nil
		}
	}
	if why != "" {
		return nil
	}
	return places
}
