package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	in  = networkingv1.PolicyTypeIngress
	out = networkingv1.PolicyTypeEgress
)

// newPolicy makes a policy of the namespace shop for pods with these labels.
func newPolicy(name string, podLabels labels, edit ...func(*networkingv1.NetworkPolicySpec)) *model.Resource {
	object := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	object.Spec.PodSelector.MatchLabels = podLabels
	for _, f := range edit {
		f(&object.Spec)
	}
	return &model.Resource{Ref: model.Ref{Group: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: "shop", Name: name}, Object: object}
}

func thePolicy(t *testing.T, g *graph.Graph, name string) *graph.Policy {
	t.Helper()
	return find[*graph.Policy](t, g, model.Ref{Group: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: "shop", Name: name})
}

func typed(types ...networkingv1.PolicyType) func(*networkingv1.NetworkPolicySpec) {
	return func(s *networkingv1.NetworkPolicySpec) { s.PolicyTypes = types }
}

func withEgress(rules ...networkingv1.NetworkPolicyEgressRule) func(*networkingv1.NetworkPolicySpec) {
	return func(s *networkingv1.NetworkPolicySpec) { s.Egress = rules }
}

func TestPolicyTypes(t *testing.T) {
	t.Parallel()
	rule := networkingv1.NetworkPolicyEgressRule{}
	for name, tc := range map[string]struct {
		policy          *model.Resource
		ingress, egress model.Tri
	}{
		"default":                 {newPolicy("p", nil), model.Yes, model.No},
		"default with egress":     {newPolicy("p", nil, withEgress(rule)), model.Yes, model.Yes},
		"default, empty egress":   {newPolicy("p", nil, withEgress()), model.Yes, model.No},
		"ingress":                 {newPolicy("p", nil, typed(in), withEgress(rule)), model.Yes, model.No},
		"egress":                  {newPolicy("p", nil, typed(out)), model.No, model.Yes},
		"both":                    {newPolicy("p", nil, typed(in, out)), model.Yes, model.Yes},
		"types are unknown":       {unknownAt(newPolicy("p", nil), model.Path{"spec", "policyTypes"}), model.Unknown, model.Unknown},
		"egress is unknown":       {unknownAt(newPolicy("p", nil), model.Path{"spec", "egress"}), model.Yes, model.Unknown},
		"types beat an unknown":   {unknownAt(newPolicy("p", nil, typed(in)), model.Path{"spec", "egress"}), model.Yes, model.No},
		"empty list is a default": {newPolicy("p", nil, typed()), model.Yes, model.No},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := thePolicy(t, graphFrom(model.Scope{}, tc.policy), "p")
			if p.Isolates(in) != tc.ingress || p.Isolates(out) != tc.egress {
				t.Errorf("got %s, %s; want %s, %s", p.Isolates(in), p.Isolates(out), tc.ingress, tc.egress)
			}
		})
	}
}

func TestIsolated(t *testing.T) {
	t.Parallel()
	web, shop := newWorkload("web", labels{"app": "web"}), newNamespace("shop", nil)
	for name, tc := range map[string]struct {
		resources       []*model.Resource
		scope           model.Scope
		ingress, egress model.Tri
	}{
		"no policy, no Namespace object": {[]*model.Resource{web}, model.Scope{}, model.Unknown, model.Unknown},
		"no policy":                      {[]*model.Resource{web, shop}, model.Scope{}, model.No, model.No},
		"declared":                       {[]*model.Resource{web}, complete, model.No, model.No},
		"obscured":                       {[]*model.Resource{web, shop}, model.Scope{Opaque: []model.Opaque{{Domains: model.Policies, AnyNamespace: true}}}, model.Unknown, model.Unknown},
		"ingress for all":                {[]*model.Resource{web, newPolicy("p", nil)}, model.Scope{}, model.Yes, model.No},
		"split":                          {[]*model.Resource{web, newPolicy("p", nil), newPolicy("q", nil, typed(out))}, model.Scope{}, model.Yes, model.Yes},
		"for some":                       {[]*model.Resource{web, newPolicy("p", labels{"app": "web"}, typed(in, out))}, model.Scope{}, model.No, model.No},
		"selector is unknown":            {[]*model.Resource{web, unknownAt(newPolicy("p", nil), model.Path{"spec", "podSelector"})}, model.Scope{}, model.Unknown, model.No},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(tc.scope, tc.resources...)
			ns := g.Namespace("shop")
			if g.Isolated(ns, in) != tc.ingress || g.Isolated(ns, out) != tc.egress {
				t.Errorf("got %s, %s; want %s, %s", g.Isolated(ns, in), g.Isolated(ns, out), tc.ingress, tc.egress)
			}
		})
	}
}

func TestLeftOpen(t *testing.T) {
	t.Parallel()
	web, worker := newWorkload("web", labels{"app": "web"}), newWorkload("worker", labels{"app": "worker"})
	isolated := newPolicy("p", labels{"app": "web"}, typed(out))
	for name, tc := range map[string]struct {
		resources []*model.Resource
		want      []string
	}{
		"one of two":             {[]*model.Resource{web, worker, isolated}, []string{"worker"}},
		"nobody is isolated":     {[]*model.Resource{web, worker, newPolicy("p", nil, typed(in))}, []string{}},
		"everybody is isolated":  {[]*model.Resource{web, worker, newPolicy("p", nil, typed(out))}, []string{}},
		"a policy of nothing":    {[]*model.Resource{web, worker, newPolicy("p", labels{"app": "x"}, typed(out))}, []string{}},
		"a selector is unknown":  {[]*model.Resource{web, worker, isolated, unknownAt(newPolicy("q", nil, typed(out)), model.Path{"spec", "podSelector"})}, []string{}},
		"types are unknown":      {[]*model.Resource{web, worker, isolated, unknownAt(newPolicy("q", nil), model.Path{"spec", "policyTypes"})}, []string{}},
		"labels are unknown":     {[]*model.Resource{web, unknownAt(newWorkload("worker", nil), podLabelsPath), isolated}, []string{}},
		"policies do not apply":  {[]*model.Resource{web, newWorkload("worker", nil, onNode), isolated}, []string{}},
		"nothing is left of all": {[]*model.Resource{web, isolated}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tc.resources...)
			if diff := cmp.Diff(tc.want, names(g.LeftOpen(g.Namespace("shop"), out))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func onNode(p *corev1.PodTemplateSpec) { p.Spec.HostNetwork = true }

func TestEnforceable(t *testing.T) {
	t.Parallel()
	on := func(key, value string) func(*corev1.PodTemplateSpec) {
		return func(p *corev1.PodTemplateSpec) { p.Spec.NodeSelector = labels{key: value} }
	}
	for name, tc := range map[string]struct {
		edit func(*corev1.PodTemplateSpec)
		want bool
	}{
		"plain":   {func(*corev1.PodTemplateSpec) {}, true},
		"linux":   {on("kubernetes.io/os", "linux"), true},
		"windows": {on("kubernetes.io/os", "windows"), false},
		"fargate": {on("eks.amazonaws.com/compute-type", "fargate"), false},
		"node":    {onNode, false},
		"os":      {func(p *corev1.PodTemplateSpec) { p.Spec.OS = &corev1.PodOS{Name: corev1.Windows} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, newWorkload("web", nil, tc.edit))
			if got := deployment(t, g, "web").Enforceable(); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestPoliciesOf(t *testing.T) {
	t.Parallel()
	g := graphFrom(model.Scope{}, newWorkload("web", labels{"app": "web"}), newWorkload("worker", labels{"app": "worker"}),
		newPolicy("all", nil), newPolicy("web", labels{"app": "web"}),
		unknownAt(newPolicy("patched", labels{"app": "worker"}), model.Path{"spec", "podSelector"}))
	for name, want := range map[string][]string{"web": {"all", "web"}, "worker": {"all"}} {
		if diff := cmp.Diff(want, names(g.PoliciesOf(deployment(t, g, name)))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := thePolicy(t, g, "patched").PodsCertain(); got != model.Unknown {
		t.Errorf("pods of an unknown selector are certain: %s", got)
	}
}
