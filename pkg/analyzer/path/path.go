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

// Verdict is the answer of all layers together.
type Verdict string

// The verdicts.
const (
	Open    Verdict = "open"
	Blocked Verdict = "blocked"
	// NotKnown is the verdict where the input does not decide.
	NotKnown Verdict = "unknown"
	// Depends is the verdict where it is certain that some places pass and
	// others do not.
	Depends Verdict = "depends on placement"
)

// Hop is one place that a connection passes, in a layer of package vpc or of this
// one.
type Hop = vpc.Hop

// Rule is one line that decides.
type Rule = vpc.Rule

// Layer says what a hop is.
type Layer = vpc.Layer

// The layers besides those of package vpc.
const (
	LayerLoadBalancer Layer = "load balancer"
	LayerService      Layer = "Service"
	LayerPolicy       Layer = "network policy"
	// LayerEnforcement is what the engine makes of network policies.
	LayerEnforcement Layer = "enforcement"
	// LayerAddress is whether one side has an address of the right family.
	LayerAddress Layer = "address"
	// LayerEndpoint is a VPC endpoint through which a service of AWS is reached.
	LayerEndpoint Layer = "VPC endpoint"
)

// Answer is the way of one connection.
type Answer struct {
	From, To string
	// Port is the port that the one who begins connects to.
	Port netset.Ports
	// Verdict is that of all variants.
	Verdict Verdict
	// Hops are those of one variant that has the verdict; of Depends, one that
	// is blocked.
	Hops []Hop
	// Reasons explain what no hop does.
	Reasons []string
	// Names is the way to the DNS that tells the pods the address they connect to;
	// nil where it was not asked for. It has no part in the verdict: who knows the
	// address needs no name.
	Names *Answer
}

// Engine answers questions about one cluster. It is immutable and safe for
// concurrent use.
type Engine struct {
	cluster *eks.Cluster
	reach   *reach.Engine
	// outside are the endpoints of the policies that are addresses outside the
	// cluster, by their number.
	outside []outside
}

type outside struct {
	number int
	at     netset.Range
}

// New makes an engine of a cluster and of the policies in it.
func New(c *eks.Cluster, r *reach.Engine) *Engine {
	e := &Engine{cluster: c, reach: r}
	for i, end := range r.Endpoints() {
		if end.Workload == nil {
			e.outside = append(e.outside, outside{i, end.Range})
		}
	}
	return e
}

// variant is the way for one choice of places.
type variant struct {
	hops []Hop
	// first is the interface to which a load balancer sends.
	first vpc.Side
	// unknown says what else keeps it from being open.
	unknown string
	// perhaps is set when it is not certain that the pods have its places.
	perhaps bool
}

// placed marks the variants of a place that the pods have perhaps.
func placed(p eks.Place, variants []variant) []variant {
	return perhaps(p.Fits.And(model.TriOf(!p.OneOf)), variants)
}

// perhaps marks variants that are real only if an answer is Yes.
func perhaps(real model.Tri, variants []variant) []variant {
	for i := range variants {
		variants[i].perhaps = variants[i].perhaps || real != model.Yes
	}
	return variants
}

const whichPlace = "which of several places the pods have is not known"

// verdict: a hop that certainly lets nothing pass closes the way, whatever is not
// known of others.
func (v variant) verdict() Verdict {
	out := Open
	for _, h := range v.hops {
		switch h.Verdict {
		case model.No:
			return Blocked
		case model.Unknown:
			out = NotKnown
		case model.Yes:
		}
	}
	if v.unknown != "" {
		return NotKnown
	}
	return out
}

// settle makes one answer of all variants. others says why there may be more, or why
// these may not be real.
func (a *Answer) settle(variants []variant, others string) {
	by := map[Verdict][]variant{}
	certain := map[Verdict]bool{}
	for _, v := range variants {
		verdict := v.verdict()
		by[verdict] = append(by[verdict], v)
		certain[verdict] = certain[verdict] || !v.perhaps
	}
	a.Verdict = NotKnown
	switch {
	case len(variants) == 0:
	case others == "" && certain[Open] && certain[Blocked]:
		a.Verdict = Depends
	case len(by[Open]) > 0 && len(by[Blocked]) > 0:
		others = cmp.Or(others, whichPlace)
	case len(by[NotKnown]) > 0 || others != "":
	case len(by[Open]) > 0:
		a.Verdict = Open
	default:
		a.Verdict = Blocked
	}
	if like := slices.Concat(shown(by, a.Verdict)...); len(like) > 0 {
		a.Hops = like[0].hops
		a.reason(like[0].unknown)
	}
	if a.Verdict == NotKnown {
		a.reason(others)
	}
}

// shown lists the variants in the order in which one of them is shown.
func shown(by map[Verdict][]variant, v Verdict) [][]variant {
	switch v {
	case Depends:
		return [][]variant{by[Blocked]}
	case NotKnown:
		return [][]variant{by[NotKnown], by[Blocked], by[Open]}
	default:
		return [][]variant{by[v]}
	}
}

func (a *Answer) reason(why string) {
	if why != "" && !slices.Contains(a.Reasons, why) {
		a.Reasons = append(a.Reasons, why)
	}
}

// fromPolicy turns one side of a policy's verdict into a hop.
func fromPolicy(h reach.Hop) Hop {
	out := Hop{Layer: LayerPolicy, Where: h.Direction.String() + " of " + h.Endpoint.String(), Verdict: h.Verdict}
	if h.PoliciesMissing && h.Verdict != model.No {
		out.Verdict, out.Why = model.Unknown, "the input may not show every policy of the namespace"
	}
	if len(h.Decisions) == 0 && out.Why == "" {
		out.Why = "no policy isolates the pods"
	}
	for _, d := range h.Decisions {
		text := d.Policy.Ref().String() + ", " + d.At.String()
		if d.Why != "" {
			text += ": " + d.Why
		}
		out.Rules = append(out.Rules, Rule{Text: text, At: d.Policy.Resource().Locate(d.At, model.PartKey)})
	}
	return out
}
