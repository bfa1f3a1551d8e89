package reach_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

func endpoints(e *reach.Engine) (out []reach.Endpoint) {
	for _, end := range e.Endpoints() {
		out = append(out, end)
	}
	return out
}

// everything is what an engine says of every pair, by name, once as Between has
// it and once as the walk does.
func everything(t *testing.T, e *reach.Engine) (pairs, walked map[string]string) {
	t.Helper()
	pairs, walked = map[string]string{}, map[string]string{}
	ends := endpoints(e)
	for from := range ends {
		if ends[from].Assumed {
			continue
		}
		for to := range ends {
			if from == to || ends[to].Assumed || ends[from].Workload == nil && ends[to].Workload == nil {
				continue
			}
			if b := e.Between(from, to); !b.Possible.IsEmpty() {
				note(pairs, ends[from], ends[to], b.Certain, b.Possible)
			}
			checkHops(t, e, from, to)
		}
		for _, edge := range e.Edges(e.ClassOf(from)) {
			if int(edge.To) != from {
				note(walked, ends[from], ends[edge.To], e.Ports(edge.Certain), e.Ports(edge.Possible))
			}
		}
	}
	return pairs, walked
}

// note writes a connection down under the names of both ends. Ranges go by the
// addresses of the worlds in them, because a change may leave them cut finer.
func note(out map[string]string, from, to reach.Endpoint, certain, possible netset.Ports) {
	for _, f := range spelled(from) {
		for _, t := range spelled(to) {
			out[f+" => "+t] = certain.String() + " / " + possible.String()
		}
	}
}

func spelled(end reach.Endpoint) []string {
	if end.Workload != nil {
		return []string{end.String()}
	}
	var out []string
	for _, a := range testAddresses {
		if end.Range.Contains(netip.MustParseAddr(a)) {
			out = append(out, a)
		}
	}
	return out
}

// checkHops: what is explained agrees with the verdict.
func checkHops(t *testing.T, e *reach.Engine, from, to int) {
	t.Helper()
	a := e.Ask(from, to, netset.AllPorts())
	for _, h := range a.Hops {
		admits := slices.ContainsFunc(h.Decisions, func(d reach.Decision) bool { return d.Verdict == model.Yes })
		if h.Verdict == model.No && (admits || len(h.Decisions) == 0) {
			t.Fatalf("%s => %s: nothing is admitted, and the decisions are %v", a.From, a.To, h.Decisions)
		}
	}
}

// change edits one object of a world, or takes one from another, or adds a Service, on
// which no connection rests.
func change(r *rand.Rand, w, other *world, s *model.Snapshot) (*model.Snapshot, model.Ref) {
	if r.IntN(6) == 0 {
		ref := model.Ref{Kind: "Service", Namespace: []string{"x", "y", "z"}[r.IntN(3)], Name: "front"}
		return s.With(&model.Resource{Ref: ref, Object: &corev1.Service{}}), ref
	}
	pool := slices.Concat(w.resources, other.resources)
	x := pool[r.IntN(len(pool))]
	if r.IntN(3) == 0 {
		return s.Without(x.Ref), x.Ref
	}
	return s.With(x), x.Ref
}

func listsIPv6(e *reach.Engine) bool {
	return slices.ContainsFunc(endpoints(e), func(end reach.Endpoint) bool { return end.Workload == nil && end.Range.First.Is6() })
}

func namesIPv6(pair, _ string) bool { return strings.Contains(pair, "2001:") }

// TestWithBesideAPolicyOfNoNamespace: a NetworkPolicy whose manifest names no
// namespace is for no other, and no policy for the whole cluster.
func TestWithBesideAPolicyOfNoNamespace(t *testing.T) {
	t.Parallel()
	g := graphtest.Read(t, base+"NetworkPolicy//p\nspec: {podSelector: {}}\n")
	web := g.Snapshot().Get(model.Ref{Kind: "Pod", Namespace: "x", Name: "web"})
	e := reach.New(g).With(g.With(g.Snapshot().With(web), web.Ref))
	if b := e.Between(find(t, e, "y/job"), find(t, e, "x/web")); !b.Certain.IsAllTransport() {
		t.Errorf("admitted are %s", b.Certain)
	}
}

// TestWithLosesDNS: where the Service goes that tells the DNS of the cluster, that is
// assumed to be somewhere.
func TestWithLosesDNS(t *testing.T) {
	t.Parallel()
	g := graphtest.Read(t, `Pod/kube-system/names
metadata: {labels: {app: names}}
---
Service/kube-system/kube-dns
spec: {selector: {app: names}}
`)
	e := reach.New(g)
	ref := model.Ref{Kind: "Service", Namespace: "kube-system", Name: "kube-dns"}
	next := g.Snapshot().Without(ref)
	for name, is := range map[string]*reach.Engine{"with": e.With(g.With(next, ref)), "new": reach.New(graph.New(next))} {
		dns := is.DNS()
		if len(dns) != 1 || !is.Endpoint(dns[0]).Assumed {
			t.Errorf("%s: the DNS is %v", name, dns)
		}
	}
}

// TestWithEqualsNew: after any edits the engine answers as one compiled from
// scratch, and the engine before as it did.
func TestWithEqualsNew(t *testing.T) {
	t.Parallel()
	updated := 0
	for seed := range uint64(450) {
		r := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // a test that can be repeated
		w, other := newWorld(seed), newWorld(seed+5000)
		s := model.NewSnapshot(model.Scope{Complete: true}, w.resources)
		g := graph.New(s)
		e := reach.New(g)
		for n := range 6 {
			before, _ := everything(t, e)
			next, ref := change(r, w, other, s)
			refs := []model.Ref{ref}
			for range n % 3 {
				next, ref = change(r, w, other, next)
				refs = append(refs, ref)
			}
			changed := g.With(next, refs...)
			if changed.Affected() != nil {
				updated++
			}
			with, scratch := e.With(changed), reach.New(graph.New(next))
			got, walked := everything(t, with)
			want, _ := everything(t, scratch)
			if listsIPv6(with) && !listsIPv6(scratch) { // no policy names it any more
				maps.DeleteFunc(got, namesIPv6)
				maps.DeleteFunc(walked, namesIPv6)
			}
			where := fmt.Sprintf("seed %d, edit %d of %s", seed, n, refs)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-new +with):\n%s", where, diff)
			}
			if !maps.Equal(got, walked) {
				t.Fatalf("%s: the walk says otherwise (-pairs +walk):\n%s", where, cmp.Diff(got, walked))
			}
			if after, _ := everything(t, e); !maps.Equal(before, after) {
				t.Fatalf("%s changed the engine before it", where)
			}
			s, g, e = next, changed, with
		}
	}
	if updated < 1000 {
		t.Errorf("only %d edits were updates: the test shows little", updated)
	}
}
