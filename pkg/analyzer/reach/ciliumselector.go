package reach

import (
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
	ciliumReserved        = "io.cilium."
)

// ciliumSelector is an endpoint selector of Cilium, taken apart.
type ciliumSelector struct {
	pods, namespaces graph.Selector
	// anyNamespace is set when the selector says itself which namespaces.
	anyNamespace bool
	// foreign is set when it asks for what no label of Kubernetes says, such as
	// the service account or what Cilium reserves.
	foreign bool
}

func ciliumSelectorOf(s *metav1.LabelSelector) ciliumSelector {
	var out ciliumSelector
	var pods, namespaces metav1.LabelSelector
	for _, r := range graph.SelectorOf(s).Requirements() {
		switch key := ciliumKey(r.Key); {
		case key == ciliumNamespace:
			r.Key, out.anyNamespace = corev1.LabelMetadataName, true
			if r.Operator == metav1.LabelSelectorOpExists {
				continue // every namespace has a name
			}
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case strings.HasPrefix(key, ciliumNamespaceLabels):
			r.Key, out.anyNamespace = strings.TrimPrefix(key, ciliumNamespaceLabels), true
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case strings.HasPrefix(key, ciliumReserved), strings.Contains(key, ":"):
			out.foreign = true
		default:
			r.Key = key
			pods.MatchExpressions = append(pods.MatchExpressions, r)
		}
	}
	out.pods, out.namespaces = graph.SelectorOf(&pods), graph.SelectorOf(&namespaces)
	return out
}

// ciliumKey drops the source of a label where it is Kubernetes or any. Other
// sources, such as reserved, stay.
func ciliumKey(key string) string {
	for _, source := range []string{"k8s:", "any:"} {
		key = strings.TrimPrefix(key, source)
	}
	return key
}
