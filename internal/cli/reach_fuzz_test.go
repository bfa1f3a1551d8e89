package cli

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
	"github.com/ekslint/ekslint/pkg/loader"
)

// FuzzReach: no input makes the engine panic, and what is certain is possible.
func FuzzReach(f *testing.F) {
	for _, name := range []string{"reach.txtar", "diff.txtar"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "cli", name))
		if err == nil {
			f.Add(text)
		}
	}
	for _, kind := range []string{
		"apiVersion: networking.k8s.aws/v1alpha1\nkind: ClusterNetworkPolicy\nmetadata: {name: a}\nspec: {tier: Admin, priority: -1, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{}]}], egress: [{action: Deny, to: [{networks: [x, '::/0']}], ports: [{portRange: {start: 9, end: 1}}, {}]}]}\n",
		"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: b}\nspec: {endpointSelector: {matchExpressions: [{key: 'any:a', operator: Oops}]}, ingress: [{fromCIDR: [x], toPorts: [{ports: [{port: '-1', endPort: 70000}]}]}], egressDeny: [{toEntities: [none]}]}\nspecs: [{}, {nodeSelector: {}}]\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec: {selector: {k8s-app: kube-dns}, ports: [{port: 70000}, {}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: kube-system, labels: {k8s-app: kube-dns}}\nspec: {dnsPolicy: None}\n",
	} {
		f.Add([]byte(kind))
		f.Add([]byte(kind + "---\n" + enforced))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		loaded, err := loader.Load(t.Context(), fstest.MapFS{"a.yaml": {Data: text}}, loader.Options{Paths: []string{"."}})
		if err != nil {
			return
		}
		for _, c := range loaded.Clusters {
			g := graph.New(c)
			walk(t, g, reach.New(g))
		}
	})
}

// enforced is a cluster of which the VPC CNI enforces the policies.
const enforced = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: aws-node, namespace: kube-system}\n" +
	"spec: {template: {spec: {hostNetwork: true, containers: [{name: aws-node}, {name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n---\n" +
	"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: kube-system}\n" +
	"spec: {podSelector: {}, egress: [{to: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [x, '::/0']}}], ports: [{port: a}, {endPort: 1}, {}]}]}\n"

func walk(t *testing.T, g *graph.Graph, e *reach.Engine) {
	t.Helper()
	if _, err := reachreport.WritePairs(io.Discard, e, "text"); err != nil {
		t.Fatal(err)
	}
	for from := range e.Endpoints() {
		e.Unseen(from, reach.Ingress, netset.AllPorts())
		e.ToDNS(from, netset.AllPorts())
		for to := range e.Endpoints() {
			a := e.Ask(from, to, netset.AllPorts())
			vpccni.Enforce(g, a)
			if !a.Connection.Certain.Subtract(a.Connection.Possible).IsEmpty() {
				t.Fatalf("%s => %s: certain are %s, possible %s", a.From, a.To, a.Connection.Certain, a.Connection.Possible)
			}
		}
		for _, o := range g.Objects("Service") {
			if s, ok := o.(*graph.Service); ok {
				for _, a := range e.ToService(from, s, netset.AllPorts()) {
					vpccni.Enforce(g, a)
				}
			}
		}
	}
	for _, o := range g.Objects("Ingress") {
		if i, ok := o.(*graph.Ingress); ok {
			e.ToIngress(i)
		}
	}
}
