package graph_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestProxyMode reads the mode of kube-proxy.
func TestProxyMode(t *testing.T) {
	t.Parallel()
	config := func(text string) []*model.Resource {
		meta := metav1.ObjectMeta{Name: "kube-proxy-config", Namespace: "kube-system"}
		return []*model.Resource{{
			Ref:    model.Ref{Kind: "ConfigMap", Namespace: meta.Namespace, Name: meta.Name},
			Object: &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"config": text}},
		}}
	}
	for name, tt := range map[string]struct {
		resources []*model.Resource
		aws, want string
	}{
		"nothing":                 {nil, "", ""},
		"a ConfigMap":             {config("kind: KubeProxyConfiguration\nmode: \"ipvs\"\n"), "", "ipvs"},
		"one without it":          {config("kind: KubeProxyConfiguration\nmetricsBindAddress: 0.0.0.0:10249\n"), "", ""},
		"by a placeholder":        {config("mode: ${MODE}\n"), "", ""},
		"one that is no YAML":     {config("mode: ipvs\n\tx"), "", ""},
		"the add-on":              {nil, `addon kube-proxy cluster=c config={"mode":"ipvs"}` + "\n", "ipvs"},
		"an add-on not known":     {nil, "addon kube-proxy cluster=c config=?\n", ""},
		"the ConfigMap before it": {config("mode: iptables\n"), `addon kube-proxy cluster=c config={"mode":"ipvs"}` + "\n", "iptables"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, by, _ := graph.New(model.NewSnapshot(model.Scope{}, tt.resources).WithAWS(vpctest.Read(t, tt.aws))).ProxyMode()
			if got != tt.want || got != "" && by == nil {
				t.Errorf("got %q of %v, want %q", got, by, tt.want)
			}
		})
	}
}
