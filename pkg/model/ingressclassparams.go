package model

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// IngressClassParams holds the settings of an IngressClass in either of its two
// kinds: elbv2.k8s.aws/v1beta1 of the AWS Load Balancer Controller
// (https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/)
// and eks.amazonaws.com/v1 of EKS Auto Mode
// (https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html),
// which spells two fields differently. A nil field is not set.
type IngressClassParams struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              IngressClassParamsSpec `json:"spec"`
}

// IngressClassParamsSpec is the specification of IngressClassParams.
type IngressClassParamsSpec struct {
	NamespaceSelector      *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	Group                  *ParamsGroup          `json:"group,omitempty"`
	Scheme                 *string               `json:"scheme,omitempty"`
	InboundCIDRs           []string              `json:"inboundCIDRs,omitempty"`
	CertificateArn         []string              `json:"certificateArn,omitempty"`
	CertificateARNs        []string              `json:"certificateARNs,omitempty"`
	SSLPolicy              string                `json:"sslPolicy,omitempty"`
	SSLRedirectPort        string                `json:"sslRedirectPort,omitempty"`
	Subnets                *ParamsSubnets        `json:"subnets,omitempty"`
	IPAddressType          *string               `json:"ipAddressType,omitempty"`
	Tags                   []ParamsPair          `json:"tags,omitempty"`
	TargetType             string                `json:"targetType,omitempty"`
	LoadBalancerName       string                `json:"loadBalancerName,omitempty"`
	LoadBalancerAttributes []ParamsPair          `json:"loadBalancerAttributes,omitempty"`
	Listeners              []ParamsListener      `json:"listeners,omitempty"`
	PrefixListsIDs         []string              `json:"prefixListsIDs,omitempty"`
	WAFv2ACLArn            string                `json:"wafv2AclArn,omitempty"`
	WAFv2ACLName           string                `json:"wafv2AclName,omitempty"`
}

// ParamsGroup puts every Ingress of the class into one group.
type ParamsGroup struct {
	Name string `json:"name"`
}

// ParamsSubnets selects the subnets of the load balancer.
type ParamsSubnets struct {
	IDs       []string            `json:"ids,omitempty"`
	Tags      map[string][]string `json:"tags,omitempty"`
	MatchTags []ParamsMatchTag    `json:"matchTags,omitempty"`
}

// ParamsMatchTag is Auto Mode's form of a subnet tag.
type ParamsMatchTag struct {
	Key    string   `json:"key"`
	Values []string `json:"values,omitempty"`
}

// ParamsPair is a key with its value: a tag or an attribute.
type ParamsPair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// ParamsListener holds the attributes of one listener.
type ParamsListener struct {
	Protocol           string       `json:"protocol,omitempty"`
	Port               int32        `json:"port,omitempty"`
	ListenerAttributes []ParamsPair `json:"listenerAttributes,omitempty"`
}
