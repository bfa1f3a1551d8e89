package path

import (
	"cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ToDatabase answers whether the pods of a workload, named by its number among the
// endpoints of the policies, reach a database of the AWS side. Its name leads to the
// interface of the instance that answers, in one of the subnets of its group.
func (e *Engine) ToDatabase(from int, db *model.Database, ports netset.Ports) Answer {
	end := e.reach.Endpoint(from)
	out := Answer{From: end.String(), To: "db:" + nameOf(db), Port: ports}
	places, others := e.cluster.Places(end.Workload)
	sides, unknown := e.cluster.DatabaseSides(db)
	var variants []variant
	for _, p := range places {
		for _, side := range sides {
			v := variant{hops: e.toInterface(from, p, side, ports)}
			v.narrow(ports)
			variants = append(variants, placed(p, []variant{v})...)
		}
	}
	out.settle(variants, cmp.Or(others, unknown))
	return out
}

func nameOf(db *model.Database) string { return cmp.Or(db.Name, db.AWSMeta.Title()) }

// toInterface are the hops of a pod to an interface of its VPC, and back.
func (e *Engine) toInterface(from int, p eks.Place, to vpc.Side, ports netset.Ports) []Hop {
	begins, initiator := p.Pod, vpc.Linux
	var hops []Hop
	if f := vpc.FamilyOf(to.Addresses); f != e.cluster.Family {
		s := e.sender(from, p, f)
		begins, initiator = s.side, s.initiator
		hops = s.family(e, from)
	}
	hops = append(hops, e.letsOut(from, to.Addresses, ports))
	hops = append(hops, e.cluster.Network.InVPC(begins, to, ports)...)
	return append(hops, vpc.Reply(begins, to, ports, initiator)...)
}
