package reach

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
)

// Labels that Cilium gives to pods besides their own:
// https://docs.cilium.io/en/stable/network/kubernetes/policy/#namespaces
const (
	ciliumNamespace       = "io.kubernetes.pod.namespace"
	ciliumNamespaceLabels = "io.cilium.k8s.namespace.labels."
)

// ciliumIgnored begin the labels of pods that Cilium by default leaves out of
// what policies select by, so that a selector for them selects nothing, and
// those that it makes of other things than labels.
// https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/
var ciliumIgnored = []string{
	"io.cilium.", "io.kubernetes", "kubernetes.io", "k8s.io", "beta.kubernetes.io", "topology.kubernetes.io", "annotation", "etcd_node",
	"pod-template-generation", "pod-template-hash", "controller-revision-hash", "controller-uid", "batch.kubernetes.io/controller-uid",
	"batch.kubernetes.io/job-completion-index", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
}

// ciliumSelector is an endpoint selector of Cilium, taken apart.
type ciliumSelector struct {
	pods, namespaces graph.Selector
	// byName and byLabel are set when the selector says itself which namespaces.
	byName, byLabel bool
	// foreign is set when it asks for what is no label of Kubernetes, such as
	// what Cilium reserves; doubtful when it asks for a label that it may not see.
	foreign, doubtful bool
	// negative is set when it asks for no label to be there.
	negative bool
}

func ciliumSelectorOf(s *metav1.LabelSelector) ciliumSelector {
	out := ciliumSelector{negative: true}
	var pods, namespaces metav1.LabelSelector
	for _, r := range graph.SelectorOf(s).Requirements() {
		out.negative = out.negative && (r.Operator == metav1.LabelSelectorOpNotIn || r.Operator == metav1.LabelSelectorOpDoesNotExist)
		switch key := ciliumKey(r.Key); {
		case key == ciliumNamespace:
			r.Key, out.byName = corev1.LabelMetadataName, true
			if r.Operator == metav1.LabelSelectorOpExists {
				continue // every namespace has a name
			}
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case strings.HasPrefix(key, ciliumNamespaceLabels):
			r.Key, out.byLabel = strings.TrimPrefix(key, ciliumNamespaceLabels), true
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case strings.Contains(key, ":"):
			out.foreign = true
		case slices.ContainsFunc(ciliumIgnored, func(prefix string) bool { return strings.HasPrefix(key, prefix) }):
			out.doubtful = true
		default:
			r.Key = key
			pods.MatchExpressions = append(pods.MatchExpressions, r)
		}
	}
	out.pods, out.namespaces = graph.SelectorOf(&pods), graph.SelectorOf(&namespaces)
	return out
}

// matchesReserved reports whether the selector may match what is no pod, such
// as the world and nodes, which have none of the labels that it wants absent.
// Cilium adds that there be a namespace where the selector names none, and since
// version 1.19 that there be the name of the cluster.
func (s ciliumSelector) matchesReserved(wide bool) bool {
	return s.negative && !s.foreign && (s.byName || s.byLabel && !wide)
}

// ciliumKey drops the source of a label where it is Kubernetes or any. Other
// sources, such as reserved, stay.
func ciliumKey(key string) string {
	for _, source := range []string{"k8s:", "any:"} {
		key = strings.TrimPrefix(key, source)
	}
	return key
}
