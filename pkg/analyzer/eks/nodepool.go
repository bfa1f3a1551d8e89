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

// addPools resolves the NodePools of Karpenter: an EC2NodeClass selects the subnets
// and the security groups of their nodes.
// https://karpenter.sh/docs/concepts/nodeclasses/
func (c *Cluster) addPools() {
	for _, pool := range c.Graph.NodePools() {
		n, why := c.pool(pool)
		if c.PoolsUnknown = cmp.Or(c.PoolsUnknown, why); why == "" {
			c.Pools = append(c.Pools, n)
		}
	}
}

func (c *Cluster) pool(pool *graph.NodePool) (*NodeGroup, string) {
	name := pool.Ref().Name
	if pool.Class == nil {
		return nil, "the class of the nodes of NodePool " + name + " is not in the input"
	}
	class, ok := pool.Class.Object.(*model.EC2NodeClass)
	unknown := pool.Resource().IsUnknown("spec", "template") || pool.Class.IsUnknown("spec", "subnetSelectorTerms") ||
		pool.Class.IsUnknown("spec", "securityGroupSelectorTerms")
	if !ok || unknown {
		return nil, "NodePool " + name + " makes nodes whose subnets and security groups are not resolved"
	}
	at := pool.Resource().Locate(model.Path{"spec"}, model.PartKey)
	out := &NodeGroup{
		NodeGroup: &model.NodeGroup{
			AWSMeta: model.AWSMeta{Name: name, Address: "NodePool/" + name, At: at}, SelfManaged: true,
			Labels: labelsOf(pool, at), Taints: taintsOf(pool, at),
		},
		family: c.Family, Pool: pool, TemplateUnknown: "Karpenter makes the launch template of NodePool " + name,
	}
	var why string
	if out.Subnets, why = c.selectedSubnets(class, pool.Class.Ref.Name, zonesOf(pool)); why != "" {
		return nil, why
	}
	out.Groups = c.selectedGroups(class)
	if len(out.Groups.Known) == 0 {
		return nil, "the security groups of EC2NodeClass " + pool.Class.Ref.Name + " are not among those of the input"
	}
	return out, ""
}

// labelsOf are the labels of the nodes. Karpenter gives others, by the instance and
// by what pods ask for.
func labelsOf(pool *graph.NodePool, at model.Span) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}, Missing: "Karpenter labels the nodes of NodePool " + pool.Ref().Name}
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
func (c *Cluster) selectedSubnets(class *model.EC2NodeClass, name string, zones []string) (out []*vpc.Subnet, why string) {
	if c.VPC == nil || !c.VPC.Observed && !c.VPC.CreatedHere {
		return nil, "the input may not show every subnet that EC2NodeClass " + name + " selects"
	}
	for _, s := range c.Network.Subnets() {
		match := selects(class.Spec.SubnetSelectorTerms, &s.AWSMeta, "")
		zone, known := s.AvailabilityZone.Get()
		if match == model.Unknown || match == model.Yes && s.Conditional != "" || len(zones) > 0 && !known {
			return nil, "whether EC2NodeClass " + name + " selects subnet " + s.Title() + " is not known"
		}
		if match == model.Yes && (len(zones) == 0 || slices.Contains(zones, zone)) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, "the subnets of EC2NodeClass " + name + " are not among those of the input"
	}
	return out, ""
}

func (c *Cluster) selectedGroups(class *model.EC2NodeClass) vpc.Groups {
	return c.Network.Select(func(g *vpc.SecurityGroup) model.Tri {
		name, known := g.GroupName.Get()
		if !known {
			name = ""
		}
		return selects(class.Spec.SecurityGroupSelectorTerms, &g.AWSMeta, name)
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
