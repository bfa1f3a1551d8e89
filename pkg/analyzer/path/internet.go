package path

import (
	"cmp"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// FromInternet answers which of some public addresses reach the pods of a
// workload, named by its number among the endpoints of the policies: one answer
// for each listener port of a load balancer that leads to one of the ports asked
// for, and for addresses that fare alike. Ports of the nodes come after, beside a load
// balancer only those that are open. Where both families are asked for, it leaves IPv6
// out if nothing on the way has an address of it.
func (e *Engine) FromInternet(sources netset.Ranges, to int, ports netset.Ports) []Answer {
	sources = e.beyond(sources)
	four, six := sources.Intersect(netset.IPv4()), sources.Intersect(netset.IPv6())
	var out []Answer
	if len(four) > 0 {
		out = append(out, e.fromInternet(four, to, ports)...)
	}
	if len(six) > 0 && (len(four) == 0 || e.mayUseIPv6(to)) {
		out = append(out, e.fromInternet(six, to, ports)...)
	}
	return out
}

// fromInternet answers for addresses of one family.
func (e *Engine) fromInternet(sources netset.Ranges, to int, ports netset.Ports) []Answer {
	w := e.reach.Endpoint(to).Workload
	var out []Answer
	for _, lb := range e.cluster.LoadBalancers() {
		for _, r := range lb.Routes {
			target, known := r.Service.TargetPort(r.Port, w)
			if slices.Contains(r.Service.Pods(), w) && (known != model.Yes || asks(ports, r.Protocol, target)) {
				out = append(out, e.throughRoute(sources, lb, r, to)...)
			}
		}
	}
	if vpc.FamilyOf(sources) == vpc.IPv6 && e.cluster.Family == vpc.IPv6 && !w.HostNetwork() {
		out = append(out, e.directly(sources, to, ports)...)
	}
	nodes := e.onNodes(sources, to, ports)
	balanced := len(out) > 0
	for _, answers := range nodes {
		if slices.ContainsFunc(answers, func(a Answer) bool {
			return a.Verdict == Open || a.Verdict == Depends || a.Verdict == NotKnown && !balanced
		}) {
			out = append(out, answers...)
		}
	}
	if len(out) > 0 {
		return out
	}
	if a := e.withoutLoadBalancer(sources, to, ports); a.Verdict != Blocked || len(nodes) == 0 {
		return []Answer{a}
	}
	return slices.Concat(nodes...)
}

func asks(ports netset.Ports, protocol netset.Protocol, port int32) bool {
	return port >= 1 && port <= int32(netset.LastPort) && ports.Contains(protocol, uint16(port))
}

// withoutLoadBalancer: the addresses of pods are private, so that the internet
// reaches only what a load balancer or a node leads to.
func (e *Engine) withoutLoadBalancer(sources netset.Ranges, to int, ports netset.Ports) Answer {
	end := e.reach.Endpoint(to)
	out := Answer{From: outsideName(sources, sources), To: end.String(), Port: ports, Verdict: NotKnown}
	unresolved := e.unresolved(end.Workload)
	switch {
	case unresolved != "":
		out.reason(unresolved)
	case !end.Workload.HostNetwork() && end.Workload.HostPorts() != model.No:
		out.reason("the pods may have ports of their nodes, which are not judged")
	case e.cluster.Graph.Snapshot().Knows(model.Services, end.Workload.Ref().Namespace) == model.NotKnown:
		out.reason("the input shows no Services of the namespace")
	case e.cluster.Config == nil:
		out.reason(e.cluster.Unknown)
	case e.cluster.FamilyUnknown != "":
		out.reason(e.cluster.FamilyUnknown)
	default:
		out.Verdict = Blocked
		out.reason("no load balancer of the input leads there, and pods have no public " + vpc.FamilyOf(sources).String() + " address")
	}
	return out
}

// ToIngress answers which of some public addresses reach what is behind an
// Ingress.
func (e *Engine) ToIngress(sources netset.Ranges, i *graph.Ingress) []Answer {
	var out []Answer
	four, six := sources.Intersect(netset.IPv4()), sources.Intersect(netset.IPv6())
	for _, lb := range e.cluster.LoadBalancers() {
		for _, r := range lb.Routes {
			if r.From != graph.Object(i) {
				continue
			}
			for _, w := range r.Service.Pods() {
				to, ok := e.reach.Number(w)
				if !ok {
					continue
				}
				out = append(out, e.throughRoute(four, lb, r, to)...)
				if lb.IPv6 != model.No || len(four) == 0 {
					out = append(out, e.throughRoute(six, lb, r, to)...)
				}
			}
		}
	}
	return out
}

// throughRoute groups the sources by how they fare.
func (e *Engine) throughRoute(sources netset.Ranges, lb *eks.LoadBalancer, r eks.Route, to int) []Answer {
	var f fared
	for _, atom := range e.atoms(sources, lb, r, to) {
		f.add(atom, e.fromAddress(netset.Ranges{atom}, lb, r, to))
	}
	return f.from(sources)
}

// fared groups addresses outside the cluster by how they fare.
type fared struct {
	answers []Answer
	// ranges are the addresses of each answer.
	ranges []netset.Ranges
}

func (f *fared) add(atom netset.Range, a Answer) {
	i := slices.IndexFunc(f.answers, func(o Answer) bool { return o.Verdict == a.Verdict && stop(o) == stop(a) })
	if i < 0 {
		f.answers, f.ranges = append(f.answers, a), append(f.ranges, nil)
		i = len(f.answers) - 1
	}
	f.ranges[i] = f.ranges[i].Union(netset.Ranges{atom})
}

// from names what was asked for in each answer.
func (f *fared) from(sources netset.Ranges) []Answer {
	for i, some := range f.ranges {
		f.answers[i].From = outsideName(some, sources)
	}
	return f.answers
}

// stop is the first hop that keeps a connection from being open.
func stop(a Answer) int {
	return slices.IndexFunc(a.Hops, func(h Hop) bool { return h.Verdict != model.Yes })
}

// atoms cuts the sources where a filter of the load balancer does and, when its
// targets see the client, where policies and filters of theirs do.
func (e *Engine) atoms(sources netset.Ranges, lb *eks.LoadBalancer, r eks.Route, to int) []netset.Range {
	if r.PreservesClient == model.No {
		return e.cluster.Network.Atoms(sources, lb.Fronts...)
	}
	places, _ := e.cluster.Places(e.reach.Endpoint(to).Workload)
	sides := slices.Clone(lb.Fronts)
	for _, p := range places {
		sides = append(sides, p.Pod, p.Node)
	}
	if !r.TargetType.Is("ip") {
		for _, n := range e.cluster.Nodes() {
			sides = append(sides, n.Sides()...)
		}
	}
	return e.finer(e.cluster.Network.Atoms(sources, sides...))
}

// fromAddress answers for sources that no rule tells apart.
func (e *Engine) fromAddress(source netset.Ranges, lb *eks.LoadBalancer, r eks.Route, to int) Answer {
	client := vpc.Side{Name: "clients", Addresses: source}
	return e.along(lb, r, to, client, leg.variants)
}

// along settles the ways of a client to one workload.
func (e *Engine) along(
	lb *eks.LoadBalancer, r eks.Route, to int, client vpc.Side, ways func(leg, vpc.Side, eks.Place) []variant,
) Answer {
	w := e.reach.Endpoint(to).Workload
	out := Answer{From: "the " + lb.Title, To: e.reach.Endpoint(to).String(), Port: listenerOf(r)}
	l, known := e.leg(lb, r, to, client)
	if !known {
		out.settle(nil, "the port that the Service leads to is not known")
		return out
	}
	places, others := e.cluster.Places(w)
	if !r.TargetType.Is("ip") {
		others = cmp.Or(others, e.cluster.NodesUnknown())
	}
	var variants []variant
	for _, front := range lb.Fronts {
		for _, place := range places {
			if aims := l.aims(front, place); aims != model.No {
				variants = append(variants, perhaps(aims, placed(place, ways(l, front, place)))...)
			}
		}
	}
	switch {
	case lb.FrontsUnknown != "":
		others = lb.FrontsUnknown
	case len(variants) == 0:
		others = cmp.Or(others, "the "+lb.Title+" has no targets in its zones")
	}
	if lb.Refused != "" {
		variants, others = []variant{{hops: []Hop{l.scheme(), l.refused()}}}, ""
	}
	out.settle(variants, others)
	return out
}

func listenerOf(r eks.Route) netset.Ports {
	return netset.PortRange(r.Protocol, uint16(r.Listener), uint16(r.Listener)) //nolint:gosec // a port
}
