// Package reach answers who can talk to whom under the network policies of a
// cluster, on which ports, and which line decides.
//
// Policies of all kinds (NetworkPolicy, those for the whole cluster, Cilium's)
// become one list of rules, compiled once: selectors become lists of endpoints,
// ports become interned sets, the ends of all CIDRs cut the address space into
// ranges. Endpoints that no rule tells apart form one class, and a question
// about two endpoints is answered on their classes. Every answer has two sides:
// what is certainly admitted, and what may be. They differ where the input does
// not say enough.
//
// Semantics follow the comments of the APIs:
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/,
// https://network-policy-api.sigs.k8s.io/reference/spec/ and
// https://docs.cilium.io/en/stable/security/policy/
package reach

import (
	"iter"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/persistent"
)

// Direction is the side on which a policy acts.
type Direction uint8

// The directions.
const (
	Ingress Direction = iota
	Egress
)

// String is the field of a NetworkPolicy that holds the rules of the direction.
func (d Direction) String() string { return [...]string{"ingress", "egress"}[d] }

func (d Direction) opposite() Direction { return Egress - d }

// PolicyType is the word of spec.policyTypes for the direction.
func (d Direction) PolicyType() networkingv1.PolicyType {
	if d == Egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// Engine answers questions about one graph. It is immutable and safe for
// concurrent use.
type Engine struct {
	graph *graph.Graph
	// source is what the engine was compiled from.
	source    *compiler
	ports     *netset.Table
	endpoints persistent.List[Endpoint]
	byRef     persistent.Table[model.Ref, int]
	rules     persistent.List[*rule]
	// external are the endpoints outside the cluster.
	external []int
	// policies are those for the pods of each namespace, wide those for the
	// whole cluster.
	policies persistent.Table[string, []*policy]
	wide     []*policy
	// unseen describes the peers of which the input shows no pod.
	unseen persistent.Table[int32, string]
	// resolved are the ports by the numbers of their specification and table.
	resolved [][]bounds
	// widest are the ports by the number of their specification, on whichever
	// receiver.
	widest  []netset.PortsID
	classes persistent.List[*class]
	// classOf is the class of each endpoint.
	classOf persistent.List[int32]
	// index finds the classes that another may reach. It is built when it is
	// first asked for.
	index func() *index
}

// Connection is what two endpoints can say to each other: the ports that are
// certainly admitted, and those that may be. Certain is a subset of Possible.
type Connection struct{ Certain, Possible netset.Ports }

// New compiles the policies of a graph.
func New(g *graph.Graph) *Engine {
	return compile(newCompiler(g, func(string) bool { return true }))
}

// In compiles what concerns the pods of some namespaces. Between them, and
// between them and addresses outside the cluster, it answers as New does, in a
// fraction of the time; other workloads are no endpoints of it.
func In(g *graph.Graph, namespaces func(name string) bool) *Engine {
	c := newCompiler(g, namespaces)
	c.partial = true
	return compile(c)
}

func compile(c *compiler) *Engine {
	c.addTier(adminTier)
	for _, ns := range c.spaces {
		for _, p := range ns.Policies {
			c.addPolicy(p)
		}
	}
	c.addCilium()
	c.addTier(baselineTier)
	return c.engine()
}

// Endpoints are what can begin or receive a connection, by their numbers: first the
// workloads in the order of their references, then address ranges outside the
// cluster in ascending order.
func (e *Engine) Endpoints() iter.Seq2[int, Endpoint] { return e.endpoints.All() }

// Len is the number of Endpoints.
func (e *Engine) Len() int { return e.endpoints.Len() }

// Endpoint returns one of Endpoints by its number.
func (e *Engine) Endpoint(number int) Endpoint { return e.endpoints.At(number) }

// Between returns what one endpoint can say to another, both named by their
// number in Endpoints. Policies have no say, and so admit everything, between
// two addresses outside the cluster.
func (e *Engine) Between(from, to int) Connection {
	if from == to && e.endpoints.At(from).single() {
		return Connection{netset.AllPorts(), netset.AllPorts()} // a pod always reaches itself
	}
	ports := e.pair(e.classOf.At(from), e.classOf.At(to))
	return Connection{e.ports.Ports(ports.certain), e.ports.Ports(ports.possible)}
}

// Number returns the number in Endpoints of a workload of the graph.
func (e *Engine) Number(w *graph.Workload) (int, bool) {
	number, ok := e.byRef.Get(w.Ref())
	return number, ok
}

// DNS returns the endpoints that answer for the cluster's names: those of
// graph.ClusterDNS, and else graph.AssumedDNS, as every cluster has one.
func (e *Engine) DNS() []int {
	var out []int
	for _, w := range e.source.assumed {
		number, _ := e.byRef.Get(w.Ref())
		return []int{number}
	}
	for _, w := range e.graph.ClusterDNS() {
		if number, ok := e.byRef.Get(w.Ref()); ok {
			out = append(out, number)
		}
	}
	return out
}
