package model

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// SecurityGroupPolicy gives pods security groups of their own:
// https://docs.aws.amazon.com/eks/latest/userguide/sg-pods-example-deployment.html
type SecurityGroupPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              SecurityGroupPolicySpec `json:"spec"`
}

// SecurityGroupPolicySpec selects pods by their labels, or by those of their
// service account, or both.
type SecurityGroupPolicySpec struct {
	PodSelector            *metav1.LabelSelector `json:"podSelector,omitempty"`
	ServiceAccountSelector *metav1.LabelSelector `json:"serviceAccountSelector,omitempty"`
	SecurityGroups         GroupIDs              `json:"securityGroups"`
}

// GroupIDs are the identifiers of security groups.
type GroupIDs struct {
	GroupIDs []string `json:"groupIds,omitempty"`
}

// ENIConfig is where the VPC CNI puts the interfaces of pods under custom
// networking:
// https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html
type ENIConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ENIConfigSpec `json:"spec"`
}

// ENIConfigSpec is the specification of an ENIConfig. Without security groups
// those of the node count.
type ENIConfigSpec struct {
	SecurityGroups []string `json:"securityGroups,omitempty"`
	Subnet         string   `json:"subnet"`
}

// TargetGroupBinding lets the AWS Load Balancer Controller register the pods of a
// Service with a target group that exists:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/spec/
type TargetGroupBinding struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              TargetGroupBindingSpec `json:"spec"`
}

// TargetGroupBindingSpec names the target group by its ARN or its name.
type TargetGroupBindingSpec struct {
	TargetGroupARN          string                `json:"targetGroupARN,omitempty"`
	TargetGroupName         string                `json:"targetGroupName,omitempty"`
	MultiClusterTargetGroup bool                  `json:"multiClusterTargetGroup,omitempty"`
	TargetType              string                `json:"targetType,omitempty"`
	ServiceRef              ServiceReference      `json:"serviceRef"`
	NodeSelector            *metav1.LabelSelector `json:"nodeSelector,omitempty"`
}

// ServiceReference names a port of a Service of the same namespace.
type ServiceReference struct {
	Name string             `json:"name"`
	Port intstr.IntOrString `json:"port"`
}
