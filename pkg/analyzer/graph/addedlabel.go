package graph

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// controllerLabels are those that a controller writes on the pods that it
// makes, with values that differ by pod or revision:
// https://kubernetes.io/docs/reference/labels-annotations-taints/
var controllerLabels = map[model.GroupKind][]string{
	model.KindDeployment: {"pod-template-hash"},
	model.KindRollout:    {"pod-template-hash", "rollouts-pod-template-hash"},
	model.KindDaemonSet:  {"controller-revision-hash", "pod-template-generation"},
	model.KindStatefulSet: {
		"controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
	},
	model.KindJob:     jobLabels,
	model.KindCronJob: jobLabels,
}

var jobLabels = []string{
	"job-name", "controller-uid", "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid",
	"batch.kubernetes.io/job-completion-index",
}

// placementLabels are written on a pod when it gets its node: by the API server
// from the labels of the node, and by EKS on Fargate.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtopologylabels
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
var placementLabels = []string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion, "eks.amazonaws.com/fargate-profile"}

// knowsLabel reports whether the pods have a label only if their template has.
func (w *Workload) knowsLabel(key string) bool {
	if w.labelsUnknown() || slices.Contains(controllerLabels[w.Ref().GroupKind()], key) {
		return false
	}
	return !slices.Contains(placementLabels, key) || w.template.Spec.NodeName != ""
}

// addedLabel reports whether a label may be on pods although it is in no
// template.
func addedLabel(key string) bool {
	if slices.Contains(placementLabels, key) {
		return true
	}
	for _, keys := range controllerLabels {
		if slices.Contains(keys, key) {
			return true
		}
	}
	return false
}
