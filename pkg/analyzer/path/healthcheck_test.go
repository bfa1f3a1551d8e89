package path_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
)

// TestUnchecked: a health check on a port of its own comes from the load balancer, to
// the pods or to any node.
func TestUnchecked(t *testing.T) {
	t.Parallel()
	const (
		port   = ", alb.ingress.kubernetes.io/healthcheck-port: '9000'"
		admits = "in=tcp:8080-9000:sg-lb"
		policy = "---\nNetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 8080}]}]}\n"
		nlbOwn = nlb + "ip, service.beta.kubernetes.io/aws-load-balancer-security-groups: sg-lb, service.beta.kubernetes.io/aws-load-balancer-healthcheck-port: '9000', " +
			"service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=true"
	)
	replace := func(old, with string) string {
		if !strings.Contains(network, old) {
			t.Fatalf("the network does not hold %q", old)
		}
		return strings.ReplaceAll(network, old, with)
	}
	refused := func(where, why string) []string {
		return []string{"TCP 9000: blocked; security groups of " + where + ", in: no rule of sg-node admits tcp 9000 from sg-lb (" + why + ")"}
	}
	two := replace("nodegroup ng", "nodegroup two cluster=c subnets=prv-a template=lt-2 taint=k:v:NoSchedule\ntemplate lt-2 groups=sg-two\ngroup sg-two in=tcp:9000:sg-lb\nnodegroup ng")
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"the port of the requests":  {ingress(withIP + ownGroup), network, nil},
		"a port that nobody admits": {ingress(withIP + ownGroup + port), network, refused("x/web[Deployment]", "the ALB of Ingress x/web")},
		"one that is admitted":      {ingress(withIP + ownGroup + port), replace("in=tcp:8080:sg-lb", admits), nil},
		"one that is not known":     {ingress(withIP + ownGroup + ", alb.ingress.kubernetes.io/healthcheck-port: '${PORT}'"), network, nil},
		"a policy":                  {ingress(withIP+ownGroup+port) + policy, replace("in=tcp:8080:sg-lb", admits), []string{"TCP 9000: blocked; ingress of x/web[Deployment]: "}},
		"answers are kept in": {
			ingress(withIP + ownGroup + port), replace("in=tcp:8080:sg-lb", admits) + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0\n",
			[]string{"TCP 9000: blocked; way back, network ACL of subnet prv-a, out: no entry of strict matches, so that it is refused"},
		},
		"instances that nobody admits": {ingress(facing + ownGroup + port), network, refused("node group ng", "the ALB of Ingress x/web")},
		"one of which does":            {ingress(facing + ownGroup + port), two, nil},
		"answers of instances are kept in": {
			ingress(facing + ownGroup + port), replace("in=tcp:8080:sg-lb", admits) + "acl strict vpc=v subnets=prv-a,prv-b in=100:allow:all::0.0.0.0/0\n",
			[]string{"TCP 9000: blocked; way back, network ACL of subnet prv-a, out: no entry of strict matches, so that it is refused"},
		},
		"a target of UDP": {
			strings.ReplaceAll(strings.Replace(balanced(nlbOwn, ""), "{port: 80,", "{protocol: UDP, port: 80,", 1), "'9000'", "traffic-port"), replace("in=tcp:8080:sg-lb", "in=udp:8080:sg-lb"),
			[]string{"TCP 8080: blocked; security groups of x/web[Deployment], in: no rule of sg-node admits tcp 8080 from sg-lb (the NLB of Service x/web)"},
		},
		"clients do not ask": {
			balanced(nlbOwn, ""), replace("in=tcp:8080:sg-lb", "in=tcp:9000:8.0.0.0/8"), refused("x/web[Deployment]", "the NLB of Service x/web"),
		},
		"the subnets of the load balancer do": {balanced(nlbOwn, ""), replace("in=tcp:8080:sg-lb", "in=tcp:9000:10.0.0.0/23"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph.New(graphtest.Snapshot(t, strings.TrimSuffix(tt.objects, "---\n")).WithAWS(vpctest.Read(t, tt.aws)))
			c := eks.New(g)
			var got []string
			for _, target := range path.New(c, reach.New(g)).Unchecked(c.LoadBalancers()[0]) {
				target.Answer.From = ""
				got = append(got, strings.TrimPrefix(summarise([]path.Answer{target.Answer})[0], " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
