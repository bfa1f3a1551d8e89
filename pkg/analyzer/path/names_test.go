package path_test

import (
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

// TestNames: the way to the DNS of the cluster passes groups and policies as any other.
func TestNames(t *testing.T) {
	t.Parallel()
	const (
		dns = "Namespace//kube-system\n{}\n---\nDeployment/kube-system/coredns\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: kube-dns}}, spec: {nodeSelector: {team: db}, containers: [{name: coredns}]}}}\n---\n" +
			"Service/kube-system/kube-dns\nspec: {clusterIP: 172.20.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}\n"
		refuses = "NetworkPolicy/x/p\nspec: {podSelector: {}, policyTypes: [Egress]}\n---\n"
	)
	aws := network + "nodegroup other cluster=c subnets=prv-b label:team=db template=lt-2\ntemplate lt-2 groups=sg-db\n"
	admits := aws + "group sg-db in=udp:53:sg-node in=udp:53:sg-db out=all::0.0.0.0/0\n"
	for name, tt := range map[string]struct{ objects, aws, want string }{
		"groups that admit it":           {web + dns, admits, "UDP 53: open"},
		"groups that admit TCP alone":    {web + dns, aws + "group sg-db in=tcp:53:sg-node out=all::0.0.0.0/0\n", "UDP 53: depends on placement; security groups of kube-system/coredns[Deployment], in: no rule of sg-db admits udp 53 from sg-node (x/web[Deployment])"},
		"a policy that refuses it":       {web + refuses + dns, admits, "UDP 53: blocked; egress of x/web[Deployment]"},
		"DNS that is not shown":          {web, network, ""},
		"and that policies refuse":       {web + strings.TrimSuffix(refuses, "---\n"), network, "UDP 53: blocked; egress of x/web[Deployment]"},
		"whom the pods ask is not known": {strings.Replace(web, "spec: {containers:", "spec: {dnsPolicy: '${P}', containers:", 1), network, "unknown; the dnsPolicy of the pods is not known; what lies between them in AWS is not judged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, r := engineOf(t, tt.objects, tt.aws)
			got := ""
			if a := e.Names(find(t, r, "x/web")); a != nil {
				a.From = ""
				got = strings.Trim(summarise([]path.Answer{*a})[0], " :")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
