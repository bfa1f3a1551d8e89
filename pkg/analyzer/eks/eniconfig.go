package eks

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// PodNetwork is where the interfaces lie that give pods their addresses.
type PodNetwork struct {
	Subnet *vpc.Subnet
	Groups vpc.Groups
}

// CustomNetworking answers whether pods get their addresses from the subnets of
// ENIConfigs in place of those of their nodes. Where the input does not show the
// VPC CNI, ENIConfigs make that possible.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#aws_vpc_k8s_cni_custom_network_cfg
func (c *Cluster) CustomNetworking() model.Tri {
	on, _ := c.Graph.CNI().Switch("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", false)
	if on == model.Unknown && len(c.Graph.Snapshot().All(model.KindENIConfig)) == 0 {
		return model.No
	}
	return on
}

// PodNetwork returns where the pods of nodes of a group in one of its subnets have
// their interfaces. Why says why that is not known.
func (c *Cluster) PodNetwork(n *NodeGroup, s *vpc.Subnet) (network PodNetwork, why string) {
	if class := n.autoModeClass(); class != nil {
		return c.autoModeNetwork(class, n, s)
	}
	switch c.CustomNetworking() {
	case model.No:
		return PodNetwork{s, n.Groups}, ""
	case model.Unknown:
		return PodNetwork{s, n.Groups}, "whether ENIConfigs give pods other subnets is not known"
	case model.Yes:
	}
	name, why := c.ENIConfigName(n, s)
	if why != "" {
		return PodNetwork{s, n.Groups}, why
	}
	r := c.Graph.Snapshot().Get(model.Ref{Group: model.KindENIConfig.Group, Kind: model.KindENIConfig.Kind, Name: name})
	if r == nil {
		return PodNetwork{s, n.Groups}, "the input does not show ENIConfig " + name
	}
	return c.podNetwork(r, n, s)
}

func (c *Cluster) podNetwork(r *model.Resource, n *NodeGroup, s *vpc.Subnet) (PodNetwork, string) {
	config, ok := r.Object.(*model.ENIConfig)
	if !ok || r.IsUnknown("spec", "subnet") {
		return PodNetwork{s, n.Groups}, "the subnet of ENIConfig " + r.Ref.Name + " is not known"
	}
	out := PodNetwork{Groups: c.eniGroups(config, r, n)}
	for _, subnet := range c.Network.Subnets() {
		if subnet.ID != "" && subnet.ID == config.Spec.Subnet {
			out.Subnet = subnet
			return out, ""
		}
	}
	return PodNetwork{s, n.Groups}, fmt.Sprintf("the input does not show subnet %s of ENIConfig %s", config.Spec.Subnet, r.Ref.Name)
}

// eniGroups are the groups of an ENIConfig, or those of the node where it names
// none:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/pkg/awsutils/awsutils.go
func (c *Cluster) eniGroups(config *model.ENIConfig, r *model.Resource, n *NodeGroup) vpc.Groups {
	if r.IsUnknown("spec", "securityGroups") {
		return vpc.Groups{Unknown: "the security groups of ENIConfig " + r.Ref.Name + " are not known"}
	}
	if len(config.Spec.SecurityGroups) == 0 {
		return n.Groups
	}
	var links []model.Link
	for _, id := range config.Spec.SecurityGroups {
		links = append(links, model.LinkTo(id, r.Locate(model.Path{"spec", "securityGroups"}, model.PartKey)))
	}
	return c.Network.Groups(links, "")
}

// ENIConfigName is the name of the ENIConfig of nodes: the value of one of their
// labels, if no annotation of a node says otherwise. Why says why it is not known.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#eni_config_label_def
func (c *Cluster) ENIConfigName(n *NodeGroup, s *vpc.Subnet) (name, why string) {
	key, known := c.Graph.CNI().Text("ENI_CONFIG_LABEL_DEF", "k8s.amazonaws.com/eniConfig")
	if !known {
		return "", "by which label nodes find their ENIConfig is not known"
	}
	value, has := n.label(key, s)
	if has != model.Yes {
		return "", "the ENIConfig of " + n.Title() + " is not known: the input does not show label " + key
	}
	return value, ""
}
