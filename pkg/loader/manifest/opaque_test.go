package manifest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

func TestCustom(t *testing.T) {
	t.Parallel()
	in := func(d model.Domain, namespace, why string) *model.Opaque {
		return &model.Opaque{Domains: d, Namespace: namespace, AnyNamespace: namespace == "", Why: why}
	}
	const pods = model.Workloads | model.Services
	tests := []struct {
		apiVersion, kind string
		want             *model.Opaque
	}{
		{"v1", "Secret", nil},
		{"rbac.authorization.k8s.io/v1", "Role", nil},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", nil},
		{"skaffold/v2", "Config", nil},
		{"monitoring.coreos.com/v1", "PodMonitor", nil},
		{"monitoring.coreos.com/v1", "Alertmanager", in(pods, "ns", "Alertmanager ns/x may make pods")},
		{"serving.knative.dev/v1", "Service", in(pods, "ns", "Service ns/x may make pods")},
		{"argoproj.io/v1alpha1", "AppProject", nil},
		{"argoproj.io/v1alpha1", "Workflow", in(pods, "ns", "Workflow ns/x may make pods")},
		{"argoproj.io/v1alpha1", "ApplicationSet", in(everything, "", "ApplicationSet ns/x is not rendered")},
		{"helm.toolkit.fluxcd.io/v2", "HelmRelease", in(everything, "", "HelmRelease ns/x is not rendered")},
		{"source.toolkit.fluxcd.io/v1", "GitRepository", nil},
		{"kustomize.config.k8s.io/v1", "Kustomization", nil},
		{"keda.sh/v1alpha1", "ScaledObject", nil},
		{"keda.sh/v1alpha1", "ScaledJob", in(pods, "ns", "ScaledJob ns/x may make pods")},
		{"s3.services.k8s.aws/v1", "Bucket", nil},
		{"ec2.aws.upbound.io/v1", "VPC", nil},
		{"elbv2.k8s.aws/v1beta1", "TargetGroupBinding", nil},
		{"bitnami.com/v1", "SealedSecret", nil},
		{"kyverno.io/v1", "ClusterPolicy", in(model.Policies, "", "ClusterPolicy ns/x may make network policies")},
		{"kyverno.io/v1", "ClusterCleanupPolicy", nil},
		{"projectcalico.org/v3", "NetworkPolicy", in(model.Policies, "ns", "NetworkPolicy ns/x is not read")},
		{"crd.antrea.io/v1beta1", "ClusterNetworkPolicy", in(model.Policies, "", "ClusterNetworkPolicy ns/x is not read")},
		{"cilium.io/v2", "CiliumEndpoint", nil},
		{"crd.projectcalico.org/v1", "GlobalNetworkPolicy", in(model.Policies, "", "GlobalNetworkPolicy ns/x is not read")},
		{"projectcalico.org/v3", "NetworkPolicy", in(model.Policies, "ns", "NetworkPolicy ns/x is not read")},
		{"policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", in(model.Policies, "", "BaselineAdminNetworkPolicy ns/x is not read")},
		{"networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", in(model.Policies, "ns", "ApplicationNetworkPolicy ns/x is not read")},
		{"networking.k8s.aws/v1alpha1", "PolicyEndpoint", nil},
	}
	for _, test := range tests {
		t.Run(test.apiVersion+" "+test.kind, func(t *testing.T) {
			t.Parallel()
			var got *model.Opaque
			if o, ok := custom(typeID{test.apiVersion, test.kind}, "ns", "x"); ok {
				got = &o
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestTypes keeps the table of types and the kinds of the model together.
func TestTypes(t *testing.T) {
	t.Parallel()
	versions := map[model.GroupKind][]string{
		model.KindPod: {"v1"}, model.KindReplicationController: {"v1"}, model.KindService: {"v1"}, model.KindNamespace: {"v1"},
		model.KindConfigMap: {"v1"}, model.KindServiceAccount: {"v1"}, model.KindNode: {"v1"},
		model.KindDeployment: {"apps/v1"}, model.KindStatefulSet: {"apps/v1"}, model.KindDaemonSet: {"apps/v1"}, model.KindReplicaSet: {"apps/v1"},
		model.KindJob: {"batch/v1"}, model.KindCronJob: {"batch/v1"}, model.KindRollout: {"argoproj.io/v1alpha1"},
		model.KindEndpointSlice: {"discovery.k8s.io/v1"}, model.KindIngress: {"networking.k8s.io/v1"},
		model.KindIngressClass: {"networking.k8s.io/v1"}, model.KindNetworkPolicy: {"networking.k8s.io/v1"},
		model.KindHorizontalPodAutoscaler: {"autoscaling/v1", "autoscaling/v2"}, model.KindPodDisruptionBudget: {"policy/v1"},
		model.KindAPIService:                     {"apiregistration.k8s.io/v1"},
		model.KindMutatingWebhookConfiguration:   {"admissionregistration.k8s.io/v1"},
		model.KindValidatingWebhookConfiguration: {"admissionregistration.k8s.io/v1"},
		model.KindNodePool:                       {"karpenter.sh/v1", "karpenter.sh/v1beta1"},
		model.KindEC2NodeClass:                   {"karpenter.k8s.aws/v1", "karpenter.k8s.aws/v1beta1"},
		model.KindClusterConfig:                  {"eksctl.io/v1alpha5"},
		model.KindNodeClass:                      {"eks.amazonaws.com/v1"},
		model.KindIngressClassParams:             {"elbv2.k8s.aws/v1beta1"}, model.KindAutoModeIngressClassParams: {"eks.amazonaws.com/v1"},
	}
	for _, gk := range model.WorkloadKinds() {
		if versions[gk] == nil {
			t.Errorf("%v has no Go type", gk)
		}
	}
	typed := TypedKinds()
	for gk, apiVersions := range versions {
		if !slices.Contains(typed, gk) {
			t.Errorf("%v is not among TypedKinds", gk)
		}
		for _, apiVersion := range apiVersions {
			id := typeID{apiVersion, gk.Kind}
			if newObject(id) == nil || id.groupKind() != gk {
				t.Errorf("%v has no Go type", id)
			}
			if known, ok := knownKind(id); !ok || known != gk {
				t.Errorf("%v is known as %v", id, known)
			}
			if newObject(typeID{apiVersion + "x", gk.Kind}) != nil {
				t.Errorf("another version of %v has a Go type", id)
			}
		}
	}
	domains := map[model.GroupKind]model.Domain{
		model.KindPod: model.Workloads, model.KindService: model.Services, model.KindNetworkPolicy: model.Policies,
		model.KindNamespace: model.Namespaces, model.KindIngressClass: model.IngressClasses, model.KindConfigMap: 0,
	}
	for gk, want := range domains {
		if got := DomainOf(gk); got != want {
			t.Errorf("%v belongs to %v, want %v", gk, got, want)
		}
	}
}
