package reach_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// world is a random cluster of which everything is known: every namespace has
// its object, every pod its address.
type world struct {
	r         *rand.Rand
	oracle    oracle
	nodes     []node
	resources []*model.Resource
}

var testAddresses = []string{"0.0.0.0", "10.0.0.3", "10.0.1.9", "10.0.0.255", "192.0.2.1", "255.255.255.255", "2001:db8::1"}

var testPorts = []int32{1, 80, 81, 443, 8080, 65535}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 3)), oracle: oracle{namespaces: map[string]map[string]string{}}} //nolint:gosec // a test that can be repeated
	names := []string{"x", "y", "z"}[:1+w.r.IntN(3)]
	for _, name := range names {
		set := map[string]string{corev1.LabelMetadataName: name}
		if w.r.IntN(2) == 0 {
			set["env"] = w.one("prod", "dev")
		}
		w.oracle.namespaces[name] = set
		w.add(model.KindNamespace, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: set}}, "", name)
	}
	for i := range 2 + w.r.IntN(6) {
		w.addPod(names[w.r.IntN(len(names))], i)
	}
	for _, a := range testAddresses {
		w.nodes = append(w.nodes, node{address: netip.MustParseAddr(a)})
	}
	for i := range w.r.IntN(6) {
		w.addPolicy(names[w.r.IntN(len(names))], i)
	}
	w.addClusterPolicies()
	w.addCilium(names)
	return w
}

func (w *world) one(words ...string) string { return words[w.r.IntN(len(words))] }

func (w *world) add(gk model.GroupKind, o metav1.Object, namespace, name string) {
	ref := model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: namespace, Name: name}
	w.resources = append(w.resources, &model.Resource{Ref: ref, Object: o})
}

func (w *world) addPod(namespace string, i int) {
	address := fmt.Sprintf("10.0.%d.%d", i%2, 10+i)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("p%d", i), Labels: map[string]string{}}}
	for _, key := range []string{"app", "tier"} {
		if w.r.IntN(4) > 0 {
			pod.Labels[key] = w.one("a", "b")
		}
	}
	for range w.r.IntN(3) {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Ports: []corev1.ContainerPort{{
			Name: w.one("http", "dns"), ContainerPort: testPorts[w.r.IntN(len(testPorts))], Protocol: corev1.Protocol(w.one("TCP", "UDP")),
		}}})
	}
	pod.Status.PodIP = address
	w.add(model.KindPod, pod, namespace, pod.Name)
	w.nodes = append(w.nodes, node{pod: pod, address: netip.MustParseAddr(address)})
}

func (w *world) addPolicy(namespace string, i int) {
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("np%d", i)}}
	p.Spec.PodSelector = *w.selector("app")
	p.Spec.PolicyTypes = [][]networkingv1.PolicyType{nil, {"Ingress"}, {"Egress"}, {"Ingress", "Egress"}}[w.r.IntN(4)]
	for range w.r.IntN(3) {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: w.peers(), Ports: w.ports()})
	}
	for range w.r.IntN(3) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: w.peers(), Ports: w.ports()})
	}
	w.oracle.policies = append(w.oracle.policies, p)
	w.add(model.KindNetworkPolicy, p, namespace, p.Name)
}

func (w *world) selector(key string) *metav1.LabelSelector {
	values := map[string][]string{"app": {"a", "b"}, "tier": {"a", "b"}, "env": {"prod", "dev"}}[key]
	value := w.one(values...)
	operators := []metav1.LabelSelectorOperator{"In", "NotIn", "Exists", "DoesNotExist"}
	switch w.r.IntN(4) {
	case 0:
		return &metav1.LabelSelector{}
	case 1:
		r := metav1.LabelSelectorRequirement{Key: key, Operator: operators[w.r.IntN(4)]}
		if r.Operator == "In" || r.Operator == "NotIn" {
			r.Values = []string{value}
		}
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{r}}
	default:
		return &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

func (w *world) peers() []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range w.r.IntN(3) {
		switch w.r.IntN(4) {
		case 0:
			out = append(out, networkingv1.NetworkPolicyPeer{PodSelector: w.selector(w.one("app", "tier"))})
		case 1:
			out = append(out, networkingv1.NetworkPolicyPeer{NamespaceSelector: w.selector("env")})
		case 2:
			out = append(out, networkingv1.NetworkPolicyPeer{NamespaceSelector: w.selector("env"), PodSelector: w.selector("app")})
		default:
			b := &networkingv1.IPBlock{CIDR: w.one("0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24", "10.0.0.8/29", "::/0")}
			if b.CIDR == "10.0.0.0/16" && w.r.IntN(2) == 0 {
				b.Except = []string{"10.0.1.0/24", "10.0.0.10/31"}
			}
			out = append(out, networkingv1.NetworkPolicyPeer{IPBlock: b})
		}
	}
	return out
}

func (w *world) ports() []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range w.r.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if w.r.IntN(2) == 0 {
			protocol := corev1.Protocol(w.one("TCP", "UDP", "SCTP"))
			p.Protocol = &protocol
		}
		port := intstr.FromInt32(testPorts[w.r.IntN(len(testPorts))])
		switch w.r.IntN(4) {
		case 0:
			named := intstr.FromString(w.one("http", "dns", "absent"))
			p.Port = &named
		case 1:
			end := max(port.IntVal, testPorts[w.r.IntN(len(testPorts))])
			p.Port, p.EndPort = &port, &end
		case 2:
			p.Port = &port
		}
		out = append(out, p)
	}
	return out
}

// number finds the endpoint of a node.
func number(t *testing.T, e *reach.Engine, n node) (int, bool) {
	t.Helper()
	for i, end := range e.Endpoints() {
		if n.pod == nil && end.Workload == nil && end.Range.Contains(n.address) {
			return i, true
		}
		if n.pod != nil && end.Workload != nil && end.Workload.Ref().NamespacedName() == n.pod.Namespace+"/"+n.pod.Name {
			return i, true
		}
	}
	return 0, false
}

func compareWithOracle(t *testing.T, seed uint64) {
	t.Helper()
	w := newWorld(seed)
	e := reach.New(graph.New(model.NewSnapshot(model.Scope{Complete: true}, w.resources)))
	for _, from := range w.nodes {
		for _, to := range w.nodes {
			f, known := number(t, e, from)
			d, also := number(t, e, to)
			if !known || !also || from.pod == nil && to.pod == nil {
				continue // IPv6 is no endpoint where no policy names it
			}
			got := e.Between(f, d)
			if !got.Certain.Equal(got.Possible) {
				t.Fatalf("seed %d: %v => %v is in doubt: certain %s, possible %s", seed, from, to, got.Certain, got.Possible)
			}
			for _, p := range netset.Protocols() {
				for _, port := range testPorts {
					want := w.oracle.allowed(from, to, corev1.Protocol(p.String()), port)
					if got.Certain.Contains(p, uint16(port)) != want { //nolint:gosec // a port
						t.Fatalf("seed %d: %s => %s %s %d: allowed is %v, want %v",
							seed, e.Endpoint(f), e.Endpoint(d), p, port, !want, want)
					}
				}
			}
			checkExplained(t, seed, e, from, to)
		}
		checkWalk(t, e, seed, from)
	}
}

// checkWalk: Edges are exactly what Between says is possible.
func checkWalk(t *testing.T, e *reach.Engine, seed uint64, from node) {
	t.Helper()
	f, known := number(t, e, from)
	if !known {
		return
	}
	walked := map[int]bool{}
	for _, edge := range e.Edges(e.ClassOf(f)) {
		to := int(edge.To)
		if to == f {
			continue
		}
		walked[to] = true
		if b := e.Between(f, to); !b.Certain.Equal(e.Ports(edge.Certain)) || !b.Possible.Equal(e.Ports(edge.Possible)) {
			t.Fatalf("seed %d: the walk from %d to %d says %v, the pair %v", seed, f, to, edge, b)
		}
	}
	for to, end := range e.Endpoints() {
		if to == f || end.Assumed || end.Workload == nil && e.Endpoint(f).Workload == nil {
			continue
		}
		if want := !e.Between(f, to).Possible.IsEmpty(); walked[to] != want {
			t.Fatalf("seed %d: the walk from %d meets %d: %v, want %v", seed, f, to, walked[to], want)
		}
	}
}

func TestEqualsOracleOnRandomClusters(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		compareWithOracle(t, seed)
	}
}

func FuzzEqualsOracle(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, seed uint64) { compareWithOracle(t, seed) })
}
