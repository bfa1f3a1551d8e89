package path

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Unchecked are the pods behind a load balancer whose health it certainly cannot ask
// for: the health check goes to a port of its own, and to that port it cannot connect.
func (e *Engine) Unchecked(lb *eks.LoadBalancer) []Target {
	var out []Target
	for _, r := range lb.Routes {
		check := e.cluster.HealthCheck(r)
		if !check.Known || check.Port < 1 || check.Port > int32(netset.LastPort) {
			continue
		}
		port := netset.PortRange(netset.TCP, uint16(check.Port), uint16(check.Port))
		for _, w := range r.Service.Pods() {
			to, ok := e.reach.Number(w)
			if !ok || slices.ContainsFunc(out, func(t Target) bool { return t.Workload == w && t.Route.Service == r.Service && t.Route.Port == r.Port }) {
				continue
			}
			a := e.along(lb, r, to, vpc.Side{Name: "clients", Addresses: e.cluster.Family.All()}, func(l leg, front vpc.Side, p eks.Place) []variant {
				return l.check(port, front, p)
			})
			a.Port = port
			if a.Verdict == Blocked {
				out = append(out, Target{r, w, a})
			}
		}
	}
	return out
}

// check are the ways of a health check, which comes from the load balancer itself. Of
// instances it asks each node.
func (l leg) check(port netset.Ports, front vpc.Side, place eks.Place) []variant {
	front = front.Over(l.engine.cluster.Family)
	if v, stops := l.overIPv6(); stops {
		return []variant{v}
	}
	l.route.PreservesClient, l.port = model.No, port
	switch {
	case l.route.TargetType.Is("ip"):
		hops := l.toPod(front, place)
		return []variant{{hops: append(hops, vpc.Reply(front, place.Pod, port, vpc.Anyone)...)}}
	case l.route.TargetType.Is("instance"):
		nodes := []vpc.Side{place.Node}
		for _, n := range l.engine.cluster.Nodes() {
			nodes = append(nodes, n.Sides()...)
		}
		var out []variant
		for _, n := range nodes {
			hops := append([]Hop{l.service("one of " + n.Name)}, l.admitted(l.engine.cluster.Network.InVPC(front, n, port), n)...)
			out = append(out, variant{hops: append(hops, vpc.Reply(front, n, port, vpc.Anyone)...)})
		}
		return out
	default:
		return []variant{{unknown: "the target type is not known"}}
	}
}
