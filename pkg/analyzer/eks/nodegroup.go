package eks

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodeGroup is a node group with its template, subnets and security groups.
type NodeGroup struct {
	*model.NodeGroup
	// Template is nil when the group has none, or when it is not known which;
	// TemplateUnknown then says why.
	Template        *model.LaunchTemplate
	TemplateUnknown string
	Subnets         []*vpc.Subnet
	// SubnetsUnknown says why there may be other subnets.
	SubnetsUnknown string
	// Groups are the security groups of the nodes.
	Groups vpc.Groups
	family vpc.Family
	// Pool is the NodePool of Karpenter or of EKS Auto Mode that makes the nodes; nil
	// for node groups.
	Pool *graph.NodePool
}

// Title names the group in messages.
func (n *NodeGroup) Title() string {
	if n.Pool != nil {
		return "NodePool " + n.Name
	}
	return "node group " + cmp.Or(n.Name, n.AWSMeta.Title())
}

// Sides are the primary interfaces of the nodes, one for each subnet, with their
// addresses of the family of the cluster.
func (n *NodeGroup) Sides() []vpc.Side {
	out := make([]vpc.Side, 0, len(n.Subnets))
	for _, s := range n.Subnets {
		out = append(out, vpc.Side{Name: n.Title(), Addresses: s.Ranges(n.family), Subnet: s, Groups: n.Groups})
	}
	return out
}

// Public answers whether the nodes of the group in a subnet have public IPv4
// addresses: by their launch template, or else by the subnet.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#public-ip-addresses
func (n *NodeGroup) Public(s *vpc.Subnet) model.Tri {
	is := func(on bool) bool { return on }
	if class := n.autoModeClass(); class != nil && !n.Pool.Class.IsUnknown("spec", "advancedNetworking") {
		if own := class.Spec.AdvancedNetworking; own != nil && own.AssociatePublicIPAddress != nil {
			return model.TriOf(*own.AssociatePublicIPAddress)
		}
		return s.MapPublicIP.Is(is)
	}
	switch {
	case n.TemplateUnknown != "":
		return model.Unknown
	case n.Template != nil && !n.Template.PublicIP.Span().IsZero():
		return n.Template.PublicIP.Is(is)
	default:
		return s.MapPublicIP.Is(is)
	}
}

func (c *Cluster) nodeGroup(n *model.NodeGroup) *NodeGroup {
	out := &NodeGroup{NodeGroup: n, family: c.Family}
	out.Subnets, out.SubnetsUnknown = c.Network.SubnetsOf(n.Subnets, n.Origin)
	if len(n.Subnets) == 0 {
		out.SubnetsUnknown = "the input does not show the subnets of " + out.Title()
	}
	out.Template, out.TemplateUnknown = c.template(n)
	out.Groups = c.nodeGroups(out)
	return out
}

// template finds the version of the launch template that a group uses.
func (c *Cluster) template(n *model.NodeGroup) (*model.LaunchTemplate, string) {
	if n.LaunchTemplate == nil {
		return nil, ""
	}
	var versions []*model.LaunchTemplate
	for _, t := range c.Network.AWS().LaunchTemplates {
		if n.LaunchTemplate.LeadsTo(t.Meta(), n.Origin) == model.Yes {
			versions = append(versions, t)
		}
	}
	if len(versions) == 1 && !versions[0].Observed {
		return versions[0], ""
	}
	wanted, known := n.LaunchTemplateVersion.Get()
	for _, t := range versions {
		number, _ := t.Version.Get()
		if known && (wanted == strconv.Itoa(number) || wanted == "$Default" && t.IsDefault) {
			return t, ""
		}
	}
	return nil, "the input does not show the launch template of " + cmp.Or(n.Name, n.Address)
}

// nodeGroups: a launch template that names security groups replaces the cluster
// security group, which managed nodes have otherwise. Nodes that EKS does not
// manage have what their template says:
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-security-groups
func (c *Cluster) nodeGroups(n *NodeGroup) vpc.Groups {
	switch {
	case n.TemplateUnknown != "":
		return vpc.Groups{Unknown: n.TemplateUnknown}
	case n.Template != nil && len(n.Template.SecurityGroups) > 0:
		return c.Network.Groups(n.Template.SecurityGroups, n.Template.Origin)
	case n.SelfManaged:
		return vpc.Groups{Unknown: "the security groups of " + n.Title() + " are not written"}
	default:
		return c.clusterGroups()
	}
}

// Takes answers whether pods of a workload run on nodes of the group, which they
// may also do in some of its subnets only. A Fargate profile takes pods before
// nodes do.
func (c *Cluster) Takes(n *NodeGroup, w *graph.Workload) model.Tri {
	out := model.No
	for _, s := range n.Subnets {
		out = out.Or(n.fits(w, s))
	}
	if n.SubnetsUnknown != "" {
		out = out.Or(model.Unknown)
	}
	for _, p := range c.Profiles {
		out = out.And(profileTakes(p, w).Not())
	}
	return out
}

// label is a label of the nodes in one of the subnets. It is Unknown when the
// nodes may have it with any value.
// https://kubernetes.io/docs/reference/labels-annotations-taints/
func (n *NodeGroup) label(key string, subnet *vpc.Subnet) (value string, has model.Tri) {
	if v, ok := n.Labels.Values[key]; ok {
		text, known := v.Get()
		return text, ifKnown(known)
	}
	switch key {
	case "eks.amazonaws.com/nodegroup":
		return n.Name, model.TriOf(!n.SelfManaged).And(ifKnown(n.Name != ""))
	case "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone":
		zone, known := subnet.AvailabilityZone.Get()
		return zone, ifKnown(known)
	case "kubernetes.io/os", "beta.kubernetes.io/os":
		return n.os()
	case "kubernetes.io/arch", "beta.kubernetes.io/arch":
		return n.architecture()
	case "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type":
		if len(n.InstanceTypes) == 1 {
			kind, known := n.InstanceTypes[0].Get()
			return kind, ifKnown(known)
		}
		return "", model.Unknown
	case "karpenter.sh/nodepool", "eks.amazonaws.com/compute-type":
		return "", model.No
	}
	if n.SelfManaged || n.Labels.Missing != "" || n.startsKubelet() || isWellKnown(key) {
		return "", model.Unknown
	}
	return "", model.No
}

// startsKubelet reports whether the launch template may give the kubelet
// arguments, by which nodes get labels that the group does not name:
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-user-data
func (n *NodeGroup) startsKubelet() bool {
	if n.Template == nil {
		return n.TemplateUnknown != ""
	}
	script, known := n.Template.UserData.Get()
	return !known || script != ""
}

// ifKnown is Yes for what is known, and else Unknown.
func ifKnown(known bool) model.Tri {
	if known {
		return model.Yes
	}
	return model.Unknown
}

// isWellKnown reports whether components of Kubernetes or of AWS may set a label.
func isWellKnown(key string) bool {
	domain, _, found := strings.Cut(key, "/")
	return found && (strings.HasSuffix(domain, "kubernetes.io") || strings.HasSuffix(domain, "k8s.io") ||
		strings.HasSuffix(domain, "amazonaws.com") || strings.HasSuffix(domain, "k8s.aws"))
}

// os and architecture follow from the AMI type:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
func (n *NodeGroup) os() (string, model.Tri) {
	ami, known := n.AMIType.Get()
	switch {
	case !known || ami == "CUSTOM":
		return "", model.Unknown
	case strings.HasPrefix(ami, "WINDOWS"):
		return "windows", model.Yes
	default:
		return "linux", model.Yes
	}
}

func (n *NodeGroup) architecture() (string, model.Tri) {
	ami, known := n.AMIType.Get()
	switch {
	case !known || ami == "CUSTOM":
		return "", model.Unknown
	case strings.Contains(ami, "ARM_64"):
		return "arm64", model.Yes
	default:
		return "amd64", model.Yes
	}
}
