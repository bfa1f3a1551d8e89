package path

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
	"github.com/ekslint/ekslint/pkg/model"
)

// policies are the hops of one answer over network policies, by side. Where the
// engine of the cluster is known to depart from what the policies mean, one hop
// says what it does.
type policies struct{ egress, ingress []Hop }

func (e *Engine) policiesOf(a reach.Answer) policies {
	var out policies
	refused := slices.ContainsFunc(a.Hops, func(h reach.Hop) bool { return h.Verdict == model.No })
	for i, h := range a.Hops {
		hop := fromPolicy(h)
		hop.Certain, hop.Possible = a.Connection.Certain, a.Connection.Possible
		// What keeps the whole answer from being open, and no hop of it, keeps the last.
		if isLast := i == len(a.Hops)-1; isLast && a.Verdict != reach.Open && !refused && hop.Verdict == model.Yes && len(a.Reasons) > 0 {
			hop.Verdict, hop.Why = triOf(a.Verdict), a.Reasons[0]
		}
		if h.Direction == reach.Egress {
			out.egress = []Hop{hop}
		} else {
			out.ingress = []Hop{hop}
		}
	}
	enforced, ok := vpccni.Enforce(e.cluster.Graph, a)
	if !ok || enforced.Verdict == a.Verdict && len(enforced.Notes) == 0 {
		return out
	}
	hop := Hop{Layer: LayerEnforcement, Where: string(e.cluster.Graph.Enforcement().Engine), Verdict: triOf(enforced.Verdict)}
	if hop.Verdict == model.Yes {
		hop.Certain, hop.Possible = a.Asked, a.Asked
	}
	for _, n := range enforced.Notes {
		hop.Rules = append(hop.Rules, Rule{Text: n.Object.Ref().String() + ", " + n.At.String() + ": " + n.Why, At: n.Resource.Locate(n.At, model.PartKey)})
	}
	if len(out.ingress) > 0 {
		return policies{ingress: []Hop{hop}}
	}
	return policies{egress: []Hop{hop}}
}

func triOf(v reach.Verdict) model.Tri {
	switch v {
	case reach.Open:
		return model.Yes
	case reach.Blocked:
		return model.No
	default:
		return model.Unknown
	}
}

// admits is the network policies of the pods that receive, asked for a source
// that lies somewhere in ranges outside the cluster.
func (e *Engine) admits(source netset.Ranges, to int, ports netset.Ports) Hop {
	var hops []Hop
	for _, o := range e.outside {
		if len(source.Intersect(netset.Ranges{o.at})) > 0 {
			hops = append(hops, e.policiesOf(e.reach.Ask(o.number, to, ports)).ingress...)
		}
	}
	return agreed(hops, "ingress of "+e.reach.Endpoint(to).String(), "policies tell addresses apart, and which one the source has is not known")
}

// lets is the network policies of the pods that begin, asked for a destination
// that lies somewhere in ranges outside the cluster.
func (e *Engine) lets(from int, to netset.Ranges, ports netset.Ports) Hop {
	var hops []Hop
	for _, o := range e.outside {
		if len(to.Intersect(netset.Ranges{o.at})) > 0 {
			hops = append(hops, e.policiesOf(e.reach.Ask(from, o.number, ports)).egress...)
		}
	}
	return agreed(hops, "egress of "+e.reach.Endpoint(from).String(), "policies tell addresses apart, and which one the destination has is not known")
}

// agreed is the hop that holds whichever of several is the right one.
func agreed(hops []Hop, where, doubt string) Hop {
	unknown := Hop{Layer: LayerPolicy, Where: where, Verdict: model.Unknown, Why: doubt}
	for _, h := range hops {
		if h.Verdict != hops[0].Verdict {
			return unknown
		}
	}
	if len(hops) == 0 {
		unknown.Why = "network policies do not tell"
		return unknown
	}
	return hops[0]
}
