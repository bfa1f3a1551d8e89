package reachdiff_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// random makes clusters of two namespaces.
type random struct{ *rand.Rand }

func (r random) one(words ...string) string { return words[r.IntN(len(words))] }

// pods are resources by name, so that a later state can replace some.
func (r random) pods() map[string]*model.Resource {
	out := map[string]*model.Resource{}
	for i := range 2 + r.IntN(5) {
		r.pod(out, i)
	}
	return out
}

func (r random) pod(into map[string]*model.Resource, i int) {
	namespace := []string{"x", "y"}[i%2]
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("p%d", i)}}
	pod.Labels = map[string]string{"app": r.one("a", "b")}
	pod.Spec.HostNetwork = r.IntN(12) == 0
	if r.IntN(4) > 0 {
		pod.Status.PodIP = fmt.Sprintf("10.0.0.%d", i)
	}
	add(into, model.KindPod, pod)
}

func add(into map[string]*model.Resource, gk model.GroupKind, o metav1.Object) {
	ref := model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: o.GetNamespace(), Name: o.GetName()}
	into[ref.String()] = &model.Resource{Ref: ref, Object: o}
}

func (r random) policy(into map[string]*model.Resource, i int) {
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: r.one("x", "y"), Name: fmt.Sprintf("np%d", i)}}
	p.Spec.PodSelector = *r.selector()
	p.Spec.PolicyTypes = [][]networkingv1.PolicyType{nil, {"Ingress"}, {"Egress"}, {"Ingress", "Egress"}}[r.IntN(4)]
	for range r.IntN(3) {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: r.peers(), Ports: r.ports()})
	}
	for range r.IntN(3) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: r.peers(), Ports: r.ports()})
	}
	add(into, model.KindNetworkPolicy, p)
}

func (r random) selector() *metav1.LabelSelector {
	if r.IntN(3) == 0 {
		return &metav1.LabelSelector{}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": r.one("a", "b")}}
}

func (r random) peers() []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range r.IntN(3) {
		switch r.IntN(3) {
		case 0:
			out = append(out, networkingv1.NetworkPolicyPeer{PodSelector: r.selector()})
		case 1:
			out = append(out, networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}, PodSelector: r.selector()})
		default:
			cidr := r.one("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/30", "192.0.2.0/24", "192.0.2.128/25", "2001:db8::/32")
			out = append(out, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
		}
	}
	return out
}

func (r random) ports() []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range r.IntN(3) {
		port := intstr.FromInt(r.IntN(3) + 80)
		out = append(out, networkingv1.NetworkPolicyPort{Port: &port})
	}
	return out
}

// pair makes a cluster and what a change made of it.
func (r random) pair() (before, after *model.Snapshot) {
	a := r.pods()
	for i := range r.IntN(5) {
		r.policy(a, i)
	}
	b := map[string]*model.Resource{}
	for _, name := range sorted(a) {
		if r.IntN(8) > 0 {
			b[name] = a[name]
		}
	}
	for range r.IntN(3) {
		r.policy(b, r.IntN(6))
	}
	if r.IntN(3) == 0 {
		r.pod(b, r.IntN(8))
	}
	return r.snapshot(a), r.snapshot(b)
}

func (r random) snapshot(resources map[string]*model.Resource) *model.Snapshot {
	var list []*model.Resource
	for _, name := range sorted(resources) {
		list = append(list, resources[name])
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	scope := model.Scope{Complete: true}
	if r.IntN(20) == 0 {
		scope.Opaque = []model.Opaque{{Domains: model.Policies, Namespace: "x", Why: "a policy is not read"}}
	}
	return model.NewSnapshot(scope, list)
}

func sorted(m map[string]*model.Resource) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// facts are a diff spelled out: the ports by pair. A range is named by probes,
// addresses that tell all ranges of the tests apart.
type facts struct {
	opened, closed map[string]string
}

var probes = []netip.Addr{
	netip.MustParseAddr("0.0.0.1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.1.0.0"),
	netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.200"), netip.MustParseAddr("203.0.113.1"),
	netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db9::1"),
}

// names are those of a workload, or of the probes in a range.
func names(e reach.Endpoint) []string {
	if e.Workload != nil {
		return []string{e.String()}
	}
	var out []string
	for _, p := range probes {
		if e.Range.Contains(p) {
			out = append(out, p.String())
		}
	}
	return out
}

func spellOut(t *testing.T, d reachdiff.Diff, groups []reachdiff.Group) map[string]string {
	t.Helper()
	out := map[string]netset.Ports{}
	for _, g := range groups {
		pairs := 0
		for _, from := range g.From {
			for _, to := range g.To {
				if from == to {
					continue
				}
				pairs++
				for _, x := range names(d.Endpoints[from]) {
					for _, y := range names(d.Endpoints[to]) {
						if old := out[x+" => "+y]; !old.Intersect(g.Ports).IsEmpty() {
							t.Fatalf("%s => %s stands twice with %s", x, y, g.Ports)
						}
						out[x+" => "+y] = out[x+" => "+y].Union(g.Ports)
					}
				}
			}
		}
		if pairs != g.Connections || pairs == 0 {
			t.Fatalf("%v => %v: %d connections, want %d", g.From, g.To, g.Connections, pairs)
		}
		if len(g.Causes) == 0 {
			t.Fatalf("%v => %v : %s has no cause", g.From, g.To, g.Ports)
		}
	}
	words := map[string]string{}
	for pair, ports := range out {
		words[pair] = ports.String()
	}
	return words
}

// state asks an engine about workloads and probes by name.
type state struct {
	*reach.Engine
	snapshot *model.Snapshot
	byName   map[string]int
}

func newState(s *model.Snapshot) state {
	out := state{reach.New(graph.New(s)), s, map[string]int{}}
	for i, end := range out.Endpoints() {
		if end.Assumed {
			continue
		}
		for _, name := range names(end) {
			out.byName[name] = i
		}
	}
	return out
}

func (s state) doubtful(name string) bool { return s.inDoubt(s.byName[name]) }

func (s state) inDoubt(endpoint int) bool {
	end := s.Endpoint(endpoint)
	_, obscured := s.snapshot.Obscured(model.Policies, end.Namespace())
	return end.Workload != nil && !end.Workload.HostNetwork() && obscured
}

// bruteForce compares every pair of what both states hold.
func bruteForce(before, after state) facts {
	out := facts{opened: map[string]string{}, closed: map[string]string{}}
	for from := range before.byName {
		for to := range before.byName {
			_, f := after.byName[from]
			_, d := after.byName[to]
			if from == to || !f || !d {
				continue
			}
			a, b := before.Between(before.byName[from], before.byName[to]), after.Between(after.byName[from], after.byName[to])
			if before.doubtful(from) || before.doubtful(to) || after.doubtful(from) || after.doubtful(to) {
				continue
			}
			if opened := b.Certain.Subtract(a.Possible).String(); opened != "" && opened != "other" {
				out.opened[from+" => "+to] = trimOther(b.Certain.Subtract(a.Possible))
			}
			if closed := a.Certain.Subtract(b.Possible).String(); closed != "" && closed != "other" {
				out.closed[from+" => "+to] = trimOther(a.Certain.Subtract(b.Possible))
			}
		}
	}
	return out
}

// undecided counts the pairs that change otherwise, on the refinement of the
// ranges of both states.
func undecided(before, after state) int {
	type unit struct{ old, new int }
	var units []unit
	for i, x := range before.Endpoints() {
		for j, y := range after.Endpoints() {
			switch {
			case x.Assumed || y.Assumed:
			case x.Workload != nil && y.Workload != nil && x.String() == y.String(),
				x.Workload == nil && y.Workload == nil && (x.Range.Contains(y.Range.First) || y.Range.Contains(x.Range.First)):
				units = append(units, unit{i, j})
			}
		}
	}
	n := 0
	for _, f := range units {
		for _, d := range units {
			if f == d || before.Endpoint(f.old).Workload == nil && before.Endpoint(d.old).Workload == nil {
				continue
			}
			doubt := before.inDoubt(f.old) || before.inDoubt(d.old) || after.inDoubt(f.new) || after.inDoubt(d.new)
			if changesOtherwise(before.Between(f.old, d.old), after.Between(f.new, d.new), doubt) {
				n++
			}
		}
	}
	return n
}

func changesOtherwise(a, b reach.Connection, doubt bool) bool {
	for _, p := range netset.Protocols() {
		for _, port := range []uint16{1, 80, 81, 82, 83} {
			was, is := [2]bool{a.Certain.Contains(p, port), a.Possible.Contains(p, port)}, [2]bool{b.Certain.Contains(p, port), b.Possible.Contains(p, port)}
			if was != is && (doubt || was[0] != was[1] || is[0] != is[1]) {
				return true
			}
		}
	}
	return false
}

func trimOther(s netset.Ports) string {
	var out netset.Ports
	for _, p := range netset.Protocols() {
		out = out.Union(s.Intersect(netset.PortRange(p, netset.FirstPort, netset.LastPort)))
	}
	return out.String()
}

func TestEqualsBruteForce(t *testing.T) {
	t.Parallel()
	changed := 0
	for seed := range uint64(1500) {
		r := random{rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // a test that can be repeated
		before, after := r.pair()
		got := reachdiff.Compare(before, after)
		want := bruteForce(newState(before), newState(after))
		opened, closed := spellOut(t, got, got.Opened), spellOut(t, got, got.Closed)
		if !hasIPv6(before) || !hasIPv6(after) { // the engines of the brute force do not list it
			dropIPv6(opened, closed, want.opened, want.closed)
		}
		if diff := cmp.Diff(want.opened, opened); diff != "" {
			t.Fatalf("seed %d: opened (-brute force +diff):\n%s", seed, diff)
		}
		if diff := cmp.Diff(want.closed, closed); diff != "" {
			t.Fatalf("seed %d: closed (-brute force +diff):\n%s", seed, diff)
		}
		if want := undecided(newState(before), newState(after)); hasIPv6(before) == hasIPv6(after) && got.Undecided != want {
			t.Fatalf("seed %d: %d undecided, want %d", seed, got.Undecided, want)
		}
		changed += len(want.opened) + len(want.closed)
		checkReverse(t, seed, got, reachdiff.Compare(after, before))
		for _, s := range []*model.Snapshot{before, after} {
			if same := reachdiff.Compare(s, s); !cmp.Equal(same.Opened, []reachdiff.Group(nil)) || len(same.Closed)+same.Undecided != 0 {
				t.Fatalf("seed %d: a cluster differs from itself: %v", seed, same)
			}
		}
	}
	if changed < 5000 {
		t.Errorf("only %d connections changed: the test shows little", changed)
	}
}

// checkReverse: what opens one way closes the other way.
func checkReverse(t *testing.T, seed uint64, d, reverse reachdiff.Diff) {
	t.Helper()
	if diff := cmp.Diff(spellOut(t, d, d.Opened), spellOut(t, reverse, reverse.Closed)); diff != "" {
		t.Fatalf("seed %d: opened is not what closes in reverse:\n%s", seed, diff)
	}
	if diff := cmp.Diff(spellOut(t, d, d.Closed), spellOut(t, reverse, reverse.Opened)); diff != "" {
		t.Fatalf("seed %d: closed is not what opens in reverse:\n%s", seed, diff)
	}
	if d.Undecided != reverse.Undecided || len(d.NewWorkloads) != len(reverse.GoneWorkloads) || d.Opens() != reverse.Closes() {
		t.Fatalf("seed %d: undecided %d, in reverse %d", seed, d.Undecided, reverse.Undecided)
	}
}

func hasIPv6(s *model.Snapshot) bool {
	_, ok := newState(s).byName["2001:db8::1"]
	return ok
}

func dropIPv6(maps ...map[string]string) {
	for _, m := range maps {
		for pair := range m {
			if slices.ContainsFunc(probes[6:], func(p netip.Addr) bool { return containsWord(pair, p.String()) }) {
				delete(m, pair)
			}
		}
	}
}

func containsWord(pair, name string) bool {
	return len(pair) >= len(name) && (pair[:len(name)] == name || pair[len(pair)-len(name):] == name)
}
