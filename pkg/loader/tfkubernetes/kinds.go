package tfkubernetes

import (
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// kind is what a typed resource makes.
type kind struct {
	apiVersion, name string
	// object is the Go type by which its attributes are read.
	object reflect.Type
}

func (k kind) groupKind() model.GroupKind {
	group, _, found := strings.Cut(k.apiVersion, "/")
	if !found {
		group = ""
	}
	return model.GroupKind{Group: group, Kind: k.name}
}

// domain is the one that the object belongs to, or none. Endpoints stand for pods that
// a Service does not select.
func (k kind) domain() model.Domain {
	if k.name == "Endpoints" || k.name == "EndpointSlice" {
		return model.Workloads
	}
	return manifest.DomainOf(k.groupKind())
}

func kindFor[T any](apiVersion string) kind {
	t := reflect.TypeFor[T]()
	return kind{apiVersion, t.Name(), t}
}

// kindOf is what a resource makes; false for a type that is not read. A type
// without a version in its name stands for the same as the one with v1, but where
// it is older than that version:
// https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/provider.go
func kindOf(r terraform.Resource) (kind, bool) {
	name, isTyped := strings.CutPrefix(r.Type, "kubernetes_")
	if !isTyped {
		return kind{}, false
	}
	if name == "horizontal_pod_autoscaler" {
		return oldAutoscaler(r), true
	}
	k, found := oldKind(name)
	if !found {
		k, found = workload(strings.TrimSuffix(name, "_v1"))
	}
	if !found {
		k, found = otherKind(strings.TrimSuffix(name, "_v1"))
	}
	return k, found
}

func workload(name string) (kind, bool) {
	switch name {
	case "deployment":
		return kindFor[appsv1.Deployment]("apps/v1"), true
	case "stateful_set":
		return kindFor[appsv1.StatefulSet]("apps/v1"), true
	case "daemonset", "daemon_set":
		return kindFor[appsv1.DaemonSet]("apps/v1"), true
	case "replication_controller":
		return kindFor[corev1.ReplicationController]("v1"), true
	case "pod":
		return kindFor[corev1.Pod]("v1"), true
	case "job":
		return kindFor[batchv1.Job]("batch/v1"), true
	case "cron_job":
		return kindFor[batchv1.CronJob]("batch/v1"), true
	default:
		return kind{}, false
	}
}

func otherKind(name string) (kind, bool) {
	switch name {
	case "namespace":
		return kindFor[corev1.Namespace]("v1"), true
	case "service":
		return kindFor[corev1.Service]("v1"), true
	case "endpoints":
		return kindFor[corev1.Endpoints]("v1"), true //nolint:staticcheck // deprecated, and still made
	case "endpoint_slice":
		return kindFor[discoveryv1.EndpointSlice]("discovery.k8s.io/v1"), true
	case "config_map":
		return kindFor[corev1.ConfigMap]("v1"), true
	case "service_account":
		return kindFor[corev1.ServiceAccount]("v1"), true
	case "ingress":
		return kindFor[networkingv1.Ingress]("networking.k8s.io/v1"), true
	case "ingress_class":
		return kindFor[networkingv1.IngressClass]("networking.k8s.io/v1"), true
	case "network_policy":
		return kindFor[networkingv1.NetworkPolicy]("networking.k8s.io/v1"), true
	case "horizontal_pod_autoscaler":
		return kindFor[autoscalingv1.HorizontalPodAutoscaler]("autoscaling/v1"), true
	case "horizontal_pod_autoscaler_v2":
		return kindFor[autoscalingv2.HorizontalPodAutoscaler]("autoscaling/v2"), true
	case "pod_disruption_budget":
		return kindFor[policyv1.PodDisruptionBudget]("policy/v1"), true
	default:
		return kind{}, false
	}
}

// oldKind are the types that ask for a version of the API which Kubernetes no
// longer has. What they make is not read, as a manifest of that version is not.
func oldKind(name string) (kind, bool) {
	switch name {
	case "ingress":
		return kindFor[networkingv1.Ingress]("networking.k8s.io/v1beta1"), true
	case "cron_job":
		return kindFor[batchv1.CronJob]("batch/v1beta1"), true
	case "pod_disruption_budget":
		return kindFor[policyv1.PodDisruptionBudget]("policy/v1beta1"), true
	case "horizontal_pod_autoscaler_v2beta2":
		return kindFor[autoscalingv2.HorizontalPodAutoscaler]("autoscaling/v2beta2"), true
	default:
		return kind{}, false
	}
}

// oldAutoscaler is of one of two versions, by what it sets:
// https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/horizontal_pod_autoscaler#support-for-multiple-and-custom-metrics
func oldAutoscaler(r terraform.Resource) kind {
	spec := block(r.Attributes.Get("spec"))
	for _, name := range []string{"metric", "behavior"} {
		if v := spec.Get(name); v.IsSet() && (v.Kind == attr.Open || len(v.Items) > 0) {
			k, _ := oldKind("horizontal_pod_autoscaler_v2beta2")
			return k
		}
	}
	k, _ := otherKind("horizontal_pod_autoscaler")
	return k
}
