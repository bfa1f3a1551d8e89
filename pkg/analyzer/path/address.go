package path

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// InVPC reports whether a block lies wholly in the subnets of the cluster's VPC, so that
// FromAddress and ToAddress answer for it.
func (e *Engine) InVPC(block netip.Prefix) bool { return len(e.cluster.AddressSides(block)) > 0 }

// ToAddress answers whether the pods of a workload, named by its number among the
// endpoints of the policies, reach something in the VPC that is no pod of the input.
func (e *Engine) ToAddress(from int, block netip.Prefix, ports netset.Ports) Answer {
	end := e.reach.Endpoint(from)
	out := Answer{From: end.String(), To: block.String(), Port: ports}
	places, others := e.cluster.Places(end.Workload)
	var variants []variant
	for _, p := range places {
		for _, side := range e.cluster.AddressSides(block) {
			v := variant{hops: e.toInterface(from, p, side, ports)}
			v.narrow(ports)
			variants = append(variants, placed(p, []variant{v})...)
		}
	}
	out.settle(variants, others)
	return out
}

// FromAddress answers whether something in the VPC that is no pod of the input reaches
// the pods of a workload.
func (e *Engine) FromAddress(block netip.Prefix, to int, ports netset.Ports) Answer {
	end := e.reach.Endpoint(to)
	out := Answer{From: block.String(), To: end.String(), Port: ports}
	places, others := e.cluster.Places(end.Workload)
	var variants []variant
	for _, side := range e.cluster.AddressSides(block) {
		for _, p := range places {
			v := variant{hops: e.lacksFamily(to, side)}
			v.hops = append(v.hops, e.cluster.Network.InVPC(side, p.Pod, ports)...)
			v.hops = append(v.hops, e.admits(side.Addresses, to, ports))
			v.hops = append(v.hops, vpc.Reply(side, p.Pod, ports, vpc.Anyone)...)
			v.narrow(ports)
			variants = append(variants, placed(p, []variant{v})...)
		}
	}
	out.settle(variants, others)
	return out
}

// lacksFamily is the hop of pods that have no address of the family of their peer.
func (e *Engine) lacksFamily(pods int, peer vpc.Side) []Hop {
	f := vpc.FamilyOf(peer.Addresses)
	if f == e.cluster.Family {
		return nil
	}
	end := e.reach.Endpoint(pods)
	return []Hop{{Layer: LayerAddress, Where: "addresses of " + end.String(), Verdict: model.No, Why: "the pods have no " + f.String() + " address"}}
}
