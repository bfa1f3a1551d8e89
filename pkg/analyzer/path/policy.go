package path

import (
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// admits is the network policies of the pods that receive, asked for a source
// that lies somewhere in ranges.
func (e *Engine) admits(source netset.Ranges, to int, ports netset.Ports) Hop {
	var answers []reach.Answer
	for i, end := range e.reach.Endpoints() {
		if end.Workload == nil && len(source.Intersect(netset.Ranges{end.Range})) > 0 {
			answers = append(answers, e.reach.Ask(i, to, ports))
		}
	}
	return e.agreed(answers, reach.Ingress, to, "policies tell addresses apart, and which one the source has is not known")
}

// agreed makes a hop of answers for sources of which one is the right one.
func (e *Engine) agreed(answers []reach.Answer, d reach.Direction, of int, doubt string) Hop {
	subject := e.reach.Endpoints()[of]
	out := Hop{Layer: LayerPolicy, Where: d.String() + " of " + subject.String()}
	if e.cluster.Graph.Enforcement().Enforced == model.No {
		out.Verdict, out.Why = model.Yes, "nothing enforces network policies"
		return out
	}
	for i, a := range answers {
		hop := side(a, d)
		switch {
		case i == 0:
			hop.Layer, hop.Where = out.Layer, out.Where
			out = hop
		case hop.Verdict != out.Verdict:
			return Hop{Layer: out.Layer, Where: out.Where, Verdict: model.Unknown, Possible: out.Possible.Union(hop.Possible), Why: doubt}
		}
	}
	return out
}

// side is one side of a policy's answer as a hop. What makes the whole answer
// unknown makes the hop so.
func side(a reach.Answer, d reach.Direction) Hop {
	for _, h := range a.Hops {
		if h.Direction != d {
			continue
		}
		out := fromPolicy(h)
		out.Certain, out.Possible = a.Connection.Certain, a.Connection.Possible
		if out.Verdict == model.Yes && a.Verdict == reach.NotKnown && len(a.Hops) == 1 && len(a.Reasons) > 0 {
			out.Verdict, out.Why = model.Unknown, a.Reasons[0]
		}
		return out
	}
	return Hop{Verdict: model.Unknown, Why: "policies do not tell"}
}
