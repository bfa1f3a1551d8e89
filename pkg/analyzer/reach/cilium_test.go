package reach_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestCilium names what the policies of Cilium mean, row by row.
func TestCilium(t *testing.T) {
	t.Parallel()
	semantics{
		"an empty rule isolates and admits nothing": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "0.0.0.0 x/db 80/TCP": reach.Blocked, "x/db y/job 80/TCP": reach.Open},
		},
		"an empty section does not isolate": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: []}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open},
		},
		"a selector is for the namespace of the policy": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}\n",
			want:   map[string]reach.Verdict{"x/web x/db 80/TCP": reach.Open, "y/job x/db 80/TCP": reach.Blocked},
		},
		"unless it names another": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': 'y'}}]}]}\n",
			want:   map[string]reach.Verdict{"x/web x/db 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open},
		},
		"or a label of namespaces": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {'k8s:io.cilium.k8s.namespace.labels.team': b}}]}]}\n",
			want:   map[string]reach.Verdict{"x/web x/db 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open},
		},
		"a clusterwide policy selects in every namespace": {
			policy: "CiliumClusterwideNetworkPolicy//p\nspec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: job}}]}]}\n",
			want:   map[string]reach.Verdict{"x/web x/db 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Open},
		},
		"a policy is for its own namespace, whichever one its selector names": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': 'y'}}, ingress: [{}]}\n",
			want:   map[string]reach.Verdict{"x/web y/job 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"it is for no pod when its selector leaves the source of that label open": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: 'y'}}, ingress: [{}]}\n",
			want:   map[string]reach.Verdict{"x/web y/job 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Open},
		},
		"a policy that names no namespace is for the pods that name none": {
			policy: "Pod//lost\n{}\n---\nCiliumNetworkPolicy//p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open, "y/job lost 80/TCP": reach.Blocked},
		},
		"deny wins over what a NetworkPolicy admits": {
			policy: "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n---\n" +
				"CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingressDeny: [{fromEntities: [cluster], toPorts: [{ports: [{port: '80'}]}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/db 80/UDP": reach.Blocked, "y/job x/db 81/TCP": reach.Open},
		},
		"what Cilium and NetworkPolicies admit adds up": {
			policy: "NetworkPolicy/x/web\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}\n---\n" +
				"CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [world]}]}\n",
			want: map[string]reach.Verdict{"x/web x/db 80/TCP": reach.Open, "0.0.0.0 x/db 80/TCP": reach.Open, "y/job x/db 80/TCP": reach.Blocked},
		},
		"a policy may say that it does not isolate": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingress: [{fromEndpoints: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open},
		},
		"ports alone are for every peer": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80', protocol: TCP}]}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 x/db 80/TCP": reach.Open, "y/job x/db 81/TCP": reach.Blocked},
		},
		"an empty list of peers names none": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: []}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked},
		},
		"a CIDR never matches a pod": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toCIDRSet: [{cidr: 0.0.0.0/0, except: [192.0.2.0/24]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "y/job 0.0.0.0 80/TCP": reach.Open, "y/job 192.0.2.0 80/TCP": reach.Blocked},
		},
		"a request that is inspected may be refused": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method: GET}]}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "y/job x/db 81/TCP": reach.Blocked},
		},
		"every name that is asked for is admitted": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': x}}], toPorts: [{ports: [{port: '53', protocol: ANY}], rules: {dns: [{matchPattern: '*'}]}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 53/UDP": reach.Open, "y/job x/db 53/TCP": reach.Open},
		},
		"the addresses behind a name are not known": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: example.com}], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job 0.0.0.0 443/TCP": reach.NotKnown, "y/job 0.0.0.0 80/TCP": reach.Blocked, "y/job x/db 443/TCP": reach.Blocked},
		},
		"the addresses of the API server are not known": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toEntities: [kube-apiserver]}]}\n",
			want:   map[string]reach.Verdict{"y/job 0.0.0.0 443/TCP": reach.NotKnown, "y/job x/db 443/TCP": reach.Blocked},
		},
		"a named port is found on the pod": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], toPorts: [{ports: [{port: http}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 8080/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"endPort is in the range": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80', endPort: 82}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 82/TCP": reach.Open, "y/job x/web 83/TCP": reach.Blocked},
		},
		"a rule for messages without ports says nothing of ports": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked},
		},
		"a policy for nodes is for no pod": {
			policy: "CiliumClusterwideNetworkPolicy//p\nspec: {nodeSelector: {}, ingress: [{}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open},
		},
		"several rules in one policy": {
			policy: "CiliumNetworkPolicy/x/p\nspecs: [{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}, {endpointSelector: {matchLabels: {app: db}}, egress: [{}]}]\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open, "x/db y/job 80/TCP": reach.Blocked},
		},
		"the cluster holds the API server, wherever it is": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, egress: [{toEntities: [cluster]}]}\n",
			want:   map[string]reach.Verdict{"x/db y/job 80/TCP": reach.Open, "x/db 0.0.0.0 443/TCP": reach.NotKnown},
		},
		"a label that only Cilium knows is undecided": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: web}}]}]}\n",
			want:   map[string]reach.Verdict{"x/web x/db 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.Blocked, "0.0.0.0 x/db 80/TCP": reach.Blocked},
		},
		"so is one that Cilium leaves out of identities": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {kubernetes.io/name: web}}]}]}\n" +
				"---\nPod/x/named\nmetadata: {labels: {kubernetes.io/name: web}}\n",
			want: map[string]reach.Verdict{"x/named x/db 80/TCP": reach.NotKnown},
		},
		"a peer that is of no certain namespace may be the world or a node": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: NotIn, values: [x]}]}]}]}\n",
			want: map[string]reach.Verdict{
				"0.0.0.0 x/db 80/TCP": reach.NotKnown, "y/host x/db 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.Open, "x/web x/db 80/TCP": reach.Blocked,
			},
		},
		"a label that a peer must have leaves the world out": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {app: job}, matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: NotIn, values: [x]}]}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 x/db 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open},
		},
		"a clusterwide policy adds the namespace to a selector by labels of namespaces": {
			policy: "CiliumClusterwideNetworkPolicy//p\nspec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchExpressions: [{key: 'k8s:io.cilium.k8s.namespace.labels.team', operator: NotIn, values: [a]}]}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 x/db 80/TCP": reach.Blocked, "y/job x/db 80/TCP": reach.Open, "x/web x/db 80/TCP": reach.Blocked},
		},
		"a direction without rules is not isolated, whatever the policy says": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, enableDefaultDeny: {ingress: true, egress: true}, egress: [{}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open, "x/db y/job 80/TCP": reach.Blocked},
		},
		"a list of ports that is empty admits none": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], toPorts: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked},
		},
		"a list of peers that is empty beside another names none": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [], fromEntities: [all]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked},
		},
		"an empty list of names beside ports is undecided": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toFQDNs: [], toPorts: [{ports: [{port: '80'}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "y/job x/db 81/TCP": reach.Blocked},
		},
		"a named port on egress is undecided": {
			policy: "CiliumNetworkPolicy/y/p\nspec: {endpointSelector: {}, egress: [{toEntities: [all], toPorts: [{ports: [{port: http, protocol: TCP}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 8080/TCP": reach.NotKnown, "y/job x/db 8080/TCP": reach.NotKnown, "y/job x/web 8080/UDP": reach.Blocked},
		},
		"names of ports are in small letters": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], toPorts: [{ports: [{port: HTTP}]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 8080/TCP": reach.Open},
		},
		"a rule that asks for the name of a server narrows every other": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all]}, {fromEntities: [all], toPorts: [{ports: [{port: '443', protocol: TCP}], serverNames: [example.com]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 443/TCP": reach.NotKnown},
		},
		"so does one that asks both ends to prove who they are": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all]}, {fromEntities: [all], authentication: {mode: required}}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 443/TCP": reach.NotKnown},
		},
		"one that says that they need not does not": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], authentication: {mode: disabled}}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 443/TCP": reach.Open},
		},
		"a proxy may refuse what it is sent": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, egress: [{toEntities: [all], toPorts: [{ports: [{port: '443', protocol: TCP}], originatingTLS: {secret: {name: ca}}}]}]}\n",
			want:   map[string]reach.Verdict{"x/db y/job 443/TCP": reach.NotKnown, "x/db y/job 80/TCP": reach.Blocked},
		},
		"a label that every peer must have narrows what other policies admit": {
			policy: "CiliumNetworkPolicy/x/all\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all]}]}\n---\n" +
				"CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromRequires: [{matchLabels: {app: web}}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"a policy that Cilium refuses is undecided as a whole": {
			policy: "CiliumNetworkPolicy/x/p\nspecs: [{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}, {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEntities: [everyone]}]}]\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.NotKnown},
		},
		"a policy that is not fixed is undecided": {
			policy:  "CiliumNetworkPolicy/x/p\n{}\n",
			unknown: []string{"spec"},
			want:    map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "x/db y/job 80/TCP": reach.NotKnown, "0.0.0.0 y/job 80/TCP": reach.Open},
		},
		"so are several": {
			policy:  "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all]}]}\n",
			unknown: []string{"specs"},
			want:    map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "0.0.0.0 y/job 80/TCP": reach.Open},
		},
		"and one of several": {
			policy:  "CiliumNetworkPolicy/x/p\nspecs: [{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}, {}]\n",
			unknown: []string{"specs.1"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.NotKnown},
		},
		"a list of addresses that another object holds is undecided": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromCIDRSet: [{cidrGroupRef: office}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 x/web 80/TCP": reach.NotKnown, "y/job x/web 80/TCP": reach.Blocked},
		},
		"a selector that is not fixed is undecided": {
			policy:  "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{}]}\n",
			unknown: []string{"spec.endpointSelector.matchLabels"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/web y/job 80/TCP": reach.Open},
		},
		"so is a rule": {
			policy:  "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all]}]}\n",
			unknown: []string{"spec.ingress.0.fromEntities"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"and one with a field that is not read": {
			policy: "CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [all], fromRequires: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
	}.check(t)
}
