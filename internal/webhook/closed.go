package webhook

import (
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// Closed is a connection that somebody relies on, which is certainly open before a change
// and certainly closed after it, at least to some of the pods.
type Closed struct {
	// From is a workload whose containers name the Service with a port, or an Ingress.
	From, Service model.Ref
	// Text says what it is, for a reader.
	Text string
}

// clients remembers which workloads name Services of other namespaces. It is safe for
// concurrent use, and keeps no graph alive.
type clients struct {
	mu sync.Mutex
	// moment is the one for which of holds.
	moment *graph.Moment
	of     map[string][]model.Ref
	spaces map[string]*namers
}

// namers are the workloads of a namespace, as they are written, and who of them names
// Services of which other namespace.
type namers struct {
	written []written
	of      map[string][]model.Ref
}

// written is a workload with the resource that holds its containers, which it does not keep.
type written struct {
	ref    model.Ref
	holder *model.Identity
}

func writtenOf(w *graph.Workload) written { return written{w.Ref(), w.Holder().Identity()} }

// named are the workloads of other namespaces that name Services of a namespace.
func (c *clients) named(g *graph.Graph, namespace string) []model.Ref {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moment != g.Moment() {
		c.read(g)
	}
	return c.of[namespace]
}

// read goes through all workloads, and reads those of namespaces in which one is written
// anew.
func (c *clients) read(g *graph.Graph) {
	before := c.spaces
	c.moment, c.of, c.spaces = g.Moment(), map[string][]model.Ref{}, map[string]*namers{}
	for _, name := range g.Snapshot().Namespaces() {
		space := g.Namespace(name)
		if space == nil {
			continue
		}
		known := before[name]
		if known == nil || !slices.EqualFunc(known.written, space.Workloads, func(before written, w *graph.Workload) bool { return before == writtenOf(w) }) {
			known = namersOf(space.Workloads)
		}
		c.spaces[name] = known
		for target, refs := range known.of {
			c.of[target] = append(c.of[target], refs...)
		}
	}
}

func namersOf(space []*graph.Workload) *namers {
	out := &namers{of: map[string][]model.Ref{}}
	for _, w := range space {
		out.written = append(out.written, writtenOf(w))
		for _, name := range w.ServiceNamespaces() {
			if name != w.Ref().Namespace {
				out.of[name] = append(out.of[name], w.Ref())
			}
		}
	}
	return out
}

// closed are the connections that a change of the policies of a namespace closes.
func (c *clients) closed(before, after *world, namespace string) []Closed {
	if before.graph.Snapshot().Knows(model.Policies, namespace) == model.NotKnown {
		return nil
	}
	x := &closing{before: before, after: after, was: before.reach(), is: after.reach()}
	for _, o := range after.graph.ObjectsIn(graph.KindWorkload, []string{namespace}) {
		if w, ok := o.(*graph.Workload); ok {
			x.addDependencies(w)
		}
	}
	for _, ref := range c.named(before.graph, namespace) {
		if w, ok := after.graph.Lookup(ref).(*graph.Workload); ok {
			x.addDependencies(w)
		}
	}
	for _, o := range after.graph.ObjectsIn(graph.KindName(model.KindIngress), []string{namespace}) {
		if i, ok := o.(*graph.Ingress); ok {
			x.addIngress(i)
		}
	}
	return x.found
}

// closing compares two worlds that differ in the policies of one namespace.
type closing struct {
	before, after *world
	was, is       *reach.Engine
	found         []Closed
}

func (x *closing) addDependencies(w *graph.Workload) {
	if !w.Enforceable() || x.after.graph.Snapshot().Knows(model.Policies, w.Ref().Namespace) == model.NotKnown {
		return
	}
	for _, d := range x.after.graph.Dependencies(w) {
		if x.closes(w, d) {
			from, _ := x.is.Number(w)
			x.found = append(x.found, Closed{
				From: w.Ref(), Service: d.Service.Ref(),
				Text: fmt.Sprintf("%s to Service %s on TCP %d", x.is.Endpoint(from), d.Service.Ref().NamespacedName(), d.Number),
			})
		}
	}
}

// closes reports whether some pods behind a Service are closed to a workload that were open.
func (x *closing) closes(w *graph.Workload, d graph.Dependency) bool {
	s := d.Service
	if s.PodsCertain() != model.Yes || s.Endpoints || s.Type() == corev1.ServiceTypeExternalName || x.after.graph.Snapshot().Knows(model.Policies, s.Ref().Namespace) == model.NotKnown {
		return false
	}
	return slices.ContainsFunc(s.Pods(), func(backend *graph.Workload) bool {
		number, known := d.Port(backend)
		if known != model.Yes || number <= 0 || !backend.Enforceable() {
			return false
		}
		port := uint16(number) //nolint:gosec // a port
		a, isIn := numbers(x.was, x.before.graph.Lookup(w.Ref()), x.before.graph.Lookup(backend.Ref()))
		b, stays := numbers(x.is, w, backend)
		if !isIn || !stays || !x.was.Between(a[0], a[1]).Certain.Contains(netset.TCP, port) || x.is.Between(b[0], b[1]).Possible.Contains(netset.TCP, port) {
			return false
		}
		return x.isClosed(b, port, uint16(d.Number)) //nolint:gosec // a port
	})
}

// numbers are those of two workloads in an engine.
func numbers(e *reach.Engine, from, to graph.Object) (out [2]int, ok bool) {
	for i, o := range []graph.Object{from, to} {
		w, isWorkload := o.(*graph.Workload)
		if !isWorkload {
			return out, false
		}
		if out[i], ok = e.Number(w); !ok {
			return out, false
		}
	}
	return out, true
}

// isClosed reports whether a connection is closed also where an engine judges it by the
// address of the Service, as an ipBlock may admit that.
func (x *closing) isClosed(pair [2]int, port, dialled uint16) bool {
	for _, hop := range x.is.Ask(pair[0], pair[1], netset.PortRange(netset.TCP, port, port)).Hops {
		if hop.Verdict == model.No && hop.Direction == reach.Ingress {
			return true
		}
	}
	return x.is.EgressBlocked(pair[0], x.is.Outside(), netset.PortRange(netset.TCP, dialled, dialled))
}

// addIngress compares what the load balancer of an Ingress reaches, answer by answer.
func (x *closing) addIngress(i *graph.Ingress) {
	old, ok := x.before.graph.Lookup(i.Ref()).(*graph.Ingress)
	if !ok {
		return
	}
	was, is := x.was.ToIngress(old), x.is.ToIngress(i)
	seen := map[string]bool{}
	for n := range min(len(was), len(is)) {
		if was[n].Verdict != reach.Open || is[n].Verdict != reach.Blocked {
			continue
		}
		for _, step := range is[n].Through {
			s, isService := step.Object.(*graph.Service)
			if text := fmt.Sprintf("Ingress %s to %s on %s", i.Ref().NamespacedName(), is[n].To, is[n].Asked); isService && !seen[text] {
				seen[text] = true
				x.found = append(x.found, Closed{From: i.Ref(), Service: s.Ref(), Text: text})
			}
		}
	}
}

// warningOf says in one line what a change closes, but for what the harm tells already;
// empty when that is nothing.
func warningOf(closed []Closed, harm []Harm) string {
	closed = slices.DeleteFunc(slices.Clone(closed), func(c Closed) bool {
		return slices.ContainsFunc(harm, func(h Harm) bool {
			return h.Subject == c.Service || h.Subject == c.From && h.Key == c.Service.NamespacedName()
		})
	})
	switch len(closed) {
	case 0:
		return ""
	case 1:
		return short("ekslint: it closes a connection: " + closed[0].Text)
	default:
		return short(fmt.Sprintf("ekslint: it closes %d connections, such as %s", len(closed), closed[0].Text))
	}
}
