package reach

import (
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// Outside returns one endpoint of each class of addresses outside the cluster.
func (e *Engine) Outside() (out []int) {
	seen := map[Class]bool{}
	for _, i := range e.external {
		if c := e.ClassOf(i); !seen[c] {
			seen[c] = true
			out = append(out, i)
		}
	}
	return out
}

// at are the ranges outside the cluster that hold an address.
func (e *Engine) at(address netip.Addr) []int {
	var out []int
	for _, i := range e.external {
		if e.endpoints.At(i).Range.Contains(address) {
			out = append(out, i)
		}
	}
	return out
}

// PodIdentityAgent returns the endpoints that hold the addresses of the EKS Pod
// Identity agent, which it has on every node:
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
func (e *Engine) PodIdentityAgent() []int {
	return slices.Concat(e.at(netip.AddrFrom4([4]byte{169, 254, 170, 23})), e.at(netip.MustParseAddr("fd00:ec2::23")))
}

// InstanceMetadata is the endpoint that holds the address of the instance
// metadata service over IPv4, which every node has:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
func (e *Engine) InstanceMetadata() int { return e.at(InstanceMetadata)[0] }

// InstanceMetadata is the address of the instance metadata service.
var InstanceMetadata = netip.AddrFrom4([4]byte{169, 254, 169, 254})

// fromOutside asks for a source that has one of the addresses outside the
// cluster, it is not known which.
func (e *Engine) fromOutside(from Endpoint) ask {
	return func(to int, ports netset.Ports) Answer {
		var answers []Answer
		for _, n := range e.Outside() {
			answers = append(answers, e.Ask(n, to, ports))
		}
		out := agreed(answers, "which ones the load balancer has is not known")
		out.From = from
		return out
	}
}

// fromNodes asks for a source that connects through a port of the nodes. The
// pods then see the address of a node, and their own node they always admit.
// Where Cilium enforces, a node is no address outside the cluster.
func (e *Engine) fromNodes(outside ask) ask {
	return func(to int, ports netset.Ports) Answer {
		out := outside(to, ports)
		judged := slices.ContainsFunc(out.Hops, func(h Hop) bool { return len(h.Decisions) > 0 })
		if out.Verdict == Blocked || out.Verdict == Open && judged && (hasCilium(e.graph) || e.graph.Enforcement().Engine == graph.EngineCilium) {
			out.Verdict, out.Hops = NotKnown, nil
			out.addReason("the load balancer connects through a port of the nodes, and which node a pod has is not known")
		}
		return out
	}
}

// toSome asks for a peer that is one of several endpoints, it is not known
// which.
func (e *Engine) toSome(from int, among []int, ports netset.Ports, peer string) Answer {
	answers := make([]Answer, 0, len(among))
	for _, n := range among {
		answers = append(answers, e.Ask(from, n, ports))
	}
	out := agreed(answers, "which ones "+peer+" has is not known")
	out.To = Endpoint{Label: peer}
	return out
}

// agreed is the answer that holds for each of several; unknown where they
// differ.
func agreed(answers []Answer, doubt string) Answer {
	out := answers[0]
	if slices.ContainsFunc(answers, func(a Answer) bool { return a.Verdict != out.Verdict }) {
		out.Verdict, out.Hops = NotKnown, nil
		out.Reasons = []string{"policies tell addresses apart, and " + doubt}
	}
	return out
}
