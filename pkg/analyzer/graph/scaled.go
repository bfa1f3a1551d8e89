package graph

import (
	"slices"
	"strings"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/ekslint/ekslint/pkg/model"
)

// Scaled reports whether something in the input sets the replicas of a workload
// in place of its manifest: a HorizontalPodAutoscaler, or the cluster
// proportional autoscaler.
// https://github.com/kubernetes-sigs/cluster-proportional-autoscaler
func (g *Graph) Scaled(w *Workload) bool {
	ref := w.Ref()
	for _, r := range g.snapshot.List(model.KindHorizontalPodAutoscaler, ref.Namespace) {
		switch o := r.Object.(type) {
		case *autoscalingv1.HorizontalPodAutoscaler:
			if o.Spec.ScaleTargetRef.Kind == ref.Kind && o.Spec.ScaleTargetRef.Name == ref.Name {
				return true
			}
		case *autoscalingv2.HorizontalPodAutoscaler:
			if o.Spec.ScaleTargetRef.Kind == ref.Kind && o.Spec.ScaleTargetRef.Name == ref.Name {
				return true
			}
		}
	}
	ns := g.Namespace(ref.Namespace)
	return ns != nil && slices.ContainsFunc(ns.Workloads, func(other *Workload) bool { return scalesInProportion(other, ref.Name) })
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
