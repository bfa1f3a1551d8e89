package model

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NodePool is the part of a NodePool of Karpenter, and so of EKS Auto Mode, that
// decides which nodes it makes: https://karpenter.sh/docs/concepts/nodepools/
type NodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodePoolSpec `json:"spec"`
}

// NodePoolSpec is the specification of a NodePool.
type NodePoolSpec struct {
	Template NodeTemplate `json:"template"`
}

// NodeTemplate is what the nodes of a NodePool are made from.
type NodeTemplate struct {
	Metadata NodeMetadata     `json:"metadata,omitempty"`
	Spec     NodeTemplateSpec `json:"spec"`
}

// NodeMetadata is what the nodes of a NodePool carry.
type NodeMetadata struct {
	Labels map[string]string `json:"labels,omitempty"`
}

// NodeTemplateSpec is the specification of such nodes.
type NodeTemplateSpec struct {
	NodeClassRef NodeClassRef      `json:"nodeClassRef"`
	Requirements []NodeRequirement `json:"requirements,omitempty"`
	Taints       []corev1.Taint    `json:"taints,omitempty"`
}

// NodeClassRef names the EC2NodeClass or NodeClass of a NodePool. The group is
// empty in version v1beta1.
type NodeClassRef struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// NodeRequirement limits the labels of the nodes.
type NodeRequirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
}

// EC2NodeClass is the part of an EC2NodeClass of Karpenter that decides how its
// nodes meet the network: https://karpenter.sh/docs/concepts/nodeclasses/
type EC2NodeClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              EC2NodeClassSpec `json:"spec"`
}

// EC2NodeClassSpec is the specification of an EC2NodeClass.
type EC2NodeClassSpec struct {
	MetadataOptions *MetadataOptions `json:"metadataOptions,omitempty"`
	// The terms select the subnets and the security groups of the nodes: what one
	// of them matches is selected.
	SubnetSelectorTerms        []SelectorTerm `json:"subnetSelectorTerms,omitempty"`
	SecurityGroupSelectorTerms []SelectorTerm `json:"securityGroupSelectorTerms,omitempty"`
}

// SelectorTerm matches resources of AWS that have all that it names. A tag with
// value * may have any.
type SelectorTerm struct {
	Tags map[string]string `json:"tags,omitempty"`
	ID   string            `json:"id,omitempty"`
	// Name is the group name of a security group.
	Name string `json:"name,omitempty"`
}

// MetadataOptions are those of the instance metadata service. A nil field is not
// set.
type MetadataOptions struct {
	HTTPEndpoint            *string `json:"httpEndpoint,omitempty"`
	HTTPPutResponseHopLimit *int64  `json:"httpPutResponseHopLimit,omitempty"`
}

// NodeClass is the part of a NodeClass of EKS Auto Mode that decides how its
// nodes meet the network:
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
type NodeClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodeClassSpec `json:"spec"`
}

// NodeClassSpec is the specification of a NodeClass.
type NodeClassSpec struct {
	// NetworkPolicy is DefaultAllow or DefaultDeny; empty means DefaultAllow.
	NetworkPolicy string `json:"networkPolicy,omitempty"`
	// SNATPolicy is Random or Disabled; empty means Random.
	SNATPolicy string `json:"snatPolicy,omitempty"`
	// The terms select the subnets and the security groups of the nodes.
	SubnetSelectorTerms        []SelectorTerm `json:"subnetSelectorTerms,omitempty"`
	SecurityGroupSelectorTerms []SelectorTerm `json:"securityGroupSelectorTerms,omitempty"`
	// These select those of pods where they are not the ones of their node.
	PodSubnetSelectorTerms        []SelectorTerm      `json:"podSubnetSelectorTerms,omitempty"`
	PodSecurityGroupSelectorTerms []SelectorTerm      `json:"podSecurityGroupSelectorTerms,omitempty"`
	AdvancedNetworking            *AdvancedNetworking `json:"advancedNetworking,omitempty"`
}

// AdvancedNetworking is the part of a NodeClass on addresses. A nil field leaves it to
// the subnet.
type AdvancedNetworking struct {
	AssociatePublicIPAddress *bool `json:"associatePublicIPAddress,omitempty"`
}
