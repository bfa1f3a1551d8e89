package path

import (
	"cmp"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Complete adds to an answer of the policies what lies between the two ends. Where
// one of them is no workload of the input, the policies alone answer.
func (e *Engine) Complete(a reach.Answer) Answer {
	if a.From.Workload != nil && a.To.Workload != nil && !a.From.Assumed && !a.To.Assumed {
		return e.between(a)
	}
	out := Answer{From: a.From.String(), To: a.To.String(), Port: a.Asked, Reasons: a.Reasons}
	p := e.policiesOf(a)
	v := variant{hops: slices.Concat(fromSteps(a.Through), p.egress, p.ingress)}
	if v.verdict() != Blocked && (len(a.Hops) > 0 || a.Verdict != reach.Blocked) { // else there is nothing to talk to
		v.unknown = "what lies between them in AWS is not judged"
	}
	out.settle([]variant{v}, "")
	if v.unknown == "" {
		out.Verdict = Blocked
	}
	return out
}

// Names is the way of pods, named by their number among the endpoints of the policies,
// to the DNS of the cluster, over UDP: the best of what they may ask. Where the input
// does not show that DNS, it is nil unless policies alone keep them from it.
func (e *Engine) Names(from int) *Answer {
	var best *Answer
	for _, a := range e.reach.ToDNS(from, netset.PortRange(netset.UDP, 53, 53)) {
		if a.From.Workload != e.reach.Endpoint(from).Workload {
			continue // a leg from the DNS on
		}
		out := e.Complete(a)
		if a.To.Assumed && out.Verdict != Blocked {
			return nil
		}
		if best == nil || better(out.Verdict, best.Verdict) {
			best = &out
		}
	}
	return best
}

// better orders verdicts for who may choose between ways.
func better(a, b Verdict) bool {
	order := []Verdict{Blocked, Depends, NotKnown, Open}
	return slices.Index(order, a) > slices.Index(order, b)
}

// between adds to an answer about the pods of two workloads what lies between
// their nodes. Pods of one node that have no security groups of their own meet
// neither security groups nor network ACLs:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#pod_security_group_enforcing_mode-v1110
func (e *Engine) between(a reach.Answer) Answer {
	out := Answer{From: a.From.String(), To: a.To.String(), Port: a.Asked}
	p := e.policiesOf(a)
	sources, sourcesWhy := e.cluster.Places(a.From.Workload)
	targets, targetsWhy := e.cluster.Places(a.To.Workload)
	var variants []variant
	for _, s := range sources {
		for _, t := range targets {
			variants = append(variants, placed(s, placed(t, e.betweenPlaces(a, p, s, t)))...)
		}
	}
	out.settle(variants, cmp.Or(sourcesWhy, targetsWhy))
	return out
}

// betweenPlaces are the ways between the pods of two places: inside a node where they may
// share one, and over the VPC.
func (e *Engine) betweenPlaces(a reach.Answer, p policies, s, t eks.Place) []variant {
	steps := fromSteps(a.Through)
	inside := variant{hops: slices.Concat(steps, p.egress, p.ingress)}
	if a.From.Workload == a.To.Workload && a.From.Workload.Single() { // and so on one node
		return []variant{inside}
	}
	var out []variant
	if share := mayShareNode(s, t); share != model.No {
		if share == model.Unknown {
			inside.unknown = branchOnNode
		}
		out = append(out, inside)
	}
	v := variant{hops: slices.Concat(
		steps, p.egress, e.cluster.Network.InVPC(s.Pod, t.Pod, a.Asked), p.ingress,
		vpc.Reply(s.Pod, t.Pod, a.Asked, vpc.Linux),
	)}
	v.narrow(a.Asked)
	return append(out, v)
}

const branchOnNode = "whether pods with security groups of their own talk inside their node (POD_SECURITY_GROUP_ENFORCING_MODE) is not known"

// mayShareNode answers whether the pods of two places may run on one node and
// pass nothing of the VPC there.
func mayShareNode(a, b eks.Place) model.Tri {
	out := model.TriOf(a.Nodes == b.Nodes && a.Subnet == b.Subnet && !a.Fargate)
	for _, p := range []eks.Place{a, b} {
		switch {
		case p.Branch && p.Strict == model.Yes:
			return model.No
		case p.Branch:
			out = out.And(model.Unknown)
		}
	}
	return out
}

// narrow notes that the hops let no common port pass, though each lets some: the hop at
// which the last one is lost refuses.
func (v *variant) narrow(asked netset.Ports) {
	if v.verdict() != Open {
		return
	}
	certain, possible := asked, asked
	for i := range v.hops {
		h := &v.hops[i]
		if h.Reply || h.Certain.IsEmpty() && h.Possible.IsEmpty() {
			continue
		}
		certain, possible = certain.Intersect(h.Certain), possible.Intersect(h.Possible)
		if possible.IsEmpty() {
			h.Verdict, h.Why = model.No, "it lets no port pass that those before it let pass"
			return
		}
	}
	if certain.IsEmpty() {
		v.unknown = "whether all let a common port pass is not known"
	}
}

// fromSteps are the Services and Ingresses that lead on to pods.
func fromSteps(steps []reach.Step) []Hop {
	var out []Hop
	for _, s := range steps {
		out = append(out, Hop{
			Layer: LayerService, Where: s.Object.Ref().String(), Verdict: model.Yes, Why: s.What,
			Rules: []Rule{{Text: s.Object.Ref().String() + ", " + s.At.String(), At: s.Object.Resource().Locate(s.At, model.PartKey)}},
		})
	}
	return out
}
