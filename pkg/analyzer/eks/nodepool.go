package eks

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Nodes are the node groups, and the NodePools that are known.
func (c *Cluster) Nodes() []*NodeGroup { return slices.Concat(c.NodeGroups, c.Pools) }

// addPools resolves the NodePools of Karpenter and of EKS Auto Mode: an EC2NodeClass or
// a NodeClass selects the subnets and the security groups of their nodes.
// https://karpenter.sh/docs/concepts/nodeclasses/
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
func (c *Cluster) addPools() {
	for _, pool := range c.Graph.NodePools() {
		n, why := c.pool(pool)
		if c.PoolsUnknown = cmp.Or(c.PoolsUnknown, why); why == "" {
			c.Pools = append(c.Pools, n)
		}
	}
}

// terms select the subnets and the groups of the nodes of a class.
type terms struct {
	class           string
	subnets, groups []model.SelectorTerm
}

// termsOf reads the class of a NodePool; found is unset where it does not tell them all.
func termsOf(r *model.Resource) (t terms, found bool) {
	t.class = r.Ref.Kind + " " + r.Ref.Name
	for _, list := range []string{"subnetSelectorTerms", "securityGroupSelectorTerms", "podSubnetSelectorTerms", "podSecurityGroupSelectorTerms"} {
		if r.IsUnknown("spec", list) {
			return t, false
		}
	}
	switch class := r.Object.(type) {
	case *model.EC2NodeClass:
		t.subnets, t.groups = class.Spec.SubnetSelectorTerms, class.Spec.SecurityGroupSelectorTerms
	case *model.NodeClass:
		t.subnets, t.groups = class.Spec.SubnetSelectorTerms, class.Spec.SecurityGroupSelectorTerms
	default:
		return t, false
	}
	return t, true
}

func (c *Cluster) pool(pool *graph.NodePool) (*NodeGroup, string) {
	name := pool.Ref().Name
	if pool.Class == nil {
		return nil, "the class of the nodes of NodePool " + name + " is not in the input"
	}
	t, found := termsOf(pool.Class)
	if !found || pool.Resource().IsUnknown("spec", "template") {
		return nil, "NodePool " + name + " makes nodes whose subnets and security groups are not resolved"
	}
	at := pool.Resource().Locate(model.Path{"spec"}, model.PartKey)
	out := &NodeGroup{
		NodeGroup: &model.NodeGroup{
			AWSMeta: model.AWSMeta{Name: name, Address: "NodePool/" + name, At: at}, SelfManaged: true,
			Labels: labelsOf(pool, at), Taints: taintsOf(pool, at),
		},
		family: c.Family, Pool: pool, TemplateUnknown: "the launch template of NodePool " + name + " is not written",
	}
	if out.autoModeClass() != nil {
		out.Labels.Values["eks.amazonaws.com/compute-type"] = model.Known("auto", at)
	}
	var why string
	if out.Subnets, why = c.selectedSubnets(t.subnets, t.class, zonesOf(pool)); why != "" {
		return nil, why
	}
	if out.Groups = c.selectedGroups(t.groups); len(out.Groups.Known) == 0 {
		return nil, "the security groups of " + t.class + " are not among those of the input"
	}
	return out, ""
}

// autoModeClass is the NodeClass of EKS Auto Mode; nil for other nodes.
func (n *NodeGroup) autoModeClass() *model.NodeClass {
	if n.Pool == nil || n.Pool.Class == nil {
		return nil
	}
	class, _ := n.Pool.Class.Object.(*model.NodeClass)
	return class
}

// autoModeNetwork is where a NodeClass puts pods: beside their node, or into the subnet
// of its zone and the groups that it selects for them.
func (c *Cluster) autoModeNetwork(class *model.NodeClass, n *NodeGroup, s *vpc.Subnet) (PodNetwork, string) {
	beside, name := PodNetwork{s, n.Groups}, "NodeClass "+n.Pool.Class.Ref.Name
	if len(class.Spec.PodSubnetSelectorTerms) == 0 {
		return beside, ""
	}
	zone, known := s.AvailabilityZone.Get()
	if !known {
		return beside, "the zone of subnet " + s.Title() + " is not known"
	}
	subnets, why := c.selectedSubnets(class.Spec.PodSubnetSelectorTerms, name, []string{zone})
	groups := c.selectedGroups(class.Spec.PodSecurityGroupSelectorTerms)
	switch {
	case why != "":
		return beside, why
	case len(subnets) > 1:
		return beside, "which of the subnets that " + name + " selects a pod gets is not known"
	case len(groups.Known) == 0:
		return beside, "the security groups that " + name + " selects for pods are not among those of the input"
	}
	return PodNetwork{subnets[0], groups}, ""
}

// labelsOf are the labels of the nodes. Karpenter gives others, by the instance and
// by what pods ask for.
func labelsOf(pool *graph.NodePool, at model.Span) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}, Missing: "what makes the nodes of NodePool " + pool.Ref().Name + " labels them, too"}
	for key, value := range pool.Spec().Template.Metadata.Labels {
		out.Values[key] = model.Known(value, at)
	}
	for _, r := range pool.Spec().Template.Spec.Requirements {
		if r.Operator == string(corev1.NodeSelectorOpIn) && len(r.Values) == 1 {
			out.Values[r.Key] = model.Known(r.Values[0], at)
		}
	}
	out.Values["karpenter.sh/nodepool"] = model.Known(pool.Ref().Name, at)
	return out
}

func taintsOf(pool *graph.NodePool, at model.Span) []model.NodeTaint {
	var out []model.NodeTaint
	for _, t := range pool.Spec().Template.Spec.Taints {
		out = append(out, model.NodeTaint{
			Key: model.Known(t.Key, at), Value: model.Known(t.Value, at), Effect: model.Known(string(t.Effect), at), At: at,
		})
	}
	return out
}

// zonesOf are the zones to which a pool is bound; none when it is bound to none.
func zonesOf(pool *graph.NodePool) []string {
	for _, r := range pool.Spec().Template.Spec.Requirements {
		if r.Key == corev1.LabelTopologyZone && r.Operator == string(corev1.NodeSelectorOpIn) {
			return r.Values
		}
	}
	return nil
}

// selectedSubnets are those that the terms match. Where the input may lack subnets or
// tags of the VPC, there may be others.
func (c *Cluster) selectedSubnets(terms []model.SelectorTerm, class string, zones []string) (out []*vpc.Subnet, why string) {
	if c.VPC == nil || !c.VPC.Observed && !c.VPC.CreatedHere {
		return nil, "the input may not show every subnet that " + class + " selects"
	}
	for _, s := range c.Network.Subnets() {
		match := selects(terms, &s.AWSMeta, "")
		zone, known := s.AvailabilityZone.Get()
		if match == model.Unknown || match == model.Yes && s.Conditional != "" || len(zones) > 0 && !known {
			return nil, "whether " + class + " selects subnet " + s.Title() + " is not known"
		}
		if match == model.Yes && (len(zones) == 0 || slices.Contains(zones, zone)) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, "the subnets of " + class + " are not among those of the input"
	}
	return out, ""
}

func (c *Cluster) selectedGroups(terms []model.SelectorTerm) vpc.Groups {
	return c.Network.Select(func(g *vpc.SecurityGroup) model.Tri {
		name, known := g.GroupName.Get()
		if !known {
			name = ""
		}
		out := selects(terms, &g.AWSMeta, name)
		if g.Conditional != "" { // it is perhaps not made
			out = out.And(model.Unknown)
		}
		return out
	})
}

// selects answers whether one of the terms matches a resource.
func selects(terms []model.SelectorTerm, m *model.AWSMeta, groupName string) model.Tri {
	out := model.No
	for _, t := range terms {
		match := model.TriOf(t.ID != "" || t.Name != "" || len(t.Tags) > 0)
		if t.ID != "" {
			match = match.And(model.TriOf(t.ID == m.ID)) // what is still to be made has none
		}
		if t.Name != "" {
			match = match.And(named(t.Name, groupName))
		}
		for key, value := range t.Tags {
			tag, found := m.Tags.Get(key)
			text, known := tag.Get()
			switch {
			case value == "*":
				match = match.And(found)
			case found == model.Yes && !known:
				match = match.And(model.Unknown)
			default:
				match = match.And(found.And(model.TriOf(text == value)))
			}
		}
		out = out.Or(match)
	}
	return out
}

// named compares the name of a group, which is empty when it is not known.
func named(want, got string) model.Tri {
	if got == "" {
		return model.Unknown
	}
	return model.TriOf(want == got)
}
