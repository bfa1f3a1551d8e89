package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// picture is everything that a graph says, as text.
func picture(t *testing.T, g *graph.Graph) []string {
	t.Helper()
	var out []string
	if w := g.Controller().Deployment; w != nil {
		out = append(out, "controller "+w.Ref().String())
	}
	for _, kind := range g.Kinds() {
		if n, want := g.Count(kind), len(g.Objects(kind)); n != want {
			out = append(out, fmt.Sprintf("%d of %d %s are counted", n, want, kind))
		}
		for _, o := range g.Objects(kind) {
			facts, err := json.Marshal(g.Facts(o.Ref()))
			if err != nil {
				t.Fatal(err)
			}
			line := kind + " " + o.Ref().String() + " " + string(facts) + also(g, o)
			if found := g.Lookup(o.Ref()); found == nil || found.Ref() != o.Ref() {
				line += " cannot be found"
			}
			if i, ok := o.(*graph.Ingress); ok && i.Group != nil {
				line += " in " + i.Group.Ref().Name
				if g.Lookup(i.Group.Ref()) != graph.Object(i.Group) {
					line += " of another graph"
				}
			}
			out = append(out, line)
		}
	}
	return out
}

// also is what a graph says of an object besides its facts.
func also(g *graph.Graph, o graph.Object) string {
	var out strings.Builder
	switch o := o.(type) {
	case *graph.Policy:
		for _, p := range g.PolicyPorts(o) {
			fmt.Fprintf(&out, " port %s of %s", p.At, refsOf(p.Receivers))
		}
		for _, p := range g.EgressPeers(o) {
			fmt.Fprintf(&out, " peer %s is %s", p.At, refsOf(p.Pods))
		}
	case *graph.Workload:
		for _, d := range g.Dependencies(o) {
			fmt.Fprintf(&out, " dials %s:%d", d.Service.Ref(), d.Number)
		}
	}
	return out.String()
}

func refsOf(workloads []*graph.Workload) string {
	var out []string
	for _, w := range workloads {
		out = append(out, w.Ref().String())
	}
	return strings.Join(out, "+")
}

// edit makes a random change to one object of a small cluster.
func edit(r *rand.Rand, s *model.Snapshot) (*model.Snapshot, model.Ref) {
	namespace, name := []string{"a", "b", "c"}[r.IntN(3)], []string{"x", "y"}[r.IntN(2)]
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	labels := map[string]string{"app": []string{"x", "y"}[r.IntN(2)]}
	var object metav1.Object
	var gk model.GroupKind
	switch r.IntN(6) {
	case 0:
		gk, object = model.KindDeployment, &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Image: []string{"web", "aws-load-balancer-controller:v2.8.0"}[r.IntN(8)/7],
				Env:   []corev1.EnvVar{{Name: "PEER", Value: []string{"x:80", "http://y.b:80"}[r.IntN(2)]}},
			}}},
		}}}
	case 1:
		gk, object = model.KindService, &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
			Selector: labels, Ports: []corev1.ServicePort{{Port: int32(80 + r.IntN(2))}}, //nolint:gosec // small
		}}
	case 2:
		meta.Annotations = map[string]string{}
		if r.IntN(2) == 0 {
			meta.Annotations["alb.ingress.kubernetes.io/group.name"] = []string{"one", "two"}[r.IntN(2)]
		}
		if r.IntN(2) == 0 {
			meta.Annotations["alb.ingress.kubernetes.io/scheme"] = []string{"internal", "internet-facing"}[r.IntN(2)]
		}
		class := "alb"
		gk, object = model.KindIngress, &networkingv1.Ingress{ObjectMeta: meta, Spec: networkingv1.IngressSpec{
			IngressClassName: &class,
			DefaultBackend:   &networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: name, Port: networkingv1.ServiceBackendPort{Number: 80}}},
		}}
	case 3:
		peer := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": []string{"x", "y"}[r.IntN(2)]}}}
		if r.IntN(2) == 0 {
			peer.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: []string{"a", "b"}[r.IntN(2)]}}
		}
		port := intstr.FromInt32(int32(80 + r.IntN(2))) //nolint:gosec // small
		gk, object = model.KindNetworkPolicy, &networkingv1.NetworkPolicy{ObjectMeta: meta, Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: labels},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Egress: []networkingv1.NetworkPolicyEgressRule{{
				To: []networkingv1.NetworkPolicyPeer{peer}, Ports: []networkingv1.NetworkPolicyPort{{Port: &port}},
			}},
		}}
	case 4:
		gk, object = model.KindNamespace, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: labels}}
		meta = metav1.ObjectMeta{Name: namespace}
	default:
		gk, object = model.KindPod, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: labels, OwnerReferences: controlledBy("apps/v1", "Deployment", name),
		}}
	}
	ref := model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: meta.Namespace, Name: meta.Name}
	if r.IntN(4) == 0 {
		return s.Without(ref), ref
	}
	return s.With(&model.Resource{Ref: ref, Object: object}), ref
}

// TestMoment: graphs have the same moment and Workloads until one of these changes, and
// each Policy stays that neither changed nor may select others.
func TestMoment(t *testing.T) {
	t.Parallel()
	deployment := func(namespace, app string) *model.Resource {
		return &model.Resource{
			Ref: model.Ref{Group: "apps", Kind: "Deployment", Namespace: namespace, Name: "web"},
			Object: &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"}, Spec: appsv1.DeploymentSpec{
				Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app}}},
			}},
		}
	}
	policy := func(namespace, name string) *model.Resource {
		meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
		return &model.Resource{
			Ref:    model.Ref{Group: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: namespace, Name: name},
			Object: &networkingv1.NetworkPolicy{ObjectMeta: meta},
		}
	}
	s := model.NewSnapshot(model.Scope{}, []*model.Resource{
		deployment("a", "web"), deployment("b", "web"), policy("a", "one"), policy("a", "two"), policy("b", "one"),
	})
	before := graph.New(s)
	for name, tc := range map[string]struct {
		changed *model.Resource
		// kept are the objects of namespace a that stay, of its Deployment and policies.
		kept         [3]bool
		isSameMoment bool
	}{
		"policy":               {policy("a", "one"), [3]bool{true, false, true}, true},
		"policy elsewhere":     {policy("b", "one"), [3]bool{true, true, true}, true},
		"new policy":           {policy("a", "three"), [3]bool{true, true, true}, true},
		"deployment":           {deployment("a", "api"), [3]bool{false, false, false}, false},
		"deployment elsewhere": {deployment("b", "api"), [3]bool{true, true, true}, false},
	} {
		after := before.With(s.With(tc.changed), tc.changed.Ref)
		var kept [3]bool
		for i, r := range []*model.Resource{deployment("a", ""), policy("a", "one"), policy("a", "two")} {
			kept[i] = before.Lookup(r.Ref) == after.Lookup(r.Ref)
		}
		if same := before.Moment() == after.Moment(); same != tc.isSameMoment || kept != tc.kept {
			t.Errorf("%s: same moment is %v, kept are %v, want %v, %v", name, same, kept, tc.isSameMoment, tc.kept)
		}
	}
}

// TestWithEqualsNew: after any edits the graph says what one built from scratch
// does, and the graph before says what it said.
func TestWithEqualsNew(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test that can be repeated
		s := model.NewSnapshot(model.Scope{Complete: seed%2 == 0}, nil)
		g := graph.New(s)
		for n := range 40 {
			before := picture(t, g)
			next, ref := edit(r, s)
			refs := []model.Ref{ref}
			for range n % 3 {
				next, ref = edit(r, next)
				refs = append(refs, ref)
			}
			after := g.With(next, refs...)
			if diff := cmp.Diff(picture(t, graph.New(next)), picture(t, after)); diff != "" {
				t.Fatalf("seed %d, edit %d of %s: -new +with:\n%s", seed, n, refs, diff)
			}
			if diff := cmp.Diff(before, picture(t, g)); diff != "" {
				t.Fatalf("seed %d, edit %d of %s changed the graph before it:\n%s", seed, n, refs, diff)
			}
			s, g = next, after
		}
	}
}
