package graph

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Scaled reports whether something in the input sets the replicas of a workload
// in place of its manifest: a HorizontalPodAutoscaler, or the cluster
// proportional autoscaler.
// https://github.com/kubernetes-sigs/cluster-proportional-autoscaler
func (g *Graph) Scaled(w *Workload) bool { return len(g.autoscalers(w)) > 0 || g.proportional(w) }

// Replicas are how many pods a workload is to have: as many as its manifest says
// or, where a HorizontalPodAutoscaler sets them, between two numbers. They are
// not known of a DaemonSet, which has as many as there are nodes. A Job has its
// pods only while it runs.
func (g *Graph) Replicas(w *Workload) (least, most int, known bool) {
	scalers := g.autoscalers(w)
	switch {
	case g.proportional(w) || len(scalers) > 1:
		return 0, 0, false
	case len(scalers) == 1:
		s := scalers[0]
		return s.least, s.most, !s.resource.IsUnknown("spec", "minReplicas") && !s.resource.IsUnknown("spec", "maxReplicas")
	}
	known = !w.resource.IsUnknown("spec", "replicas") && !w.resource.IsUnknown("spec", "parallelism")
	switch o := w.resource.Object.(type) {
	case *corev1.Pod:
		return 1, 1, w.Single()
	case *appsv1.Deployment:
		return orOne(o.Spec.Replicas), orOne(o.Spec.Replicas), known
	case *appsv1.StatefulSet:
		return orOne(o.Spec.Replicas), orOne(o.Spec.Replicas), known
	case *appsv1.ReplicaSet:
		return orOne(o.Spec.Replicas), orOne(o.Spec.Replicas), known
	case *corev1.ReplicationController:
		return orOne(o.Spec.Replicas), orOne(o.Spec.Replicas), known
	case *batchv1.Job:
		return 0, orOne(o.Spec.Parallelism), known
	case *batchv1.CronJob:
		return 0, orOne(o.Spec.JobTemplate.Spec.Parallelism), !w.resource.IsUnknown("spec", "jobTemplate")
	default:
		return 0, 0, false
	}
}

// orOne fills in the default of Kubernetes.
func orOne(n *int32) int {
	if n == nil {
		return 1
	}
	return int(*n)
}

// autoscaler is a HorizontalPodAutoscaler with the bounds that it keeps.
type autoscaler struct {
	resource    *model.Resource
	least, most int
}

func (g *Graph) autoscalers(w *Workload) []autoscaler {
	var out []autoscaler
	ref := w.Ref()
	for _, r := range g.snapshot.List(model.KindHorizontalPodAutoscaler, ref.Namespace) {
		switch o := r.Object.(type) {
		case *autoscalingv1.HorizontalPodAutoscaler:
			if o.Spec.ScaleTargetRef.Kind == ref.Kind && o.Spec.ScaleTargetRef.Name == ref.Name {
				out = append(out, autoscaler{r, orOne(o.Spec.MinReplicas), int(o.Spec.MaxReplicas)})
			}
		case *autoscalingv2.HorizontalPodAutoscaler:
			if o.Spec.ScaleTargetRef.Kind == ref.Kind && o.Spec.ScaleTargetRef.Name == ref.Name {
				out = append(out, autoscaler{r, orOne(o.Spec.MinReplicas), int(o.Spec.MaxReplicas)})
			}
		}
	}
	return out
}

func (g *Graph) proportional(w *Workload) bool {
	ns := g.Namespace(w.Ref().Namespace)
	return ns != nil && slices.ContainsFunc(ns.Workloads, func(other *Workload) bool { return scalesInProportion(other, w.Ref().Name) })
}

func scalesInProportion(w *Workload, target string) bool {
	spec := w.PodSpec()
	if spec == nil {
		return false
	}
	for _, c := range spec.Containers {
		for _, arg := range slices.Concat(c.Command, c.Args) {
			name, ok := strings.CutPrefix(strings.ToLower(arg), "--target=deployment/")
			if ok && (name == target || strings.Contains(name, "$")) {
				return true
			}
		}
	}
	return false
}
