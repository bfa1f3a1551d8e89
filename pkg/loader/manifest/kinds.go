package manifest

import (
	"cmp"
	"maps"
	"slices"
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
	if empty, ok := types[t]; ok {
		return empty()
	}
	return nil
}

// TypedKinds lists the kinds that have a Go type, sorted.
func TypedKinds() []model.GroupKind {
	seen := map[model.GroupKind]bool{}
	for t := range types {
		seen[t.groupKind()] = true
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b model.GroupKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	})
}

// types makes an empty object of each type that is decoded into a Go type. Those of this
// module hold only the fields that matter here.
var types = map[typeID]func() metav1.Object{
	{"v1", "Pod"}:                   func() metav1.Object { return &corev1.Pod{} },
	{"v1", "ReplicationController"}: func() metav1.Object { return &corev1.ReplicationController{} },
	{"v1", "Service"}:               func() metav1.Object { return &corev1.Service{} },
	{"v1", "Namespace"}:             func() metav1.Object { return &corev1.Namespace{} },
	{"v1", "ConfigMap"}:             func() metav1.Object { return &corev1.ConfigMap{} },
	{"v1", "ServiceAccount"}:        func() metav1.Object { return &corev1.ServiceAccount{} },
	{"v1", "Node"}:                  func() metav1.Object { return &corev1.Node{} },

	{"apps/v1", "Deployment"}:  func() metav1.Object { return &appsv1.Deployment{} },
	{"apps/v1", "StatefulSet"}: func() metav1.Object { return &appsv1.StatefulSet{} },
	{"apps/v1", "DaemonSet"}:   func() metav1.Object { return &appsv1.DaemonSet{} },
	{"apps/v1", "ReplicaSet"}:  func() metav1.Object { return &appsv1.ReplicaSet{} },

	{"networking.k8s.io/v1", "Ingress"}:       func() metav1.Object { return &networkingv1.Ingress{} },
	{"networking.k8s.io/v1", "IngressClass"}:  func() metav1.Object { return &networkingv1.IngressClass{} },
	{"networking.k8s.io/v1", "NetworkPolicy"}: func() metav1.Object { return &networkingv1.NetworkPolicy{} },

	{"batch/v1", "Job"}:                                                   func() metav1.Object { return &batchv1.Job{} },
	{"batch/v1", "CronJob"}:                                               func() metav1.Object { return &batchv1.CronJob{} },
	{"discovery.k8s.io/v1", "EndpointSlice"}:                              func() metav1.Object { return &discoveryv1.EndpointSlice{} },
	{"autoscaling/v1", "HorizontalPodAutoscaler"}:                         func() metav1.Object { return &autoscalingv1.HorizontalPodAutoscaler{} },
	{"autoscaling/v2", "HorizontalPodAutoscaler"}:                         func() metav1.Object { return &autoscalingv2.HorizontalPodAutoscaler{} },
	{"policy/v1", "PodDisruptionBudget"}:                                  func() metav1.Object { return &policyv1.PodDisruptionBudget{} },
	{"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"}:   func() metav1.Object { return &admissionv1.MutatingWebhookConfiguration{} },
	{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"}: func() metav1.Object { return &admissionv1.ValidatingWebhookConfiguration{} },
	{"apiregistration.k8s.io/v1", "APIService"}:                           func() metav1.Object { return &apiregistrationv1.APIService{} },

	{"argoproj.io/v1alpha1", "Rollout"}:                                 func() metav1.Object { return &model.Rollout{} },
	{"karpenter.sh/v1", "NodePool"}:                                     func() metav1.Object { return &model.NodePool{} },
	{"karpenter.sh/v1beta1", "NodePool"}:                                func() metav1.Object { return &model.NodePool{} },
	{"karpenter.k8s.aws/v1", "EC2NodeClass"}:                            func() metav1.Object { return &model.EC2NodeClass{} },
	{"karpenter.k8s.aws/v1beta1", "EC2NodeClass"}:                       func() metav1.Object { return &model.EC2NodeClass{} },
	{"eks.amazonaws.com/v1", "NodeClass"}:                               func() metav1.Object { return &model.NodeClass{} },
	{"vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy"}:             func() metav1.Object { return &model.SecurityGroupPolicy{} },
	{"crd.k8s.amazonaws.com/v1alpha1", "ENIConfig"}:                     func() metav1.Object { return &model.ENIConfig{} },
	{"elbv2.k8s.aws/v1beta1", "TargetGroupBinding"}:                     func() metav1.Object { return &model.TargetGroupBinding{} },
	{"eksctl.io/v1alpha5", "ClusterConfig"}:                             func() metav1.Object { return &model.ClusterConfig{} },
	{"elbv2.k8s.aws/v1beta1", "IngressClassParams"}:                     func() metav1.Object { return &model.IngressClassParams{} },
	{"eks.amazonaws.com/v1", "IngressClassParams"}:                      func() metav1.Object { return &model.IngressClassParams{} },
	{"policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"}:         func() metav1.Object { return &model.ClusterNetworkPolicy{} },
	{"policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"}: func() metav1.Object { return &model.ClusterNetworkPolicy{} },
	{"policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"}:       func() metav1.Object { return &model.ClusterNetworkPolicy{} },
	{"networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy"}:             func() metav1.Object { return &model.ClusterNetworkPolicy{} },
	{"networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy"}:         func() metav1.Object { return &model.ApplicationNetworkPolicy{} },
	{"cilium.io/v2", "CiliumNetworkPolicy"}:                             func() metav1.Object { return &model.CiliumNetworkPolicy{} },
	{"cilium.io/v2", "CiliumClusterwideNetworkPolicy"}:                  func() metav1.Object { return &model.CiliumNetworkPolicy{} },
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
