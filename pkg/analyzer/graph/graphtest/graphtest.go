// Package graphtest writes clusters down for tests.
package graphtest

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Read makes a graph of the objects of a test. Each document begins with its kind, a
// slash, its namespace, a slash and its name; the rest is the object. Values
// with a placeholder are unknown, and so are the paths of policies and Services
// that the last argument lists.
func Read(t *testing.T, text string, unknown ...string) *graph.Graph {
	t.Helper()
	return graph.New(Snapshot(t, text, unknown...))
}

// Snapshot is the snapshot of the graph that Read makes.
func Snapshot(t *testing.T, text string, unknown ...string) *model.Snapshot {
	t.Helper()
	var resources []*model.Resource
	var scope model.Scope
	for doc := range strings.SplitSeq(text, "---\n") {
		head, body, _ := strings.Cut(doc, "\n")
		parts := strings.Split(strings.TrimSpace(head), "/")
		if len(parts) != 3 {
			t.Fatalf("want Kind/namespace/name, not %q", head)
		}
		if parts[0] == "CalicoPolicy" { // as the loader sets it aside
			scope.Opaque = append(scope.Opaque, model.Opaque{Domains: model.Policies, Namespace: parts[1], Why: head + " is not read"})
			continue
		}
		gk, object := empty(t, parts[0])
		if err := yaml.UnmarshalStrict([]byte(body), object); err != nil {
			t.Fatalf("%s: %v", head, err)
		}
		object.SetNamespace(parts[1])
		object.SetName(parts[2])
		r := &model.Resource{Ref: model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: parts[1], Name: parts[2]}, Object: object}
		r.Unknown = unfilled(t, body)
		if slices.Contains(model.PolicyKinds(), gk) || gk == model.KindService {
			for _, path := range unknown {
				r.Unknown = append(r.Unknown, strings.Split(path, "."))
			}
		}
		resources = append(resources, r)
	}
	return model.NewSnapshot(scope, resources)
}

// unfilled are the values with a placeholder, as the loader finds them.
func unfilled(t *testing.T, body string) []model.Path {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(body), &tree); err != nil {
		t.Fatal(err)
	}
	return placeholder.Paths(tree)
}

func empty(t *testing.T, kind string) (model.GroupKind, metav1.Object) {
	t.Helper()
	switch kind {
	case "Namespace":
		return model.KindNamespace, &corev1.Namespace{}
	case "Pod":
		return model.KindPod, &corev1.Pod{}
	case "ConfigMap":
		return model.KindConfigMap, &corev1.ConfigMap{}
	case "ClusterConfig":
		return model.KindClusterConfig, &model.ClusterConfig{}
	case "NodePool":
		return model.KindNodePool, &model.NodePool{}
	case "EC2NodeClass":
		return model.KindEC2NodeClass, &model.EC2NodeClass{}
	case "NodeClass":
		return model.KindNodeClass, &model.NodeClass{}
	case "TargetGroupBinding":
		return model.KindTargetGroupBinding, &model.TargetGroupBinding{}
	case "SecurityGroupPolicy":
		return model.KindSecurityGroupPolicy, &model.SecurityGroupPolicy{}
	case "ENIConfig":
		return model.KindENIConfig, &model.ENIConfig{}
	case "ServiceAccount":
		return model.KindServiceAccount, &corev1.ServiceAccount{}
	case "IngressClass":
		return model.KindIngressClass, &networkingv1.IngressClass{}
	case "IngressClassParams":
		return model.KindIngressClassParams, &model.IngressClassParams{}
	case "DaemonSet":
		return model.KindDaemonSet, &appsv1.DaemonSet{}
	case "Service":
		return model.KindService, &corev1.Service{}
	case "Ingress":
		return model.KindIngress, &networkingv1.Ingress{}
	case "Deployment":
		return model.KindDeployment, &appsv1.Deployment{}
	case "Job":
		return model.KindJob, &batchv1.Job{}
	case "HorizontalPodAutoscaler":
		return model.KindHorizontalPodAutoscaler, &autoscalingv2.HorizontalPodAutoscaler{}
	case "NetworkPolicy":
		return model.KindNetworkPolicy, &networkingv1.NetworkPolicy{}
	case "ApplicationNetworkPolicy":
		return model.KindApplicationNetworkPolicy, &model.ApplicationNetworkPolicy{}
	case "CiliumNetworkPolicy":
		return model.KindCiliumNetworkPolicy, &model.CiliumNetworkPolicy{}
	case "CiliumClusterwideNetworkPolicy":
		return model.KindCiliumClusterwideNetworkPolicy, &model.CiliumNetworkPolicy{}
	case "AdminNetworkPolicy":
		return model.KindAdminNetworkPolicy, &model.ClusterNetworkPolicy{}
	case "BaselineAdminNetworkPolicy":
		return model.KindBaselineAdminNetworkPolicy, &model.ClusterNetworkPolicy{}
	case "ClusterNetworkPolicy":
		return model.KindClusterNetworkPolicy, &model.ClusterNetworkPolicy{}
	case "AWSClusterNetworkPolicy":
		return model.KindAWSClusterNetworkPolicy, &model.ClusterNetworkPolicy{}
	default:
		t.Fatalf("no kind %s", kind)
		return model.GroupKind{}, nil
	}
}
