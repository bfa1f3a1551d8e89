package path

import (
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// Target is what a load balancer may send to, with its way there. Where targets
// see the address of the client, any IPv4 address may be it.
type Target struct {
	Route    eks.Route
	Workload *graph.Workload
	Answer   Answer
}

// Stop is the first hop that keeps a connection from being certainly open, and
// false when there is none.
func (a Answer) Stop() (Hop, bool) {
	if i := stop(a); i >= 0 {
		return a.Hops[i], true
	}
	return Hop{}, false
}

// Targets answers whether a load balancer can connect to the pods behind it: from
// its own interfaces on, whoever its client is.
func (e *Engine) Targets(lb *eks.LoadBalancer) []Target {
	var out []Target
	for _, r := range lb.Routes {
		client := vpc.Side{Name: "clients", Addresses: netset.IPv4()}
		for _, w := range r.Service.Pods() {
			if to, ok := e.reach.Number(w); ok {
				out = append(out, Target{r, w, e.along(lb, r, to, client, leg.fromFront)})
			}
		}
	}
	return out
}

// Entries answers whether public addresses get as far as the listeners of a load
// balancer: one answer for each listener, open when some address does.
func (e *Engine) Entries(lb *eks.LoadBalancer, sources netset.Ranges) []Answer {
	var out []Answer
	seen := map[string]bool{}
	for _, r := range lb.Routes {
		l := leg{engine: e, lb: lb, route: r, listener: netset.PortRange(r.Protocol, uint16(r.Listener), uint16(r.Listener))} //nolint:gosec // a port
		if seen[l.listener.String()] {
			continue
		}
		seen[l.listener.String()] = true
		out = append(out, e.entry(l, sources))
	}
	return out
}

// entry is the answer of the address that fares best.
func (e *Engine) entry(l leg, sources netset.Ranges) Answer {
	var best Answer
	for i, atom := range e.cluster.Network.Atoms(sources, l.lb.Fronts...) {
		l.client = vpc.Side{Name: "clients", Addresses: netset.Ranges{atom}}
		a := Answer{From: "internet", To: "the " + l.lb.Title, Port: l.listener}
		var variants []variant
		for _, front := range l.lb.Fronts {
			hops := append(l.toListener(front), fromVPC(vpc.Reply(l.client, front, l.listener, vpc.Anyone))...)
			variants = append(variants, variant{hops: hops})
		}
		a.settle(variants, l.lb.FrontsUnknown)
		if i == 0 || a.Verdict != Blocked {
			best = a
		}
		if a.Verdict == Open || a.Verdict == Depends {
			break
		}
	}
	return best
}
