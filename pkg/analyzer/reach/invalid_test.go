package reach_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestInvalid names what the API server refuses of a NetworkPolicy.
func TestInvalid(t *testing.T) {
	t.Parallel()
	const (
		values = "matchExpressions[0].values: must be specified when `operator` is 'In' or 'NotIn'"
		name   = "must contain at least one letter (a-z)"
	)
	for body, want := range map[string][]string{
		"{ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, endPort: 80}, {port: http}, {}]}]}": nil,
		"{podSelector: {matchExpressions: [{key: app, operator: In}]}}":                                                                                      {"spec.podSelector: " + values},
		"{podSelector: {matchExpressions: [{key: app, operator: Like}]}}":                                                                                    {"spec.podSelector: matchExpressions[0].operator: not a valid selector operator"},
		"{ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: app, operator: NotIn}]}}]}]}":                                                      {"spec.ingress[0].from[0].namespaceSelector: " + values},
		"{egress: [{to: [{podSelector: {matchExpressions: [{key: app, operator: In}]}}]}]}":                                                                  {"spec.egress[0].to[0].podSelector: " + values},
		"{policyTypes: [ingress]}":                                                     {`spec.policyTypes[0]: "ingress" is not Ingress or Egress`},
		"{ingress: [{ports: [{port: 0}]}]}":                                            {"spec.ingress[0].ports[0].port: not in 1 to 65535"},
		"{ingress: [{ports: [{port: 65536}]}]}":                                        {"spec.ingress[0].ports[0].port: not in 1 to 65535"},
		"{ingress: [{ports: [{port: 80, endPort: 65536}]}]}":                           {"spec.ingress[0].ports[0].endPort: not in 1 to 65535"},
		"{ingress: [{ports: [{port: 80, endPort: 79}]}]}":                              {"spec.ingress[0].ports[0].endPort: endPort is less than port"},
		"{ingress: [{ports: [{endPort: 79}]}]}":                                        {"spec.ingress[0].ports[0].endPort: endPort without port"},
		"{ingress: [{ports: [{port: '80'}]}]}":                                         {"spec.ingress[0].ports[0].port: " + name},
		"{ingress: [{ports: [{protocol: tcp}]}]}":                                      {`spec.ingress[0].ports[0].protocol: "tcp" is not TCP, UDP or SCTP`},
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}":                           {"spec.ingress[0].from[0].ipBlock.cidr: not a CIDR"},
		"{egress: [{to: [{}]}]}":                                                       {"spec.egress[0].to[0]: the peer names nothing"},
		"{ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}":        {"spec.ingress[0].from[0]: ipBlock stands beside a selector"},
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [192.0.2.0/24]}}]}]}": {"spec.ingress[0].from[0].ipBlock.except[0]: not a strict subset of cidr"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range graphtest.Read(t, "NetworkPolicy/x/p\nspec: "+body+"\n").Objects("NetworkPolicy") {
				p, _ := o.(*graph.Policy)
				for _, f := range reach.Invalid(p) {
					got = append(got, f.Path.String()+": "+f.Why)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
