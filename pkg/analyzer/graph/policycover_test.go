package graph_test

import (
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func TestCovering(t *testing.T) {
	t.Parallel()
	web := labels{"app": "web"}
	fromAPI, fromWeb := fromPeer(nil, labels{"app": "api"}), fromPeer(nil, web)
	fromAll := func(s *networkingv1.NetworkPolicySpec) {
		s.Ingress = append(s.Ingress, networkingv1.NetworkPolicyIngressRule{})
	}
	for name, tt := range map[string]struct {
		p, q *model.Resource
		want bool
	}{
		"equal":                {newPolicy("p", web, fromAPI), newPolicy("a", web, fromAPI), true},
		"equal, but earlier":   {newPolicy("p", web, fromAPI), newPolicy("q", web, fromAPI), false},
		"wider selector":       {newPolicy("p", web, fromAPI), newPolicy("q", nil, fromAPI), true},
		"narrower selector":    {newPolicy("p", nil, fromAPI), newPolicy("a", web, fromAPI), false},
		"more rules":           {newPolicy("p", web, fromAPI), newPolicy("q", web, fromWeb, fromAPI), true},
		"fewer rules":          {newPolicy("p", web, fromWeb, fromAPI), newPolicy("a", web, fromAPI), false},
		"more directions":      {newPolicy("p", web, typed(in), fromAPI), newPolicy("q", web, typed(in, out), fromAPI), true},
		"all peers":            {newPolicy("p", web, fromAPI), newPolicy("q", web, fromAll), true},
		"fewer directions":     {newPolicy("p", web, typed(in, out), fromAPI), newPolicy("a", web, typed(in), fromAPI), false},
		"default deny":         {newPolicy("p", nil), newPolicy("a", nil, fromAPI), false},
		"default deny, twice":  {newPolicy("p", nil), newPolicy("a", nil), true},
		"the other is unknown": {newPolicy("p", web, fromAPI), unknownAt(newPolicy("a", web, fromAPI), model.Path{"spec", "egress"}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tt.p, tt.q)
			var got *graph.Policy
			if got = g.Covering(thePolicy(t, g, "p")); (got != nil) != tt.want {
				t.Errorf("covered is %v, want %v", got != nil, tt.want)
			}
		})
	}
}
