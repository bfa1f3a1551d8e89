package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// FromInternet answers which of some public addresses reach the pods of a
// workload, named by its number among the endpoints of the policies: one answer
// for each listener port of a load balancer that leads there, and for addresses
// that fare alike.
func (e *Engine) FromInternet(sources netset.Ranges, to int) []Answer {
	w := e.reach.Endpoints()[to].Workload
	var out []Answer
	for _, lb := range e.cluster.LoadBalancers() {
		for _, r := range lb.Routes {
			if slices.Contains(r.Service.Pods(), w) {
				out = append(out, e.throughRoute(sources, lb, r, to)...)
			}
		}
	}
	return out
}

// throughRoute groups the sources by how they fare.
func (e *Engine) throughRoute(sources netset.Ranges, lb *eks.LoadBalancer, r eks.Route, to int) []Answer {
	var out []Answer
	var ranges []netset.Ranges
	for _, atom := range e.atoms(sources, lb, r) {
		a := e.fromAddress(netset.Ranges{atom}, lb, r, to)
		i := slices.IndexFunc(out, func(o Answer) bool { return o.Verdict == a.Verdict && stop(o) == stop(a) })
		if i < 0 {
			out, ranges = append(out, a), append(ranges, nil)
			i = len(out) - 1
		}
		ranges[i] = ranges[i].Union(netset.Ranges{atom})
	}
	for i := range out {
		out[i].From = sourceName(ranges[i], sources)
	}
	return out
}

// stop is the first hop that keeps a connection from being open.
func stop(a Answer) int {
	return slices.IndexFunc(a.Hops, func(h Hop) bool { return h.Verdict != model.Yes })
}

// atoms cuts the sources where a filter of the load balancer does and, when the
// pods see the client, where policies do.
func (e *Engine) atoms(sources netset.Ranges, lb *eks.LoadBalancer, r eks.Route) []netset.Range {
	out := e.cluster.Network.Atoms(sources, lb.Fronts...)
	if r.PreservesClient == model.No {
		return out
	}
	var cuts []netset.Ranges
	for _, end := range e.reach.Endpoints() {
		if end.Workload == nil {
			cuts = append(cuts, netset.Ranges{end.Range})
		}
	}
	var finer []netset.Range
	for _, atom := range out {
		finer = append(finer, netset.Atoms(netset.Ranges{atom}, cuts...)...)
	}
	return finer
}

// sourceName writes some of the sources: the internet when they are all.
func sourceName(some, all netset.Ranges) string {
	if len(all.Subtract(some)) == 0 && len(all) > 1 {
		return "internet"
	}
	var names []string
	for i, r := range some {
		if i == 3 {
			names = append(names, fmt.Sprintf("and %d more", len(some)-i))
			break
		}
		names = append(names, rangeName(r))
	}
	if len(some) > 3 {
		return "internet, " + strings.Join(names, " ")
	}
	return strings.Join(names, ", ")
}

// rangeName writes a block as such.
func rangeName(r netset.Range) string {
	for bits := range r.First.BitLen() + 1 {
		p := netip.PrefixFrom(r.First, bits)
		if held := netset.RangesOf(p); held[0].First == r.First && held[0].Last == r.Last {
			return p.String()
		}
	}
	return r.String()
}

// fromAddress answers for sources that no rule tells apart.
func (e *Engine) fromAddress(source netset.Ranges, lb *eks.LoadBalancer, r eks.Route, to int) Answer {
	w := e.reach.Endpoints()[to].Workload
	listener := netset.PortRange(r.Protocol, uint16(r.Listener), uint16(r.Listener)) //nolint:gosec // a port
	out := Answer{To: e.reach.Endpoints()[to].String(), Port: listener}
	client := vpc.Side{Name: "the client", Addresses: source}
	target, known := r.Service.TargetPort(r.Port, w)
	if known != model.Yes || target < 1 || target > int32(netset.LastPort) {
		out.settle(nil, "the port that the Service leads to is not known")
		return out
	}
	leg := leg{engine: e, lb: lb, route: r, to: to, client: client, listener: listener,
		port: netset.PortRange(r.Protocol, uint16(target), uint16(target))}
	places, others := e.cluster.Places(w)
	var variants []variant
	for _, front := range lb.Fronts {
		for _, place := range places {
			if reaches(lb, front, place) {
				variants = append(variants, leg.variants(front, place)...)
			}
		}
	}
	if lb.FrontsUnknown != "" {
		others = lb.FrontsUnknown
	}
	out.settle(variants, others)
	return out
}

// reaches reports whether a load balancer sends from one of its interfaces to
// targets in the subnet of a place.
func reaches(lb *eks.LoadBalancer, front vpc.Side, p eks.Place) bool {
	from, fromKnown := front.Subnet.AvailabilityZone.Get()
	to, toKnown := p.Subnet.AvailabilityZone.Get()
	return lb.CrossZone != model.No || !fromKnown || !toKnown || from == to
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

// variants are the ways from one interface of the load balancer to one place.
func (l leg) variants(front vpc.Side, place eks.Place) []variant {
	head := l.toListener(front)
	switch {
	case l.route.TargetType.Is("ip"):
		v := variant{hops: append(head, l.toPod(front, place)...)}
		return []variant{l.answered(v, front, place.Pod)}
	case l.route.TargetType.Is("instance") && l.route.Service.NodePort(l.route.Port) == model.No:
		hop := l.service("through a port of the nodes")
		hop.Verdict, hop.Why = model.No, "it has no port of the nodes, to which target type instance sends"
		return []variant{{hops: append(head, hop)}}
	case l.route.TargetType.Is("instance"):
		var out []variant
		for _, v := range l.throughNodes(front, place) {
			v.hops = append(slices.Clone(head), v.hops...)
			out = append(out, l.answered(v, front, v.first))
		}
		return out
	default:
		return []variant{{hops: head, unknown: "the target type is not known"}}
	}
}

// toListener are the hops up to the load balancer.
func (l leg) toListener(front vpc.Side) []Hop {
	hops := []Hop{l.scheme(), l.internetRoute(front)}
	return append(hops, fromVPC(l.engine.cluster.Network.Entering(l.client, front, l.listener))...)
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

// internetRoute: the subnet of a load balancer that faces the internet has to
// send answers to an internet gateway.
func (l leg) internetRoute(front vpc.Side) Hop {
	return routeHop(l.engine.cluster.Network.Ways(front.Subnet, l.client.Addresses)[0], front.Subnet, model.RouteInternetGateway)
}

// routeHop asks whether a subnet sends some addresses to what it has to.
func routeHop(w vpc.Way, s *vpc.Subnet, want ...model.RouteKind) Hop {
	h := Hop{Layer: Layer(vpc.LayerRoute), Where: "route of subnet " + s.Title(), Verdict: model.Yes}
	if w.Route != nil {
		destination := "a prefix list"
		if block, known := w.Route.Destination.Get(); known {
			destination = block.String()
		}
		h.Rules = []Rule{{Text: fmt.Sprintf("%s leads to %s %s", destination, w.Kind, targetName(w.Route.Target)), At: w.Route.At}}
	}
	switch {
	case w.Unknown != "":
		h.Verdict, h.Why = model.Unknown, w.Unknown
	case w.Route == nil && w.Kind != model.RouteLocal:
		h.Verdict, h.Why = model.No, "no route of "+s.Table.Title()+" leads there"
		h.Rules = []Rule{{Text: s.Table.Title(), At: s.Table.At}}
	case w.Dropped():
		h.Verdict, h.Why = model.No, "the target of the route is gone"
	case w.Kind == model.RouteUnknown:
		h.Verdict, h.Why = model.Unknown, "what the route leads to is not known"
	case !slices.Contains(want, w.Kind):
		h.Verdict, h.Why = model.No, fmt.Sprintf("it leads to a %s, and not to an %s", w.Kind, want[0])
	}
	return h
}

func targetName(l model.Link) string {
	if l.Address != "" {
		return l.Address
	}
	return l.ID
}

// toPod are the hops from the load balancer to the pod itself.
func (l leg) toPod(front vpc.Side, place eks.Place) []Hop {
	source := front
	if l.route.PreservesClient == model.Yes {
		source.Addresses = l.client.Addresses
	}
	hops := l.admitted(fromVPC(l.engine.cluster.Network.InVPC(source, place.Pod, l.port)), place.Pod)
	hops = append([]Hop{l.service(fmt.Sprintf("on %s, in subnet %s", place.Nodes, place.Subnet.Title()))}, hops...)
	return append(hops, l.policy(source.Addresses))
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

// throughNodes are the ways over the port of a node. Unless the Service keeps to
// the node, another node may pass it on to the pod, with its own address:
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func (l leg) throughNodes(front vpc.Side, place eks.Place) []variant {
	network := l.engine.cluster.Network
	source := front
	if l.route.PreservesClient == model.Yes {
		source.Addresses = l.client.Addresses
	}
	ports, exact := nodePort(l.route)
	toNode := func(node vpc.Side, where string) []Hop {
		hops := l.whole(fromVPC(network.InVPC(source, node, ports)), exact, ports)
		return append([]Hop{l.service(where)}, l.admitted(hops, node)...)
	}
	same := variant{first: place.Node, hops: toNode(place.Node, "through a port of the node of the pod, one of "+place.Nodes)}
	if place.Branch {
		same.hops = append(same.hops, fromVPC(network.InVPC(place.Node, place.Pod, l.port))...)
	}
	local := l.route.Service.Spec().ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
	same.hops = append(same.hops, l.ownNode(source, local))
	out := []variant{same}
	if local {
		return out
	}
	for _, n := range l.engine.cluster.NodeGroups {
		for _, s := range n.Subnets {
			first := vpc.Side{Name: n.Title(), Addresses: s.Ranges(), Subnet: s, Groups: n.Groups}
			v := variant{first: first, hops: toNode(first, "through a port of another node, one of "+n.Title()+" in subnet "+s.Title())}
			v.hops = append(v.hops, fromVPC(network.InVPC(first, place.Pod, l.port))...)
			v.hops = append(v.hops, l.engine.admits(first.Addresses, l.to, l.port))
			out = append(out, v)
		}
	}
	return out
}

// ownNode is the policy of a pod for what comes from its own node, which it
// always admits, unless it sees the client.
func (l leg) ownNode(source vpc.Side, local bool) Hop {
	if local && l.route.PreservesClient != model.No {
		return l.policy(source.Addresses)
	}
	h := Hop{Layer: LayerPolicy, Where: "ingress of " + l.engine.reach.Endpoints()[l.to].String(), Verdict: model.Yes, Certain: l.port, Possible: l.port}
	h.Why = "a pod always admits its own node"
	return h
}

// nodePort is the port of the nodes, or all that it may be:
// https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
func nodePort(r eks.Route) (ports netset.Ports, exact bool) {
	if n := r.Service.Spec().Ports[r.Port].NodePort; n > 0 && n <= int32(netset.LastPort) {
		return netset.PortRange(r.Protocol, uint16(n), uint16(n)), true
	}
	return netset.PortRange(r.Protocol, 30000, 32767), false
}

// whole makes hops certain only where they let every port pass that may be the
// one.
func (l leg) whole(hops []Hop, exact bool, ports netset.Ports) []Hop {
	if exact {
		return hops
	}
	for i := range hops {
		if h := &hops[i]; h.Verdict == model.Yes && !ports.Subtract(h.Certain).IsEmpty() {
			h.Verdict, h.Why = model.Unknown, "which port of the nodes the Service gets is not known"
		}
	}
	return hops
}

// answered adds the way back: from the target to the load balancer, and from that
// to the client.
func (l leg) answered(v variant, front, target vpc.Side) variant {
	v.hops = append(v.hops, fromVPC(vpc.Reply(front, target, l.port, vpc.Anyone))...)
	v.hops = append(v.hops, fromVPC(vpc.Reply(l.client, front, l.listener, vpc.Anyone))...)
	return v
}
