package vpccni_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
	"github.com/ekslint/ekslint/pkg/model"
)

// agent is the VPC CNI, with arguments of its policy agent and the rest of the
// container aws-node.
func agent(on, rest string) string {
	return "DaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {spec: {hostNetwork: true, containers: [{name: aws-node" + rest +
		"}, {name: aws-eks-nodeagent, args: ['--enable-network-policy=" + on + "']}]}}}\n---\n"
}

// pods are a web and an api of namespace x, each made by a controller, with
// their addresses; a job of namespace y, whose address is not shown; a bare pod.
const pods = `Namespace//x
metadata: {labels: {kubernetes.io/metadata.name: x}}
---
Namespace//y
metadata: {labels: {kubernetes.io/metadata.name: y}}
---
Deployment/x/web
spec: {selector: {}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
Pod/x/web-1
metadata: {labels: {app: web}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: a}]}
status: {podIP: 10.0.0.1}
---
Deployment/x/api
spec: {selector: {}, template: {metadata: {labels: {app: api, version: v2}}, spec: {containers: [{name: api, ports: [{name: http, containerPort: 8080}]}]}}}
---
Pod/x/api-1
metadata: {labels: {app: api, version: v2}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, controller: true, uid: b}]}
status: {podIP: 10.0.1.1}
---
Deployment/y/job
spec: {selector: {}, template: {metadata: {labels: {app: job}}, spec: {containers: [{name: job}]}}}
---
Pod/x/bare
metadata: {labels: {app: bare}}
---
`

func find(t *testing.T, e *reach.Engine, name string) int {
	t.Helper()
	for i, end := range e.Endpoints() {
		if strings.HasPrefix(end.String(), name+"[") || end.Workload == nil && strings.HasPrefix(end.Range.String(), name+"-") {
			return i
		}
	}
	t.Fatalf("no endpoint %s", name)
	return 0
}

// write is "the verdict of the policies, that of the engine; each note and its place".
func write(a reach.Answer, e vpccni.Enforced, ok bool) string {
	if !ok {
		return string(a.Verdict)
	}
	out := fmt.Sprintf("%s, %s", a.Verdict, e.Verdict)
	for _, n := range e.Notes {
		out += fmt.Sprintf("; %s (%s %s %s)", n.Why, n.Object.Ref().Kind, n.Object.Ref().Name, n.At)
	}
	return out
}

// TestStartsOpen: in standard mode a blocked connection is open while a pod
// starts (corner 15 of the semantics).
func TestStartsOpen(t *testing.T) {
	t.Parallel()
	const env = ", env: [{name: NETWORK_POLICY_ENFORCING_MODE, value: %s}]"
	for name, tt := range map[string]struct {
		objects string
		want    bool
	}{
		"by default":                {agent("true", "") + denyAll, true},
		"standard mode":             {agent("true", fmt.Sprintf(env, "standard")) + denyAll, true},
		"strict mode":               {agent("true", fmt.Sprintf(env, "strict")) + denyAll, false},
		"a mode that is not known":  {agent("true", fmt.Sprintf(env, "'${MODE}'")) + denyAll, false},
		"open in the end":           {agent("true", "") + unwanted, false},
		"policies are switched off": {agent("false", "") + denyAll, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, pods+strings.TrimSuffix(tt.objects, "---\n"))
			e := reach.New(g)
			got, ok := vpccni.Enforce(g, e.Ask(find(t, e, "x/web"), find(t, e, "x/api"), netset.AllPorts()))
			if !ok || got.StartsOpen != tt.want {
				t.Errorf("starts open is %v, want %v (%s)", got.StartsOpen, tt.want, got.Verdict)
			}
		})
	}
}

const (
	denyAll  = "NetworkPolicy/x/deny\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n---\n"
	unwanted = "NetworkPolicy/z/none\nspec: {podSelector: {matchLabels: {app: none}}}\n"
)

// TestEnforce names where the VPC CNI departs from what policies mean, row by
// row.
func TestEnforce(t *testing.T) {
	t.Parallel()
	on := agent("true", "")
	allowAll := func(name, from string) string {
		return "NetworkPolicy/x/" + name + "\nspec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [" + from + "]}]}\n---\n"
	}
	// toBoth names an address of each family, and admits them to another namespace.
	const toBoth = "NetworkPolicy/y/out\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 9.9.9.0/24}}, {ipBlock: {cidr: '2600::/64'}}]}]}\n---\n"
	const pinned = "Deployment/x/pinned\nspec: {selector: {}, template: {metadata: {labels: {app: pinned}}, spec: {nodeSelector: {karpenter.sh/nodepool: own}}}}\n---\n"
	// auto is EKS Auto Mode with a pool of nodes of its own.
	auto := func(on, mode string) string {
		return "ConfigMap/kube-system/amazon-vpc-cni\ndata: {enable-network-policy-controller: '" + on + "'}\n---\n" +
			"NodePool//own\nspec: {template: {spec: {nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: own}}}}\n---\n" +
			"NodeClass//own\nspec: {networkPolicy: " + mode + "}\n---\n"
	}
	addon := func(values string) string {
		return "ClusterConfig//own\naddons: [{name: vpc-cni, version: v1.21.1-eksbuild.1, configurationValues: \"" + values + "\"}]\n---\n"
	}
	v6 := func(rest string) string {
		return strings.ReplaceAll(agent("true", rest), "args: [", "args: ['--enable-ipv6=true', ")
	}
	var many strings.Builder
	for port := range 25 {
		fmt.Fprintf(&many, "{port: %d}, ", 8070+port)
	}
	for name, tt := range map[string]struct{ objects, from, to, want string }{
		"another engine": {"DaemonSet/kube-system/calico-node\nspec: {selector: {}, template: {spec: {hostNetwork: true}}}\n---\n" + denyAll, "x/web", "x/api", "blocked"},
		"no engine":      {denyAll, "x/web", "x/api", "blocked"},
		"switched off": {
			agent("false", "") + denyAll, "x/web", "x/api",
			"blocked, open; its network policies are switched off (DaemonSet aws-node spec.template.spec.containers[1].args[0])",
		},
		"perhaps switched on": {
			agent("${ON}", "") + denyAll, "x/web", "x/api",
			"blocked, unknown; whether its network policies are switched on is not known (DaemonSet aws-node spec.template.spec.containers[1].args[0])",
		},
		"another argument is a placeholder": {
			strings.ReplaceAll(on, "args: [", "args: ['--log-level=${LEVEL}', ") + denyAll, "x/web", "x/api", "blocked, blocked",
		},
		"any argument may be a placeholder": {
			strings.ReplaceAll(on, "args: [", "args: ['${MORE}', ") + denyAll, "x/web", "x/api",
			"blocked, unknown; whether its network policies are switched on is not known (DaemonSet aws-node spec.template.spec.containers[1].args[1])",
		},
		"the name of a variable is a placeholder": {
			agent("true", ", env: [{name: '${NAME}', value: strict}]") + unwanted, "x/web", "x/api",
			"open, unknown; whether strict mode denies what no policy selects is not known (DaemonSet aws-node spec.template.spec.containers[0])",
		},
		"the value of another variable is a placeholder": {
			agent("true", ", env: [{name: AWS_VPC_K8S_CNI_LOGLEVEL, value: '${LEVEL}'}]") + unwanted, "x/web", "x/api", "open, open",
		},
		"it agrees on what is blocked": {on + denyAll, "x/web", "x/api", "blocked, blocked"},
		"and on what is open":          {on + unwanted, "x/web", "x/api", "open, open"},
		"strict mode": {
			agent("true", ", env: [{name: NETWORK_POLICY_ENFORCING_MODE, value: strict}]") + unwanted, "x/web", "x/api",
			"open, blocked; strict mode denies what no policy selects (DaemonSet aws-node spec.template.spec.containers[0].env[0])",
		},
		"strict mode, and a policy for the other direction": {
			agent("true", ", env: [{name: NETWORK_POLICY_ENFORCING_MODE, value: strict}]") + allowAll("in", "{podSelector: {}}") +
				"NetworkPolicy/x/out\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{}]}\n", "x/web", "x/api",
			"open, unknown; what strict mode makes of egress of these pods is not known (DaemonSet aws-node spec.template.spec.containers[0].env[0])",
		},
		"a mode that is not fixed": {
			agent("true", ", env: [{name: NETWORK_POLICY_ENFORCING_MODE, valueFrom: {configMapKeyRef: {name: a, key: b}}}]") + allowAll("in", "{podSelector: {}}"), "x/web", "x/api",
			"open, unknown; whether strict mode denies what no policy selects is not known (DaemonSet aws-node spec.template.spec.containers[0].env[0])",
		},
		"Fargate": {
			on + denyAll + "Deployment/x/far\nspec: {selector: {}, template: {metadata: {labels: {app: far}}, spec: {nodeSelector: {eks.amazonaws.com/compute-type: fargate}}}}\n",
			"y/job", "x/far", "blocked, open; x/far[Deployment] runs on Fargate or Windows, where it enforces nothing (Deployment far spec.template.spec)",
		},
		"Fargate, and policies of the other side that are not read": {
			on + denyAll + "CalicoPolicy/y/p\n---\nDeployment/x/far\nspec: {selector: {}, template: {metadata: {labels: {app: far}}, spec: {nodeSelector: {eks.amazonaws.com/compute-type: fargate}}}}\n",
			"y/job", "x/far", "blocked, unknown; x/far[Deployment] runs on Fargate or Windows, where it enforces nothing (Deployment far spec.template.spec)",
		},
		"an IPv6 cluster and IPv4 outside": {
			v6("") + denyAll + toBoth, "x/web", "9.9.9.0",
			"blocked, open; pods leave over IPv4 by an interface that it does not filter (DaemonSet aws-node spec.template.spec.containers[0])",
		},
		"an IPv6 cluster and IPv4 outside, admitted": {
			v6("") + denyAll + toBoth, "y/job", "9.9.9.0", "open, open",
		},
		"an IPv6 cluster that switched IPv4 off": {
			v6(", env: [{name: ENABLE_V4_EGRESS, value: 'false'}]") + denyAll + toBoth, "x/web", "9.9.9.0", "blocked, blocked",
		},
		"an IPv6 cluster that perhaps switched IPv4 off": {
			v6(", env: [{name: ENABLE_V4_EGRESS, value: '${V4}'}]") + denyAll + toBoth, "x/web", "9.9.9.0",
			"blocked, unknown; whether pods leave over IPv4 by an interface that it does not filter is not known (DaemonSet aws-node spec.template.spec.containers[0].env[0])",
		},
		"an IPv6 cluster and IPv6 outside": {v6("") + denyAll + toBoth, "x/web", "2600::", "blocked, blocked"},
		"an IPv4 cluster that leaves over IPv6": {
			agent("true", ", env: [{name: ENABLE_V6_EGRESS, value: 'true'}]") + denyAll + toBoth, "x/web", "2600::",
			"blocked, open; pods leave over IPv6 by an interface that it does not filter (DaemonSet aws-node spec.template.spec.containers[0].env[0])",
		},
		"an IPv4 cluster":                     {on + denyAll + toBoth, "x/web", "2600::", "blocked, blocked"},
		"EKS Auto Mode":                       {auto("true", "DefaultAllow") + denyAll, "x/web", "x/api", "blocked, blocked"},
		"EKS Auto Mode, nothing selects them": {auto("true", "DefaultAllow") + unwanted, "x/web", "x/api", "open, open"},
		"the add-on": {
			addon("{enableNetworkPolicy: 'true', env: {ENABLE_V6_EGRESS: 'true'}}") + denyAll + toBoth, "x/web", "2600::",
			"blocked, open; pods leave over IPv6 by an interface that it does not filter (ClusterConfig own addons[0].configurationValues)",
		},
		"the add-on, switched off, perhaps for another engine": {addon("{enableNetworkPolicy: 'false'}") + denyAll, "x/web", "x/api", "blocked"},
		"the add-on, in strict mode": {
			addon("{enableNetworkPolicy: 'true', env: {NETWORK_POLICY_ENFORCING_MODE: strict}}") + unwanted, "x/web", "x/api",
			"open, blocked; strict mode denies what no policy selects (ClusterConfig own addons[0].configurationValues)",
		},
		"the add-on says nothing of policies": {addon("{env: {WARM_IP_TARGET: '5'}}") + denyAll, "x/web", "x/api", "blocked"},
		"the add-on with a placeholder":       {addon("{enableNetworkPolicy: '${ON}'}") + denyAll, "x/web", "x/api", "blocked"},
		"two descriptions of clusters": {
			addon("{enableNetworkPolicy: 'false'}") + "ClusterConfig//second\n---\n" + denyAll, "x/web", "x/api", "blocked",
		},
		"the DaemonSet beside the add-on": {on + addon("{enableNetworkPolicy: 'false'}") + denyAll, "x/web", "x/api", "blocked, blocked"},
		"EKS Auto Mode, switched off": {
			auto("false", "DefaultAllow") + denyAll, "x/web", "x/api",
			"blocked, open; its network policies are switched off (ConfigMap amazon-vpc-cni data.enable-network-policy-controller)",
		},
		"EKS Auto Mode, perhaps switched off": {
			auto("${ON}", "DefaultAllow") + denyAll, "x/web", "x/api",
			"blocked, unknown; whether its network policies are switched on is not known (ConfigMap amazon-vpc-cni data.enable-network-policy-controller)",
		},
		"the ConfigMap without a sign of EKS Auto Mode": {
			"ConfigMap/kube-system/amazon-vpc-cni\ndata: {enable-network-policy-controller: 'true'}\n---\n" + denyAll, "x/web", "x/api", "blocked",
		},
		"a class of EKS Auto Mode denies by default": {
			auto("true", "DefaultDeny") + unwanted, "x/web", "x/api",
			"open, unknown; whether strict mode denies what no policy selects is not known (NodeClass own spec.networkPolicy)",
		},
		"pods that select a class that denies by default": {
			auto("true", "DefaultDeny") + pinned + unwanted, "y/job", "x/pinned",
			"open, blocked; whether strict mode denies what no policy selects is not known (NodeClass own spec.networkPolicy); " +
				"strict mode denies what no policy selects (NodeClass own spec.networkPolicy)",
		},
		"pods that select a class of which it is not known": {
			auto("true", "'${MODE}'") + pinned + unwanted, "y/job", "x/pinned",
			"open, unknown; whether strict mode denies what no policy selects is not known (NodeClass own spec.networkPolicy)",
		},
		"pods that select a class that allows by default": {auto("true", "DefaultAllow") + pinned + unwanted, "y/job", "x/pinned", "open, open"},
		"nodes that EKS Auto Mode did not make": {
			auto("true", "DefaultAllow") + denyAll +
				"Deployment/x/group\nspec: {selector: {}, template: {metadata: {labels: {app: group}}, spec: {nodeSelector: {eks.amazonaws.com/nodegroup: a}}}}\n",
			"y/job", "x/group",
			"blocked, unknown; what enforces policies on nodes that EKS Auto Mode did not make is not known (Deployment group spec.template.spec.nodeSelector)",
		},
		"nodes that EKS Auto Mode did not make, and nothing selects the pods": {
			auto("true", "DefaultAllow") + unwanted +
				"---\nDeployment/x/group\nspec: {selector: {}, template: {metadata: {labels: {app: group}}, spec: {nodeSelector: {eks.amazonaws.com/nodegroup: a}}}}\n",
			"y/job", "x/group", "open, open",
		},
		"EKS Auto Mode reads ApplicationNetworkPolicy": {
			auto("true", "DefaultAllow") + "ApplicationNetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress]}\n", "x/web", "y/job", "blocked, blocked",
		},
		"others are not known to": {
			on + "ApplicationNetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress]}\n", "x/web", "y/job",
			"blocked, unknown; it is not known to read ApplicationNetworkPolicy (ApplicationNetworkPolicy p spec)",
		},
		"a pod that no controller made": {
			on + denyAll, "y/job", "x/bare",
			"blocked, unknown; it covers pods that a controller made, and x/bare[Pod] has none (Pod bare metadata)",
		},
		"a kind that it does not read": {
			on + "AdminNetworkPolicy//p\nspec: {priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" + unwanted,
			"x/web", "x/api", "blocked, unknown; it is not known to read AdminNetworkPolicy (AdminNetworkPolicy p spec)",
		},
		"a kind that an old version does not read": {
			agent("true", ", image: 'cni:v1.20.0'") + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" + unwanted,
			"x/web", "x/api", "blocked, unknown; it is not known to read ClusterNetworkPolicy (ClusterNetworkPolicy p spec)",
		},
		"and a new one does": {
			agent("true", ", image: 'cni:v1.21.1'") + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" + unwanted,
			"x/web", "x/api", "blocked, blocked",
		},
		"an except denies what another policy admits by a wider CIDR": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + allowAll("vpc", "{ipBlock: {cidr: 10.0.0.0/8}}"), "x/web", "x/api",
			"open, blocked; an except denies the address, whatever a wider CIDR admits (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"and by no peers at all": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n", "x/web", "x/api",
			"open, blocked; an except denies the address, whatever a wider CIDR admits (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"but not what a narrower one admits": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + allowAll("one", "{ipBlock: {cidr: 10.0.0.1/32}}"), "x/web", "x/api", "open, open",
		},
		"nor what a selector admits": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + allowAll("label", "{podSelector: {matchLabels: {app: web}}}"), "x/web", "x/api", "open, open",
		},
		"one of the same width is in doubt": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + allowAll("same", "{ipBlock: {cidr: 10.0.0.0/24}}"), "x/web", "x/api",
			"open, unknown; an except may hold the address, and would deny it (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"and one that is narrower, for another port": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n---\n" +
				"NetworkPolicy/x/port\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 9999}]}]}\n", "x/web", "x/api",
			"open, unknown; an except may hold the address, and would deny it (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"an except may hold a pod of which no address is shown": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n", "y/job", "x/api",
			"open, unknown; an except may hold the address, and would deny it (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"or one of which that of a replica is shown": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}") + "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n---\n" +
				"Deployment/y/two\nspec: {replicas: 2, selector: {}, template: {metadata: {labels: {app: two}}}}\n---\n" +
				"Pod/y/two-1\nmetadata: {ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: two, controller: true, uid: c}]}\nstatus: {podIP: 10.9.0.1}\n", "y/two", "x/api",
			"open, unknown; an except may hold the address, and would deny it (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"that of the metadata of instances holds none": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}") + "NetworkPolicy/x/all\nspec: {podSelector: {}, ingress: [{}]}\n", "y/job", "x/api", "open, open",
		},
		"an address outside the cluster": {
			on + allowAll("cidr", "{ipBlock: {cidr: 0.0.0.0/0, except: [192.0.2.0/24]}}") + allowAll("half", "{ipBlock: {cidr: 128.0.0.0/1}}"), "192.0.2.0", "x/api",
			"open, blocked; an except denies the address, whatever a wider CIDR admits (NetworkPolicy cidr spec.ingress[0].from[0].ipBlock.except[0])",
		},
		"the name of a port for every source": {
			on + "NetworkPolicy/x/name\nspec: {podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: http}]}]}\n", "x/web", "x/api",
			"open, unknown; older versions drop the names of ports where the peer is no selector of pods (NetworkPolicy name spec.ingress[0])",
		},
		"and the number of another": {
			on + "NetworkPolicy/x/name\nspec: {podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: http}]}, {ports: [{port: 9999}]}]}\n", "x/web", "x/api",
			"open, unknown; older versions drop the names of ports where the peer is no selector of pods (NetworkPolicy name spec.ingress[0])",
		},
		"the name of a port for every destination": {
			on + "NetworkPolicy/x/name\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}\n", "x/web", "x/api",
			"open, blocked; it drops the names of ports where the peer is no selector of pods (NetworkPolicy name spec.egress[0])",
		},
		"for pods by their labels": {
			on + "NetworkPolicy/x/name\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: http}]}]}\n", "x/web", "x/api",
			"open, open",
		},
		"more ports than it keeps": {
			on + "NetworkPolicy/x/many\nspec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {}}], ports: [" + many.String() + "]}]}\n", "x/web", "x/api",
			"open, unknown; it keeps 24 ports for a peer, drops others at random, and policies name 25 (NetworkPolicy many spec.ingress[0])",
		},
		"for another peer": {
			on + "NetworkPolicy/x/many\nspec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: bare}}}], ports: [" + many.String() + "]}, {from: [{podSelector: {}}]}]}\n", "x/web", "x/api",
			"open, open",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, pods+strings.TrimSuffix(tt.objects, "---\n"))
			e := reach.New(g)
			a := e.Ask(find(t, e, tt.from), find(t, e, tt.to), netset.PortRange(netset.TCP, 8080, 8080))
			enforced, ok := vpccni.Enforce(g, a)
			if diff := cmp.Diff(tt.want, write(a, enforced, ok)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEnforceService: egress is judged by the address and the port of the
// Service.
func TestEnforceService(t *testing.T) {
	t.Parallel()
	const (
		doubt = "; egress is judged by the address and port of the Service, and whether a rule admits them is not known (Service api spec.ports[0])"
		other = "open, blocked; egress is judged by the address and port of the Service, which the rule that admits the pods does not: " +
			"a peer has to match the selector of the Service, as if it were labels, and a port its targetPort (NetworkPolicy out spec.egress[0])"
		v2 = "podSelector: {matchLabels: {app: api, version: v2}}"
	)
	service := func(rest string) string {
		return "Service/x/api\nspec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]" + rest + "}\n---\n"
	}
	egress := func(rule string) string {
		return "NetworkPolicy/x/out\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [" + rule + "]}\n"
	}
	for name, tt := range map[string]struct {
		objects, want string
		unknown       []string
	}{
		"the selector of the Service has the labels": {
			objects: service("") + egress("{to: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}"), want: "open, open",
		},
		"it lacks one": {
			objects: service("") + egress("{to: [{"+v2+"}], ports: [{port: 8080}]}"),
			want:    other,
		},
		"a headless Service leads to the pods": {
			objects: service(", clusterIP: None") + egress("{to: [{"+v2+"}], ports: [{port: 80}]}"), want: "open, open",
		},
		"every pod of the namespace": {
			objects: service("") + egress("{to: [{podSelector: {}}]}"), want: "open, open",
		},
		"another namespace": {
			objects: service("") + egress("{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}]}"), want: "blocked, blocked",
		},
		"a range of ports": {
			objects: service("") + egress("{to: [{podSelector: {}}], ports: [{port: 8000, endPort: 8090}]}"), want: "open, unknown" + doubt,
		},
		"every address, every port": {objects: service("") + egress("{}"), want: "open, open"},
		"every address, the port of the pods": {
			objects: service("") + egress("{ports: [{port: 8080}]}"),
			want:    other,
		},
		"a block of every address": {
			objects: service("") + egress("{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 80}]}"),
			want:    "blocked, open; egress is judged by the address and port of the Service, which a rule admits (Service api spec.ports[0])",
		},
		"a peer that the pods are not and the labels of the Service are": {
			objects: service("") + egress("{to: [{podSelector: {matchExpressions: [{key: version, operator: NotIn, values: [v2]}]}}], ports: [{port: 8080}]}"),
			want:    "blocked, open; egress is judged by the address and port of the Service, which a rule admits (Service api spec.ports[0])",
		},
		"a block that no Service has": {
			objects: service("") + egress("{to: [{ipBlock: {cidr: 8.8.8.0/24}}]}"), want: "blocked, blocked",
		},
		"a block of some, which Services may have": {
			objects: service("") + egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"), want: "open, unknown" + doubt,
		},
		"a block of some, which the Service has not": {
			objects: service(", clusterIP: 172.20.0.7") + egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"),
			want:    other,
		},
		"a name that leads to the number on the pods": {
			objects: "Service/x/api\nspec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}\n---\n" + egress("{to: [{podSelector: {}}], ports: [{port: 8080}]}"),
			want:    "open, open",
		},
		"the second port that leads to the same of the pods": {
			objects: "Service/x/api\nspec: {selector: {app: api}, ports: [{name: a, port: 81, targetPort: 8080}, {name: b, port: 80, targetPort: 8080}]}\n---\n" +
				egress("{to: [{podSelector: {}}], ports: [{port: 8080}]}"),
			want: other,
		},
		"every port of the protocol": {
			objects: service("") + egress("{to: [{podSelector: {}}], ports: [{protocol: TCP}]}"), want: "open, open",
		},
		"a selector that is not fixed": {
			objects: service("") + egress("{to: [{podSelector: {matchLabels: {app: api}}}]}"), unknown: []string{"spec.selector.app"},
			want: "unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, pods+agent("true", "")+tt.objects, tt.unknown...)
			e := reach.New(g)
			s, ok := g.Lookup(model.Ref{Kind: "Service", Namespace: "x", Name: "api"}).(*graph.Service)
			if !ok {
				t.Fatal("no Service")
			}
			answers := e.ToService(find(t, e, "x/web"), s, netset.PortRange(netset.TCP, 80, 80))
			enforced, ok := vpccni.Enforce(g, answers[0])
			if diff := cmp.Diff(tt.want, write(answers[0], enforced, ok)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
