package path_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// agent is the VPC CNI with one more variable.
func agent(name, value string) string {
	return "---\nDaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: " +
		"[{name: aws-node, env: [{name: ENABLE_POD_ENI, value: 'true'}, {name: " + name + ", value: '" + value + "'}]}, {name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n"
}

// inB binds pods to a zone.
func inB(objects string) string {
	return strings.Replace(objects, "spec: {containers:", "spec: {nodeSelector: {topology.kubernetes.io/zone: b}, containers:", 1)
}

// own gives the pods of web a security group of their own.
const own = "---\nSecurityGroupPolicy/x/p\nspec: {podSelector: {matchLabels: {app: web}}, securityGroups: {groupIds: [sg-own]}}\n"

// TestCornersFromInternet: one hop of many decides.
func TestCornersFromInternet(t *testing.T) {
	t.Parallel()
	replace := func(in, old, with string) string {
		if !strings.Contains(in, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.ReplaceAll(in, old, with)
	}
	const nlbGroup = ", service.beta.kubernetes.io/aws-load-balancer-security-groups: sg-lb"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"answers of the pod to the node that passed on": {
			inB(ingress(facing)), network + "acl strict vpc=v subnets=prv-b in=100:allow:all::0.0.0.0/0 out=100:allow:all::10.0.0.0/23\n",
			[]string{"internet TCP 80: depends on placement; way back, network ACL of subnet prv-b, out: no entry of strict matches, so that it is refused"},
		},
		"answers of the pod to a public node that passed on": {
			inB(service), replace(replace(replace(network, "subnets=prv-a,prv-b template", "subnets=pub-a,pub-b template"), "subnet pub-a", "subnet pub-a public"), "group sg-node", "group sg-node in=tcp:30080:0.0.0.0/0") +
				"acl strict vpc=v subnets=pub-b in=100:allow:all::0.0.0.0/0 out=90:deny:all::10.0.0.0/24 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet TCP 30080: blocked; address of node group ng in subnet pub-b: the nodes have no public address"},
		},
		"whether targets see the client is not known": {
			balanced(nlb+"ip"+nlbGroup+", service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: '${ATTRIBUTES}'", ""),
			replace(network, "in=tcp:8080:sg-lb", "in=tcp:8080:8.0.0.0/8"),
			[]string{
				"internet except 8.0.0.0/8 TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-lb (the NLB of Service x/web)",
				"internet, 8.0.0.0/8 TCP 80: unknown; security groups of x/web[Deployment], in: which address the NLB of Service x/web has is not known",
			},
		},
		"targets see the client, whom some of their rules admit": {
			balanced(nlb+"ip"+nlbGroup+", service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=true", ""),
			replace(network, "in=tcp:8080:sg-lb", "in=tcp:8080:8.0.0.0/8"),
			[]string{
				"internet except 8.0.0.0/8 TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-lb (the NLB of Service x/web)",
				"internet, 8.0.0.0/8 TCP 80: open",
			},
		},
		"nodes pass on to pods of Fargate, which have no port of a node": {
			ingress(facing + ownGroup), replace(network, "sg-cluster in=all::sg-cluster", "sg-cluster in=all::sg-cluster in=all::sg-node") + "fargate f cluster=c subnets=prv-a namespace=x\n",
			[]string{"internet TCP 80: open"},
		},
		"ports of nodes that are not all known, and pods of Fargate": {
			service + "NodePool//p\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: x}}}}\n",
			network + "fargate f cluster=c subnets=prv-a namespace=x\n",
			[]string{"internet TCP 30080: unknown; address of node group ng in subnet prv-a: the nodes have no public address; the class of the nodes of NodePool p is not in the input"},
		},
		"pods of Fargate, and nodes that are not all known": {
			ingress(facing+ownGroup) + "---\nNodePool//p\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: x}}}}\n",
			network + "fargate f cluster=c subnets=prv-a namespace=x\n",
			[]string{"internet TCP 80: unknown; security groups of x/web[Deployment], in: no rule of sg-cluster admits tcp 8080 from sg-node (node group ng); the class of the nodes of NodePool p is not in the input"},
		},
		"pods of Fargate behind a Service that keeps to its node": {
			replace(ingress(facing+ownGroup), "type: NodePort", "type: NodePort, externalTrafficPolicy: Local"), network + "fargate f cluster=c subnets=prv-a namespace=x\n",
			[]string{"internet TCP 80: unknown; pods of Fargate, or with security groups of their own, behind a Service that keeps to its node are not judged"},
		},
		"a Service that keeps to its node, and pods with groups of their own": {
			replace(ingress(facing), "type: NodePort", "type: NodePort, externalTrafficPolicy: Local") + podENI + own, network + "group sg-own in=all::0.0.0.0/0 out=all::0.0.0.0/0\n",
			[]string{"internet TCP 80: unknown; pods of Fargate, or with security groups of their own, behind a Service that keeps to its node are not judged"},
		},
		"groups of their own in standard mode, and nodes that pass on": {
			ingress(facing) + agent("POD_SECURITY_GROUP_ENFORCING_MODE", "standard") + own, network + "group sg-own out=all::0.0.0.0/0\n",
			[]string{"internet TCP 80: unknown; whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known"},
		},
		"in strict mode": {
			ingress(facing) + agent("POD_SECURITY_GROUP_ENFORCING_MODE", "strict") + own, network + "group sg-own out=all::0.0.0.0/0\n",
			[]string{"internet TCP 80: blocked; security groups of x/web[Deployment], in: no rule of sg-own admits tcp 8080 from sg-node (node group ng)"},
		},
		"pods see the ALB where its Service keeps to the node": {
			replace(ingress(facing+ownGroup), "type: NodePort", "type: NodePort, externalTrafficPolicy: Local") + "---\nNetworkPolicy/x/p\nspec: {podSelector: {}}\n", network,
			[]string{"internet TCP 80: blocked; ingress of x/web[Deployment]: "},
		},
		"other nodes admit some clients": {
			balanced(nlb+"instance"+nlbGroup, ""),
			replace(replace(network, " in=tcp:30080:sg-lb", ""), "nodegroup ng", "nodegroup two cluster=c subnets=prv-a template=lt-2 taint=k:v:NoSchedule\ntemplate lt-2 groups=sg-two,sg-node\ngroup sg-two in=tcp:30080:8.0.0.0/8\nnodegroup ng"),
			[]string{
				"internet except 8.0.0.0/8 TCP 80: blocked; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from sg-lb (the NLB of Service x/web)",
				"internet, 8.0.0.0/8 TCP 80: depends on placement; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from sg-lb (the NLB of Service x/web)",
			},
		},
		"answers to clients that targets see": {
			balanced(nlb+"ip"+nlbGroup+", service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=true", ""),
			network + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0 out=100:allow:all::10.0.0.0/8\n",
			[]string{"internet TCP 80: blocked; way back, network ACL of subnet prv-a, out: no entry of strict matches, so that it is refused"},
		},
		"answers to the load balancer that targets see": {
			balanced(nlb+"ip"+nlbGroup, ""),
			network + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0 out=100:allow:all::10.0.0.0/8\n",
			[]string{"internet TCP 80: open"},
		},
		"a zone of the NLB without nodes, and without a way in": {
			balanced(nlb+"instance", ""), replace(replace(network, "subnets=prv-a,prv-b template", "subnets=prv-a template"), "table private", "acl strict vpc=v subnets=pub-b\ntable private"),
			[]string{"internet TCP 80: open"},
		},
		"a zone that is not known": {
			balanced(nlb+"ip, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a", ""), replace(network, "10.0.3.0/24 az=b", "10.0.3.0/24 az=?") + "acl strict vpc=v subnets=prv-b\n",
			[]string{"internet TCP 80: unknown; network ACL of subnet prv-b, in: no entry of strict matches, so that it is refused; which of several places the pods have is not known"},
		},
		"an NLB of one zone, nodes of which pass on to another": {
			inB(balanced(nlb+"instance, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a", "")), network, []string{"internet TCP 80: open"},
		},
		"an NLB of one zone, and no node there": {
			balanced(nlb+"instance, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a", ""), replace(network, "subnets=prv-a,prv-b template", "subnets=prv-b template"),
			[]string{"internet TCP 80: unknown; the NLB of Service x/web has no targets in its zones"},
		},
		"a zone that the NLB does not send to": {
			balanced(nlb+"instance, service.beta.kubernetes.io/aws-load-balancer-subnets: pub-a", ""), network + "acl strict vpc=v subnets=prv-b in=100:deny:all::10.0.0.0/24 in=101:allow:all::0.0.0.0/0 out=100:allow:all::0.0.0.0/0\n",
			[]string{"internet TCP 80: open"},
		},
		"whether a policy gives pods groups is not known": {
			ingress(withIP+ownGroup) + own, replace(network, "out=all::0.0.0.0/0\nnodegroup", "out=all::0.0.0.0/0\ngroup sg-own out=all::0.0.0.0/0\nnodegroup"),
			[]string{"internet TCP 80: unknown; security groups of x/web[Deployment], in: no rule of sg-own admits tcp 8080 from sg-lb (the ALB of Ingress x/web); which of several places the pods have is not known"},
		},
		"a port of the nodes of an IPv6 cluster": {
			service, replace(replace(replace(network6, "subnets=prv-a,prv-b template", "subnets=pub-a,pub-b template"), "az=a tag", "az=a public tag"), "group sg-node", "group sg-node in=tcp:30080:0.0.0.0/0"),
			[]string{"internet TCP 30080: blocked; Service x/web: it has an IPv6 address alone, and so its port of the nodes has"},
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

// TestCornersToInternet is the same the other way.
func TestCornersToInternet(t *testing.T) {
	t.Parallel()
	nat := network + "natgateway nat-1 subnet=pub-a\n"
	custom := nat + "group sg-own out=tcp:22:0.0.0.0/0\n"
	config := web + strings.TrimPrefix(agent("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true"), "---\n") +
		"---\nENIConfig//a\nspec: {subnet: prv-b, securityGroups: [sg-own]}\n---\nENIConfig//b\nspec: {subnet: prv-b, securityGroups: [sg-own]}\n"
	config = strings.Replace(config, "{name: ENABLE_POD_ENI, value: 'true'}", "{name: ENI_CONFIG_LABEL_DEF, value: topology.kubernetes.io/zone}, {name: AWS_VPC_K8S_CNI_EXTERNALSNAT, value: '%s'}", 1)
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"a policy lets one port out and groups another": {
			web + "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}\n",
			strings.Replace(nat, "in=tcp:30080:sg-lb out=all::0.0.0.0/0", "in=tcp:30080:sg-lb out=tcp:80:0.0.0.0/0", 1),
			[]string{"internet: blocked; security groups of node group ng, out: it lets no port pass that those before it let pass"},
		},
		"a NAT gateway before a transit gateway": {
			web, strings.Replace(nat, "0.0.0.0/0:igw-1", "0.0.0.0/0:tgw-1", 1),
			[]string{"internet: unknown; route of subnet pub-a: the input does not show what is behind the transit gateway"},
		},
		"a NAT gateway without a public address": {
			web, strings.Replace(nat, "subnet=pub-a", "subnet=pub-a private", 1),
			[]string{"internet: blocked; route of subnet pub-a: NAT gateway nat-1 is private and has no public address, which an internet gateway needs"},
		},
		"a NAT gateway of which nobody knows": {
			web, strings.Replace(nat, "subnet=pub-a", "subnet=pub-a private=?", 1),
			[]string{"internet: unknown; route of subnet pub-a: whether NAT gateway nat-1 has a public address is not known"},
		},
		"nodes of EKS Auto Mode that perhaps replace the addresses of pods": {
			web + "NodePool//p\nspec: {template: {spec: {nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: d}}}}\n---\n" +
				"NodeClass//d\nspec: {subnetSelectorTerms: [{id: pub-a}], securityGroupSelectorTerms: [{id: sg-node}], snatPolicy: '${POLICY}'}\n",
			strings.Replace(strings.Replace(strings.Replace(network, "subnets=prv-a,prv-b\n", "subnets=prv-a,prv-b own\n", 1), "nodegroup ng cluster=c subnets=prv-a,prv-b template=lt-1\n", "", 1), "subnet pub-a", "subnet pub-a public", 1),
			[]string{"internet: unknown; route of subnet pub-a: whether what sends has a public address, or the VPC CNI gives it that of its node (AWS_VPC_K8S_CNI_EXTERNALSNAT), is not known"},
		},
		"nodes of EKS Auto Mode that replace the addresses of pods": {
			web + "NodePool//p\nspec: {template: {spec: {nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: d}}}}\n---\n" +
				"NodeClass//d\nspec: {subnetSelectorTerms: [{id: pub-a}], securityGroupSelectorTerms: [{id: sg-node}]}\n",
			strings.Replace(strings.Replace(strings.Replace(network, "subnets=prv-a,prv-b\n", "subnets=prv-a,prv-b own\n", 1), "nodegroup ng cluster=c subnets=prv-a,prv-b template=lt-1\n", "", 1), "subnet pub-a", "subnet pub-a public", 1),
			[]string{"internet: open"},
		},
		"nodes of EKS Auto Mode that keep them": {
			web + "NodePool//p\nspec: {template: {spec: {nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: d}}}}\n---\n" +
				"NodeClass//d\nspec: {subnetSelectorTerms: [{id: pub-a}], securityGroupSelectorTerms: [{id: sg-node}], snatPolicy: Disabled}\n",
			strings.Replace(strings.Replace(strings.Replace(network, "subnets=prv-a,prv-b\n", "subnets=prv-a,prv-b own\n", 1), "nodegroup ng cluster=c subnets=prv-a,prv-b template=lt-1\n", "", 1), "subnet pub-a", "subnet pub-a public", 1),
			[]string{"internet: blocked; route of subnet pub-a: what sends has no public address, which an internet gateway needs"},
		},
		"pods with addresses of their own, which are kept": {
			strings.Replace(config, "%s", "true", 1), custom, []string{"internet: blocked; security groups of x/web[Deployment], out: no rule of sg-own admits tcp 80,443 to the destination"},
		},
		"which are replaced": {strings.Replace(config, "%s", "false", 1), custom, []string{"internet: open"}},
		"which are perhaps": {
			strings.Replace(config, "%s", "${SNAT}", 1), custom,
			[]string{"internet: unknown; whether the VPC CNI gives what leaves the VPC the address of the node (AWS_VPC_K8S_CNI_EXTERNALSNAT) is not known"},
		},
		"groups of their own in standard mode leave by the node": {
			web + strings.TrimPrefix(agent("POD_SECURITY_GROUP_ENFORCING_MODE", "standard"), "---\n") + own, custom, []string{"internet: open"},
		},
		"in strict mode they do not": {
			web + strings.TrimPrefix(agent("POD_SECURITY_GROUP_ENFORCING_MODE", "strict"), "---\n") + own, custom, []string{"internet: blocked; security groups of x/web[Deployment], out: no rule of sg-own admits tcp 80,443 to the destination"},
		},
		"in a mode that is not known": {
			web + strings.TrimPrefix(agent("POD_SECURITY_GROUP_ENFORCING_MODE", "${MODE}"), "---\n") + own, custom,
			[]string{"internet: unknown; whether the VPC CNI gives what leaves the VPC the address of the node (AWS_VPC_K8S_CNI_EXTERNALSNAT) is not known"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			ports := netset.PortRange(netset.TCP, 443, 443).Union(netset.PortRange(netset.TCP, 80, 80))
			answers := e.ToInternet(find(t, r, "x/web"), netset.Public().Intersect(netset.IPv4()), ports)
			for i := range answers {
				answers[i].From = answers[i].To
			}
			got := summarise(answers)
			for i := range got {
				got[i] = strings.Replace(got[i], " TCP 80,443", "", 1)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
