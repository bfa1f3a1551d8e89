package path_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

// network is a VPC with two public and two private subnets, in which everything
// passes.
const network = `vpc v cidr=10.0.0.0/16
subnet pub-a vpc=v cidr=10.0.0.0/24 az=a tag:kubernetes.io/role/elb=1
subnet pub-b vpc=v cidr=10.0.1.0/24 az=b tag:kubernetes.io/role/elb=1
subnet prv-a vpc=v cidr=10.0.2.0/24 az=a
subnet prv-b vpc=v cidr=10.0.3.0/24 az=b
table public vpc=v subnets=pub-a,pub-b route=0.0.0.0/0:igw-1
table private vpc=v main route=0.0.0.0/0:nat-1
acl default vpc=v default in=100:allow:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0
cluster c vpc=v group=sg-cluster subnets=prv-a,prv-b
group sg-cluster in=all::sg-cluster out=all::0.0.0.0/0 tag:kubernetes.io/cluster/c=owned
group sg-lb in=tcp:80:0.0.0.0/0 out=all::0.0.0.0/0
group sg-node in=all::sg-node in=tcp:8080:sg-lb in=tcp:30080:sg-lb out=all::0.0.0.0/0
nodegroup ng cluster=c subnets=prv-a,prv-b template=lt-1
template lt-1 groups=sg-node
`

const web = "Namespace//x\n{}\n---\nDeployment/x/web\nspec: {selector: {}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, ports: [{name: http, containerPort: 8080}]}]}}}\n---\n"

const (
	service  = web + "Service/x/web\nspec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}\n---\n"
	facing   = "alb.ingress.kubernetes.io/scheme: internet-facing"
	withIP   = facing + ", alb.ingress.kubernetes.io/target-type: ip"
	ownGroup = ", alb.ingress.kubernetes.io/security-groups: sg-lb"
	nlb      = "service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing, service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: "
)

func ingress(annotations string) string {
	return service + "Ingress/x/web\nmetadata: {annotations: {" + annotations + "}}\n" +
		"spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
}

func balanced(annotations, spec string) string {
	return web + "Service/x/web\nmetadata: {annotations: {" + annotations + "}}\n" +
		"spec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]" + spec + "}\n"
}

// engineOf makes an engine of a cluster and its AWS side.
func engineOf(t *testing.T, objects, aws string) (*path.Engine, *reach.Engine) {
	t.Helper()
	g := graph.New(graphtest.Snapshot(t, strings.TrimSuffix(objects, "---\n")).WithAWS(vpctest.Read(t, aws)))
	r := reach.New(g)
	return path.New(eks.New(g), r), r
}

func find(t *testing.T, r *reach.Engine, name string) int {
	t.Helper()
	for i, e := range r.Endpoints() {
		if e.Workload != nil && e.Workload.Ref().NamespacedName() == name {
			return i
		}
	}
	t.Fatalf("no workload %s", name)
	return 0
}

// summarise writes "from port: verdict; the first hop that does not pass: why; reasons".
func summarise(answers []path.Answer) []string {
	var out []string
	for _, a := range answers {
		text := fmt.Sprintf("%s %s: %s", a.From, a.Port, a.Verdict)
		for _, h := range a.Hops {
			if h.Verdict != model.Yes {
				reply := map[bool]string{true: "way back, "}[h.Reply]
				text += fmt.Sprintf("; %s%s: %s", reply, h.Where, h.Why)
				break
			}
		}
		for _, r := range a.Reasons {
			text += "; " + r
		}
		out = append(out, text)
	}
	return out
}

func TestFromInternet(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string {
		if !strings.Contains(network, old) {
			t.Fatalf("the network does not hold %q", old)
		}
		return strings.ReplaceAll(network, old, with)
	}
	isolated := "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Ingress]}\n"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"ip targets, groups by the controller": {ingress(withIP), network, []string{"internet TCP 80: open"}},
		"instance targets":                     {ingress(facing), network, []string{"internet TCP 80: open"}},
		"no load balancer leads there": {
			service, network,
			[]string{"internet TCP 30080: blocked; address of node group ng in subnet prv-a: the nodes have no public address"},
		},
		"an internal load balancer": {
			ingress(`alb.ingress.kubernetes.io/target-type: ip, alb.ingress.kubernetes.io/subnets: "pub-a,pub-b"`), network,
			[]string{"internet TCP 80: blocked; scheme of the ALB of Ingress x/web: it is internal"},
		},
		"groups by the user, which the node admits": {ingress(withIP + ownGroup), network, []string{"internet TCP 80: open"}},
		"groups by the user, which the node does not admit": {
			ingress(withIP + ownGroup), replace(" in=tcp:8080:sg-lb", ""),
			[]string{"internet TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-lb (the ALB of Ingress x/web)"},
		},
		"and the controller is asked to": {
			ingress(withIP + ownGroup + `, alb.ingress.kubernetes.io/manage-backend-security-group-rules: "true"`), replace(" in=tcp:8080:sg-lb", ""),
			[]string{"internet TCP 80: open"},
		},
		"and the controller is asked not to": {
			ingress(withIP + ownGroup + `, alb.ingress.kubernetes.io/manage-backend-security-group-rules: "false"`), replace(" in=tcp:8080:sg-lb", ""),
			[]string{"internet TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-lb (the ALB of Ingress x/web)"},
		},
		"the internet gateway is gone": {
			ingress(withIP), replace("route=0.0.0.0/0:igw-1", "route=0.0.0.0/0:igw-1 gone"),
			[]string{"internet TCP 80: blocked; route of subnet pub-a: the target of the route is gone"},
		},
		"a firewall before the internet gateway": {
			ingress(withIP), replace("route=0.0.0.0/0:igw-1", "route=0.0.0.0/0:vpce-1"),
			[]string{"internet TCP 80: unknown; route of subnet pub-a: the input does not show what is behind the target of the route"},
		},
		"the pods have groups of their own": {
			ingress(facing) + podENI + "---\nSecurityGroupPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, securityGroups: {groupIds: [sg-own]}}\n",
			network + "group sg-own in=tcp:8080:sg-lb out=all::0.0.0.0/0\n",
			[]string{"internet TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-own admits tcp 8080 from sg-node (node group ng)"},
		},
		"NLB, instance targets of the same node see the client": {
			balanced(nlb+"instance", ", externalTrafficPolicy: Local") + "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}]}\n", network,
			[]string{"internet except 8.8.8.0/24 TCP 80: blocked; ingress of x/web[Deployment]: ", "internet, 8.8.8.0/24 TCP 80: open"},
		},
		"the controller finds no group to edit among several": {
			ingress(withIP), replace("groups=sg-node", "groups=sg-node,sg-lb"),
			[]string{"internet TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-node and sg-lb admits tcp 8080 from the group that the controller makes (the ALB of Ingress x/web); of several security groups the controller edits the one with the tag of the cluster, and not one of these has it"},
		},
		"it finds the one with the tag": {
			ingress(withIP), replace("groups=sg-node", "groups=sg-node,sg-cluster"), []string{"internet TCP 80: open"},
		},
		"a rule that is not resolved": {
			ingress(withIP + ownGroup), replace("group sg-node in=all::sg-node in=tcp:8080:sg-lb", "group sg-node missing in=all::sg-node"),
			[]string{"internet TCP 80: unknown; security groups of x/web[Deployment], in: a rule is not resolved"},
		},
		"sources that the annotation names": {
			ingress(withIP + ", alb.ingress.kubernetes.io/inbound-cidrs: 8.8.8.0/24"), network,
			[]string{
				"internet except 8.8.8.0/24 TCP 80: blocked; security groups of the ALB of Ingress x/web, in: no rule of the group that the controller makes admits tcp 80 from clients",
				"internet, 8.8.8.0/24 TCP 80: open",
			},
		},
		"the subnet of the load balancer is private": {
			ingress(withIP), replace("route=0.0.0.0/0:igw-1", "route=0.0.0.0/0:nat-2"),
			[]string{"internet TCP 80: blocked; route of subnet pub-a: it leads to a NAT gateway, and not to an internet gateway"},
		},
		"the table of a subnet is not known": {
			ingress(withIP), strings.Replace(network, "table public vpc=v subnets=pub-a,pub-b", "table public vpc=v subnets=?", 1),
			[]string{"internet TCP 80: unknown; route of subnet pub-a: route table public may be that of subnet pub-a"},
		},
		"a network ACL keeps clients out": {
			ingress(withIP), network + "acl strict vpc=v subnets=pub-a,pub-b in=100:allow:tcp:443:0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet TCP 80: blocked; network ACL of subnet pub-a, in: no entry of strict matches, so that it is refused"},
		},
		"a network ACL keeps answers in": {
			ingress(withIP), network + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0 out=100:allow:tcp:443:0.0.0.0/0\n",
			[]string{"internet TCP 80: blocked; way back, network ACL of subnet prv-a, out: no entry of strict matches, so that it is refused"},
		},
		"and some of them": {
			ingress(withIP), network + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0 out=100:allow:tcp:32768-65535:0.0.0.0/0\n",
			[]string{"internet TCP 80: unknown; way back, network ACL of subnet prv-a, out: answers to some ports are refused: TCP 1024-32767"},
		},
		"one of two zones": {
			ingress(withIP), network + "acl strict vpc=v subnets=prv-b in=100:deny:all::0.0.0.0/0\n",
			[]string{"internet TCP 80: depends on placement; network ACL of subnet prv-b, in: "},
		},
		"a policy isolates the pods": {
			ingress(withIP) + isolated, network, []string{"internet TCP 80: blocked; ingress of x/web[Deployment]: "},
		},
		"a policy that names the subnets of the load balancer": {
			ingress(withIP) + "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/23}}]}]}\n", network,
			[]string{"internet TCP 80: open"},
		},
		"a policy that names one of them": {
			ingress(withIP) + "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}\n", network,
			[]string{"internet TCP 80: depends on placement; ingress of x/web[Deployment]: "},
		},
		"a policy that names a part of one": {
			ingress(withIP) + "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/25}}, {ipBlock: {cidr: 10.0.1.0/25}}]}]}\n", network,
			[]string{"internet TCP 80: unknown; ingress of x/web[Deployment]: policies tell addresses apart, and which one the source has is not known"},
		},
		"a port of the nodes that is not admitted": {
			ingress(facing + ownGroup), replace(" in=tcp:30080:sg-lb", ""),
			[]string{"internet TCP 80: blocked; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from sg-lb (the ALB of Ingress x/web)"},
		},
		"a port of the nodes that nobody knows": {
			strings.Replace(ingress(facing+ownGroup), ", nodePort: 30080", "", 1), network,
			[]string{"internet TCP 80: unknown; security groups of node group ng, in: which port of the nodes the Service gets is not known"},
		},
		"each port of the nodes is admitted": {
			strings.Replace(ingress(facing+ownGroup), ", nodePort: 30080", "", 1), replace("in=tcp:30080:sg-lb", "in=tcp:30000-32767:sg-lb"),
			[]string{"internet TCP 80: open"},
		},
		"no port of the nodes": {
			strings.Replace(ingress(facing), "type: NodePort, ", "", 1), network,
			[]string{"internet TCP 80: blocked; Service x/web: it has no port of the nodes, to which target type instance sends"},
		},
		"nodes do not admit each other": {
			ingress(facing + ownGroup), replace("in=all::sg-node ", ""),
			[]string{"internet TCP 80: depends on placement; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-node (node group ng)"},
		},
		"and need not": {
			strings.Replace(ingress(facing+ownGroup), "type: NodePort", "type: NodePort, externalTrafficPolicy: Local", 1), replace("in=all::sg-node ", ""),
			[]string{"internet TCP 80: open"},
		},
		"an isolated pod admits its own node alone": {
			ingress(facing) + isolated, network, []string{"internet TCP 80: depends on placement; ingress of x/web[Deployment]: "},
		},
		"no subnet for the load balancer": {
			ingress(withIP), replace("tag:kubernetes.io/role/elb=1", "tag:kubernetes.io/role/elb=1 tag:kubernetes.io/cluster/other=shared"),
			[]string{"internet TCP 80: blocked; subnets of the ALB of Ingress x/web: no subnet of the VPC fits it"},
		},
		"subnets of one zone": {
			ingress(withIP + ", alb.ingress.kubernetes.io/subnets: pub-a"), network,
			[]string{"internet TCP 80: blocked; subnets of the ALB of Ingress x/web: its subnets lie in one zone, and it needs two"},
		},
		"NLB, ip targets":       {balanced(nlb+"ip", ""), network, []string{"internet TCP 80: open"}},
		"NLB, instance targets": {balanced(nlb+"instance", ""), network, []string{"internet TCP 80: open"}},
		"NLB, groups by the user and the client's address": {
			balanced(nlb+"instance, service.beta.kubernetes.io/aws-load-balancer-security-groups: sg-lb", ""), network, []string{"internet TCP 80: open"},
		},
		"NLB, sources by the Service": {
			balanced(nlb+"ip", ", loadBalancerSourceRanges: [8.8.8.0/24]"), network,
			[]string{
				"internet except 8.8.8.0/24 TCP 80: blocked; security groups of the NLB of Service x/web, in: no rule of the group that the controller makes admits tcp 80 from clients",
				"internet, 8.8.8.0/24 TCP 80: open",
			},
		},
		"NLB, the pods see the client": {
			balanced(nlb+"ip, service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=true", "") +
				"---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}]}\n", network,
			[]string{
				"internet except 8.8.8.0/24 TCP 80: blocked; ingress of x/web[Deployment]: ",
				"internet, 8.8.8.0/24 TCP 80: open",
			},
		},
		"NLB, a zone without a target gets none": {
			balanced(nlb+"ip, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a", ""), network + "acl strict vpc=v subnets=prv-b in=100:deny:all::0.0.0.0/0\n",
			[]string{"internet TCP 80: open"},
		},
		"NLB across zones": {
			balanced(nlb+"ip, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a, service.beta.kubernetes.io/aws-load-balancer-attributes: load_balancing.cross_zone.enabled=true", ""),
			network + "acl strict vpc=v subnets=prv-b in=100:deny:all::0.0.0.0/0\n",
			[]string{"internet TCP 80: depends on placement; network ACL of subnet prv-b, in: "},
		},
		"the nodes are not known": {
			ingress(withIP), strings.Replace(network, "nodegroup ng cluster=c", "nodegroup ng cluster=other", 1),
			[]string{"internet TCP 80: unknown; the input shows no nodes of the cluster"},
		},
		"other nodes": {
			ingress(withIP) + "---\nNodePool//p\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: x}}}}\n", network,
			[]string{"internet TCP 80: unknown; the class of the nodes of NodePool p is not in the input"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			got := summarise(e.FromInternet(netset.Public().Intersect(netset.IPv4()), find(t, r, "x/web"), netset.AllPorts()))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
