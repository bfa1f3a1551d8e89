package model

import "slices"

// API groups that stand in more than one kind.
const (
	groupApps       = "apps"
	groupBatch      = "batch"
	groupNetworking = "networking.k8s.io"
	groupPolicyAPI  = "policy.networking.k8s.io"
	groupAWSPolicy  = "networking.k8s.aws"
	groupCilium     = "cilium.io"
	// GroupDerived is the group of the kinds that the graph derives and no
	// manifest holds, such as IngressGroup.
	GroupDerived = "ekslint.io"
)

// The kinds that the loader decodes into typed objects.
var (
	KindPod                   = GroupKind{"", "Pod"}
	KindReplicationController = GroupKind{"", "ReplicationController"}
	KindDeployment            = GroupKind{groupApps, "Deployment"}
	KindStatefulSet           = GroupKind{groupApps, "StatefulSet"}
	KindDaemonSet             = GroupKind{groupApps, "DaemonSet"}
	KindReplicaSet            = GroupKind{groupApps, "ReplicaSet"}
	KindJob                   = GroupKind{groupBatch, "Job"}
	KindCronJob               = GroupKind{groupBatch, "CronJob"}
	KindRollout               = GroupKind{"argoproj.io", "Rollout"}

	KindService       = GroupKind{"", "Service"}
	KindEndpointSlice = GroupKind{"discovery.k8s.io", "EndpointSlice"}
	KindIngress       = GroupKind{groupNetworking, "Ingress"}
	KindIngressClass  = GroupKind{groupNetworking, "IngressClass"}
	KindNetworkPolicy = GroupKind{groupNetworking, "NetworkPolicy"}

	KindNamespace               = GroupKind{"", "Namespace"}
	KindConfigMap               = GroupKind{"", "ConfigMap"}
	KindServiceAccount          = GroupKind{"", "ServiceAccount"}
	KindNode                    = GroupKind{"", "Node"}
	KindHorizontalPodAutoscaler = GroupKind{"autoscaling", "HorizontalPodAutoscaler"}
	KindPodDisruptionBudget     = GroupKind{"policy", "PodDisruptionBudget"}
	KindAPIService              = GroupKind{"apiregistration.k8s.io", "APIService"}

	KindMutatingWebhookConfiguration   = GroupKind{"admissionregistration.k8s.io", "MutatingWebhookConfiguration"}
	KindValidatingWebhookConfiguration = GroupKind{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"}

	// KindNodePool is Karpenter's, which EKS Auto Mode shares.
	KindNodePool = GroupKind{"karpenter.sh", "NodePool"}
	// KindEC2NodeClass is Karpenter's.
	KindEC2NodeClass = GroupKind{"karpenter.k8s.aws", "EC2NodeClass"}
	// KindNodeClass is EKS Auto Mode's.
	KindNodeClass = GroupKind{"eks.amazonaws.com", "NodeClass"}

	// KindSecurityGroupPolicy is the VPC resource controller's.
	KindSecurityGroupPolicy = GroupKind{"vpcresources.k8s.aws", "SecurityGroupPolicy"}
	// KindENIConfig is the VPC CNI's.
	KindENIConfig = GroupKind{"crd.k8s.amazonaws.com", "ENIConfig"}

	// KindTargetGroupBinding is the AWS Load Balancer Controller's.
	KindTargetGroupBinding = GroupKind{"elbv2.k8s.aws", "TargetGroupBinding"}

	// KindClusterConfig is eksctl's, which is no object of the cluster.
	KindClusterConfig = GroupKind{"eksctl.io", "ClusterConfig"}

	// KindIngressClassParams is the AWS Load Balancer Controller's kind.
	KindIngressClassParams = GroupKind{"elbv2.k8s.aws", "IngressClassParams"}
	// KindAutoModeIngressClassParams is EKS Auto Mode's kind of the same purpose.
	KindAutoModeIngressClassParams = GroupKind{"eks.amazonaws.com", "IngressClassParams"}
)

// The kinds of network policy besides NetworkPolicy.
var (
	KindAdminNetworkPolicy         = GroupKind{groupPolicyAPI, "AdminNetworkPolicy"}
	KindBaselineAdminNetworkPolicy = GroupKind{groupPolicyAPI, "BaselineAdminNetworkPolicy"}
	KindClusterNetworkPolicy       = GroupKind{groupPolicyAPI, "ClusterNetworkPolicy"}

	// KindAWSClusterNetworkPolicy and KindApplicationNetworkPolicy are those of
	// Amazon EKS.
	KindAWSClusterNetworkPolicy  = GroupKind{groupAWSPolicy, "ClusterNetworkPolicy"}
	KindApplicationNetworkPolicy = GroupKind{groupAWSPolicy, "ApplicationNetworkPolicy"}

	KindCiliumNetworkPolicy            = GroupKind{groupCilium, "CiliumNetworkPolicy"}
	KindCiliumClusterwideNetworkPolicy = GroupKind{groupCilium, "CiliumClusterwideNetworkPolicy"}
)

// PolicyKinds are the kinds of network policy that are evaluated.
func PolicyKinds() []GroupKind {
	return []GroupKind{
		KindNetworkPolicy, KindAdminNetworkPolicy, KindBaselineAdminNetworkPolicy, KindClusterNetworkPolicy,
		KindAWSClusterNetworkPolicy, KindApplicationNetworkPolicy,
		KindCiliumNetworkPolicy, KindCiliumClusterwideNetworkPolicy,
	}
}

// The kinds that the graph derives.
var (
	// KindIngressGroup is what becomes one Application Load Balancer.
	KindIngressGroup = GroupKind{GroupDerived, "IngressGroup"}
	// KindNamespaceScope is a namespace that holds something, whether or not
	// its Namespace object is in the input.
	KindNamespaceScope = GroupKind{GroupDerived, "NamespaceScope"}
)

// WorkloadKinds are the kinds that make pods.
func WorkloadKinds() []GroupKind {
	return []GroupKind{
		KindPod, KindReplicationController, KindDeployment, KindStatefulSet, KindDaemonSet,
		KindReplicaSet, KindJob, KindCronJob, KindRollout,
	}
}

// IsWorkload reports whether objects of the kind make pods.
func (g GroupKind) IsWorkload() bool { return slices.Contains(WorkloadKinds(), g) }

var clusterScoped = []GroupKind{
	KindNamespace, KindNode, KindNodePool, KindEC2NodeClass, KindNodeClass, KindENIConfig, KindClusterConfig, KindIngressClass, KindIngressClassParams, KindAutoModeIngressClassParams,
	KindAPIService, KindMutatingWebhookConfiguration, KindValidatingWebhookConfiguration,
	KindAdminNetworkPolicy, KindBaselineAdminNetworkPolicy, KindClusterNetworkPolicy, KindAWSClusterNetworkPolicy,
	KindCiliumClusterwideNetworkPolicy,
}

// IsClusterScoped reports whether objects of the kind live outside namespaces.
// Kinds that are not known are taken as namespaced.
func (g GroupKind) IsClusterScoped() bool { return slices.Contains(clusterScoped, g) }

// domainKinds lists the kinds whose presence shows that a domain is in the input.
func domainKinds(d Domain) []GroupKind {
	switch d {
	case Workloads:
		return WorkloadKinds()
	case Services:
		return []GroupKind{KindService}
	case Namespaces:
		return []GroupKind{KindNamespace}
	case IngressClasses:
		return []GroupKind{KindIngressClass}
	default:
		return nil
	}
}
