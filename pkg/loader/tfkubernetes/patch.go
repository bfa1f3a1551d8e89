package tfkubernetes

import (
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Patch is a resource that changes a part of an object which something else makes:
// kubernetes_env, kubernetes_labels, kubernetes_annotations or
// kubernetes_config_map_v1_data. What it writes stays unknown, as it may also be
// refused: the provider asks for the object to be there, and does not take fields
// from others unless it is forced to.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
type Patch struct {
	// Address is that of the resource.
	Address                      string
	group, kind, namespace, name choice
	paths                        []model.Path
	// container is set where the environment of one is changed.
	container *container
}

// container names a container, or one that runs before the others.
type container struct {
	list string
	name choice
}

// choice is a text that has to be the same, or that nobody knows.
type choice struct {
	text  string
	isAny bool
}

// admits compares without case, as the provider does for the kinds of
// kubernetes_env.
func (c choice) admits(text string) bool { return c.isAny || strings.EqualFold(c.text, text) }

func choiceOf(v *attr.Value, otherwise string) choice {
	switch {
	case isOpen(v):
		return choice{isAny: true}
	case !v.IsSet() || v.Text == "":
		return choice{text: otherwise}
	default:
		return choice{text: v.Text}
	}
}

// Patches returns the patches among resources.
func Patches(resources []terraform.Resource) []Patch {
	var out []Patch
	for _, r := range resources {
		if !r.Data {
			if p, ok := patchOf(r); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

func patchOf(r terraform.Resource) (Patch, bool) {
	data := block(r.Attributes.Get("metadata"))
	p := Patch{
		Address: r.Address, kind: choiceOf(r.Attributes.Get("kind"), ""), group: choiceOf(r.Attributes.Get("api_version"), ""),
		namespace: choiceOf(data.Get("namespace"), "default"), name: choiceOf(data.Get("name"), ""),
	}
	if group, _, found := strings.Cut(p.group.text, "/"); found {
		p.group.text = group
	} else {
		p.group.text = "" // v1
	}
	switch r.Type {
	case "kubernetes_config_map_v1_data":
		p.kind = choice{text: "ConfigMap"}
		p.paths = []model.Path{{"data"}}
	case "kubernetes_labels":
		p.paths = []model.Path{{"metadata", "labels"}}
	case "kubernetes_annotations":
		p.paths = []model.Path{{"metadata", "annotations"}}
		if r.Attributes.Get("template_annotations").IsSet() {
			p.paths = append(p.paths, model.Path{"spec", "template", "metadata", "annotations"})
		}
	case "kubernetes_env":
		p.container = &container{"containers", choiceOf(r.Attributes.Get("container"), "")}
		if v := r.Attributes.Get("init_container"); v.IsSet() && v.Text != "" || isOpen(v) {
			p.container = &container{"initContainers", choiceOf(v, "")}
		}
	default:
		return Patch{}, false
	}
	return p, true
}

// Names reports whether the patch may change an object.
func (p Patch) Names(ref model.Ref) bool {
	return p.kind.admits(ref.Kind) && p.group.admits(ref.Group) && p.name.admits(ref.Name) &&
		(ref.GroupKind().IsClusterScoped() || p.namespace.admits(ref.Namespace) || ref.Namespace == "" && p.namespace.text == "default")
}

// Changes returns the paths whose value the patch may change in an object.
func (p Patch) Changes(r *model.Resource) []model.Path {
	if !p.Names(r.Ref) {
		return nil
	}
	if p.container == nil {
		return p.paths
	}
	spec, at := podSpecOf(r)
	if spec == nil {
		return nil
	}
	list := spec.Containers
	if p.container.list == "initContainers" {
		list = spec.InitContainers
	}
	var out []model.Path
	for i, c := range list {
		if p.container.name.admits(c.Name) {
			out = append(out, slices.Concat(at, model.Path{p.container.list, strconv.Itoa(i), "env"}))
		}
	}
	return out
}

// podSpecOf returns the pods that an object makes, and where it says so.
func podSpecOf(r *model.Resource) (*corev1.PodSpec, model.Path) {
	at := model.Path{"spec", "template", "spec"}
	switch o := r.Object.(type) {
	case *appsv1.Deployment:
		return &o.Spec.Template.Spec, at
	case *appsv1.StatefulSet:
		return &o.Spec.Template.Spec, at
	case *appsv1.DaemonSet:
		return &o.Spec.Template.Spec, at
	case *appsv1.ReplicaSet:
		return &o.Spec.Template.Spec, at
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.Spec, slices.Concat(model.Path{"spec", "jobTemplate"}, at)
	case *corev1.Pod:
		return &o.Spec, model.Path{"spec"}
	case *corev1.ReplicationController:
		if o.Spec.Template != nil {
			return &o.Spec.Template.Spec, at
		}
	}
	return nil, nil
}
