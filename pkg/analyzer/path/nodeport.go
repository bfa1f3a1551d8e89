package path

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// onNodes answers for what reaches pods by the addresses of nodes: through the port
// of the nodes that a Service has, and straight where pods are on the network of their
// node. The answers for one port stand together.
func (e *Engine) onNodes(sources netset.Ranges, to int, ports netset.Ports) [][]Answer {
	w := e.reach.Endpoint(to).Workload
	var out [][]Answer
	if w.HostNetwork() {
		q := exposed{engine: e, to: to, ports: ports, exact: true, ways: exposed.onHost}
		out = append(out, q.answers(sources))
	}
	for _, s := range e.cluster.Graph.ServicesOf(w) {
		for i := range s.Spec().Ports {
			protocol, ok := netset.ParseProtocol(string(s.Protocol(i)))
			target, known := s.TargetPort(i, w)
			if !ok || s.NodePort(i) == model.No || known == model.No || known == model.Yes && !asks(ports, protocol, target) {
				continue
			}
			q := exposed{engine: e, to: to, service: s, port: i, ways: exposed.forwarded}
			q.ports, q.exact = nodePort(s, i, protocol)
			if q.doubt = "the port that the Service leads to is not known"; known == model.Yes && s.NodePort(i) == model.Yes {
				q.doubt, q.target = "", netset.PortRange(protocol, uint16(target), uint16(target)) //nolint:gosec // asked for, or a port of the pods
			}
			out = append(out, q.answers(sources))
		}
	}
	return out
}

// exposed is the question for one port of the nodes.
type exposed struct {
	engine *Engine
	to     int
	// ports are those of the nodes; exact is unset when it is one of them.
	ports netset.Ports
	exact bool
	// service and port are what has the port, target the port of the pods.
	service *graph.Service
	port    int
	target  netset.Ports
	// doubt says why the ways are not known.
	doubt string
	ways  func(q exposed, client vpc.Side, place eks.Place) []variant
}

func (q exposed) answers(sources netset.Ranges) []Answer {
	e := q.engine
	places, others := e.cluster.Places(e.reach.Endpoint(q.to).Workload)
	var f fared
	for _, atom := range q.atoms(sources, places) {
		a := Answer{To: e.reach.Endpoint(q.to).String(), Port: q.ports}
		var variants []variant
		for _, p := range places {
			if q.doubt != "" {
				break
			}
			variants = append(variants, placed(p, q.ways(q, vpc.Side{Name: "clients", Addresses: netset.Ranges{atom}}, p))...)
		}
		a.settle(variants, cmp.Or(others, q.doubt, e.cluster.NodesUnknown()))
		f.add(atom, a)
	}
	return f.from(sources)
}

// atoms cuts the sources where a filter of the nodes does and, where pods see the
// client, where policies do.
func (q exposed) atoms(sources netset.Ranges, places []eks.Place) []netset.Range {
	var sides []vpc.Side
	for _, p := range places {
		sides = append(sides, p.Node)
	}
	for _, n := range q.engine.cluster.Nodes() {
		sides = append(sides, n.Sides()...)
	}
	out := q.engine.cluster.Network.Atoms(sources, sides...)
	if q.service == nil || !q.service.KeepsToNode() {
		return out
	}
	return q.engine.finer(out)
}

// onHost are the ways to a pod on the network of its node, which meets no policies.
func (q exposed) onHost(client vpc.Side, place eks.Place) []variant {
	v := variant{hops: q.arrive(client, nodeAt{place.Node, place.Public})}
	v.narrow(q.ports)
	return []variant{v}
}

// forwarded are the ways over a port of the nodes, which has the family of the Service,
// as EKS gives it: https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html
func (q exposed) forwarded(client vpc.Side, place eks.Place) []variant {
	if own := q.engine.cluster.Family; vpc.FamilyOf(client.Addresses) != own {
		hop := q.served("")
		hop.Verdict, hop.Why = model.No, "it has an "+own.String()+" address alone, and so its port of the nodes has"
		return []variant{{hops: []Hop{hop}}}
	}
	f := forwarding{
		engine: q.engine, to: q.to, port: q.target, local: q.service.KeepsToNode(),
		arrive: func(node nodeAt, where string) []Hop {
			return append([]Hop{q.served(where)}, q.arrive(client, node)...)
		},
		client: func() Hop { return q.engine.admits(client.Addresses, q.to, q.target) },
	}
	return f.ways(place)
}

// served is the port of the Service to which the port of the nodes leads.
func (q exposed) served(where string) Hop {
	ref := q.service.Ref()
	at := model.Path{"spec", "ports", fmt.Sprint(q.port)}
	return Hop{
		Layer: LayerService, Where: "Service " + ref.NamespacedName(), Verdict: model.Yes, Certain: q.ports, Possible: q.ports,
		Why:   "to port " + portName(q.target) + ", " + where,
		Rules: []Rule{{Text: ref.String() + ", " + at.String(), At: q.service.Resource().Locate(at, model.PartKey)}},
	}
}

// arrive are the hops from the internet to the address of a node.
func (q exposed) arrive(client vpc.Side, node nodeAt) []Hop {
	n := q.engine.cluster.Network
	hops := []Hop{publicAddress(client, node), routeHop(n.Ways(node.Subnet, client.Addresses)[0], node.Subnet, model.RouteInternetGateway)}
	hops = append(hops, whole(n.Entering(client, node.Side, q.ports), q.exact, q.ports)...)
	return append(hops, vpc.Reply(client, node.Side, q.ports, vpc.Anyone)...)
}

// publicAddress is whether a node has an address that the internet routes.
func publicAddress(client vpc.Side, node nodeAt) Hop {
	has := node.public
	if vpc.FamilyOf(client.Addresses) == vpc.IPv6 {
		has = model.TriOf(vpc.FamilyOf(node.Addresses) == vpc.IPv6).Or(perhapsIPv6(node.Subnet))
	}
	h := Hop{Layer: LayerAddress, Where: "address of " + node.Name + " in subnet " + node.Subnet.Title(), Verdict: has, Why: "it is public"}
	switch has {
	case model.No:
		h.Why = "the nodes have no public address"
		h.Rules = []Rule{{Text: "subnet " + node.Subnet.Title(), At: node.Subnet.At}}
	case model.Unknown:
		h.Why = "whether the nodes have public addresses is not known"
	case model.Yes:
	}
	return h
}

// unresolved says what else may lead to the pods that is not resolved; empty when
// nothing of the input does.
func (e *Engine) unresolved(w *graph.Workload) string {
	services := e.cluster.Graph.ServicesOf(w)
	for _, s := range services {
		if s.Manager != graph.ManagerNone && !s.Manager.IsAWS() {
			return "what becomes of Service " + s.Ref().NamespacedName() + " is not resolved"
		}
	}
	for _, r := range e.cluster.Graph.Snapshot().List(model.KindTargetGroupBinding, w.Ref().Namespace) {
		b, ok := r.Object.(*model.TargetGroupBinding)
		if ok && (r.IsUnknown("spec", "serviceRef") || slices.ContainsFunc(services, func(s *graph.Service) bool { return s.Ref().Name == b.Spec.ServiceRef.Name })) {
			return "a load balancer that is not shown leads to TargetGroupBinding " + r.Ref.Namespace + "/" + r.Ref.Name
		}
	}
	for _, o := range e.cluster.Graph.Objects(model.KindIngress.Kind) {
		i, ok := o.(*graph.Ingress)
		if ok && !i.Manager.IsAWS() && slices.ContainsFunc(i.Backends, func(b *graph.Backend) bool {
			return slices.ContainsFunc(b.Targets, func(t *graph.Target) bool { return slices.Contains(services, t.Service) })
		}) {
			return "Ingress " + i.Ref().NamespacedName() + " of another controller leads there"
		}
	}
	return ""
}
