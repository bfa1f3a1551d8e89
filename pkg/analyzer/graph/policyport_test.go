package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func policyPort(port intstr.IntOrString, edit ...func(*networkingv1.NetworkPolicyPort)) networkingv1.NetworkPolicyPort {
	out := networkingv1.NetworkPolicyPort{Port: &port}
	for _, f := range edit {
		f(&out)
	}
	return out
}

func overUDP(p *networkingv1.NetworkPolicyPort) {
	udp := corev1.ProtocolUDP
	p.Protocol = &udp
}

func upTo(last int32) func(*networkingv1.NetworkPolicyPort) {
	return func(p *networkingv1.NetworkPolicyPort) { p.EndPort = &last }
}

func listening(ports ...corev1.ContainerPort) func(*corev1.PodTemplateSpec) {
	return func(t *corev1.PodTemplateSpec) { t.Spec.Containers = []corev1.Container{{Name: "c", Ports: ports}} }
}

func TestNamesPort(t *testing.T) {
	t.Parallel()
	known := newWorkload("web", labels{"app": "web"}, listening(corev1.ContainerPort{Name: "http", ContainerPort: 8080}))
	unknown := unknownAt(newWorkload("web", labels{"app": "web"}), model.Path{"spec", "template", "spec", "containers"})
	for name, tt := range map[string]struct {
		pods  *model.Resource
		ports []networkingv1.NetworkPolicyPort
		want  model.Tri
	}{
		"no ports":             {known, nil, model.Yes},
		"number":               {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(8080))}, model.Yes},
		"another number":       {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(80))}, model.No},
		"another protocol":     {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(8080), overUDP)}, model.No},
		"range":                {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(8000), upTo(8080))}, model.Yes},
		"range that ends":      {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(8000), upTo(8079))}, model.No},
		"name":                 {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromString("http"))}, model.Yes},
		"another name":         {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromString("web"))}, model.No},
		"name on unknown pods": {unknown, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromString("web"))}, model.Unknown},
		"protocol alone":       {known, []networkingv1.NetworkPolicyPort{{}}, model.Yes},
		"second of two":        {known, []networkingv1.NetworkPolicyPort{policyPort(intstr.FromInt32(80)), policyPort(intstr.FromInt32(8080))}, model.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := deployment(t, graphFrom(model.Scope{}, tt.pods), "web")
			if got := graph.NamesPort(tt.ports, w, 8080, corev1.ProtocolTCP); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestPeersOf: the pods that peers name, and whether these are all.
func TestPeersOf(t *testing.T) {
	t.Parallel()
	const auto = "kubernetes.io/metadata.name"
	selects := func(l labels) *metav1.LabelSelector { return &metav1.LabelSelector{MatchLabels: l} }
	for name, tt := range map[string]struct {
		scope model.Scope
		peers []networkingv1.NetworkPolicyPeer
		want  []string
		known model.Tri
	}{
		"none":                        {model.Scope{}, nil, []string{}, model.Unknown},
		"own namespace":               {model.Scope{}, []networkingv1.NetworkPolicyPeer{{PodSelector: selects(labels{"app": "web"})}}, []string{"web"}, model.Yes},
		"all pods":                    {model.Scope{}, []networkingv1.NetworkPolicyPeer{{PodSelector: selects(nil)}}, []string{"web", "worker"}, model.Unknown},
		"all pods, declared complete": {model.Scope{Complete: true}, []networkingv1.NetworkPolicyPeer{{PodSelector: selects(nil)}}, []string{"web", "worker"}, model.Yes},
		"namespace by name":           {model.Scope{}, []networkingv1.NetworkPolicyPeer{{NamespaceSelector: selects(labels{auto: "shop"}), PodSelector: selects(labels{"app": "worker"})}}, []string{"worker"}, model.Yes},
		"namespaces by a label":       {model.Scope{}, []networkingv1.NetworkPolicyPeer{{NamespaceSelector: selects(labels{"team": "a"}), PodSelector: selects(labels{"app": "worker"})}}, []string{"worker"}, model.Unknown},
		"namespace not in the input":  {model.Scope{}, []networkingv1.NetworkPolicyPeer{{NamespaceSelector: selects(labels{auto: "kube-system"}), PodSelector: selects(labels{"app": "worker"})}}, []string{}, model.Unknown},
		"two peers":                   {model.Scope{}, []networkingv1.NetworkPolicyPeer{{PodSelector: selects(labels{"app": "worker"})}, {PodSelector: selects(labels{"app": "web"})}}, []string{"web", "worker"}, model.Yes},
		"ipBlock beside":              {model.Scope{}, []networkingv1.NetworkPolicyPeer{{PodSelector: selects(labels{"app": "web"})}, {IPBlock: &networkingv1.IPBlock{CIDR: "10.0.0.0/8"}}}, []string{"web"}, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(tt.scope, newNamespace("shop", labels{"team": "a"}), newPolicy("p", nil),
				newWorkload("web", labels{"app": "web"}), newWorkload("worker", labels{"app": "worker"}))
			got, known := g.PeersOf(thePolicy(t, g, "p"), model.Path{"spec", "egress", "0", "to"}, tt.peers)
			if diff := cmp.Diff(tt.want, names(got)); diff != "" || known != tt.known {
				t.Errorf("known is %s, want %s; (-want +got):\n%s", known, tt.known, diff)
			}
		})
	}
}
