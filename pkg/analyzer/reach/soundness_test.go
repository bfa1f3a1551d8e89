package reach_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestLessKnowledgeIsNeverWrong: without the Namespace objects, the addresses of
// the pods and a part of a policy, the engine may know less, and says nothing
// that is not so.
func TestLessKnowledgeIsNeverWrong(t *testing.T) {
	t.Parallel()
	for seed := range uint64(600) {
		w := newWorld(seed)
		e := reach.New(graph.New(model.NewSnapshot(model.Scope{}, w.hide())))
		checkWorld(t, seed, w, e)
	}
}

// checkWorld checks every pair: the answer is sound, explained, and what the
// walk says as well.
func checkWorld(t *testing.T, seed uint64, w *world, e *reach.Engine) {
	t.Helper()
	for _, from := range w.nodes {
		for _, to := range w.nodes {
			checkSound(t, w, e, from, to)
			checkExplained(t, seed, e, from, to)
		}
		checkWalk(t, e, seed, from)
	}
}

// checkExplained: an answer other than open has a reason.
func checkExplained(t *testing.T, seed uint64, e *reach.Engine, from, to node) {
	t.Helper()
	f, known := number(t, e, from)
	d, also := number(t, e, to)
	if !known || !also {
		return
	}
	if a := e.Ask(f, d, netset.PortRange(netset.TCP, 80, 80)); !explained(a) {
		t.Fatalf("seed %d: %s => %s is %s for no reason: %+v", seed, a.From, a.To, a.Verdict, a.Hops)
	}
}

// hide returns the resources of a world without what an input often lacks.
func (w *world) hide() []*model.Resource {
	var out []*model.Resource
	for i, r := range w.resources {
		hidden := r.Copied()
		switch o := r.Object.(type) {
		case *corev1.Namespace:
			continue
		case *corev1.Pod:
			pod := *o
			pod.Status = corev1.PodStatus{}
			hidden.Object = &pod
		default:
			paths := []model.Path{
				{"spec", "podSelector"},
				{"spec", "policyTypes"},
				{"spec", "ingress", "0"},
				{"spec", "egress"},
				{"spec", "egress", "0", "ports"},
				{"spec", "ingress", "1", "from"},
				{"spec", "subject"},
				{"spec", "endpointSelector"},
				{"spec", "priority"},
				{"spec", "ingress", "0", "action"},
				{"spec", "ingress"},
				{"spec", "enableDefaultDeny"},
			}
			hidden.Unknown = []model.Path{paths[i%len(paths)]}
		}
		out = append(out, hidden)
	}
	return out
}

func checkSound(t *testing.T, w *world, e *reach.Engine, from, to node) {
	t.Helper()
	f, known := number(t, e, from)
	d, also := number(t, e, to)
	if !known || !also || from.pod == nil && to.pod == nil {
		return
	}
	got := e.Between(f, d)
	for _, p := range netset.Protocols() {
		for _, port := range testPorts {
			allowed := w.oracle.allowed(from, to, corev1.Protocol(p.String()), port)
			certain, possible := got.Certain.Contains(p, uint16(port)), got.Possible.Contains(p, uint16(port)) //nolint:gosec // a port
			if certain && !allowed || allowed && !possible {
				t.Fatalf("%s => %s %s %d: allowed is %v, the engine says certain %v, possible %v",
					e.Endpoint(f), e.Endpoint(d), p, port, allowed, certain, possible)
			}
		}
	}
}

// TestEqualPrioritiesHaveNoOrder: what the engine is certain of holds in
// whichever order policies of one priority are asked.
func TestEqualPrioritiesHaveNoOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(600) {
		w := newWorld(seed)
		for _, r := range w.resources {
			if p, ok := r.Object.(*model.ClusterNetworkPolicy); ok {
				p.Spec.Priority = 5
			}
		}
		for i := range w.oracle.cluster {
			w.oracle.cluster[i].spec.Priority = 5
		}
		e := reach.New(graph.New(model.NewSnapshot(model.Scope{Complete: true}, w.resources)))
		for range 2 {
			slices.Reverse(w.oracle.cluster)
			checkWorld(t, seed, w, e)
		}
	}
}
