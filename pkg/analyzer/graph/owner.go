package graph

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Objects read from a running cluster hold pods beside what made them, and
// every ReplicaSet that a Deployment ever had. A pod stands for itself only
// where the input does not show its owner:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/

// controllerRef returns the reference of the object that controls another.
// Nodes control static pods and are no workload.
func controllerRef(r *model.Resource) (model.Ref, bool) {
	owner := metav1.GetControllerOfNoCopy(r.Object)
	if owner == nil || owner.Kind == model.KindNode.Kind {
		return model.Ref{}, false
	}
	group, _, grouped := strings.Cut(owner.APIVersion, "/")
	if !grouped {
		group = ""
	}
	return model.Ref{Group: group, Kind: owner.Kind, Namespace: r.Ref.Namespace, Name: owner.Name}, true
}

// owned returns the workload of the input from which an object was made, at the
// end of the chain; nil when the object stands for itself.
func (g *Graph) owned(r *model.Resource) *model.Resource {
	var out *model.Resource
	for range 8 { // chains are short, and a loop would be a mistake of the input
		ref, ok := controllerRef(r)
		if !ok || !ref.GroupKind().IsWorkload() {
			return out
		}
		owner := g.snapshot.Get(ref)
		if owner == nil {
			return out
		}
		out, r = owner, owner
	}
	return nil
}

// Owner is what the pods belong to: the workload itself or, for a pod whose
// controller is not in the input, that controller.
func (w *Workload) Owner() model.Ref {
	if ref, ok := controllerRef(w.resource); ok && w.Ref().GroupKind() == model.KindPod {
		return ref
	}
	return w.Ref()
}

// twin returns the pod of the same absent controller which differs from pod in
// nothing that matters here, or nil.
func twin(pods []*Workload, pod *Workload) *Workload {
	i := slices.IndexFunc(pods, func(w *Workload) bool {
		return w.Owner() == pod.Owner() && w.HostNetwork() == pod.HostNetwork() &&
			maps.Equal(w.Labels(), pod.Labels()) && slices.Equal(w.containerPorts(), pod.containerPorts()) &&
			len(w.holder.Unknown)+len(pod.holder.Unknown) == 0
	})
	if i < 0 {
		return nil
	}
	return pods[i]
}

// Single reports whether the workload is one pod and no more: what a controller
// made may have others beside it.
func (w *Workload) Single() bool {
	_, controlled := controllerRef(w.resource)
	return w.Ref().GroupKind() == model.KindPod && !controlled
}

// Addresses are those of the pods of the workload that are in the input, as
// their status shows them. A template shows none.
func (w *Workload) Addresses() []netip.Addr {
	var out []netip.Addr
	for _, r := range w.pods {
		if pod, ok := r.Object.(*corev1.Pod); ok {
			out = append(out, podAddresses(pod)...)
		}
	}
	return out
}

// ShowsAddresses reports whether Addresses are those of every pod of the
// workload: the input shows as many pods with an address as there are to be.
func (w *Workload) ShowsAddresses() bool {
	shown := 0
	for _, r := range w.pods {
		if pod, ok := r.Object.(*corev1.Pod); ok && len(podAddresses(pod)) > 0 {
			shown++
		}
	}
	want, known := w.wanted()
	return known && shown >= want
}

// wanted is how many pods there are to be, as far as the object says so.
func (w *Workload) wanted() (n int, known bool) {
	replicas := func(spec *int32, status int32) (int, bool) {
		n := int32(1) // the default
		if spec != nil {
			n = *spec
		}
		return int(max(n, status)), !w.resource.IsUnknown("spec", "replicas")
	}
	switch o := w.resource.Object.(type) {
	case *corev1.Pod:
		return 1, w.Single()
	case *appsv1.Deployment:
		return replicas(o.Spec.Replicas, o.Status.Replicas)
	case *appsv1.StatefulSet:
		return replicas(o.Spec.Replicas, o.Status.Replicas)
	case *appsv1.ReplicaSet:
		return replicas(o.Spec.Replicas, o.Status.Replicas)
	case *corev1.ReplicationController:
		return replicas(o.Spec.Replicas, o.Status.Replicas)
	case *appsv1.DaemonSet:
		return int(o.Status.DesiredNumberScheduled), o.Status.DesiredNumberScheduled > 0
	default:
		return 0, false
	}
}

func podAddresses(pod *corev1.Pod) []netip.Addr {
	var out []netip.Addr
	for _, ip := range pod.Status.PodIPs {
		if a, err := netip.ParseAddr(ip.IP); err == nil {
			out = append(out, a.Unmap())
		}
	}
	if a, err := netip.ParseAddr(pod.Status.PodIP); err == nil && len(out) == 0 {
		out = append(out, a.Unmap())
	}
	return out
}
