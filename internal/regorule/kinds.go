package regorule

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// derivedKinds are the kinds that no manifest holds.
func derivedKinds() []string {
	return []string{
		graph.KindResource, graph.KindWorkload, model.KindIngressGroup.Kind,
		eks.KindCluster, eks.KindLoadBalancer, eks.KindNodeGroup, eks.KindSubnet, eks.KindVPCEndpoint,
	}
}

// kubernetesKinds are the kinds of Kubernetes' own groups, which are named
// without their group, by that group.
func kubernetesKinds() map[string][]string {
	return map[string][]string{
		"": {
			"ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim", "Pod",
			"PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "Service", "ServiceAccount",
		},
		"admissionregistration.k8s.io": {
			"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
			"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
		},
		"apiextensions.k8s.io":         {"CustomResourceDefinition"},
		"apiregistration.k8s.io":       {"APIService"},
		"apps":                         {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"},
		"autoscaling":                  {"HorizontalPodAutoscaler"},
		"batch":                        {"CronJob", "Job"},
		"certificates.k8s.io":          {"CertificateSigningRequest"},
		"coordination.k8s.io":          {"Lease"},
		"discovery.k8s.io":             {"EndpointSlice"},
		"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
		"networking.k8s.io":            {"IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"},
		"node.k8s.io":                  {"RuntimeClass"},
		"policy":                       {"PodDisruptionBudget"},
		"policy.networking.k8s.io":     {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"},
		"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
		"scheduling.k8s.io":            {"PriorityClass"},
		"storage.k8s.io":               {"CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
	}
}

// groupOf returns the group of a kind that is named without it.
func groupOf(kind string) (string, bool) {
	for group, kinds := range kubernetesKinds() {
		if slices.Contains(kinds, kind) {
			return group, true
		}
	}
	return "", false
}

// kindsOf turns the kinds that a rule of a user names into those that the graph
// takes, and into those that the loader has to keep.
func kindsOf(names []string) (kinds []string, keep []model.GroupKind, err error) {
	for _, name := range names {
		kind, group, hasGroup := strings.Cut(name, ".")
		if !hasGroup && slices.Contains(derivedKinds(), name) {
			kinds = append(kinds, name)
			continue
		}
		if !hasGroup {
			if group, hasGroup = groupOf(name); !hasGroup {
				return nil, nil, fmt.Errorf("unknown kind %q%s", name, suggestion(name))
			}
		}
		if kind == "" {
			return nil, nil, fmt.Errorf("unknown kind %q", name)
		}
		gk := model.GroupKind{Group: group, Kind: kind}
		kinds, keep = append(kinds, graph.KindName(gk)), append(keep, gk)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), keep, nil
}

// CheckKind returns an error for a kind that a rule cannot look at.
func CheckKind(name string) error {
	_, _, err := kindsOf([]string{name})
	return err
}

func suggestion(name string) string {
	best, at := "", 3
	for _, kind := range slices.Sorted(slices.Values(slices.Concat(derivedKinds(), slices.Concat(slices.Collect(maps.Values(kubernetesKinds()))...)))) {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(kind)); d < at {
			best, at = kind, d
		}
	}
	if best != "" {
		return ", did you mean " + best + "?"
	}
	return `: a custom resource is named with its group, as in "Certificate.cert-manager.io"`
}

// APIVersion returns the apiVersion and kind with which a manifest of a kind
// begins, as far as its name tells; false for kinds that no manifest holds.
func APIVersion(name string) (apiVersion, kind string, ok bool) {
	kind, group, hasGroup := strings.Cut(name, ".")
	switch {
	case name == graph.KindWorkload:
		return "apps/v1", "Deployment", true
	case name == graph.KindResource:
		return "v1", "ConfigMap", true
	case !hasGroup && slices.Contains(derivedKinds(), name):
		return "", "", false
	case !hasGroup:
		group, _ = groupOf(name)
	}
	if group == "" {
		return "v1", kind, true
	}
	if group == "autoscaling" {
		return "autoscaling/v2", kind, true
	}
	return group + "/v1", kind, true
}
