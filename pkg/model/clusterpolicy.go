package model

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ClusterNetworkPolicy is the part that decides of the policies with actions
// and priorities: AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1,
// ClusterNetworkPolicy v1alpha2 and AWS's ClusterNetworkPolicy. Their fields
// are alike; each kind uses some of those below:
// https://github.com/kubernetes-sigs/network-policy-api/blob/main/apis/v1alpha2/clusternetworkpolicy_types.go
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
type ClusterNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ClusterNetworkPolicySpec `json:"spec"`
}

// ClusterNetworkPolicySpec is the specification of a ClusterNetworkPolicy. The
// kinds whose name says the tier have no field for it, and the baseline one has
// no priority.
type ClusterNetworkPolicySpec struct {
	Tier     string                     `json:"tier,omitempty"`
	Priority int32                      `json:"priority,omitempty"`
	Subject  ClusterNetworkPolicyPods   `json:"subject"`
	Ingress  []ClusterNetworkPolicyRule `json:"ingress,omitempty"`
	Egress   []ClusterNetworkPolicyRule `json:"egress,omitempty"`
}

// ClusterNetworkPolicyPods selects pods by their namespace, or by namespace and
// labels. Exactly one field is set.
type ClusterNetworkPolicyPods struct {
	Namespaces *ClusterNetworkPolicyNamespaces `json:"namespaces,omitempty"`
	Pods       *NamespacedPods                 `json:"pods,omitempty"`
}

// ClusterNetworkPolicyNamespaces is a label selector. The first release of
// AdminNetworkPolicy wrote it one level deeper, beside relations between the
// namespaces of both ends, which later releases dropped.
type ClusterNetworkPolicyNamespaces struct {
	metav1.LabelSelector `json:",inline"`
	NamespaceSelector    *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	SameLabels           []string              `json:"sameLabels,omitempty"`
	NotSameLabels        []string              `json:"notSameLabels,omitempty"`
}

// NamespacedPods selects pods by labels in namespaces. An absent selector of
// namespaces selects all.
type NamespacedPods struct {
	NamespaceSelector *metav1.LabelSelector           `json:"namespaceSelector,omitempty"`
	Namespaces        *ClusterNetworkPolicyNamespaces `json:"namespaces,omitempty"`
	PodSelector       metav1.LabelSelector            `json:"podSelector"`
}

// ClusterNetworkPolicyRule is an element of spec.ingress, with From, or of
// spec.egress, with To. No ports and no protocols are everything.
type ClusterNetworkPolicyRule struct {
	Name      string                         `json:"name,omitempty"`
	Action    string                         `json:"action"`
	From      []ClusterNetworkPolicyPeer     `json:"from,omitempty"`
	To        []ClusterNetworkPolicyPeer     `json:"to,omitempty"`
	Ports     []ClusterNetworkPolicyPort     `json:"ports,omitempty"`
	Protocols []ClusterNetworkPolicyProtocol `json:"protocols,omitempty"`
}

// ClusterNetworkPolicyPeer is one peer. Exactly one field is set; the last
// three exist for egress only.
type ClusterNetworkPolicyPeer struct {
	ClusterNetworkPolicyPods `json:",inline"`
	Networks                 []string              `json:"networks,omitempty"`
	Nodes                    *metav1.LabelSelector `json:"nodes,omitempty"`
	DomainNames              []string              `json:"domainNames,omitempty"`
}

// ClusterNetworkPolicyPort is an element of ports, as AdminNetworkPolicy and
// AWS write them. Exactly one field is set.
type ClusterNetworkPolicyPort struct {
	PortNumber *ProtocolPort  `json:"portNumber,omitempty"`
	PortRange  *ProtocolPorts `json:"portRange,omitempty"`
	NamedPort  string         `json:"namedPort,omitempty"`
}

// ProtocolPort is a port of a protocol; TCP is the default.
type ProtocolPort struct {
	Protocol string `json:"protocol,omitempty"`
	Port     int32  `json:"port"`
}

// ProtocolPorts is a range of ports of a protocol, both ends in it; TCP is the
// default.
type ProtocolPorts struct {
	Protocol string `json:"protocol,omitempty"`
	Start    int32  `json:"start"`
	End      int32  `json:"end"`
}

// ClusterNetworkPolicyProtocol is an element of protocols, as
// ClusterNetworkPolicy v1alpha2 writes them. Exactly one field is set.
type ClusterNetworkPolicyProtocol struct {
	TCP                  *DestinationPorts `json:"tcp,omitempty"`
	UDP                  *DestinationPorts `json:"udp,omitempty"`
	SCTP                 *DestinationPorts `json:"sctp,omitempty"`
	DestinationNamedPort string            `json:"destinationNamedPort,omitempty"`
}

// DestinationPorts are ports of one protocol; all when none are given.
type DestinationPorts struct {
	DestinationPort *PortOrRange `json:"destinationPort,omitempty"`
}

// PortOrRange is a port or a range of ports.
type PortOrRange struct {
	Number int32          `json:"number,omitempty"`
	Range  *ProtocolPorts `json:"range,omitempty"`
}
