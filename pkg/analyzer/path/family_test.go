package path_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

// network6 is a VPC of an IPv6 cluster, in which everything passes but what comes
// from outside straight to the pods.
const network6 = `vpc v cidr=10.0.0.0/16 cidr=2600:1f:0:aa00::/56
subnet pub-a vpc=v cidr=10.0.0.0/24 cidr6=2600:1f:0:aa00::/64 az=a tag:kubernetes.io/role/elb=1
subnet pub-b vpc=v cidr=10.0.1.0/24 cidr6=2600:1f:0:aa01::/64 az=b tag:kubernetes.io/role/elb=1
subnet prv-a vpc=v cidr=10.0.2.0/24 cidr6=2600:1f:0:aa02::/64 az=a
subnet prv-b vpc=v cidr=10.0.3.0/24 cidr6=2600:1f:0:aa03::/64 az=b
table public vpc=v subnets=pub-a,pub-b route=0.0.0.0/0:igw-1 route=::/0:igw-1
table private vpc=v main route=0.0.0.0/0:nat-1 route=::/0:eigw-1
acl default vpc=v default in=100:allow:all::0.0.0.0/0 in=101:allow:all::::/0 out=100:allow:all::0.0.0.0/0 out=101:allow:all::::/0
cluster c vpc=v group=sg-cluster subnets=prv-a,prv-b family=ipv6
group sg-cluster in=all::sg-cluster out=all::0.0.0.0/0 out=all::::/0 tag:kubernetes.io/cluster/c=owned
group sg-lb in=tcp:80:0.0.0.0/0 in=tcp:80:::/0 out=all::::/0
group sg-node in=all::sg-node in=tcp:8080:sg-lb out=all::0.0.0.0/0 out=all::::/0
nodegroup ng cluster=c subnets=prv-a,prv-b template=lt-1
template lt-1 groups=sg-node
natgateway nat-1 subnet=pub-a
addon vpc-cni cluster=c version=v1.21.0 config={}
`

const served = web + "Service/x/other\nspec: {selector: {app: other}, ports: [{port: 80}]}\n---\n"

const dualStack = ", alb.ingress.kubernetes.io/ip-address-type: dualstack"

func TestIPv6FromInternet(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string {
		if !strings.Contains(network6, old) {
			t.Fatalf("the network does not hold %q", old)
		}
		return strings.ReplaceAll(network6, old, with)
	}
	public := replace("subnets=prv-a,prv-b template", "subnets=pub-a,pub-b template")
	const all = "SCTP 1-65535,TCP 1-65535,UDP 1-65535,other"
	direct := "internet over IPv6 TCP 8080: blocked; route of subnet prv-a: it leads to a egress-only internet gateway, and not to an internet gateway"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"a dual-stack load balancer": {ingress(withIP + dualStack), network6, []string{
			"internet TCP 80: open", "internet over IPv6 TCP 80: open", direct,
		}},
		"one that IPv4 does not reach": {ingress(withIP + ", alb.ingress.kubernetes.io/ip-address-type: dualstack-without-public-ipv4"), network6, []string{
			"internet TCP 80: blocked; addresses of the ALB of Ingress x/web: it has no public IPv4 address", "internet over IPv6 TCP 80: open", direct,
		}},
		"one without IPv6": {ingress(withIP), network6, []string{
			"internet TCP 80: blocked; addresses of the ALB of Ingress x/web: its targets have IPv6 addresses, and it has none",
			"internet over IPv6 TCP 80: blocked; addresses of the ALB of Ingress x/web: it has no public IPv6 address", direct,
		}},
		"of which nobody knows": {ingress(withIP + ", alb.ingress.kubernetes.io/ip-address-type: '${TYPE}'"), network6, []string{
			"internet TCP 80: unknown; addresses of the ALB of Ingress x/web: whether it has public IPv4 addresses is not known; whether the ALB of Ingress x/web has IPv6 addresses, as its targets do, is not known",
			"internet over IPv6 TCP 80: unknown; addresses of the ALB of Ingress x/web: whether it has public IPv6 addresses is not known; whether the ALB of Ingress x/web has IPv6 addresses, as its targets do, is not known", direct,
		}},
		"a group that admits no IPv6": {ingress(withIP + dualStack + ownGroup), replace(" in=tcp:80:::/0", ""), []string{
			"internet TCP 80: open", "internet over IPv6 TCP 80: blocked; security groups of the ALB of Ingress x/web, in: no rule of sg-lb admits tcp 80 from clients", direct,
		}},
		"a group that sends no IPv6": {ingress(withIP + dualStack + ownGroup), replace("in=tcp:80:::/0 out=all::::/0", "in=tcp:80:::/0 out=all::0.0.0.0/0"), []string{
			"internet TCP 80: blocked; security groups of the ALB of Ingress x/web, out: no rule of sg-lb admits tcp 8080 to sg-node (x/web[Deployment])",
			"internet over IPv6 TCP 80: blocked; security groups of the ALB of Ingress x/web, out: no rule of sg-lb admits tcp 8080 to sg-node (x/web[Deployment])", direct,
		}},
		"a route of IPv4 alone": {ingress(withIP + dualStack), replace("route=0.0.0.0/0:igw-1 route=::/0:igw-1", "route=0.0.0.0/0:igw-1"), []string{
			"internet TCP 80: open", "internet over IPv6 TCP 80: blocked; route of subnet pub-a: no route of public leads there", direct,
		}},
		"straight to the pods, which no group admits": {served, public, []string{
			"internet " + all + ": blocked; no load balancer of the input leads there, and pods have no public IPv4 address",
			"internet over IPv6 " + all + ": blocked; security groups of x/web[Deployment], in: no rule of sg-node admits it from clients",
		}},
		"straight to the pods": {served, strings.Replace(public, "group sg-node", "group sg-node in=tcp:8080:::/0", 1), []string{
			"internet " + all + ": blocked; no load balancer of the input leads there, and pods have no public IPv4 address",
			"internet over IPv6 " + all + ": open",
		}},
		"from some addresses straight to the pods": {served, strings.Replace(public, "group sg-node", "group sg-node in=tcp:8080:2a00::/16", 1), []string{
			"internet " + all + ": blocked; no load balancer of the input leads there, and pods have no public IPv4 address",
			"internet over IPv6 except 2a00::/16 " + all + ": blocked; security groups of x/web[Deployment], in: no rule of sg-node admits it from clients",
			"internet over IPv6, 2a00::/16 " + all + ": open",
		}},
		"straight to the pods, whose policy refuses": {
			served + "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Ingress]}\n", strings.Replace(public, "group sg-node", "group sg-node in=tcp:8080:::/0", 1), []string{
				"internet " + all + ": blocked; no load balancer of the input leads there, and pods have no public IPv4 address",
				"internet over IPv6 " + all + ": blocked; ingress of x/web[Deployment]: ",
			},
		},
		"a dual-stack load balancer of an IPv4 cluster": {ingress(withIP + dualStack), strings.ReplaceAll(replace("family=ipv6", "family=ipv4"), "in=tcp:80:::/0 out=all::::/0", "in=tcp:80:::/0 out=all::0.0.0.0/0"), []string{
			"internet TCP 80: open", "internet over IPv6 TCP 80: open",
		}},
		"targets of type instance": {ingress(facing + dualStack), network6, []string{
			"internet TCP 80: unknown; targets of type instance with IPv6 addresses are not judged",
			"internet over IPv6 TCP 80: unknown; targets of type instance with IPv6 addresses are not judged", direct,
		}},
		"a load balancer of an IPv4 cluster of which nobody knows": {
			ingress(withIP + ", alb.ingress.kubernetes.io/ip-address-type: '${TYPE}'"), strings.ReplaceAll(replace("family=ipv6", "family=ipv4"), "in=tcp:80:::/0 out=all::::/0", "in=tcp:80:::/0 out=all::0.0.0.0/0"), []string{
				"internet TCP 80: unknown; addresses of the ALB of Ingress x/web: whether it has public IPv4 addresses is not known",
				"internet over IPv6 TCP 80: unknown; addresses of the ALB of Ingress x/web: whether it has public IPv6 addresses is not known",
			},
		},
		"the network of a node of an IPv4 cluster": {
			strings.Replace(ingress(withIP+dualStack), "spec: {containers:", "spec: {hostNetwork: true, containers:", 1),
			strings.ReplaceAll(strings.Replace(public, "group sg-node", "group sg-node in=tcp:8080:::/0", 1), "family=ipv6", "family=ipv4"),
			[]string{
				"internet TCP 80: open", "internet over IPv6 TCP 80: open",
			},
		},
		"a cluster of which nobody knows": {served, replace(" family=ipv6", ""), []string{
			"internet " + all + ": unknown; whether the cluster gives pods IPv4 or IPv6 addresses is not known",
			"internet over IPv6 " + all + ": unknown; whether the cluster gives pods IPv4 or IPv6 addresses is not known",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			ports := netset.AllPorts()
			if strings.Contains(tt.objects, "Ingress/") {
				ports = netset.PortRange(netset.TCP, 8080, 8080)
			}
			if diff := cmp.Diff(tt.want, summarise(e.FromInternet(netset.Public(), find(t, r, "x/web"), ports))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestIPv6ToInternet(t *testing.T) {
	t.Parallel()
	const egress = "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress]}\n"
	out := strings.ReplaceAll(network6, "out=all::0.0.0.0/0 out=all::::/0", "out=all::::/0")
	for name, tt := range map[string]struct {
		objects, aws string
		to           netset.Ranges
		want         []string
	}{
		"both families":             {web, network6, nil, []string{"internet: open", "internet over IPv6: open"}},
		"groups of IPv6 alone":      {web, out, nil, []string{"internet: blocked; security groups of node group ng, out: no rule of sg-node admits tcp 443 to the destination", "internet over IPv6: open"}},
		"no route of IPv6":          {web, strings.ReplaceAll(network6, " route=::/0:eigw-1", ""), nil, []string{"internet: open", "internet over IPv6: blocked; route of subnet prv-a: no route of private leads there"}},
		"a policy that refuses all": {web + egress, network6, nil, []string{"internet: unknown; egress of x/web[Deployment]: whether policies filter IPv4 in an IPv6 cluster is not known", "internet over IPv6: blocked; egress of x/web[Deployment]: "}},
		"settings that are not shown": {
			web, strings.Replace(network6, "addon vpc-cni", "addon other", 1), nil,
			[]string{"internet: unknown; addresses of x/web[Deployment]: whether the pods leave by an IPv4 address is not known", "internet over IPv6: open"},
		},
		"no interface of IPv4": {
			web + "DaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: [{name: aws-node, env: [{name: ENABLE_V4_EGRESS, value: 'false'}]}]}}}\n",
			network6, nil,
			[]string{"internet: blocked; addresses of x/web[Deployment]: the pods have no IPv4 address", "internet over IPv6: open"},
		},
		"the node's network": {
			strings.Replace(web, "spec: {containers:", "spec: {hostNetwork: true, containers:", 1), network6, nil, []string{"internet: open", "internet over IPv6: open"},
		},
		"on Fargate": {
			web, network6 + "fargate f cluster=c subnets=prv-a namespace=x\n", nil,
			[]string{"internet: unknown; addresses of x/web[Deployment]: whether the pods leave by an IPv4 address is not known", "internet over IPv6: open"},
		},
		"on Fargate, of a cluster of which nobody knows": {
			web, strings.Replace(network6, " family=ipv6", "", 1) + "fargate f cluster=c subnets=prv-a namespace=x\n", nil,
			[]string{
				"internet: unknown; whether the cluster gives pods IPv4 or IPv6 addresses is not known",
				"internet over IPv6: unknown; addresses of x/web[Deployment]: the pods have no IPv6 address; whether the cluster gives pods IPv4 or IPv6 addresses is not known",
			},
		},
		"groups that name the VPC": {
			web, strings.Replace(network6, "out=all::0.0.0.0/0 out=all::::/0\nnodegroup", "out=all::2600:1f:0:aa00::/56 out=all::0.0.0.0/0 out=all::::/0\nnodegroup", 1), nil,
			[]string{"internet: open", "internet over IPv6: open"},
		},
		"the network of a node of an IPv4 cluster": {
			strings.Replace(web, "spec: {containers:", "spec: {hostNetwork: true, containers:", 1), strings.ReplaceAll(network6, "family=ipv6", "family=ipv4"), netset.RangesOf(netip.MustParsePrefix("2a00::/16")),
			[]string{"2a00::/16: unknown; addresses of x/web[Deployment]: whether the pods leave by an IPv6 address is not known"},
		},
		"answers to ports of the pods alone": {
			web, network6 + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:tcp:32768-60999:::/0 in=101:allow:tcp:32768-60999:0.0.0.0/0 out=100:allow:all::::/0 out=101:allow:all::0.0.0.0/0\n", nil,
			[]string{"internet: unknown; way back, network ACL of subnet prv-a, in: answers to some ports are refused: TCP 1024-32767,61000-65535", "internet over IPv6: open"},
		},
		"a cluster of IPv6 without subnets of it": {
			web, strings.Replace(network, "cluster c vpc=v", "natgateway nat-1 subnet=pub-a\ncluster c vpc=v family=ipv6", 1), netset.RangesOf(netip.MustParsePrefix("8.0.0.0/8")),
			[]string{"8.0.0.0/8: unknown; the cluster gives pods IPv6 addresses, and its subnets have none"},
		},
		"an address of the VPC": {
			web, network6, netset.RangesOf(netip.MustParsePrefix("2600:1f:0:aa00::/60")),
			[]string{"2600:1f:0:aa00::/60: unknown; route of subnet prv-a: the input does not show what has the address"},
		},
		"an IPv4 cluster": {web, strings.ReplaceAll(network6, "family=ipv6", "family=ipv4"), nil, []string{"internet: open"}},
		"and IPv6 is asked for": {
			web, strings.ReplaceAll(network6, "family=ipv6", "family=ipv4"), netset.RangesOf(netip.MustParsePrefix("2a00::/16")),
			[]string{"2a00::/16: blocked; addresses of x/web[Deployment]: the pods have no IPv6 address"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			if tt.to == nil {
				tt.to = netset.Public()
			}
			answers := e.ToInternet(find(t, r, "x/web"), tt.to, netset.PortRange(netset.TCP, 443, 443))
			for i := range answers {
				answers[i].From = answers[i].To
			}
			want := tt.want
			for i := range want {
				to, rest, _ := strings.Cut(want[i], ":")
				if len(tt.to) == 1 {
					to, rest, _ = strings.Cut(want[i], ": ")
					rest = " " + rest
				}
				want[i] = to + " TCP 443:" + rest
			}
			if diff := cmp.Diff(want, summarise(answers)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestIPv6Between: rules on blocks name the family that pods talk by.
func TestIPv6Between(t *testing.T) {
	t.Parallel()
	other := network6 + "nodegroup other cluster=c subnets=prv-a label:team=db template=lt-2\ntemplate lt-2 groups=sg-db\n"
	pods := strings.Replace(web, "spec: {containers:", "spec: {nodeSelector: {eks.amazonaws.com/nodegroup: ng}, containers:", 1) +
		"Pod/x/db\nmetadata: {labels: {app: db}}\nspec: {nodeSelector: {team: db}}\n"
	for name, tt := range map[string]struct{ group, want string }{
		"by IPv6": {"group sg-db in=tcp:80:2600:1f:0:aa00::/56 out=all::::/0\n", "open"},
		"by IPv4": {"group sg-db in=tcp:80:10.0.0.0/16 out=all::::/0\n", "blocked; security groups of x/db[Pod], in: no rule of sg-db admits tcp 80 from sg-node (x/web[Deployment])"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, pods, other+tt.group)
			a := e.Complete(r.Ask(find(t, r, "x/web"), find(t, r, "x/db"), port80()))
			a.From = ""
			if diff := cmp.Diff(" TCP 80: "+tt.want, summarise([]path.Answer{a})[0]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestIPv6OfNodes: nodes of an IPv4 cluster have IPv6 addresses where their subnet gives
// them.
func TestIPv6OfNodes(t *testing.T) {
	t.Parallel()
	host := strings.Replace(served, "spec: {containers:", "spec: {hostNetwork: true, containers:", 1)
	open := strings.ReplaceAll(strings.ReplaceAll(network6, "family=ipv6", "family=ipv4"), "subnets=prv-a,prv-b template", "subnets=pub-a template")
	open = strings.Replace(open, "group sg-node", "group sg-node in=all::::/0", 1)
	for name, tt := range map[string]struct{ aws, want string }{
		"perhaps": {open, "unknown; address of node group ng in subnet pub-a: whether the nodes have public addresses is not known"},
		"never":   {strings.ReplaceAll(open, " cidr6=2600:1f:0:aa00::/64", ""), "blocked; address of node group ng in subnet pub-a: the nodes have no public address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, host, tt.aws)
			got := summarise(e.FromInternet(netset.RangesOf(netip.MustParsePrefix("2a00::/16")), find(t, r, "x/web"), tcp(podPort)))
			if diff := cmp.Diff([]string{"2a00::/16 TCP 8080: " + tt.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
