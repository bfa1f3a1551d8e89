package reach_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// base holds two pods of namespace x and one of namespace y, with addresses,
// and a pod on the node's network.
const base = `Namespace//x
metadata: {labels: {kubernetes.io/metadata.name: x, team: a}}
---
Namespace//y
metadata: {labels: {kubernetes.io/metadata.name: y, team: b}}
---
Pod/x/web
metadata: {labels: {app: web}}
spec:
  initContainers:
  - name: proxy
    restartPolicy: Always
    ports: [{name: admin, containerPort: 15000}]
  - name: setup
    ports: [{name: setup, containerPort: 9999}]
  containers:
  - {name: web, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}
  - {name: more, ports: [{name: http, containerPort: 8081}]}
status: {podIP: 10.0.0.1}
---
Pod/x/db
metadata: {labels: {app: db}}
status: {podIP: 10.0.0.2}
---
Pod/y/job
metadata: {labels: {app: job}}
status: {podIP: 10.0.1.3}
---
Pod/y/host
metadata: {labels: {app: job}}
spec: {hostNetwork: true}
---
`

func find(t *testing.T, e *reach.Engine, name string) int {
	t.Helper()
	for i, end := range e.Endpoints() {
		if end.Workload != nil && end.Workload.Ref().NamespacedName() == name || end.Workload == nil && strings.HasPrefix(end.Range.String(), name+"-") {
			return i
		}
	}
	t.Fatalf("no endpoint %s", name)
	return 0
}

// semantics names what policies mean, row by row, over the pods of base.
type semantics map[string]struct {
	policy  string
	unknown []string
	// want holds "from to port" with the verdict.
	want map[string]reach.Verdict
}

func (rows semantics) check(t *testing.T) {
	t.Helper()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, base+row.policy, row.unknown...)
			e := reach.New(g)
			checkVerdicts(t, e, row.want)
			checkVerdicts(t, reach.In(g, func(string) bool { return true }), row.want)
			if pairs, walked := everything(t, e); !maps.Equal(pairs, walked) {
				t.Errorf("the walk says otherwise (-pairs +walk):\n%s", cmp.Diff(pairs, walked))
			}
		})
	}
}

func TestSemantics(t *testing.T) {
	t.Parallel()
	semantics{
		"a pod that no policy selects is open": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: other}}}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "x/web y/job 80/SCTP": reach.Open, "0.0.0.0 x/web 80/TCP": reach.Open},
		},
		"absent policyTypes are Ingress": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked, "x/web y/job 80/TCP": reach.Open},
		},
		"absent policyTypes are Egress too when there is an egress rule": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}]}]}\n",
			want:   map[string]reach.Verdict{"x/web y/job 80/TCP": reach.Blocked, "x/web y/job 53/UDP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"an empty egress list without policyTypes does not isolate": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [], egress: []}\n",
			want:   map[string]reach.Verdict{"x/web y/job 80/TCP": reach.Open},
		},
		"an ingress section without the Ingress type has no effect": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 1}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "x/web y/job 80/TCP": reach.Blocked},
		},
		"an empty rule admits everything": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "0.0.0.0 x/web 80/TCP": reach.Open, "y/host x/web 80/TCP": reach.Open},
		},
		"an empty from admits all sources": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [], ports: [{port: 80}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "y/job x/web 81/TCP": reach.Blocked},
		},
		"a peer that names nothing makes the policy invalid, never open to all": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"ipBlock beside a selector is invalid": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}, podSelector: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"an except equal to its cidr is invalid": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24, except: [10.0.1.0/24]}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"endPort beside a name is invalid": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: http, endPort: 90}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"podSelector alone means the own namespace": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}\n",
			want:   map[string]reach.Verdict{"x/db x/web 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"an empty namespaceSelector means all namespaces": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "0.0.0.0 x/web 80/TCP": reach.Blocked},
		},
		"two selectors in one item are AND": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: db}}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked, "x/db x/web 80/TCP": reach.Blocked},
		},
		"two selectors in two items are OR": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}, {podSelector: {matchLabels: {app: db}}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "x/db x/web 80/TCP": reach.Open},
		},
		"an entry with a protocol only is every port of it": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 9/UDP": reach.Open, "y/job x/web 9/TCP": reach.Blocked},
		},
		"an absent protocol is TCP": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 53}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 53/TCP": reach.Open, "y/job x/web 53/UDP": reach.Blocked},
		},
		"endPort is in the range": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 80, endPort: 82}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 82/TCP": reach.Open, "y/job x/web 83/TCP": reach.Blocked},
		},
		"a named port is that of the destination, in every container and in sidecars": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: http}, {port: admin}, {port: setup}, {port: dns}]}]}\n",
			want: map[string]reach.Verdict{
				"y/job x/web 8080/TCP": reach.Open, "y/job x/web 8081/TCP": reach.Open, "y/job x/web 15000/TCP": reach.Open,
				"y/job x/web 9999/TCP": reach.Blocked, "y/job x/web 53/TCP": reach.Blocked, "y/job x/web 53/UDP": reach.Blocked,
				"y/job x/db 8080/TCP": reach.Blocked,
			},
		},
		"a named port on egress is that of the destination": {
			policy: "NetworkPolicy/y/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}\n",
			want: map[string]reach.Verdict{
				"y/job x/web 8080/TCP": reach.Open, "y/job x/db 8080/TCP": reach.Blocked, "y/job 0.0.0.0 8080/TCP": reach.Blocked,
			},
		},
		"an undeclared port is reachable": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 4444}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 4444/TCP": reach.Open},
		},
		"egress and ingress need a common port": {
			policy: "NetworkPolicy/y/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}\n" +
				"---\nNetworkPolicy/x/in\nspec: {podSelector: {}, ingress: [{ports: [{port: 443}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked, "y/job x/web 443/TCP": reach.Blocked},
		},
		"the policies of one direction are a union": {
			policy: "NetworkPolicy/x/one\nspec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}\n" +
				"---\nNetworkPolicy/x/two\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 81}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "y/job x/web 81/TCP": reach.Open, "y/job x/db 81/TCP": reach.Blocked},
		},
		"a hole of one rule is filled by another": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}, {ipBlock: {cidr: 10.0.1.3/32}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Open, "x/db x/web 80/TCP": reach.Blocked, "0.0.0.0 x/web 80/TCP": reach.Open},
		},
		"a rule of the other family matches nothing": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked, "0.0.0.0 x/web 80/TCP": reach.Blocked, ":: x/web 80/TCP": reach.Open},
		},
		"a pod reaches itself": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n",
			want:   map[string]reach.Verdict{"x/web x/web 80/TCP": reach.Open},
		},
		"a replica does not reach another": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n" +
				"---\nDeployment/x/api\nspec: {selector: {}, template: {metadata: {labels: {app: api}}, spec: {containers: []}}}\n",
			want: map[string]reach.Verdict{"x/api x/api 80/TCP": reach.Blocked},
		},
		"policies do not isolate a pod on the node's network, and selectors do not name it": {
			policy: "NetworkPolicy/y/p\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n" +
				"---\nNetworkPolicy/x/in\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]}\n",
			want: map[string]reach.Verdict{
				"x/web y/host 80/TCP": reach.Open, "y/host y/job 80/TCP": reach.NotKnown, "y/host x/web 80/TCP": reach.NotKnown,
			},
		},
		"a range of which a pod's address is not known may hold it": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/16}}]}]}\n" +
				"---\nDeployment/x/api\nspec: {selector: {}, template: {metadata: {labels: {app: api}}, spec: {containers: []}}}\n",
			want: map[string]reach.Verdict{"x/api x/web 80/TCP": reach.NotKnown, "x/db x/web 80/TCP": reach.Open},
		},
		"so it may when it shows that of one replica": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}\n" +
				"---\nDeployment/y/api\nspec: {replicas: 2, selector: {}, template: {metadata: {labels: {app: api}}, spec: {containers: []}}}\n" +
				"---\nPod/y/api-1\nmetadata: {ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, controller: true, uid: a}]}\nstatus: {podIP: 10.0.1.4}\n",
			want: map[string]reach.Verdict{"y/api x/web 80/TCP": reach.NotKnown},
		},
		"the addresses of all replicas are known": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}\n" +
				"---\nDeployment/y/api\nspec: {selector: {}, template: {metadata: {labels: {app: api}}, spec: {containers: []}}}\n" +
				"---\nPod/y/api-1\nmetadata: {ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, controller: true, uid: a}]}\nstatus: {podIP: 10.0.1.4}\n",
			want: map[string]reach.Verdict{"y/api x/web 80/TCP": reach.Open},
		},
		"Cilium would not match pods by their address": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}\n" +
				"---\nCiliumNetworkPolicy/y/other\nspec: {endpointSelector: {matchLabels: {app: other}}, ingress: [{}]}\n",
			want: map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/db x/web 80/TCP": reach.Blocked, "10.0.1.0 x/web 80/TCP": reach.Open},
		},
		"labels of a namespace that is not in the input are not known": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: c}}}]}]}\n" +
				"---\nPod/z/far\n{}\n",
			want: map[string]reach.Verdict{"z/far x/web 80/TCP": reach.NotKnown, "y/job x/web 80/TCP": reach.Blocked},
		},
		"the name of a namespace that is not in the input is known": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}}]}]}\n" +
				"---\nPod/z/far\n{}\n",
			want: map[string]reach.Verdict{"z/far x/web 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"unknown ports are in doubt": {
			policy:  "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{protocol: TCP}]}]}\n",
			unknown: []string{"spec.ingress.0.ports.0.port"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"unknown rules are in doubt": {
			policy:  "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Ingress]}\n",
			unknown: []string{"spec.ingress"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/web y/job 80/TCP": reach.Open},
		},
		"an unknown peer is in doubt beside one that admits": {
			policy:  "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]}\n",
			unknown: []string{"spec.ingress.0.from.1.namespaceSelector"},
			want:    map[string]reach.Verdict{"x/db x/web 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.NotKnown, "0.0.0.0 x/web 80/TCP": reach.NotKnown},
		},
		"an unknown podSelector may select any pod of the namespace": {
			policy:  "NetworkPolicy/x/p\nspec: {podSelector: {}}\n",
			unknown: []string{"spec.podSelector"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/web y/job 80/TCP": reach.Open},
		},
		"unknown policyTypes are in doubt": {
			policy:  "NetworkPolicy/x/p\nspec: {podSelector: {}}\n",
			unknown: []string{"spec.policyTypes"},
			want:    map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/web y/job 80/TCP": reach.NotKnown},
		},
		"a policy of a kind that is not evaluated leaves its namespace in doubt": {
			policy: "CalicoPolicy/x/p\n{}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown, "x/web y/job 80/TCP": reach.NotKnown},
		},
		"a policy that is not evaluated may admit what others isolate": {
			policy: "CalicoPolicy/x/p\n{}\n---\nNetworkPolicy/x/deny\nspec: {podSelector: {}}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.NotKnown},
		},
		"one known side that does not admit is enough": {
			policy: "CalicoPolicy/x/p\n{}\n---\nNetworkPolicy/y/deny\nspec: {podSelector: {}, policyTypes: [Egress]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 80/TCP": reach.Blocked},
		},
		"policies have no say between addresses outside": {
			policy: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 128.0.0.0 80/TCP": reach.NotKnown},
		},
	}.check(t)
}

// checkVerdicts asks questions such as "y/job x/web 80/TCP".
func checkVerdicts(t *testing.T, e *reach.Engine, want map[string]reach.Verdict) {
	t.Helper()
	for question, want := range want {
		parts := strings.Fields(question)
		number, protocol, _ := strings.Cut(parts[2], "/")
		p, _ := netset.ParseProtocol(protocol)
		var port uint16
		if _, err := fmt.Sscan(number, &port); err != nil {
			t.Fatal(err)
		}
		a := e.Ask(find(t, e, parts[0]), find(t, e, parts[1]), netset.PortRange(p, port, port))
		if a.Verdict != want {
			t.Errorf("%s is %s, want %s: %v", question, a.Verdict, want, a)
		}
		if !explained(a) {
			t.Errorf("%s is %s for no reason", question, want)
		}
	}
}

// explained reports whether an answer other than open has a reason, or a
// decision of a policy that is one.
func explained(a reach.Answer) bool {
	want := model.Unknown
	if a.Verdict == reach.Blocked {
		want = model.No
	}
	return a.Verdict == reach.Open || len(a.Reasons) > 0 || slices.ContainsFunc(a.Hops, func(h reach.Hop) bool {
		decides := func(d reach.Decision) bool { return d.Verdict == want && d.Why != "" }
		return h.Verdict == want && slices.ContainsFunc(h.Decisions, decides)
	})
}
