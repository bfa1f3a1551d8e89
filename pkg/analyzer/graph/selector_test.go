package graph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

type labels = map[string]string

// newWorkload makes a Deployment of the namespace shop.
func newWorkload(name string, podLabels labels, edit ...func(*corev1.PodTemplateSpec)) *model.Resource {
	object := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	object.Spec.Template.Labels = podLabels
	object.Spec.Template.Spec.Containers = []corev1.Container{{Name: name, Image: name}}
	for _, f := range edit {
		f(&object.Spec.Template)
	}
	return &model.Resource{Ref: model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: name}, Object: object}
}

func newNamespace(name string, nsLabels labels) *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Kind: "Namespace", Name: name},
		Object: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: nsLabels}},
	}
}

// unknownAt returns the resource with values that the input does not fix.
func unknownAt(r *model.Resource, paths ...model.Path) *model.Resource {
	r.Unknown = append(r.Unknown, paths...)
	return r
}

func graphFrom(scope model.Scope, resources ...*model.Resource) *graph.Graph {
	return graph.New(model.NewSnapshot(scope, resources))
}

func find[T graph.Object](t *testing.T, g *graph.Graph, ref model.Ref) T {
	t.Helper()
	o, ok := g.Lookup(ref).(T)
	if !ok {
		t.Fatalf("%s is not in the graph", ref)
	}
	return o
}

func deployment(t *testing.T, g *graph.Graph, name string) *graph.Workload {
	t.Helper()
	return find[*graph.Workload](t, g, model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: name})
}

func names[T graph.Object](objects []T) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.Ref().Name)
	}
	return out
}

func demand(key string, op metav1.LabelSelectorOperator, values ...string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: op, Values: values}}}
}

var podLabelsPath = model.Path{"spec", "template", "metadata", "labels"}

func TestSelected(t *testing.T) {
	t.Parallel()
	const in, notIn = metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn
	const exists, absent = metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist
	web := labels{"app": "web", "tier": "front"}
	for name, tc := range map[string]struct {
		selector *metav1.LabelSelector
		pod      labels
		unknown  []model.Path
		want     model.Tri
	}{
		"nil selects everything":          {nil, web, nil, model.Yes},
		"empty selects everything":        {&metav1.LabelSelector{}, nil, nil, model.Yes},
		"all labels":                      {&metav1.LabelSelector{MatchLabels: web}, web, nil, model.Yes},
		"one label of two":                {&metav1.LabelSelector{MatchLabels: labels{"app": "web", "tier": "back"}}, web, nil, model.No},
		"label is missing":                {&metav1.LabelSelector{MatchLabels: labels{"team": "a"}}, web, nil, model.No},
		"in":                              {demand("app", in, "api", "web"), web, nil, model.Yes},
		"in others":                       {demand("app", in, "api"), web, nil, model.No},
		"in, missing":                     {demand("team", in, "a"), web, nil, model.No},
		"not in":                          {demand("app", notIn, "api"), web, nil, model.Yes},
		"not in, but is":                  {demand("app", notIn, "web"), web, nil, model.No},
		"not in, missing":                 {demand("team", notIn, "a"), web, nil, model.Yes},
		"exists":                          {demand("app", exists), web, nil, model.Yes},
		"exists, missing":                 {demand("team", exists), web, nil, model.No},
		"does not exist":                  {demand("team", absent), web, nil, model.Yes},
		"does not exist, but does":        {demand("app", absent), web, nil, model.No},
		"no such operator":                {demand("app", "Like", "web"), web, nil, model.Unknown},
		"placeholder in the pod":          {&metav1.LabelSelector{MatchLabels: labels{"app": "web"}}, labels{"app": "${APP}"}, nil, model.Unknown},
		"placeholder in the selector":     {&metav1.LabelSelector{MatchLabels: labels{"app": "${APP}"}}, web, nil, model.Unknown},
		"equal placeholders":              {&metav1.LabelSelector{MatchLabels: labels{"app": "${APP}"}}, labels{"app": "${APP}"}, nil, model.Yes},
		"placeholder, not in":             {demand("app", notIn, "${APP}"), web, nil, model.Unknown},
		"missing from unknown labels":     {&metav1.LabelSelector{MatchLabels: labels{"team": "a"}}, web, []model.Path{podLabelsPath}, model.Unknown},
		"absent from unknown labels":      {demand("team", absent), web, []model.Path{podLabelsPath}, model.Unknown},
		"a certain no beats an unknown":   {&metav1.LabelSelector{MatchLabels: labels{"app": "api", "team": "a"}}, web, []model.Path{podLabelsPath}, model.No},
		"unknown elsewhere does not hurt": {&metav1.LabelSelector{MatchLabels: labels{"team": "a"}}, web, []model.Path{{"spec", "replicas"}}, model.No},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, unknownAt(newWorkload("web", tc.pod), tc.unknown...))
			if got := deployment(t, g, "web").Selected(graph.SelectorOf(tc.selector)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestSelectedByAddedLabels: what a controller, EKS or the API server writes on
// the pods is not known to be absent from them.
func TestSelectedByAddedLabels(t *testing.T) {
	t.Parallel()
	template := func(l labels) corev1.PodTemplateSpec {
		return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l}}
	}
	hashed := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template(labels{"pod-template-hash": "v"})}}
	for name, tc := range map[string]struct {
		kind   model.GroupKind
		object metav1.Object
		key    string
		want   model.Tri
	}{
		"hash of a Deployment":           {model.KindDeployment, &appsv1.Deployment{}, "pod-template-hash", model.Unknown},
		"hash that the pods cannot have": {model.KindStatefulSet, &appsv1.StatefulSet{}, "pod-template-hash", model.No},
		"pod of a StatefulSet":           {model.KindStatefulSet, &appsv1.StatefulSet{}, "statefulset.kubernetes.io/pod-name", model.Unknown},
		"index of a StatefulSet":         {model.KindStatefulSet, &appsv1.StatefulSet{}, "apps.kubernetes.io/pod-index", model.Unknown},
		"revision of a DaemonSet":        {model.KindDaemonSet, &appsv1.DaemonSet{}, "controller-revision-hash", model.Unknown},
		"name of a Job":                  {model.KindJob, &batchv1.Job{}, "batch.kubernetes.io/job-name", model.Unknown},
		"old name of a Job":              {model.KindCronJob, &batchv1.CronJob{}, "job-name", model.Unknown},
		"hash of a bare pod":             {model.KindPod, &corev1.Pod{}, "pod-template-hash", model.No},
		"profile of Fargate":             {model.KindPod, &corev1.Pod{}, "eks.amazonaws.com/fargate-profile", model.Unknown},
		"zone of the node":               {model.KindDeployment, &appsv1.Deployment{}, corev1.LabelTopologyZone, model.Unknown},
		"zone of a pod that has a node":  {model.KindPod, &corev1.Pod{Spec: corev1.PodSpec{NodeName: "a"}}, corev1.LabelTopologyZone, model.No},
		"label of the template":          {model.KindDeployment, hashed, "pod-template-hash", model.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := model.Ref{Group: tc.kind.Group, Kind: tc.kind.Kind, Namespace: "shop", Name: "web"}
			g := graphFrom(model.Scope{}, &model.Resource{Ref: ref, Object: tc.object})
			s := graph.SelectorOfMap(labels{tc.key: "v"})
			w := find[*graph.Workload](t, g, ref)
			if got := w.Selected(s); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			found := model.No
			yes, maybe := g.Matching("shop", s)
			if slices.Contains(yes, w) {
				found = model.Yes
			}
			if slices.Contains(maybe, w) {
				found = model.Unknown
			}
			if found != tc.want {
				t.Errorf("the index says %s, want %s", found, tc.want)
			}
		})
	}
}

// TestPodsAgreesWithSelected: the index by label answers as a look at every
// workload does.
func TestPodsAgreesWithSelected(t *testing.T) {
	t.Parallel()
	g := graphFrom(model.Scope{},
		newWorkload("a", labels{"app": "web", "tier": "front"}),
		newWorkload("b", labels{"app": "web"}),
		newWorkload("c", labels{"app": "${APP}"}),
		unknownAt(newWorkload("d", labels{"app": "api"}), podLabelsPath),
		newWorkload("e", nil))
	for name, selector := range map[string]*metav1.LabelSelector{
		"app":     {MatchLabels: labels{"app": "web"}},
		"both":    {MatchLabels: labels{"app": "web", "tier": "front"}},
		"nothing": {MatchLabels: labels{"app": "none"}},
		"empty":   {},
		"not":     demand("app", metav1.LabelSelectorOpNotIn, "web"),
		"absent":  demand("app", metav1.LabelSelectorOpDoesNotExist),
		"hash":    {MatchLabels: labels{"pod-template-hash": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, certain := []string{}, model.Yes
			for _, w := range []string{"a", "b", "c", "d", "e"} {
				switch deployment(t, g, w).Selected(graph.SelectorOf(selector)) {
				case model.Yes:
					want = append(want, w)
				case model.Unknown:
					certain = model.Unknown
				case model.No:
				}
			}
			pods, got := g.Pods("shop", selector)
			if diff := cmp.Diff(want, names(pods)); diff != "" {
				t.Error(diff)
			}
			if got != certain {
				t.Errorf("certain = %s, want %s", got, certain)
			}
		})
	}
}

func TestPodsAreCertainWhereWorkloadsAreKnown(t *testing.T) {
	t.Parallel()
	web, selector := newWorkload("web", labels{"app": "web"}), &metav1.LabelSelector{MatchLabels: labels{"app": "x"}}
	for name, tc := range map[string]struct {
		scope     model.Scope
		namespace string
		want      model.Tri
	}{
		"inferred":             {model.Scope{}, "shop", model.Yes},
		"nothing is there":     {model.Scope{}, "data", model.Unknown},
		"declared":             {model.Scope{Complete: true}, "data", model.Yes},
		"an operator is there": {model.Scope{Opaque: []model.Opaque{{Domains: model.Workloads, Namespace: "shop"}}}, "shop", model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := graphFrom(tc.scope, web).Pods(tc.namespace, selector); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestNamespaceSelected(t *testing.T) {
	t.Parallel()
	byName := &metav1.LabelSelector{MatchLabels: labels{"kubernetes.io/metadata.name": "shop"}}
	byTeam := &metav1.LabelSelector{MatchLabels: labels{"team": "a"}}
	web := newWorkload("web", nil)
	for name, tc := range map[string]struct {
		resources []*model.Resource
		selector  *metav1.LabelSelector
		want      model.Tri
	}{
		"automatic label without an object": {[]*model.Resource{web}, byName, model.Yes},
		"automatic label with an object":    {[]*model.Resource{web, newNamespace("shop", nil)}, byName, model.Yes},
		"label of the object":               {[]*model.Resource{web, newNamespace("shop", labels{"team": "a"})}, byTeam, model.Yes},
		"not a label of the object":         {[]*model.Resource{web, newNamespace("shop", nil)}, byTeam, model.No},
		"labels are elsewhere":              {[]*model.Resource{web}, byTeam, model.Unknown},
		"labels are patched":                {[]*model.Resource{web, unknownAt(newNamespace("shop", nil), model.Path{"metadata", "labels"})}, byTeam, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, slices.Clone(tc.resources)...)
			if got := g.Namespace("shop").Selected(graph.SelectorOf(tc.selector)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
