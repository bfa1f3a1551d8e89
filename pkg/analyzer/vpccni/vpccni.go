// Package vpccni says what the Amazon VPC CNI makes of an answer of package
// reach. It enforces network policies in its own way: only on Linux nodes of
// EC2, before the address of a Service is rewritten, by longest prefix, and with
// modes of its own. Where it departs from what the policies mean, the pods of
// the cluster meet its verdict.
//
// It takes pods to run on EC2 where the input does not say otherwise.
//
// Sources: https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html,
// https://github.com/aws/aws-network-policy-agent (the agent on each node) and
// https://github.com/aws/amazon-network-policy-controller-k8s (which resolves
// policies to addresses).
package vpccni

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// Enforced is what becomes of a connection.
type Enforced struct {
	Verdict reach.Verdict
	// StartsOpen is set where a connection is blocked in standard mode: a new pod
	// is open until its policies are in place, and what it began then stays open.
	// https://github.com/aws/amazon-vpc-cni-k8s#network_policy_enforcing_mode-v1171
	StartsOpen bool
	// Notes say why the verdict is not that of the answer, or not known.
	Notes []Note
}

// Note is one such reason and the place that it rests on, in the resource that
// holds it: for pods, that of their template.
type Note struct {
	Why      string
	Object   graph.Object
	Resource *model.Resource
	At       model.Path
}

// Enforce returns what becomes of a connection. It reports false where the input
// does not show that the VPC CNI enforces the policies of the cluster, or the
// answer is not about two ends that are known.
func Enforce(g *graph.Graph, a reach.Answer) (Enforced, bool) {
	e := g.Enforcement()
	if e.Engine != graph.EngineVPCCNI || len(a.Hops) == 0 {
		return Enforced{}, false
	}
	j := &judge{graph: g, engine: e, answer: a}
	if e.Enforced == model.No {
		if a.Verdict != reach.Open {
			j.note("its network policies are switched off", e.Agent, e.At)
		}
		return Enforced{Verdict: reach.Open, Notes: j.notes}, true
	}
	verdict := j.sides()
	if e.Enforced == model.Unknown && verdict == reach.Blocked {
		j.note("whether its network policies are switched on is not known", e.Agent, e.At)
		verdict = reach.NotKnown
	}
	return Enforced{verdict, verdict == reach.Blocked && j.startsOpen(), j.notes}, true
}

// startsOpen reports whether no side is in strict mode.
func (j *judge) startsOpen() bool {
	return !slices.ContainsFunc(j.answer.Hops, func(h reach.Hop) bool {
		strict, _, _ := j.graph.Strict(h.Endpoint.Workload)
		return strict != model.No
	})
}

// judge is at work on one answer.
type judge struct {
	graph  *graph.Graph
	engine graph.Enforcement
	answer reach.Answer
	notes  []Note
}

func (j *judge) note(why string, o graph.Object, at model.Path) {
	both := func(n Note) bool { return n.Why == why && n.Object == o } // sides
	if !slices.ContainsFunc(j.notes, both) {
		j.notes = append(j.notes, Note{why, o, graph.Holder(o), at})
	}
}

// sides combines the two sides. As long as none departs from what the policies
// mean, neither does the whole.
func (j *judge) sides() reach.Verdict {
	verdict, departs := model.Yes, false
	for _, h := range j.answer.Hops {
		side, own := j.side(h)
		verdict, departs = verdict.And(side), departs || own
	}
	switch {
	case !departs:
		return j.answer.Verdict
	case verdict == model.No:
		return reach.Blocked
	case verdict == model.Yes:
		return reach.Open
	default:
		return reach.NotKnown
	}
}

// side judges one side; own is set where the verdict is not that of the policies.
func (j *judge) side(h reach.Hop) (verdict model.Tri, own bool) {
	w := h.Endpoint.Workload
	unread, found := j.unread(h)
	switch {
	case w.HostNetwork():
		return h.Verdict, false
	case !w.Enforceable():
		if h.Verdict != model.Yes {
			j.note(label(w)+" runs on Fargate or Windows, where it enforces nothing", w, w.PathTo("spec"))
		}
		return model.Yes, h.Verdict != model.Yes
	case h.Direction == reach.Egress && j.leavesUnfiltered():
		return j.unfiltered(h)
	case j.engine.AutoMode && h.Verdict != model.Yes && j.graph.OnAutoMode(w) == model.No:
		j.note("what enforces policies on nodes that EKS Auto Mode did not make is not known", w, w.PathTo("spec", "nodeSelector"))
		return model.Unknown, true
	case h.PoliciesMissing:
		return model.Unknown, false
	case found:
		j.note("it is not known to read "+unread.Ref().Kind, unread, model.Path{"spec"})
		return model.Unknown, true
	case len(h.Decisions) == 0 && h.Verdict == model.Yes:
		return j.unselected(h)
	case h.Verdict != model.Yes && w.Single():
		j.note("it covers pods that a controller made, and "+label(w)+" has none", w, model.Path{"metadata"})
		return model.Unknown, true
	}
	return j.selected(h)
}

// leavesUnfiltered reports whether the connection may leave by the interface of
// the family that is not the cluster's.
func (j *judge) leavesUnfiltered() bool {
	to := j.answer.To
	if to.Workload != nil || to.Label != "" {
		return false
	}
	family, on, _ := j.engine.OtherFamily()
	return on != model.No && family == familyOf(to.Range.First)
}

func familyOf(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

// unfiltered judges such a connection, which meets no policy.
func (j *judge) unfiltered(h reach.Hop) (verdict model.Tri, own bool) {
	family, on, at := j.engine.OtherFamily()
	if h.Verdict == model.Yes && !h.PoliciesMissing {
		return model.Yes, false
	}
	if on == model.Yes {
		j.note("pods leave over "+family+" by an interface that it does not filter", j.engine.Agent, at)
	} else {
		j.note("whether pods leave over "+family+" by an interface that it does not filter is not known", j.engine.Agent, at)
	}
	return on, true
}

func label(o graph.Object) string { return o.Ref().NamespacedName() + "[" + o.Ref().Kind + "]" }

// unread returns a policy with a say that is of a kind which the VPC CNI does not
// read, or is not known to.
func (j *judge) unread(h reach.Hop) (graph.Object, bool) {
	for _, d := range h.Decisions {
		switch d.Policy.Ref().GroupKind() {
		case model.KindNetworkPolicy:
		case model.KindApplicationNetworkPolicy:
			if !j.engine.AutoMode {
				return d.Policy, true
			}
		case model.KindAWSClusterNetworkPolicy:
			if j.engine.ClusterPolicies != model.Yes {
				return d.Policy, true
			}
		default:
			return d.Policy, true
		}
	}
	return nil, false
}

// unselected judges a side on which no policy has a say: open, but for strict
// mode, which denies what no policy selects. What a policy for the other
// direction makes of it there is not known.
func (j *judge) unselected(h reach.Hop) (verdict model.Tri, own bool) {
	w := h.Endpoint.Workload
	strict, by, at := j.graph.Strict(w)
	policies := j.graph.PoliciesOf(w)
	switch {
	case strict == model.No:
		return model.Yes, false
	case strict == model.Yes && len(policies) == 0 && !w.Single():
		j.note("strict mode denies what no policy selects", by, at)
		return model.No, true
	case strict == model.Yes:
		j.note("what strict mode makes of "+h.Direction.String()+" of these pods is not known", by, at)
		return model.Unknown, true
	default:
		j.note("whether strict mode denies what no policy selects is not known", by, at)
		return model.Unknown, true
	}
}

// selected judges a side on which policies have a say.
func (j *judge) selected(h reach.Hop) (verdict model.Tri, own bool) {
	if s, port, ok := j.service(); ok && h.Direction == reach.Egress {
		return j.toService(h, s, port)
	}
	if h.Verdict != model.Yes {
		return j.resolved(h)
	}
	if len(j.isolating(h)) == 0 {
		return h.Verdict, false // a policy for the whole cluster decides
	}
	for _, departure := range []func(reach.Hop) (model.Tri, bool){j.nameless, j.exceptions} {
		if verdict, own := departure(h); own {
			return verdict, own
		}
	}
	if n := j.entries(h); n > maxEntries {
		j.note(fmt.Sprintf("it keeps %d ports for a peer, drops others at random, and policies name %d", maxEntries, n),
			h.Decisions[0].Policy, h.Decisions[0].At)
		return model.Unknown, true
	}
	return h.Verdict, false
}

// isolating are the NetworkPolicies that certainly isolate the pods of a side.
func (j *judge) isolating(h reach.Hop) []*graph.Policy {
	return slices.DeleteFunc(j.graph.PoliciesOf(h.Endpoint.Workload), func(p *graph.Policy) bool {
		return p.Isolates(h.Direction.PolicyType()) != model.Yes
	})
}
