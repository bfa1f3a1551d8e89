package graph

import (
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Covering returns a policy that makes another superfluous: it selects at least
// the same pods, isolates them in at least the same directions and has a rule
// for each rule of the other, or one that admits more. Of two policies that
// cover each other, the later one by name is superfluous. Policies without
// rules are covered by their equals alone, as a default deny stands beside
// others on purpose. It is nil where the input does not fix what the policies
// say, and where it does not name their namespace.
func (g *Graph) Covering(p *Policy) *Policy {
	if p.Ref().Namespace == "" || p.resource.IsUnknown("spec") {
		return nil
	}
	for _, q := range g.Namespace(p.Ref().Namespace).Policies {
		switch {
		case q == p || !q.covers(p) || q.resource.IsUnknown("spec"):
		case p.covers(q):
			if q.Ref().Compare(p.Ref()) < 0 {
				return q
			}
		case p.hasRules():
			return q
		}
	}
	return nil
}

func (p *Policy) hasRules() bool {
	return p.Ingress == model.Yes && len(p.spec.Ingress) > 0 || p.Egress == model.Yes && len(p.spec.Egress) > 0
}

func (p *Policy) covers(q *Policy) bool {
	if !p.selector.Empty() && !sameSelector(&p.spec.PodSelector, &q.spec.PodSelector) {
		return false
	}
	for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
		if q.Isolates(direction) == model.No {
			continue
		}
		if p.Isolates(direction) != model.Yes {
			return false
		}
		mine := p.Rules(direction)
		for _, theirs := range q.Rules(direction) {
			if !slices.ContainsFunc(mine, theirs.coveredBy) {
				return false
			}
		}
	}
	return true
}

// coveredBy reports whether another rule has the same peers or all, and the
// same ports or all.
func (r PolicyRule) coveredBy(o PolicyRule) bool {
	return (len(o.Peers) == 0 || equality.Semantic.DeepEqual(o.Peers, r.Peers)) &&
		(len(o.Ports) == 0 || equality.Semantic.DeepEqual(o.Ports, r.Ports))
}

func sameSelector(a, b *metav1.LabelSelector) bool {
	return maps.Equal(a.MatchLabels, b.MatchLabels) && equality.Semantic.DeepEqual(a.MatchExpressions, b.MatchExpressions)
}
