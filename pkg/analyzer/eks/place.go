package eks

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Place is one way in which the pods of a workload may lie in the network.
type Place struct {
	// Nodes names the nodes: "node group app".
	Nodes string
	// Subnet is that of the nodes.
	Subnet *vpc.Subnet
	// Pod is the interface that carries the traffic of a pod, Node the primary
	// interface of its node. They are the same for pods on the node's network.
	Pod, Node vpc.Side
	// Public answers whether the node has a public IPv4 address.
	Public model.Tri
	// SNAT answers whether what a pod sends out of the VPC has the address of its
	// node. For a pod on the network of its node it is Yes.
	SNAT model.Tri
	// Branch is set for pods with security groups of their own on nodes.
	Branch bool
	// Strict answers for those whether all of their traffic passes their interface,
	// also on one node and out of the VPC.
	Strict model.Tri
	// Fargate is set for pods that share their node with no other.
	Fargate bool
	// OneOf is set for one of several places of the same pods of which one is real.
	OneOf bool
	// Fits is Yes when the pods may run there for certain, as far as the labels and
	// taints of nodes decide, and Unknown when that is not known.
	Fits model.Tri
}

// Places returns the places that the pods of a workload may have. Why says why
// there may be others; it is empty when these are all.
func (c *Cluster) Places(w *graph.Workload) (places []Place, why string) {
	takes, fargate, fargateWhy := c.onFargate(w)
	for i := range fargate {
		fargate[i].Fits = takes
	}
	if takes == model.Yes {
		return fargate, cmp.Or(fargateWhy, c.FamilyUnknown)
	}
	places = fargate
	if takes == model.Unknown {
		why = cmp.Or(fargateWhy, "whether a Fargate profile takes the pods is not known")
	}
	for _, n := range c.Nodes() {
		why = cmp.Or(why, n.SubnetsUnknown)
		for _, s := range n.Subnets {
			for _, p := range c.onNodes(w, n, s) {
				if p.Fits = n.fits(w, s).And(takes.Not()); p.Fits != model.No {
					places = append(places, p)
				}
			}
		}
	}
	if !w.HostNetwork() {
		why = cmp.Or(why, c.otherPodSubnets())
	}
	return places, cmp.Or(why, c.FamilyUnknown, c.otherNodes(len(places)))
}

// otherNodes says which nodes there may be besides those of the node groups.
func (c *Cluster) otherNodes(found int) string {
	auto := model.No
	if c.Config != nil {
		auto = c.Config.AutoMode.Is(func(on bool) bool { return on })
	}
	switch {
	case c.PoolsUnknown != "":
		return c.PoolsUnknown
	case (auto != model.No || c.Graph.Controller().AutoMode == model.Yes) && c.builtInPools() != model.No:
		return "EKS Auto Mode makes nodes that the input does not show"
	case len(c.Nodes()) == 0:
		return "the input shows no nodes of the cluster"
	case found == 0:
		return "no node group of the input takes the pods"
	default:
		return ""
	}
}

// NodesUnknown says why there may be other nodes than those of Nodes; empty when these
// are all.
func (c *Cluster) NodesUnknown() string {
	why := c.otherNodes(1)
	for _, n := range c.Nodes() {
		why = cmp.Or(why, n.SubnetsUnknown)
	}
	return why
}

// builtInPools answers whether EKS Auto Mode has NodePools of its own, the subnets and
// groups of whose nodes are not written:
// https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html
func (c *Cluster) builtInPools() model.Tri {
	if c.Config == nil {
		return model.Unknown
	}
	return c.Config.BuiltInPools.Is(func(on bool) bool { return on })
}

// onFargate answers whether a profile takes the pods, and where they are then.
func (c *Cluster) onFargate(w *graph.Workload) (takes model.Tri, places []Place, why string) {
	takes = model.No
	for _, p := range c.Profiles {
		answer := profileTakes(p, w)
		if takes = takes.Or(answer); answer == model.No {
			continue
		}
		subnets, missing := c.Network.SubnetsOf(p.Subnets, p.Origin)
		why = cmp.Or(why, missing)
		for _, s := range subnets {
			every := c.fargateGroups(w)
			for _, groups := range every {
				side := vpc.Side{Name: titleOf(w), Addresses: s.Ranges(c.Family), Subnet: s, Groups: groups}
				places = append(places, Place{Nodes: "Fargate profile " + p.Name, Subnet: s, Pod: side, Node: side, Public: model.No, SNAT: model.No, Fargate: true, OneOf: len(every) > 1})
			}
		}
	}
	return takes, places, why
}

// fargateGroups are the groups that pods on Fargate may have: those of a
// SecurityGroupPolicy, which the VPC CNI has no part in there, or else the cluster
// security group:
// https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html
func (c *Cluster) fargateGroups(w *graph.Workload) []vpc.Groups {
	groups, matched := c.podGroups(w)
	switch matched {
	case model.Yes:
		return []vpc.Groups{groups}
	case model.No:
		return []vpc.Groups{c.clusterGroups()}
	default:
		return []vpc.Groups{groups, c.clusterGroups()}
	}
}

// onNodes are the places of pods on the nodes of a group in one subnet: with the
// security groups of the node, and with those of a SecurityGroupPolicy where it
// is not known whether that has an effect.
func (c *Cluster) onNodes(w *graph.Workload, n *NodeGroup, s *vpc.Subnet) []Place {
	node := vpc.Side{Name: n.Title(), Addresses: s.Ranges(c.Family), Subnet: s, Groups: n.Groups}
	if w.HostNetwork() {
		return []Place{{Nodes: n.Title(), Subnet: s, Pod: node, Node: node, Public: n.Public(s), SNAT: model.Yes}}
	}
	network, _ := c.PodNetwork(n, s)
	base := Place{Nodes: n.Title(), Subnet: s, Node: node, Public: n.Public(s), SNAT: c.snat(n)}
	base.Pod = vpc.Side{Name: titleOf(w), Addresses: c.addresses(w, network.Subnet), Subnet: network.Subnet, Groups: network.Groups}
	groups, matched := c.podGroups(w)
	effective := matched.And(c.podENI(n))
	if effective == model.No {
		return []Place{base}
	}
	branch := base
	branch.Pod.Groups, branch.Branch, branch.Strict = groups, true, c.strict(n)
	branch.SNAT = branch.SNAT.And(branch.Strict.Not())
	if effective == model.Yes {
		return []Place{branch}
	}
	branch.OneOf, base.OneOf = true, true
	return []Place{branch, base}
}

// snat answers whether the VPC CNI, or EKS Auto Mode, gives what leaves the VPC the
// address of the node:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#aws_vpc_k8s_cni_externalsnat
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
func (c *Cluster) snat(n *NodeGroup) model.Tri {
	if class := n.autoModeClass(); class != nil {
		if n.Pool.Class.IsUnknown("spec", "snatPolicy") {
			return model.Unknown
		}
		return model.TriOf(class.Spec.SNATPolicy != "Disabled")
	}
	off, _ := c.Graph.CNI().Switch("AWS_VPC_K8S_CNI_EXTERNALSNAT", false)
	return off.Not()
}

// strict answers whether the groups of pods on nodes of a group hold everywhere. Of EKS
// Auto Mode nothing tells.
func (c *Cluster) strict(n *NodeGroup) model.Tri {
	if n.autoModeClass() != nil {
		return model.Unknown
	}
	return c.Graph.CNI().StrictPodGroups()
}

// podENI answers whether nodes give pods the groups of a SecurityGroupPolicy. Those of
// EKS Auto Mode do so from Kubernetes 1.36 on:
// https://docs.aws.amazon.com/eks/latest/userguide/auto-sgp.html
func (c *Cluster) podENI(n *NodeGroup) model.Tri {
	if n.autoModeClass() != nil {
		return model.Unknown
	}
	on, _ := c.Graph.CNI().Switch("ENABLE_POD_ENI", false)
	return on
}

// addresses are those of the pods, or where they lie.
func (c *Cluster) addresses(w *graph.Workload, s *vpc.Subnet) netset.Ranges {
	if !w.ShowsAddresses() {
		return s.Ranges(c.Family)
	}
	var out netset.Ranges
	for _, a := range w.Addresses() {
		if a.Is6() == (c.Family == vpc.IPv6) {
			out = out.Union(netset.RangesOf(netip.PrefixFrom(a, a.BitLen())))
		}
	}
	if len(out) == 0 {
		return s.Ranges(c.Family)
	}
	return out
}

// titleOf names the pods of a workload.
func titleOf(w *graph.Workload) string {
	owner := w.Owner()
	return namespaceOf(w) + "/" + owner.Name + "[" + owner.Kind + "]"
}

// podGroups are the security groups that SecurityGroupPolicies give the pods, and
// whether one is for them. Those of all that match are joined:
// https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
func (c *Cluster) podGroups(w *graph.Workload) (groups vpc.Groups, matched model.Tri) {
	matched = model.No
	var perhaps []vpc.Groups
	for _, r := range c.Graph.Snapshot().List(model.KindSecurityGroupPolicy, w.Ref().Namespace) {
		policy, ok := r.Object.(*model.SecurityGroupPolicy)
		if !ok {
			continue
		}
		match := c.selects(policy, r, w)
		matched = matched.Or(match)
		switch match {
		case model.Yes:
			groups = groups.And(c.groupsOf(policy, r))
		case model.Unknown:
			perhaps = append(perhaps, c.groupsOf(policy, r))
		case model.No:
		}
	}
	if matched == model.Unknown && len(perhaps) == 1 {
		return perhaps[0], matched
	}
	for _, p := range perhaps {
		groups = groups.And(vpc.Groups{May: slices.Concat(p.Known, p.May), Unknown: p.Unknown})
	}
	return groups, matched
}

// selects answers whether a policy is for the pods of a workload. Both selectors
// have to match where both are written. One without a selector or without groups
// is passed over:
// https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/utils/helper.go
func (c *Cluster) selects(p *model.SecurityGroupPolicy, r *model.Resource, w *graph.Workload) model.Tri {
	if r.IsUnknown("spec", "podSelector") || r.IsUnknown("spec", "serviceAccountSelector") {
		return model.Unknown
	}
	out := model.TriOf(p.Spec.PodSelector != nil || p.Spec.ServiceAccountSelector != nil)
	if !r.IsUnknown("spec", "securityGroups") {
		out = out.And(model.TriOf(len(p.Spec.SecurityGroups.GroupIDs) > 0))
	}
	if p.Spec.PodSelector != nil {
		out = out.And(w.Selected(graph.SelectorOf(p.Spec.PodSelector)))
	}
	if p.Spec.ServiceAccountSelector != nil {
		_, account := c.Graph.ServiceAccount(w)
		if account == nil {
			return out.And(model.Unknown)
		}
		out = out.And(graph.SelectorOf(p.Spec.ServiceAccountSelector).Matches(account.Object.GetLabels()))
	}
	return out
}

func (c *Cluster) groupsOf(p *model.SecurityGroupPolicy, r *model.Resource) vpc.Groups {
	if r.IsUnknown("spec", "securityGroups") {
		return vpc.Groups{Unknown: "the security groups of SecurityGroupPolicy " + r.Ref.Name + " are not known"}
	}
	var links []model.Link
	for _, id := range p.Spec.SecurityGroups.GroupIDs {
		links = append(links, model.LinkTo(id, r.Locate(model.Path{"spec", "securityGroups", "groupIds"}, model.PartKey)))
	}
	return c.Network.Groups(links, "")
}

// otherPodSubnets says why pods may have other subnets than PodNetwork tells: its
// ENIConfigs are not known, or without any the VPC CNI may use a subnet that is
// tagged for it:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#enable_subnet_discovery-v1180
func (c *Cluster) otherPodSubnets() string {
	for _, n := range c.Nodes() {
		for _, s := range n.Subnets {
			if _, why := c.PodNetwork(n, s); why != "" {
				return why
			}
		}
	}
	if c.CustomNetworking() == model.Yes {
		return ""
	}
	if slices.ContainsFunc(c.Network.Subnets(), func(s *vpc.Subnet) bool {
		tag, found := s.Tags.Get("kubernetes.io/role/cni")
		value, known := tag.Get()
		return found == model.Yes && (!known || value == "1") && s.VPC == c.VPC ||
			found == model.Unknown && s.Conditional != "" && c.mayHold(s.VPC)
	}) {
		return "the VPC CNI may put pods into the subnets tagged kubernetes.io/role/cni"
	}
	return ""
}

// PodSubnets are the addresses of the subnets in which pods get theirs, of the family
// of the cluster. Known is unset when there may be others.
func (c *Cluster) PodSubnets() (addresses netset.Ranges, known bool) {
	out := c.podSubnets()
	return out.addresses, out.known
}

type podSubnets struct {
	addresses netset.Ranges
	known     bool
}

func (c *Cluster) readPodSubnets() podSubnets {
	var out netset.Ranges
	known := c.FamilyUnknown == "" && len(c.Nodes()) > 0 && c.otherNodes(1) == "" && c.otherPodSubnets() == ""
	for _, n := range c.Nodes() {
		known = known && n.SubnetsUnknown == ""
		for _, s := range n.Subnets {
			network, _ := c.PodNetwork(n, s)
			known = known && network.Subnet.Has(c.Family) != model.Unknown
			out = out.Union(network.Subnet.Ranges(c.Family))
		}
	}
	for _, p := range c.Profiles {
		subnets, why := c.Network.SubnetsOf(p.Subnets, p.Origin)
		known = known && why == ""
		for _, s := range subnets {
			out = out.Union(s.Ranges(c.Family))
		}
	}
	return podSubnets{out, known}
}
