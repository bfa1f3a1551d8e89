package model

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ApplicationNetworkPolicy is EKS Auto Mode's NetworkPolicy whose egress peers
// may be domain names:
// https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
type ApplicationNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ApplicationNetworkPolicySpec `json:"spec"`
}

// ApplicationNetworkPolicySpec is a NetworkPolicySpec but for its egress.
type ApplicationNetworkPolicySpec struct {
	PodSelector metav1.LabelSelector                    `json:"podSelector,omitempty"`
	PolicyTypes []networkingv1.PolicyType               `json:"policyTypes,omitempty"`
	Ingress     []networkingv1.NetworkPolicyIngressRule `json:"ingress,omitempty"`
	Egress      []ApplicationNetworkPolicyEgressRule    `json:"egress,omitempty"`
}

// ApplicationNetworkPolicyEgressRule is a NetworkPolicyEgressRule but for its
// peers.
type ApplicationNetworkPolicyEgressRule struct {
	To    []ApplicationNetworkPolicyPeer   `json:"to,omitempty"`
	Ports []networkingv1.NetworkPolicyPort `json:"ports,omitempty"`
}

// ApplicationNetworkPolicyPeer is a NetworkPolicyPeer or a list of domain names.
type ApplicationNetworkPolicyPeer struct {
	networkingv1.NetworkPolicyPeer `json:",inline"`
	DomainNames                    []string `json:"domainNames,omitempty"`
}
