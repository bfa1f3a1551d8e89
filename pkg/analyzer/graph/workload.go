package graph

import (
	"cmp"
	"slices"
	"strconv"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Workload is an object that makes pods, with the template they are made from.
type Workload struct {
	resource *model.Resource
	// template is nil when the object names a template that is not in the input.
	template *corev1.PodTemplateSpec
	// holder is the resource in which the template is written, at path.
	holder *model.Resource
	path   model.Path
	// pods are those of the workload that are in the input.
	pods []*model.Resource
	// dialled are the addresses that its containers name, read when they are first asked for.
	dialled []dial
	reading sync.Once
}

// Ref implements Object.
func (w *Workload) Ref() model.Ref { return w.resource.Ref }

// Resource implements Object.
func (w *Workload) Resource() *model.Resource { return w.resource }

// Known reports whether the pod template is in the input.
func (w *Workload) Known() bool { return w.template != nil }

// Labels are the labels of the pods.
func (w *Workload) Labels() map[string]string {
	if w.template == nil {
		return nil
	}
	return w.template.Labels
}

// PodSpec is the specification of the pods; nil when it is not in the input.
func (w *Workload) PodSpec() *corev1.PodSpec {
	if w.template == nil {
		return nil
	}
	return &w.template.Spec
}

// Annotations are the annotations of the pods.
func (w *Workload) Annotations() map[string]string {
	if w.template == nil {
		return nil
	}
	return w.template.Annotations
}

// PathTo returns the path of a field of the pod template, such as
// "spec", "hostNetwork", in the resource that Holder returns.
func (w *Workload) PathTo(elems ...string) model.Path { return w.path.Child(elems...) }

// Holder is the resource in which the pod template is written.
func (w *Workload) Holder() *model.Resource { return w.holder }

// ServiceAccount is the name of the service account that the pods run as;
// Kubernetes' default for an absent one is "default":
// https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
// The object is nil when it is not in the input. Unknown templates have neither.
func (g *Graph) ServiceAccount(w *Workload) (name string, object *model.Resource) {
	spec := w.PodSpec()
	if spec == nil {
		return "", nil
	}
	name = cmp.Or(spec.ServiceAccountName, spec.DeprecatedServiceAccount, "default")
	return name, g.snapshot.Get(model.Ref{
		Kind: model.KindServiceAccount.Kind, Namespace: w.Ref().Namespace, Name: name,
	})
}

// HostNetwork reports whether the pods use the node's network.
func (w *Workload) HostNetwork() bool {
	return w.template != nil && w.template.Spec.HostNetwork
}

// HostPorts answers whether containers of the pods have ports of their node:
// https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#containerport-v1-core
func (w *Workload) HostPorts() model.Tri {
	spec := w.PodSpec()
	if spec == nil {
		return model.Unknown
	}
	out := model.No
	for i, c := range spec.Containers {
		at := w.PathTo("spec", "containers", strconv.Itoa(i), "ports")
		if w.Holder().Hides(at...) {
			out = model.Unknown
		}
		for j, p := range c.Ports {
			switch {
			case p.HostPort > 0:
				return model.Yes
			case w.Holder().Hides(at.Child(strconv.Itoa(j), "hostPort")...):
				out = model.Unknown
			}
		}
	}
	return out
}

// Fargate reports whether the pods say that they run on Fargate, where no agent
// of a network engine does:
// https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
func (w *Workload) Fargate() bool {
	return w.template != nil && w.template.Spec.NodeSelector["eks.amazonaws.com/compute-type"] == "fargate"
}

// Windows reports whether the pods say that they run on Windows.
func (w *Workload) Windows() bool {
	return w.template != nil && (w.template.Spec.NodeSelector[corev1.LabelOSStable] == string(corev1.Windows) ||
		w.template.Spec.OS != nil && w.template.Spec.OS.Name == corev1.Windows)
}

// Enforceable reports whether network policies can apply to the pods. They do
// not to pods on the node's network, on Fargate or on Windows:
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
func (w *Workload) Enforceable() bool { return !w.HostNetwork() && !w.Windows() && !w.Fargate() }

// Selected answers whether a selector selects the pods.
func (w *Workload) Selected(s Selector) model.Tri {
	if w.template == nil {
		return model.Unknown
	}
	return s.match(w.template.Labels, w.knowsLabel)
}

func (w *Workload) labelsUnknown() bool {
	return len(w.holder.Unknown) > 0 && w.holder.IsUnknown(w.PathTo("metadata", "labels")...)
}

// ContainerPort returns the port that a name stands for in the pods of a
// Service: the first of NamedPorts.
func (w *Workload) ContainerPort(name string, protocol corev1.Protocol) (int32, model.Tri) {
	ports, answer := w.NamedPorts(name, protocol)
	if answer != model.Yes {
		return 0, answer
	}
	return ports[0], model.Yes
}

// NamedPorts returns every port that a name and protocol stand for in the pods,
// in container order, restartable init containers included: what a policy that
// names a port may mean. Unknown when the ports are not known, No when the pods
// have no such name.
func (w *Workload) NamedPorts(name string, protocol corev1.Protocol) ([]int32, model.Tri) {
	ports, known := w.Ports()
	if !known {
		return nil, model.Unknown
	}
	var out []int32
	for _, p := range ports {
		if p.Name == name && orTCP(p.Protocol) == orTCP(protocol) {
			out = append(out, p.ContainerPort)
		}
	}
	return out, model.TriOf(len(out) > 0)
}

// Ports are the ports that the containers declare, in their order, restartable
// init containers last. They are not known when the input does not fix them.
// The slice is shared.
func (w *Workload) Ports() (ports []corev1.ContainerPort, known bool) {
	if w.template == nil || len(w.holder.Unknown) > 0 && w.holder.IsUnknown(w.PathTo("spec", "containers")...) {
		return nil, false
	}
	return w.containerPorts(), true
}

func (w *Workload) containerPorts() []corev1.ContainerPort {
	if spec := &w.template.Spec; len(spec.Containers) == 1 && len(spec.InitContainers) == 0 {
		return spec.Containers[0].Ports
	}
	var out []corev1.ContainerPort
	for _, c := range w.template.Spec.Containers {
		out = append(out, c.Ports...)
	}
	for _, c := range w.template.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			out = append(out, c.Ports...)
		}
	}
	return out
}

// orTCP applies the default that Kubernetes guarantees for an absent protocol.
func orTCP(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// addPods adds the workloads of a shard, unless it has them from the one before.
func (g *Graph) addPods(sh *shard) {
	if sh.pods == nil {
		all := g.standing(sh.name)
		slices.SortFunc(all, func(a, b *Workload) int { return a.Ref().Compare(b.Ref()) })
		sh.pods = newPodIndex(all)
	}
	for _, w := range sh.pods.all {
		sh.add(KindWorkload, w)
		sh.byKind[w.Ref().Kind] = append(sh.byKind[w.Ref().Kind], w)
	}
	if sh.namespace != nil {
		sh.namespace.Workloads = sh.pods.all
	}
}

// standing are the workloads that stand for themselves, with their pods.
func (g *Graph) standing(namespace string) []*Workload {
	var all []*Workload
	made := map[model.Ref][]*model.Resource{}
	twins := map[model.Ref][]*Workload{}
	for _, gk := range model.WorkloadKinds() {
		for _, r := range g.snapshot.List(gk, namespace) {
			if owner := g.owned(r); owner != nil {
				made[owner.Ref] = append(made[owner.Ref], r)
				continue
			}
			w := g.workloadOf(r)
			if gk == model.KindPod {
				w.pods = []*model.Resource{r}
				if first := twin(twins[w.Owner()], w); first != nil {
					first.pods = append(first.pods, r)
					continue
				}
				twins[w.Owner()] = append(twins[w.Owner()], w)
			}
			all = append(all, w)
		}
	}
	for _, w := range all {
		w.pods = append(w.pods, made[w.Ref()]...)
	}
	return all
}

func (g *Graph) workloadOf(r *model.Resource) *Workload {
	w := &Workload{resource: r, holder: r, path: model.Path{"spec", "template"}}
	switch o := r.Object.(type) {
	case *corev1.Pod:
		w.template = &corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}
		w.path = model.Path{}
	case *corev1.ReplicationController:
		w.template = o.Spec.Template
	case *appsv1.Deployment:
		w.template = &o.Spec.Template
	case *appsv1.StatefulSet:
		w.template = &o.Spec.Template
	case *appsv1.DaemonSet:
		w.template = &o.Spec.Template
	case *appsv1.ReplicaSet:
		w.template = &o.Spec.Template
	case *batchv1.Job:
		w.template = &o.Spec.Template
	case *batchv1.CronJob:
		w.template = &o.Spec.JobTemplate.Spec.Template
		w.path = model.Path{"spec", "jobTemplate", "spec", "template"}
	case *model.Rollout:
		g.resolveRollout(w, o)
	}
	return w
}

// resolveRollout takes the template of the workload that the Rollout names, if
// it names one: https://argoproj.github.io/argo-rollouts/migrating/
func (g *Graph) resolveRollout(w *Workload, o *model.Rollout) {
	ref := o.Spec.WorkloadRef
	if ref == nil {
		w.template = &o.Spec.Template
		return
	}
	r := g.snapshot.Get(model.Ref{Group: "apps", Kind: ref.Kind, Namespace: w.Ref().Namespace, Name: ref.Name})
	if r == nil {
		return
	}
	if d, ok := r.Object.(*appsv1.Deployment); ok {
		w.template, w.holder = &d.Spec.Template, r
	}
}
