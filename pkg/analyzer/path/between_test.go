package path_test

import (
	stdcmp "cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

const (
	db    = "---\nPod/x/db\nmetadata: {labels: {app: db}}\n"
	tcp80 = 80
)

func port80() netset.Ports { return netset.PortRange(netset.TCP, tcp80, tcp80) }

func TestBetween(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string { return strings.ReplaceAll(network, old, with) }
	twoGroups := network + "nodegroup other cluster=c subnets=prv-b label:team=db template=lt-2\ntemplate lt-2 groups=sg-db\n"
	pinned := "---\nPod/x/db\nmetadata: {labels: {app: db}}\nspec: {nodeSelector: {team: db}}\n"
	elsewhere := strings.Replace(web, "spec: {containers:", "spec: {nodeSelector: {eks.amazonaws.com/nodegroup: ng}, containers:", 1)
	for name, tt := range map[string]struct {
		objects, aws string
		want         string
	}{
		"nothing in the way": {web + strings.TrimPrefix(db, "---\n"), network, "TCP 80: open"},
		"nodes do not admit each other": {
			web + strings.TrimPrefix(db, "---\n"), replace("in=all::sg-node ", ""),
			"TCP 80: depends on placement; security groups of x/db[Pod], in: no rule of sg-node admits tcp 80 from sg-node (x/web[Deployment])",
		},
		"a network ACL between the subnets, and not inside one": {
			web + strings.TrimPrefix(db, "---\n"), network + "acl strict vpc=v subnets=prv-b in=100:deny:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n",
			"TCP 80: depends on placement; network ACL of subnet prv-b, in: ",
		},
		"pods of two zones are never on one node": {
			strings.Replace(web, "spec: {containers:", "spec: {nodeSelector: {topology.kubernetes.io/zone: a}, containers:", 1) +
				"Pod/x/db\nmetadata: {labels: {app: db}}\nspec: {nodeSelector: {topology.kubernetes.io/zone: b}}\n",
			network + "acl strict vpc=v subnets=prv-b in=100:deny:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n",
			"TCP 80: blocked; network ACL of subnet prv-b, in: ",
		},
		"answers do not pass": {
			web + strings.TrimPrefix(db, "---\n"), network + "acl strict vpc=v subnets=prv-b in=100:allow:all::0.0.0.0/0\n",
			"TCP 80: depends on placement; way back, network ACL of subnet prv-b, out: no entry of strict matches, so that it is refused",
		},
		"nodes of another group, whose group admits the port": {
			elsewhere + strings.TrimPrefix(pinned, "---\n"), twoGroups + "group sg-db in=tcp:80:sg-node out=all::0.0.0.0/0\n", "TCP 80: open",
		},
		"and does not": {
			elsewhere + strings.TrimPrefix(pinned, "---\n"), twoGroups + "group sg-db in=tcp:5432:sg-node out=all::0.0.0.0/0\n",
			"TCP 80: blocked; security groups of x/db[Pod], in: no rule of sg-db admits tcp 80 from sg-node (x/web[Deployment])",
		},
		"by the addresses of the subnet": {
			elsewhere + strings.TrimPrefix(pinned, "---\n"), twoGroups + "group sg-db in=tcp:80:10.0.2.0/23 out=all::0.0.0.0/0\n", "TCP 80: open",
		},
		"by some addresses of the subnet": {
			elsewhere + strings.TrimPrefix(pinned, "---\n"), twoGroups + "group sg-db in=tcp:80:10.0.2.0/25 in=tcp:80:10.0.3.0/25 out=all::0.0.0.0/0\n",
			"TCP 80: unknown; security groups of x/db[Pod], in: which address x/web[Deployment] has is not known",
		},
		"the groups have no rule out": {
			elsewhere + strings.TrimPrefix(pinned, "---\n"), strings.Replace(twoGroups, "in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb", 1) + "group sg-db in=tcp:80:sg-node\n",
			"TCP 80: blocked; security groups of x/web[Deployment], out: no rule of sg-node admits tcp 80 to sg-db (x/db[Pod])",
		},
		"no common port": {
			elsewhere + strings.TrimPrefix(pinned, "---\n") + "---\nNetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 81}]}]}\n",
			twoGroups + "group sg-db in=tcp:80:sg-node out=all::0.0.0.0/0\n",
			"TCP 80: blocked; ingress of x/db[Pod]: ",
		},
		"groups of its own": {
			web + strings.TrimPrefix(db, "---\n") + podENI + "---\nSecurityGroupPolicy/x/p\nspec: {podSelector: {matchLabels: {app: db}}, securityGroups: {groupIds: [sg-db]}}\n",
			network + "group sg-db in=tcp:5432:sg-node out=all::0.0.0.0/0\n",
			"TCP 80: blocked; security groups of x/db[Pod], in: no rule of sg-db admits tcp 80 from sg-node (x/web[Deployment])",
		},
		"groups of its own in standard mode": {
			web + strings.TrimPrefix(db, "---\n") + agent("POD_SECURITY_GROUP_ENFORCING_MODE", "standard") + "---\nSecurityGroupPolicy/x/p\nspec: {podSelector: {matchLabels: {app: db}}, securityGroups: {groupIds: [sg-db]}}\n",
			network + "group sg-db in=tcp:5432:sg-node out=all::0.0.0.0/0\n",
			"TCP 80: unknown; whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known",
		},
		"on Fargate": {
			web + strings.TrimPrefix(db, "---\n"), network + "fargate f cluster=c subnets=prv-a namespace=x\n", "TCP 80: open",
		},
		"a policy": {
			web + strings.TrimPrefix(db, "---\n") + "---\nNetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: db}}}\n", network,
			"TCP 80: blocked; ingress of x/db[Pod]: ",
		},
		"policies that are not known": {
			strings.TrimPrefix(web, "Namespace//x\n{}\n---\n") + strings.TrimPrefix(db, "---\n"), network,
			`TCP 80: unknown; egress of x/web[Deployment]: the input may not show every policy of the namespace`,
		},
		"custom networking": {
			web + strings.TrimPrefix(db, "---\n") + "---\nENIConfig//a\nspec: {subnet: s}\n", network,
			"TCP 80: unknown; whether ENIConfigs give pods other subnets is not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			a := e.Complete(r.Ask(find(t, r, "x/web"), find(t, r, "x/db"), port80()))
			a.From = ""
			if diff := cmp.Diff([]string{" " + tt.want}, summarise([]path.Answer{a})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// podENI is the VPC CNI with security groups for pods switched on.
const podENI = "---\nDaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: " +
	"[{name: aws-node, env: [{name: ENABLE_POD_ENI, value: 'true'}]}, {name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n"

// TestPoliciesAlone: what the policies of both sides together make of all ports
// stays their answer where nothing of AWS is in the way.
func TestPoliciesAlone(t *testing.T) {
	t.Parallel()
	out := "NetworkPolicy/x/out\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]}\n---\n"
	in := "NetworkPolicy/x/in\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: %s}]}]}\n---\n"
	pod := strings.TrimPrefix(db, "---\n") + "---\n"
	alone := web + pod
	apart := strings.ReplaceAll(network, "in=all::sg-node ", "") // nodes do not admit each other
	for name, tt := range map[string]struct{ objects, from, to, want, aws string }{
		"both let a port pass":      {alone + out + fmt.Sprintf(in, "80"), "x/web", "x/db", "open", ""},
		"each lets another":         {alone + out + fmt.Sprintf(in, "443"), "x/web", "x/db", "blocked; ingress of x/db[Pod]: the two sides admit no common port", ""},
		"a pod reaches itself":      {alone + fmt.Sprintf(in, "443"), "x/db", "x/db", "open", ""},
		"and no other node of its":  {alone, "x/db", "x/db", "open", apart},
		"on Fargate as well":        {alone, "x/db", "x/db", "open", apart + "fargate f cluster=c subnets=prv-a namespace=x\n"},
		"one side refuses":          {alone + "NetworkPolicy/x/out\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}\n", "x/web", "x/db", "blocked; egress of x/web[Deployment]: ", ""},
		"replicas are not one pod":  {alone + "NetworkPolicy/x/p\nspec: {podSelector: {}}\n", "x/web", "x/web", "blocked; ingress of x/web[Deployment]: ", ""},
		"an address that is no pod": {alone, "", "x/db", "unknown; what lies between them in AWS is not judged", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, stdcmp.Or(tt.aws, network))
			from := r.Outside()[0]
			if tt.from != "" {
				from = find(t, r, tt.from)
			}
			a := e.Complete(r.Ask(from, find(t, r, tt.to), netset.AllPorts()))
			a.From, a.Port = "", netset.Ports{}
			if diff := cmp.Diff([]string{" : " + tt.want}, summarise([]path.Answer{a})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestToInternet(t *testing.T) {
	t.Parallel()
	nat := network + "natgateway nat-1 subnet=pub-a\n"
	public := strings.ReplaceAll(network, "subnets=prv-a,prv-b", "subnets=pub-a,pub-b")
	given := strings.ReplaceAll(strings.ReplaceAll(public, "subnet pub-a", "subnet pub-a public"), "subnet pub-b", "subnet pub-b public")
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"through a NAT gateway": {web, nat, []string{"internet: open"}},
		"whose subnet is not known": {
			web, network, []string{"internet: unknown; NAT gateway nat-1: the input does not show its subnet"},
		},
		"whose subnet has no way out": {
			web, strings.Replace(nat, "route=0.0.0.0/0:igw-1", "", 1),
			[]string{"internet: blocked; route of subnet pub-a: no route of public leads there"},
		},
		"whose network ACL keeps answers out": {
			web, nat + "acl strict vpc=v subnets=pub-a in=100:allow:tcp:443:0.0.0.0/0 in=101:allow:all::10.0.0.0/16 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet: blocked; way back, network ACL of subnet pub-a, in: no entry of strict matches, so that it is refused"},
		},
		"a network ACL that keeps the nodes out of its subnet": {
			web, nat + "acl strict vpc=v subnets=pub-a in=90:deny:tcp:443:10.0.0.0/16 in=100:allow:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet: blocked; network ACL of subnet pub-a, in: "},
		},
		"answers to the nodes' subnet come from the internet": {
			web, nat + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::10.0.0.0/16 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet: blocked; way back, network ACL of subnet prv-a, in: no entry of strict matches, so that it is refused"},
		},
		"no route": {
			web, strings.Replace(network, "route=0.0.0.0/0:nat-1", "", 1), []string{"internet: blocked; route of subnet prv-a: no route of private leads there"},
		},
		"nodes in a public subnet without public addresses": {
			web, public, []string{"internet: blocked; route of subnet pub-a: what sends has no public address, which an internet gateway needs"},
		},
		"nodes with public addresses": {
			web + strings.TrimPrefix(podENI, "---\n"), given, []string{"internet: open"},
		},
		"nodes with public addresses, and the VPC CNI is not shown": {
			web, given,
			[]string{"internet: unknown; route of subnet pub-a: whether what sends has a public address, or the VPC CNI gives it that of its node (AWS_VPC_K8S_CNI_EXTERNALSNAT), is not known"},
		},
		"pods keep their own addresses there": {
			web + strings.TrimPrefix(strings.Replace(podENI, "ENABLE_POD_ENI", "AWS_VPC_K8S_CNI_EXTERNALSNAT", 1), "---\n"), given,
			[]string{"internet: blocked; route of subnet pub-a: what sends has no public address, which an internet gateway needs"},
		},
		"a transit gateway": {
			web, strings.Replace(network, "route=0.0.0.0/0:nat-1", "route=0.0.0.0/0:tgw-1", 1),
			[]string{"internet: unknown; route of subnet prv-a: the input does not show what is behind the transit gateway"},
		},
		"a transit gateway that is gone": {
			web, strings.Replace(network, "route=0.0.0.0/0:nat-1", "route=0.0.0.0/0:tgw-1 gone", 1),
			[]string{"internet: blocked; route of subnet prv-a: the target of the route is gone"},
		},
		"the group lets some out": {
			web, strings.Replace(nat, "in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=tcp:443:8.8.8.0/24", 1),
			[]string{
				"internet except 8.8.8.0/24: blocked; security groups of node group ng, out: no rule of sg-node admits tcp 443 to the destination",
				"internet, 8.8.8.0/24: open",
			},
		},
		"a policy lets some out": {
			web + "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 8.8.8.0/24}}]}]}\n", nat,
			[]string{"internet except 8.8.8.0/24: blocked; egress of x/web[Deployment]: ", "internet, 8.8.8.0/24: open"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			answers := e.ToInternet(find(t, r, "x/web"), netset.Public().Intersect(netset.IPv4()), netset.PortRange(netset.TCP, 443, 443))
			for i := range answers {
				answers[i].From = answers[i].To
			}
			got := summarise(answers)
			for i := range got {
				got[i] = strings.Replace(got[i], " TCP 443", "", 1)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEnforcingMode: in mode standard the groups of pods do not hold on their node, and
// the node's hold beyond the VPC.
func TestEnforcingMode(t *testing.T) {
	t.Parallel()
	const policy = "---\nSecurityGroupPolicy/x/p\nspec: {podSelector: {}, securityGroups: {groupIds: [sg-pod]}}\n"
	env := func(mode string) string {
		return strings.Replace(podENI, "value: 'true'}", "value: 'true'}, {name: POD_SECURITY_GROUP_ENFORCING_MODE, value: "+mode+"}", 1) + policy
	}
	aws := network + "natgateway nat-1 subnet=pub-a\ngroup sg-pod in=all::sg-pod out=all::sg-pod\n"
	oneNode := strings.Replace(aws, "subnets=prv-a,prv-b template", "subnets=prv-a template", 1)
	for name, tt := range map[string]struct{ objects, aws, internet, pod string }{
		"strict": {
			env("strict"), aws, "blocked; security groups of x/web[Deployment], out: no rule of sg-pod admits tcp 80 to the destination", "open",
		},
		"standard": {env("standard"), aws, "open", "unknown; whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known"},
		"standard, and the VPC CNI keeps addresses": {
			strings.Replace(env("standard"), "env: [", "env: [{name: AWS_VPC_K8S_CNI_EXTERNALSNAT, value: 'true'}, ", 1), aws,
			"blocked; security groups of x/web[Deployment], out: no rule of sg-pod admits tcp 80 to the destination", "unknown; whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known",
		},
		"not known": {env("'${MODE}'"), oneNode, "unknown; whether the VPC CNI gives what leaves the VPC the address of the node (AWS_VPC_K8S_CNI_EXTERNALSNAT) is not known", "unknown; whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, web+strings.TrimPrefix(db, "---\n")+tt.objects, tt.aws)
			out := e.ToInternet(find(t, r, "x/web"), netset.Public(), port80())
			out = append(out, e.Complete(r.Ask(find(t, r, "x/web"), find(t, r, "x/db"), port80())))
			for i := range out {
				out[i].From = ""
			}
			want := []string{" TCP 80: " + tt.internet, " TCP 80: " + tt.pod}
			if diff := cmp.Diff(want, summarise(out)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
