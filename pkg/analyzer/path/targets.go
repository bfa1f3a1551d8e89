package path

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Target is what a load balancer sends to, with its way there. Where targets
// see the address of the client, any address may be it.
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

// Unreachable are the pods behind a load balancer to which it certainly cannot
// connect: from its own interfaces on, whoever its client is.
func (e *Engine) Unreachable(lb *eks.LoadBalancer) []Target {
	var out []Target
	for _, r := range lb.Routes {
		client := vpc.Side{Name: "clients", Addresses: e.cluster.Family.All()}
		for _, w := range r.Service.Pods() {
			to, ok := e.reach.Number(w)
			if !ok || e.mayPass(lb, r, to, client) {
				continue
			}
			if a := e.along(lb, r, to, client, leg.fromFront); a.Verdict == Blocked {
				out = append(out, Target{r, w, a})
			}
		}
	}
	return out
}

// mayPass reports whether the first way is not blocked, which most are not.
func (e *Engine) mayPass(lb *eks.LoadBalancer, r eks.Route, to int, client vpc.Side) bool {
	places, others := e.cluster.Places(e.reach.Endpoint(to).Workload)
	l, known := e.leg(lb, r, to, client)
	if others != "" || lb.FrontsUnknown != "" || !known {
		return true
	}
	for _, front := range lb.Fronts {
		for _, place := range places {
			if l.aims(front, place) != model.No {
				return slices.ContainsFunc(l.fromFront(front, place), func(v variant) bool { return v.verdict() != Blocked })
			}
		}
	}
	return true
}

// Entries answers whether public addresses get as far as the listeners of a load
// balancer: one answer for each listener, open when some address does.
func (e *Engine) Entries(lb *eks.LoadBalancer, sources netset.Ranges) []Answer {
	var out []Answer
	seen := map[string]bool{}
	for _, r := range lb.Routes {
		l := leg{engine: e, lb: lb, route: r, listener: listenerOf(r)}
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
			front = front.Over(vpc.FamilyOf(l.client.Addresses))
			hops := append(l.toListener(front), vpc.Reply(l.client, front, l.listener, vpc.Anyone)...)
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
