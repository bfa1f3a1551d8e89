package path

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	w := e.reach.Endpoints()[to].Workload
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
	end := e.reach.Endpoints()[to]
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
	for i, some := range f.ranges {
		f.answers[i].From = outsideName(some, sources)
	}
	return f.answers
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
	places, _ := e.cluster.Places(e.reach.Endpoints()[to].Workload)
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
	w := e.reach.Endpoints()[to].Workload
	out := Answer{From: "the " + lb.Title, To: e.reach.Endpoints()[to].String(), Port: listenerOf(r)}
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

// leg is the way of a client to one workload; known is unset when the port of the
// pods is not.
func (e *Engine) leg(lb *eks.LoadBalancer, r eks.Route, to int, client vpc.Side) (_ leg, known bool) {
	target, found := r.Service.TargetPort(r.Port, e.reach.Endpoints()[to].Workload)
	if found != model.Yes || target < 1 || target > int32(netset.LastPort) {
		return leg{}, false
	}
	return leg{
		engine: e, lb: lb, route: r, to: to, client: client, listener: listenerOf(r),
		port: netset.PortRange(r.Protocol, uint16(target), uint16(target)),
	}, true
}

// aims answers whether a load balancer sends from one of its interfaces to pods of a
// place, perhaps over nodes of other zones.
func (l leg) aims(front vpc.Side, p eks.Place) model.Tri {
	out := l.reaches(front, p.Subnet)
	if l.route.TargetType.Is("ip") || keepsToNode(l.route.Service) {
		return out
	}
	for _, n := range l.engine.cluster.Nodes() {
		for _, s := range n.Subnets {
			out = out.Or(l.reaches(front, s))
		}
	}
	return out
}

// reaches answers whether a load balancer sends from one of its interfaces to
// targets in a subnet.
func (l leg) reaches(front vpc.Side, s *vpc.Subnet) model.Tri {
	zone, known := s.AvailabilityZone.Get()
	same := model.Unknown
	if known {
		same = front.Subnet.AvailabilityZone.Is(func(of string) bool { return of == zone })
	}
	return same.Or(l.lb.CrossZone)
}

// leg is the way of one client through one listener to one workload.
type leg struct {
	engine *Engine
	lb     *eks.LoadBalancer
	route  eks.Route
	to     int
	client vpc.Side
	// listener is the port of the load balancer, port that of the pods.
	listener, port netset.Ports
}

// variants are the ways from the client to one place.
func (l leg) variants(front vpc.Side, place eks.Place) []variant {
	front = front.Over(vpc.FamilyOf(l.client.Addresses))
	head := l.toListener(front)
	if closed(head) {
		return []variant{{hops: head}}
	}
	out := l.fromFront(front, place)
	for i := range out {
		back := vpc.Reply(l.client, front, l.listener, vpc.Anyone)
		out[i].hops = slices.Concat(head, out[i].hops, back)
	}
	return out
}

// fromFront are the ways from one interface of the load balancer to one place, and
// back to that interface. Where targets see the client, they answer it by its address.
func (l leg) fromFront(front vpc.Side, place eks.Place) []variant {
	front = front.Over(l.engine.cluster.Family)
	if v, stops := l.overIPv6(); stops {
		return []variant{v}
	}
	var out []variant
	switch {
	case l.route.TargetType.Is("ip"):
		out = []variant{{first: place.Pod, hops: l.toPod(front, place)}}
	case l.route.TargetType.Is("instance") && l.route.Service.NodePort(l.route.Port) == model.No:
		hop := l.service("through a port of the nodes")
		hop.Verdict, hop.Why = model.No, "it has no port of the nodes, to which target type instance sends"
		return []variant{{hops: []Hop{hop}}}
	case l.route.TargetType.Is("instance"):
		out = l.throughNodes(front, place)
	default:
		return []variant{{unknown: "the target type is not known"}}
	}
	for i := range out {
		if out[i].first.Subnet != nil && !closed(out[i].hops) {
			out[i].hops = append(out[i].hops, vpc.Reply(l.source(front), out[i].first, l.port, vpc.Anyone)...)
		}
	}
	return out
}

// toListener are the hops up to the load balancer.
func (l leg) toListener(front vpc.Side) []Hop {
	hops := append([]Hop{l.scheme()}, l.family()...)
	hops = append(hops, l.internetRoute(front))
	return append(hops, l.engine.cluster.Network.Entering(l.client, front, l.listener)...)
}

// scheme: an internal load balancer has no public address.
func (l leg) scheme() Hop {
	s := l.lb.Scheme
	h := Hop{Layer: LayerLoadBalancer, Where: "scheme of the " + l.lb.Title, Verdict: model.Unknown, Why: "the scheme is not known"}
	if s.Known {
		h.Verdict, h.Why = model.TriOf(s.Is("internet-facing")), "it is "+s.Text()
	}
	at := l.lb.Of.Resource().Locate(nil, model.PartKey)
	if s.Ref != nil {
		at = l.engine.cluster.Graph.Snapshot().Get(*s.Ref).Locate(s.Path, model.PartValue)
	}
	h.Rules = []Rule{{Text: "scheme " + s.Text(), At: at}}
	return h
}

// refused is the load balancer that the controller cannot make.
func (l leg) refused() Hop {
	return Hop{
		Layer: LayerLoadBalancer, Where: "subnets of the " + l.lb.Title, Verdict: model.No, Why: l.lb.Refused,
		Rules: []Rule{{Text: l.lb.Of.Ref().String(), At: l.lb.Of.Resource().Locate(nil, model.PartKey)}},
	}
}

// internetRoute: the subnet of a load balancer that faces the internet has to
// send answers to an internet gateway.
func (l leg) internetRoute(front vpc.Side) Hop {
	return routeHop(l.engine.cluster.Network.Ways(front.Subnet, l.client.Addresses)[0], front.Subnet, model.RouteInternetGateway)
}

// toPod are the hops from the load balancer to the pod itself.
func (l leg) toPod(front vpc.Side, place eks.Place) []Hop {
	source := l.source(front)
	hops := l.admitted(l.engine.cluster.Network.InVPC(source, place.Pod, l.port), place.Pod)
	hops = append([]Hop{l.service(fmt.Sprintf("on %s, in subnet %s", place.Nodes, place.Subnet.Title()))}, hops...)
	if closed(hops) {
		return hops
	}
	return append(hops, l.policy(source.Addresses))
}

// closed reports whether a hop lets nothing pass, so that those behind it do not
// matter.
func closed(hops []Hop) bool {
	return slices.ContainsFunc(hops, func(h Hop) bool { return h.Verdict == model.No })
}

// policy is that of the pods, which sees the source that they see.
func (l leg) policy(source netset.Ranges) Hop {
	if l.route.PreservesClient == model.Unknown {
		return Hop{Layer: LayerPolicy, Where: "ingress of " + l.engine.reach.Endpoints()[l.to].String(), Why: "whether the pods see the client is not known"}
	}
	return l.engine.admits(source, l.to, l.port)
}

// service is the Service's port that the listener leads to.
func (l leg) service(where string) Hop {
	ref := l.route.Service.Ref()
	at := model.Path{"spec", "ports", fmt.Sprint(l.route.Port)}
	out := Hop{Layer: LayerService, Where: "Service " + ref.NamespacedName(), Verdict: model.Yes, Certain: l.port, Possible: l.port}
	out.Why = "to port " + portName(l.port) + ", " + where
	if l.route.From != l.route.Service {
		out.Rules = []Rule{{Text: l.route.From.Ref().String() + ", " + l.route.At.String(), At: l.route.From.Resource().Locate(l.route.At, model.PartKey)}}
	}
	out.Rules = append(out.Rules, Rule{Text: ref.String() + ", " + at.String(), At: l.route.Service.Resource().Locate(at, model.PartKey)})
	return out
}

func portName(p netset.Ports) string { return strings.ToLower(p.String()) }

// admitted replaces the hop of a target's security groups where the controller
// itself admits the load balancer there. It finds the group to edit only when an
// interface has one group, or one that carries the tag of the cluster:
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v2.13.0/pkg/networking/networking_manager.go
func (l leg) admitted(hops []Hop, target vpc.Side) []Hop {
	last := &hops[len(hops)-1]
	if l.lb.Admits == model.No || last.Verdict == model.Yes {
		return hops
	}
	if l.lb.Admits == model.Unknown {
		last.Verdict, last.Why = model.Unknown, "whether the controller admits the load balancer there is not known"
		return hops
	}
	switch l.engine.cluster.Edits(target.Groups) {
	case model.Yes:
		*last = Hop{Layer: last.Layer, Where: last.Where, Verdict: model.Yes, Certain: l.port, Possible: l.port, Why: "the controller admits the load balancer there"}
	case model.Unknown:
		last.Verdict, last.Why = model.Unknown, "whether the controller finds one security group to edit is not known"
	case model.No:
		last.Why += "; of several security groups the controller edits the one with the tag of the cluster, and not one of these has it"
	}
	return hops
}
