package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
)

// TestNodeCaches: what the arguments of a cache and its ConfigMap say.
func TestNodeCaches(t *testing.T) {
	t.Parallel()
	const config = "\n---\nConfigMap/kube-system/node-local-dns\ndata: {Corefile: '.:53 { forward . %s }'}"
	cache := func(args, path string) string {
		return "DaemonSet/kube-system/node-local-dns\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {" +
			"containers: [{name: side}, {name: cache, args: [" + args + "]}], " +
			"volumes: [{name: none}, {name: c, configMap: {name: node-local-dns, items: [{key: Corefile, path: " + path + "}]}}]}}}"
	}
	for name, tt := range map[string]struct{ objects, want string }{
		"a flag and its value": {
			cache("-localip, '169.254.20.10,172.20.0.10', -upstreamsvc, up", "Corefile.base"),
			"[169.254.20.10 172.20.0.10] at spec.template.spec.containers[1].args[1], makes them yes, asks up at spec.template.spec.containers[1].args[3], Corefile false",
		},
		"a flag with its value, and defaults": {
			cache("'--localip=169.254.20.10'", "Corefile.base"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them yes, asks kube-dns at spec.template.spec.containers[1], Corefile false",
		},
		"the interface is made otherwise": {
			cache("'-localip=169.254.20.10', '-setupinterface=false'", "Corefile.base"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them no, asks kube-dns at spec.template.spec.containers[1], Corefile false",
		},
		"a switch that is no word of Go's": {
			cache("'-localip=169.254.20.10', '-setupinterface=perhaps'", "Corefile.base"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them unknown, asks kube-dns at spec.template.spec.containers[1], Corefile false",
		},
		"placeholders": {
			cache("'-localip=${ADDRESS}', '-upstreamsvc=$(UPSTREAM)'", "Corefile.base"),
			"[] at spec.template.spec.containers[1].args[0], makes them unknown, asks  at , Corefile false",
		},
		"an argument that may be any": {
			cache("'-localip=169.254.20.10', '${MORE}'", "Corefile.base"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them unknown, asks  at , Corefile false",
		},
		"no flag": {cache("'-conf', /etc/Corefile", "Corefile.base"), "[] at , makes them unknown, asks  at , Corefile false"},
		"its Corefile": {
			cache("'-localip=169.254.20.10'", "Corefile.base") + fmt.Sprintf(config, "__PILLAR__CLUSTER__DNS__"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them yes, asks kube-dns at spec.template.spec.containers[1], Corefile true",
		},
		"its Corefile is not filled in": {
			cache("'-localip=169.254.20.10'", "Corefile.base") + fmt.Sprintf(config, "__PILLAR__MY__DNS__"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them yes, asks kube-dns at spec.template.spec.containers[1], Corefile false",
		},
		"another file": {
			cache("'-localip=169.254.20.10'", "Corefile.other") + fmt.Sprintf(config, "__PILLAR__CLUSTER__DNS__"),
			"[169.254.20.10] at spec.template.spec.containers[1].args[0], makes them yes, asks kube-dns at spec.template.spec.containers[1], Corefile false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caches := graphtest.Read(t, tt.objects).NodeCaches()
			if len(caches) != 1 {
				t.Fatalf("%d caches", len(caches))
			}
			c := caches[0]
			got := fmt.Sprintf("%v at %s, makes them %s, asks %s at %s, Corefile %v",
				c.Addresses, c.AddressesAt, c.MakesInterface, c.Upstream, c.UpstreamAt, c.Corefile != nil)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
