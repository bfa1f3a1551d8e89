package reach_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestInvalidCilium names what Cilium refuses, and what it takes.
func TestInvalidCilium(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		policy  string
		unknown []string
		want    []string
	}{
		"no selector":                  {policy: "CiliumNetworkPolicy/x/p\nspec: {ingress: [{}]}\n", want: []string{"spec.endpointSelector: it is missing"}},
		"nodes, in a namespace":        {policy: "CiliumNetworkPolicy/x/p\nspec: {nodeSelector: {}, ingress: [{}]}\n", want: []string{"spec.nodeSelector: a policy of a namespace is for no nodes"}},
		"nodes":                        {policy: "CiliumClusterwideNetworkPolicy//p\nspec: {nodeSelector: {}, ingress: [{}]}\n"},
		"nodes and pods":               {policy: "CiliumClusterwideNetworkPolicy//p\nspec: {nodeSelector: {}, endpointSelector: {}, ingress: [{}]}\n", want: []string{"spec.nodeSelector: it stands beside endpointSelector"}},
		"the second of several":        {policy: "CiliumNetworkPolicy/x/p\nspecs: [{endpointSelector: {}, ingress: [{}]}, {ingress: [{}]}]\n", want: []string{"specs[1].endpointSelector: it is missing"}},
		"two kinds of peers":           {policy: ciliumIngress("{fromEntities: [all], fromEndpoints: [{}]}"), want: []string{"spec.ingress[0].fromEntities: it stands beside fromEndpoints"}},
		"peers of the other direction": {policy: ciliumIngress("{fromEntities: [all], toEntities: [all]}"), want: []string{"spec.ingress[0]: it names peers of the other direction"}},
		"an empty kind beside another": {policy: ciliumIngress("{fromEntities: [all], fromEndpoints: []}")},
		"messages beside ports":        {policy: ciliumIngress("{icmps: [{}], toPorts: [{}]}"), want: []string{"spec.ingress[0].icmps: it stands beside toPorts"}},
		"no entity":                    {policy: ciliumIngress("{fromEntities: [everyone]}"), want: []string{"spec.ingress[0].fromEntities[0]: no such entity"}},
		"an entity that is not fixed":  {policy: ciliumIngress("{fromEntities: ['${ENTITY}']}"), unknown: []string{"spec.ingress.0.fromEntities.0"}},
		"no CIDR":                      {policy: ciliumIngress("{fromCIDR: [10.0.0.0/33]}"), want: []string{"spec.ingress[0].fromCIDR[0]: not a CIDR"}},
		"an address":                   {policy: ciliumIngress("{fromCIDR: [10.0.0.1]}")},
		"an address in a set":          {policy: ciliumIngress("{fromCIDRSet: [{cidr: 10.0.0.1}]}"), want: []string{"spec.ingress[0].fromCIDRSet[0].cidr: not a CIDR"}},
		"a hole elsewhere":             {policy: ciliumIngress("{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16, 192.0.2.0/24]}]}"), want: []string{"spec.ingress[0].fromCIDRSet[0].except[1]: not a part of cidr"}},
		"a hole as wide":               {policy: ciliumIngress("{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.0.0.0/8]}]}")},
		"a group beside a CIDR":        {policy: ciliumIngress("{fromCIDRSet: [{cidr: 10.0.0.0/8, cidrGroupRef: a}]}"), want: []string{"spec.ingress[0].fromCIDRSet[0]: it is not one of cidr, cidrGroupRef and cidrGroupSelector"}},
		"no operator":                  {policy: ciliumIngress("{fromEndpoints: [{matchExpressions: [{key: 'k8s:app', operator: Like}]}]}"), want: []string{"spec.ingress[0].fromEndpoints[0]: not a selector of labels"}},
		"sources of labels":            {policy: ciliumIngress("{fromEndpoints: [{matchLabels: {'k8s:app': a}, matchExpressions: [{key: 'any:app', operator: Exists}]}]}")},
		"a port that is too high":      {policy: ciliumIngress("{toPorts: [{ports: [{port: '70000'}]}]}"), want: []string{"spec.ingress[0].toPorts[0].ports[0].port: not a port"}},
		"no port":                      {policy: ciliumIngress("{toPorts: [{ports: [{protocol: TCP}]}]}"), want: []string{"spec.ingress[0].toPorts[0].ports[0].port: not a port"}},
		"a name":                       {policy: ciliumIngress("{toPorts: [{ports: [{port: http-alt, protocol: TCP}]}]}")},
		"a name that is too long":      {policy: ciliumIngress("{toPorts: [{ports: [{port: a-very-long-name}]}]}"), want: []string{"spec.ingress[0].toPorts[0].ports[0].port: not a port"}},
		"no protocol of ports":         {policy: ciliumIngress("{toPorts: [{ports: [{port: '80', protocol: ICMP}]}]}"), want: []string{"spec.ingress[0].toPorts[0].ports[0].protocol: no protocol with ports"}},
		"names on ingress":             {policy: ciliumIngress("{toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchPattern: '*'}]}}]}"), want: []string{"spec.ingress[0].toPorts[0].rules.dns: a rule for ingress has none"}},
		"requests without TCP":         {policy: ciliumIngress("{toPorts: [{ports: [{port: '80', protocol: ANY}], rules: {http: [{}]}}]}"), want: []string{"spec.ingress[0].toPorts[0].rules.http: it needs ports of TCP"}},
		"requests that are denied": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingressDeny: [{toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{}]}}]}]}\n",
			want:   []string{"spec.ingressDeny[0].toPorts[0].rules: a rule that denies has none"},
		},
		"names of two sorts": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: a.example, matchPattern: '*.example'}]}]}\n",
			want:   []string{"spec.egress[0].toFQDNs[0]: matchName stands beside matchPattern"},
		},
		"another kind": {policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{}]}]}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range graphtest.Read(t, tc.policy, tc.unknown...).Objects(graph.KindResource) {
				for _, f := range reach.InvalidCilium(o) {
					got = append(got, f.Path.String()+": "+f.Why)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ciliumIngress(rule string) string {
	return "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [" + rule + "]}\n"
}
