package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func on80(s *corev1.Service) { s.Spec.Ports = []corev1.ServicePort{{Name: "http", Port: 80}} }

// says sets an annotation of the Ingresses' family on a Service.
func says(suffix, value string) func(*corev1.Service) {
	return func(s *corev1.Service) { s.Annotations[alb+suffix] = value }
}

func rollout(name string) *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "argoproj.io", Kind: "Rollout", Namespace: "shop", Name: name},
		Object: &model.Rollout{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}},
	}
}

// toBackend is an Ingress with one rule.
func toBackend(backend string, pairs ...string) *model.Resource {
	full := []string{}
	for n := 0; n < len(pairs); n += 2 {
		full = append(full, alb+pairs[n], pairs[n+1])
	}
	return routed(newIngress("web", "alb", full...), way{"", "/", ofPrefix, backend})
}

// TestTargetExists: a Service is missing only where the Services of the
// namespace are known and nobody else may make it.
func TestTargetExists(t *testing.T) {
	t.Parallel()
	web, api := newService("web", nil, on80), newService("api", nil)
	opaque := model.Scope{Opaque: []model.Opaque{{Domains: model.Services, Namespace: "shop"}}}
	for name, tt := range map[string]struct {
		scope   model.Scope
		backend string
		others  []*model.Resource
		want    model.Tri
		similar string
	}{
		"there":                      {model.Scope{}, "web", []*model.Resource{web}, model.Yes, ""},
		"no Service is known":        {model.Scope{}, "web", nil, model.Unknown, ""},
		"others are":                 {model.Scope{}, "checkout", []*model.Resource{web}, model.No, ""},
		"nearly":                     {model.Scope{}, "wbe", []*model.Resource{web}, model.No, "web"},
		"short names are not near":   {model.Scope{}, "ui", []*model.Resource{newService("db", nil)}, model.No, ""},
		"placeholder":                {model.Scope{}, "${SERVICE}", []*model.Resource{web}, model.Unknown, ""},
		"input is complete":          {complete, "web", nil, model.No, ""},
		"canary of a Service":        {model.Scope{}, "web-canary", []*model.Resource{web}, model.Unknown, ""},
		"primary of a workload":      {model.Scope{}, "web-primary", []*model.Resource{api, newWorkload("web", nil)}, model.Unknown, ""},
		"canary of nothing":          {model.Scope{}, "web-canary", []*model.Resource{api}, model.No, ""},
		"canary in a complete input": {complete, "web-canary", []*model.Resource{web}, model.No, ""},
		"something may bring it":     {opaque, "checkout", []*model.Resource{web}, model.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(tt.scope, append(tt.others, newClass("alb", albController, "", false), toBackend(tt.backend))...)
			target := theIngress(t, g, "web").Backends[0].Targets[0]
			if target.Exists != tt.want || target.Similar != tt.similar {
				t.Errorf("exists = %s, similar %q; want %s, %q", target.Exists, target.Similar, tt.want, tt.similar)
			}
		})
	}
}

// TestHasAction: an action is missing unless something else may write it.
func TestHasAction(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ingress *model.Resource
		others  []*model.Resource
		want    model.Tri
	}{
		"there":                 {toBackend("@go", "actions.go", toHTTPS), nil, model.Yes},
		"broken":                {toBackend("@go", "actions.go", "{"), nil, model.Yes},
		"not there":             {toBackend("@go"), nil, model.No},
		"under another name":    {toBackend("@go", "actions.gone", toHTTPS), nil, model.No},
		"placeholder":           {toBackend("@go", "actions.go", "${A}"), nil, model.Unknown},
		"name is a placeholder": {toBackend("@${NAME}"), nil, model.Unknown},
		"a patch may add it":    {unknownAt(toBackend("@go"), model.Path{"metadata", "annotations"}), nil, model.Unknown},
		"a Rollout may add it":  {toBackend("@go"), []*model.Resource{rollout("web")}, model.Unknown},
		"a Deployment does not": {toBackend("@go"), []*model.Resource{newWorkload("web", nil)}, model.No},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tt.others, newClass("alb", albController, "", false), tt.ingress)...)
			if got := theIngress(t, g, "web").Backends[0].HasAction; got != tt.want {
				t.Errorf("has action = %s, want %s", got, tt.want)
			}
		})
	}
}

// TestAnnotationsInEffect: which annotations the controller never reads.
func TestAnnotationsInEffect(t *testing.T) {
	t.Parallel()
	plain := newService("web", nil, on80)
	own := newService("web", nil, on80, says("target-type", "ip"), says("tags", "a=1"))
	internal := "internal"
	params := newParams("shared", model.IngressClassParamsSpec{Scheme: &internal})
	type word struct{ Effective, Unapplied bool }
	read := word{Effective: true}
	for name, tt := range map[string]struct {
		ingress *model.Resource
		other   *model.Resource
		want    map[string]word
	}{
		"read":                        {toBackend("web", "target-type", "x"), plain, map[string]word{"target-type": read}},
		"the Service sets it":         {toBackend("web", "target-type", "x", "tags", "b=1", "backend-protocol", "y"), own, map[string]word{"target-type": {}, "tags": read, "backend-protocol": read}},
		"a Service that is not there": {toBackend("api", "target-type", "x"), own, map[string]word{"target-type": read}},
		"the parameters set it":       {toBackend("web", "scheme", "x", "target-type", "x"), params, map[string]word{"scheme": {}, "target-type": read}},
		"no target group is made":     {toBackend("@go", "actions.go", toHTTPS, "target-type", "x", "auth-type", "y"), plain, map[string]word{"actions.go": read, "target-type": {}, "auth-type": read}},
		"an action that is not read":  {toBackend("@go", "actions.go", "${A}", "target-type", "x"), plain, map[string]word{"actions.go": read, "target-type": read}},
		"for no backend":              {toBackend("web", "actions.go", "{", "conditions.wep", "{", "transforms.wep", "{"), plain, map[string]word{"actions.go": {true, true}, "conditions.wep": {true, true}, "transforms.wep": {true, true}}},
		"for a backend":               {toBackend("web", "conditions.web", "[]"), plain, map[string]word{"conditions.web": read}},
		"for a backend of any name":   {toBackend("${NAME}", "conditions.web", "[]"), plain, map[string]word{"conditions.web": read}},
		"a Service uses no action":    {toBackend("go", "actions.go", toHTTPS), plain, map[string]word{"actions.go": {true, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			named := ""
			if tt.other == params {
				named = "shared"
			}
			g := graphFrom(model.Scope{}, newClass("alb", albController, named, false), tt.other, tt.ingress)
			got := map[string]word{}
			for _, a := range g.Annotations(theIngress(t, g, "web")) {
				got[a.Suffix] = word{a.Effective, a.Unapplied}
				if (!a.Effective || a.Unapplied) && len(a.Issues) > 0 {
					t.Errorf("%s is never read, but %v", a.Suffix, a.Issues)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRegexPath: use-regex-path-match concerns one type of path.
func TestRegexPath(t *testing.T) {
	t.Parallel()
	g := graphFrom(model.Scope{}, newClass("alb", albController, "", false),
		routed(newIngress("on", "alb", alb+"use-regex-path-match", "true"), way{"", "/a", specific, "web"}, way{"", "/b", ofPrefix, "web"}, way{"", "/c", "", "web"}),
		routed(newIngress("off", "alb"), way{"", "/a", specific, "web"}),
		routed(newIngress("open", "alb", alb+"use-regex-path-match", "${R}"), way{"", "/a", specific, "web"}, way{"", "/b", exact, "web"}),
	)
	type answer struct{ Regex, Known bool }
	want := map[string][]answer{"on": {{true, true}, {false, true}, {true, true}}, "off": {{false, true}}, "open": {{false, false}, {false, true}}}
	got := map[string][]answer{}
	for _, o := range g.Objects("Ingress") {
		i, ok := o.(*graph.Ingress)
		if !ok {
			t.Fatalf("%s is no Ingress", o.Ref())
		}
		for _, b := range i.Backends {
			regex, known := i.RegexPath(b)
			got[i.Ref().Name] = append(got[i.Ref().Name], answer{regex, known})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
