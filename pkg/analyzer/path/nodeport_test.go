package path_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

func TestThroughNodePorts(t *testing.T) {
	t.Parallel()
	replace := func(in, old, with string) string {
		if !strings.Contains(in, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.ReplaceAll(in, old, with)
	}
	public := replace(network, "subnets=prv-a,prv-b template", "subnets=pub-a template")
	given := replace(public, "subnet pub-a", "subnet pub-a public")
	open := replace(given, "group sg-node", "group sg-node in=tcp:30000-32767:0.0.0.0/0")
	local := replace(service, "spec: {type: NodePort,", "spec: {type: NodePort, externalTrafficPolicy: Local,")
	policy := "---\nNetworkPolicy/x/p\nspec: {podSelector: {}%s}\n"
	host := strings.Replace(served, "spec: {containers:", "spec: {hostNetwork: true, containers:", 1)
	const all = "SCTP 1-65535,TCP 1-65535,UDP 1-65535,other"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"nodes with public addresses": {service, open, []string{"internet TCP 30080: open"}},
		"without":                     {service, replace(open, "subnet pub-a public", "subnet pub-a"), []string{"internet TCP 30080: blocked; address of node group ng in subnet pub-a: the nodes have no public address"}},
		"in a private subnet": {service, replace(open, "subnets=pub-a,pub-b", "subnets=pub-b"), []string{
			"internet TCP 30080: blocked; route of subnet pub-a: it leads to a NAT gateway, and not to an internet gateway",
		}},
		"a group that does not admit it": {service, given, []string{"internet TCP 30080: blocked; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from clients"}},
		"a group that admits some": {service, replace(given, "group sg-node", "group sg-node in=tcp:30080:8.8.8.0/24"), []string{
			"internet except 8.8.8.0/24 TCP 30080: blocked; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from clients",
			"internet, 8.8.8.0/24 TCP 30080: open",
		}},
		"answers are kept in": {service, open + "acl strict vpc=v subnets=pub-a in=100:allow:all::0.0.0.0/0 out=100:allow:all::10.0.0.0/8\n", []string{
			"internet TCP 30080: blocked; way back, network ACL of subnet pub-a, out: no entry of strict matches, so that it is refused",
		}},
		"a port that is not fixed": {replace(service, ", nodePort: 30080", ""), replace(given, "group sg-node", "group sg-node in=tcp:30080:0.0.0.0/0"), []string{
			"internet TCP 30000-32767: unknown; security groups of node group ng, in: which port of the nodes the Service gets is not known",
		}},
		"and all are admitted": {replace(service, ", nodePort: 30080", ""), open, []string{"internet TCP 30000-32767: open"}},
		"a policy that refuses other nodes": {service + strings.TrimPrefix(strings.ReplaceAll(policy, "%s", ""), "---\n"), open, []string{
			"internet TCP 30080: depends on placement; ingress of x/web[Deployment]: ",
		}},
		"a policy that sees the client": {local + strings.TrimPrefix(strings.ReplaceAll(policy, "%s", ", ingress: [{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}]"), "---\n"), open, []string{
			"internet except 8.8.8.0/24 TCP 30080: blocked; ingress of x/web[Deployment]: ",
			"internet, 8.8.8.0/24 TCP 30080: open",
		}},
		"a port of the Service that is not known": {replace(service, "targetPort: 8080", "targetPort: '${PORT}'"), open, []string{
			"internet TCP 30080: unknown; the port that the Service leads to is not known",
		}},
		"a Service without such a port": {replace(service, "type: NodePort, ", ""), open, []string{
			"internet " + all + ": blocked; no load balancer of the input leads there, and pods have no public IPv4 address",
		}},
		"a Service of a controller that is not resolved": {replace(service, "type: NodePort", "type: LoadBalancer, loadBalancerClass: example.com/x"), given, []string{
			"internet " + all + ": unknown; what becomes of Service x/web is not resolved",
		}},
		"an Ingress of another controller": {
			service + "Ingress/x/web\nspec: {ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}\n---\nIngressClass//nginx\nspec: {controller: k8s.io/ingress-nginx}\n", given, []string{
				"internet " + all + ": unknown; Ingress x/web of another controller leads there",
			},
		},
		"a target group of another hand": {
			service + "TargetGroupBinding/x/b\nspec: {serviceRef: {name: web, port: 80}, targetGroupARN: arn}\n", given, []string{
				"internet " + all + ": unknown; a load balancer that is not shown leads to TargetGroupBinding x/b",
			},
		},
		"a target group of another Service": {
			service + "TargetGroupBinding/x/b\nspec: {serviceRef: {name: api, port: 80}, targetGroupARN: arn}\n", given, []string{
				"internet TCP 30080: blocked; security groups of node group ng, in: no rule of sg-node admits tcp 30080 from clients",
			},
		},
		"beside a load balancer": {ingress(facing), open, []string{"internet TCP 80: open", "internet TCP 30080: open"}},
		"a template that gives them": {service, replace(replace(open, "subnet pub-a public", "subnet pub-a"), "template lt-1", "template lt-1 public"), []string{
			"internet TCP 30080: open",
		}},
		"a template that gives none":    {service, replace(open, "template lt-1", "template lt-1 private"), []string{"internet TCP 30080: blocked; address of node group ng in subnet pub-a: the nodes have no public address"}},
		"a template that is not shown":  {service, replace(open, "template lt-1 groups", "template lt-2 groups"), []string{"internet TCP 30080: unknown; address of node group ng in subnet pub-a: whether the nodes have public addresses is not known"}},
		"a pod on the network of nodes": {host, open, []string{"internet " + all + ": open"}},
		"whose group does not admit it": {host, given, []string{"internet " + all + ": blocked; security groups of node group ng, in: no rule of sg-node admits it from clients"}},
		"and which no policy isolates":  {host + strings.TrimPrefix(strings.ReplaceAll(policy, "%s", ""), "---\n"), open, []string{"internet " + all + ": open"}},
		"a port of the node":            {replace(replace(service, "containerPort: 8080", "containerPort: 8080, hostPort: 8080"), "type: NodePort, ", ""), open, []string{"internet " + all + ": unknown; the pods may have ports of their nodes, which are not judged"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			if diff := cmp.Diff(tt.want, summarise(e.FromInternet(netset.Public(), find(t, r, "x/web"), netset.AllPorts()))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
