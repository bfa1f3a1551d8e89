package graph_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func engine(namespace, name string, containers ...corev1.Container) *model.Resource {
	object := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	object.Spec.Template.Spec.Containers = containers
	return &model.Resource{Ref: model.Ref{Group: "apps", Kind: "DaemonSet", Namespace: namespace, Name: name}, Object: object}
}

func TestEnforcement(t *testing.T) {
	t.Parallel()
	agent := func(args ...string) corev1.Container { return corev1.Container{Name: "aws-eks-nodeagent", Args: args} }
	cni := func(c ...corev1.Container) *model.Resource { return engine("kube-system", "aws-node", c...) }
	for name, tt := range map[string]struct {
		resources []*model.Resource
		engine    graph.PolicyEngine
		enforced  model.Tri
		ipv4      model.Tri
	}{
		"nothing":                  {nil, graph.EngineUnknown, model.Unknown, model.Unknown},
		"switched on":              {[]*model.Resource{cni(agent("--enable-network-policy=true"))}, graph.EngineVPCCNI, model.Yes, model.Yes},
		"switched on, IPv6":        {[]*model.Resource{cni(agent("--enable-network-policy", "--enable-ipv6=true"))}, graph.EngineVPCCNI, model.Yes, model.No},
		"switched off":             {[]*model.Resource{cni(agent("--enable-network-policy=false"))}, graph.EngineVPCCNI, model.No, model.Yes},
		"off by default":           {[]*model.Resource{cni(agent())}, graph.EngineVPCCNI, model.No, model.Yes},
		"no agent":                 {[]*model.Resource{cni()}, graph.EngineVPCCNI, model.No, model.Unknown},
		"a placeholder":            {[]*model.Resource{cni(agent("--enable-network-policy=${ON}"))}, graph.EngineVPCCNI, model.Unknown, model.Yes},
		"not a boolean":            {[]*model.Resource{cni(agent("--enable-network-policy=perhaps"))}, graph.EngineVPCCNI, model.Unknown, model.Yes},
		"another namespace":        {[]*model.Resource{engine("shop", "aws-node")}, graph.EngineUnknown, model.Unknown, model.Unknown},
		"Cilium":                   {[]*model.Resource{engine("kube-system", "cilium")}, graph.EngineCilium, model.Yes, model.Unknown},
		"Cilium over the VPC CNI":  {[]*model.Resource{cni(agent()), engine("kube-system", "cilium")}, graph.EngineCilium, model.Yes, model.Unknown},
		"Calico over the VPC CNI":  {[]*model.Resource{cni(), engine("calico-system", "calico-node")}, graph.EngineOther, model.Yes, model.Unknown},
		"two that are switched on": {[]*model.Resource{cni(agent("--enable-network-policy=true")), engine("kube-system", "cilium")}, graph.EngineUnknown, model.Unknown, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := graph.New(model.NewSnapshot(model.Scope{}, tt.resources)).Enforcement()
			if e.Engine != tt.engine || e.Enforced != tt.enforced || e.IPv4 != tt.ipv4 {
				t.Errorf("got %q, enforced %s, IPv4 %s; want %q, %s, %s", e.Engine, e.Enforced, e.IPv4, tt.engine, tt.enforced, tt.ipv4)
			}
		})
	}
}

func TestVPCCNI(t *testing.T) {
	t.Parallel()
	cni := func(image string, env ...corev1.EnvVar) corev1.Container {
		return corev1.Container{Name: "aws-node", Image: image, Env: env}
	}
	mode := func(value string) corev1.EnvVar {
		return corev1.EnvVar{Name: "NETWORK_POLICY_ENFORCING_MODE", Value: value}
	}
	for name, tt := range map[string]struct {
		container corev1.Container
		strict    model.Tri
		cluster   model.Tri
		at        string
	}{
		"nothing is said":  {cni("cni"), model.No, model.Unknown, "spec.template.spec.containers[0]"},
		"strict":           {cni("cni", mode("strict")), model.Yes, model.Unknown, "spec.template.spec.containers[0].env[0]"},
		"standard":         {cni("cni", mode("standard")), model.No, model.Unknown, "spec.template.spec.containers[0].env[0]"},
		"the last counts":  {cni("cni", mode("strict"), mode("standard")), model.No, model.Unknown, "spec.template.spec.containers[0].env[1]"},
		"a placeholder":    {cni("cni", mode("${MODE}")), model.Unknown, model.Unknown, "spec.template.spec.containers[0].env[0]"},
		"an old version":   {cni("602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.20.4-eksbuild.2"), model.No, model.No, "spec.template.spec.containers[0]"},
		"a new version":    {cni("602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.21.1-eksbuild.1"), model.No, model.Yes, "spec.template.spec.containers[0]"},
		"a port and a sum": {cni("registry:5000/amazon-k8s-cni@sha256:0123"), model.No, model.Unknown, "spec.template.spec.containers[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph.New(model.NewSnapshot(model.Scope{}, []*model.Resource{engine("kube-system", "aws-node", tt.container)}))
			cluster := g.Enforcement().ClusterPolicies
			strict, _, at := g.Strict(nil)
			if strict != tt.strict || cluster != tt.cluster || at.String() != tt.at {
				t.Errorf("strict %s at %s, cluster policies %s", strict, at, cluster)
			}
		})
	}
}
