package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func fromPeer(namespaces, pods labels) func(*networkingv1.NetworkPolicySpec) {
	return func(s *networkingv1.NetworkPolicySpec) {
		peer := networkingv1.NetworkPolicyPeer{}
		if namespaces != nil {
			peer.NamespaceSelector = &metav1.LabelSelector{MatchLabels: namespaces}
		}
		if pods != nil {
			peer.PodSelector = &metav1.LabelSelector{MatchLabels: pods}
		}
		s.Ingress = append(s.Ingress, networkingv1.NetworkPolicyIngressRule{From: []networkingv1.NetworkPolicyPeer{peer}})
	}
}

// spoken writes a selection in a line: path, answer and the near miss.
func spoken(selections []graph.Selection) []string {
	var out []string
	for _, s := range selections {
		line := string(s.Kind) + " " + s.At.String() + " " + s.Matches.String()
		if n := s.Near; n != nil {
			line += strings.Join([]string{" near", n.Ref.Name, n.Key, n.Has, n.Want}, ",")
		}
		out = append(out, line)
	}
	return out
}

func TestSelections(t *testing.T) {
	t.Parallel()
	const auto = "kubernetes.io/metadata.name"
	web, worker := newWorkload("web", labels{"app": "web", "tier": "frontend"}), newWorkload("worker", labels{"app": "worker"})
	for name, tc := range map[string]struct {
		scope     model.Scope
		policy    *model.Resource
		resources []*model.Resource
		want      []string
	}{
		"empty selectors say nothing": {model.Scope{}, newPolicy("p", nil, fromPeer(labels{}, labels{})), nil, nil},
		"subjects match":              {model.Scope{}, newPolicy("p", labels{"app": "web"}), nil, []string{"subjects spec.podSelector yes"}},
		"subjects do not":             {model.Scope{}, newPolicy("p", labels{"app": "x"}), nil, []string{"subjects spec.podSelector no"}},
		"subjects all but match":      {model.Scope{}, newPolicy("p", labels{"app": "web", "tier": "front-end"}), nil, []string{"subjects spec.podSelector.matchLabels.tier no near,web,tier,frontend,front-end"}},
		"subjects are unknown":        {model.Scope{}, unknownAt(newPolicy("p", labels{"app": "x"}), model.Path{"spec", "podSelector"}), nil, []string{"subjects spec.podSelector unknown"}},
		"label of run time":           {model.Scope{}, newPolicy("p", labels{"pod-template-hash": "1"}), nil, []string{"subjects spec.podSelector unknown"}},
		"pods of the namespace":       {model.Scope{}, newPolicy("p", nil, fromPeer(nil, labels{"app": "worker"})), nil, []string{"pods spec.ingress[0].from[0].podSelector yes"}},
		"no pods of the namespace":    {model.Scope{}, newPolicy("p", nil, fromPeer(nil, labels{"app": "x"})), nil, []string{"pods spec.ingress[0].from[0].podSelector no"}},
		"namespace by its name":       {model.Scope{}, newPolicy("p", nil, fromPeer(labels{auto: "shop"}, nil)), nil, []string{"namespaces spec.ingress[0].from[0].namespaceSelector yes"}},
		"pods of a named namespace": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{auto: "shop"}, labels{"app": "x"})), nil,
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector yes", "pods spec.ingress[0].from[0].podSelector no"},
		},
		"namespace that is not there": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{auto: "data"}, labels{"app": "x"})), nil,
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector unknown", "pods spec.ingress[0].from[0].podSelector unknown"},
		},
		"system namespace by the label name": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{"name": "kube-system"}, nil)), nil,
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector.matchLabels.name no near,kube-system,name,,kube-system"},
		},
		"namespace without the label name": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{"name": "data"}, nil)),
			[]*model.Resource{newNamespace("data", nil)},
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector.matchLabels.name no near,data,name,,data"},
		},
		"namespace with the label name": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{"name": "data"}, nil)),
			[]*model.Resource{newNamespace("data", labels{"name": "data"})},
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector unknown"},
		},
		"system namespace with the label name": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{"name": "kube-system"}, nil)),
			[]*model.Resource{newNamespace("kube-system", labels{"name": "kube-system"})},
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector unknown"},
		},
		"label of no namespace": {
			complete, newPolicy("p", nil, fromPeer(labels{"team": "x"}, nil)),
			[]*model.Resource{newNamespace("shop", nil)},
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector no"},
		},
		"labels of namespaces are elsewhere": {
			model.Scope{},
			newPolicy("p", nil, fromPeer(labels{"team": "x"}, nil)), nil,
			[]string{"namespaces spec.ingress[0].from[0].namespaceSelector unknown"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(tc.scope, append(tc.resources, web, worker, tc.policy)...)
			if diff := cmp.Diff(tc.want, spoken(g.Selections(thePolicy(t, g, "p")))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNearMiss: only what reads like a slip is one. Parts of an application
// that are not in the input look alike.
func TestNearMiss(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		selector, pod labels
		want          string
	}{
		"separator":                   {labels{"app": "checkout", "tier": "back-end"}, labels{"app": "checkout", "tier": "backend"}, "tier"},
		"case":                        {labels{"app": "checkout", "tier": "Backend"}, labels{"app": "checkout", "tier": "backend"}, "tier"},
		"typing error":                {labels{"app": "chekout", "tier": "backend"}, labels{"app": "checkout", "tier": "backend"}, "app"},
		"label is missing":            {labels{"app": "web", "tier": "backend"}, labels{"app": "web"}, "tier"},
		"application is missing":      {labels{"app": "web", "env": "prod"}, labels{"env": "prod"}, ""},
		"other application":           {labels{"app": "cache", "release": "shop"}, labels{"app": "web", "release": "shop"}, ""},
		"other part":                  {labels{"app": "shop", "component": "cache"}, labels{"app": "shop", "component": "api"}, ""},
		"other version":               {labels{"app": "web", "version": "v2"}, labels{"app": "web", "version": "v1"}, ""},
		"other number":                {labels{"app": "shop", "shard": "orders-2"}, labels{"app": "shop", "shard": "orders-1"}, ""},
		"number without separator":    {labels{"app": "shop", "shard": "orders2"}, labels{"app": "shop", "shard": "orders1"}, ""},
		"other letter":                {labels{"app": "shop", "shard": "orders-b"}, labels{"app": "shop", "shard": "orders-a"}, ""},
		"colour":                      {labels{"app": "web", "slot": "green"}, labels{"app": "web", "slot": "blue"}, ""},
		"short words":                 {labels{"app": "oauth", "env": "prod"}, labels{"app": "auth", "env": "prod"}, ""},
		"two differences":             {labels{"app": "chekout", "tier": "back-end"}, labels{"app": "checkout", "tier": "backend"}, ""},
		"one label alone":             {labels{"app": "chekout"}, labels{"app": "checkout"}, ""},
		"pod that matches is no miss": {labels{"app": "web", "tier": "a"}, labels{"app": "web", "tier": "a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, newWorkload("pod", tc.pod), newService("s", tc.selector))
			got := ""
			if near := g.NearMissOf(theService(t, g, "s")); near != nil {
				got = near.Key
				if near.Ref.Name != "pod" || near.Want != tc.selector[got] || near.Has != tc.pod[got] {
					t.Errorf("got %+v", near)
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
