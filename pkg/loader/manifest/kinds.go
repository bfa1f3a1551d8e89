package manifest

import (
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// typeID names the type of an object as a manifest writes it.
type typeID struct{ apiVersion, kind string }

func (t typeID) group() string {
	if group, _, found := strings.Cut(t.apiVersion, "/"); found {
		return group
	}
	return ""
}

func (t typeID) version() string {
	if _, version, found := strings.Cut(t.apiVersion, "/"); found {
		return version
	}
	return t.apiVersion
}

func (t typeID) groupKind() model.GroupKind {
	return model.GroupKind{Group: t.group(), Kind: t.kind}
}

// isList reports whether objects of the type hold other objects: List, and
// typed lists such as ServiceList.
func (t typeID) isList() bool { return strings.HasSuffix(t.kind, "List") }

// item is the type of the elements of a list that do not name one themselves.
func (t typeID) item() typeID {
	kind := strings.TrimSuffix(t.kind, "List")
	if kind == "" {
		return typeID{}
	}
	return typeID{t.apiVersion, kind}
}

// newObject returns an empty object of the type, or nil when the type is not
// decoded into a Go type.
func newObject(t typeID) metav1.Object {
	switch t.apiVersion {
	case "v1":
		return newCoreObject(t.kind)
	case "apps/v1":
		return newAppsObject(t.kind)
	case "networking.k8s.io/v1":
		return newNetworkingObject(t.kind)
	}
	switch t {
	case typeID{"batch/v1", "Job"}:
		return &batchv1.Job{}
	case typeID{"batch/v1", "CronJob"}:
		return &batchv1.CronJob{}
	case typeID{"discovery.k8s.io/v1", "EndpointSlice"}:
		return &discoveryv1.EndpointSlice{}
	case typeID{"autoscaling/v1", "HorizontalPodAutoscaler"}:
		return &autoscalingv1.HorizontalPodAutoscaler{}
	case typeID{"autoscaling/v2", "HorizontalPodAutoscaler"}:
		return &autoscalingv2.HorizontalPodAutoscaler{}
	case typeID{"policy/v1", "PodDisruptionBudget"}:
		return &policyv1.PodDisruptionBudget{}
	case typeID{"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"}:
		return &admissionv1.MutatingWebhookConfiguration{}
	case typeID{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"}:
		return &admissionv1.ValidatingWebhookConfiguration{}
	case typeID{"apiregistration.k8s.io/v1", "APIService"}:
		return &apiregistrationv1.APIService{}
	}
	return newOwnObject(t)
}

func newCoreObject(kind string) metav1.Object {
	switch kind {
	case "Pod":
		return &corev1.Pod{}
	case "ReplicationController":
		return &corev1.ReplicationController{}
	case "Service":
		return &corev1.Service{}
	case "Namespace":
		return &corev1.Namespace{}
	case "ConfigMap":
		return &corev1.ConfigMap{}
	case "ServiceAccount":
		return &corev1.ServiceAccount{}
	case "Node":
		return &corev1.Node{}
	default:
		return nil
	}
}

func newAppsObject(kind string) metav1.Object {
	switch kind {
	case "Deployment":
		return &appsv1.Deployment{}
	case "StatefulSet":
		return &appsv1.StatefulSet{}
	case "DaemonSet":
		return &appsv1.DaemonSet{}
	case "ReplicaSet":
		return &appsv1.ReplicaSet{}
	default:
		return nil
	}
}

func newNetworkingObject(kind string) metav1.Object {
	switch kind {
	case "Ingress":
		return &networkingv1.Ingress{}
	case "IngressClass":
		return &networkingv1.IngressClass{}
	case "NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	default:
		return nil
	}
}

// newOwnObject covers the types of this module, which hold only the fields that
// matter here.
func newOwnObject(t typeID) metav1.Object {
	switch t {
	case typeID{"argoproj.io/v1alpha1", "Rollout"}:
		return &model.Rollout{}
	case typeID{"karpenter.sh/v1", "NodePool"}, typeID{"karpenter.sh/v1beta1", "NodePool"}:
		return &model.NodePool{}
	case typeID{"karpenter.k8s.aws/v1", "EC2NodeClass"}, typeID{"karpenter.k8s.aws/v1beta1", "EC2NodeClass"}:
		return &model.EC2NodeClass{}
	case typeID{"eks.amazonaws.com/v1", "NodeClass"}:
		return &model.NodeClass{}
	case typeID{"vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy"}:
		return &model.SecurityGroupPolicy{}
	case typeID{"crd.k8s.amazonaws.com/v1alpha1", "ENIConfig"}:
		return &model.ENIConfig{}
	case typeID{"elbv2.k8s.aws/v1beta1", "TargetGroupBinding"}:
		return &model.TargetGroupBinding{}
	case typeID{"eksctl.io/v1alpha5", "ClusterConfig"}:
		return &model.ClusterConfig{}
	case typeID{"elbv2.k8s.aws/v1beta1", "IngressClassParams"}, typeID{"eks.amazonaws.com/v1", "IngressClassParams"}:
		return &model.IngressClassParams{}
	case typeID{"policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"},
		typeID{"policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"},
		typeID{"policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"},
		typeID{"networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy"}:
		return &model.ClusterNetworkPolicy{}
	case typeID{"networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy"}:
		return &model.ApplicationNetworkPolicy{}
	case typeID{"cilium.io/v2", "CiliumNetworkPolicy"}, typeID{"cilium.io/v2", "CiliumClusterwideNetworkPolicy"}:
		return &model.CiliumNetworkPolicy{}
	default:
		return nil
	}
}

// isPartial reports whether the Go type lacks fields that the API has, so that
// an unknown field means nothing.
func isPartial(object metav1.Object) bool {
	switch object.(type) {
	case *model.Rollout, *model.IngressClassParams, *model.NodePool, *model.EC2NodeClass, *model.NodeClass, *model.ClusterConfig,
		*model.SecurityGroupPolicy, *model.ENIConfig, *model.TargetGroupBinding,
		*model.ClusterNetworkPolicy, *model.ApplicationNetworkPolicy, *model.CiliumNetworkPolicy:
		return true
	default:
		return false
	}
}

// removedIn returns the release of Kubernetes that no longer serves the type:
// https://kubernetes.io/docs/reference/using-api/deprecation-guide/
func removedIn(t typeID) string {
	switch t.apiVersion {
	case "extensions/v1beta1":
		if t.kind == "Ingress" {
			return "1.22"
		}
		return "1.16"
	case "apps/v1beta1", "apps/v1beta2":
		return "1.16"
	case "networking.k8s.io/v1beta1", "admissionregistration.k8s.io/v1beta1", "apiregistration.k8s.io/v1beta1":
		return "1.22"
	case "batch/v1beta1", "discovery.k8s.io/v1beta1", "policy/v1beta1", "autoscaling/v2beta1":
		return "1.25"
	case "autoscaling/v2beta2":
		return "1.26"
	default:
		return ""
	}
}

// knownKind returns the kind that t is another version of, when it is one that
// is decoded into a Go type. Workloads, NetworkPolicy and Ingress were once in
// the group extensions.
func knownKind(t typeID) (model.GroupKind, bool) {
	gk := t.groupKind()
	groups := []string{gk.Group}
	if gk.Group == "extensions" {
		groups = []string{"apps", "networking.k8s.io"}
	}
	for _, group := range groups {
		for _, version := range []string{"v1", "v1alpha1", "v1alpha2", "v1alpha5", "v1beta1", "v2"} {
			apiVersion := version
			if group != "" {
				apiVersion = group + "/" + version
			}
			if newObject(typeID{apiVersion, gk.Kind}) != nil {
				return model.GroupKind{Group: group, Kind: gk.Kind}, true
			}
		}
	}
	return model.GroupKind{}, false
}
