package eks

import (
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// fits answers whether the pods of a workload may run on nodes of a group in one
// of its subnets: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
func (n *NodeGroup) fits(w *graph.Workload, subnet *vpc.Subnet) model.Tri {
	spec := w.PodSpec()
	if spec == nil {
		return model.Unknown
	}
	out := model.Yes
	for _, field := range []string{"nodeSelector", "affinity", "tolerations"} {
		if w.Holder().IsUnknown(w.PathTo("spec", field)...) {
			out = model.Unknown
		}
	}
	for key, value := range spec.NodeSelector {
		got, has := n.label(key, subnet)
		out = out.And(has.And(equal(got, value, has)))
	}
	return out.And(n.meets(spec.Affinity, subnet)).And(n.tolerated(spec.Tolerations))
}

// equal compares where there is a value to compare.
func equal(got, want string, has model.Tri) model.Tri {
	if has != model.Yes {
		return model.Unknown
	}
	return model.TriOf(got == want)
}

// meets answers whether one of the required terms matches; all expressions of a
// term have to.
func (n *NodeGroup) meets(affinity *corev1.Affinity, subnet *vpc.Subnet) model.Tri {
	if affinity == nil || affinity.NodeAffinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return model.Yes
	}
	out := model.No
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		match := model.Yes
		if len(term.MatchFields) > 0 {
			match = model.Unknown
		}
		for _, e := range term.MatchExpressions {
			match = match.And(n.matches(e, subnet))
		}
		out = out.Or(match)
	}
	return out
}

func (n *NodeGroup) matches(e corev1.NodeSelectorRequirement, subnet *vpc.Subnet) model.Tri {
	got, has := n.label(e.Key, subnet)
	among := model.Unknown
	if has == model.Yes {
		among = model.TriOf(slices.Contains(e.Values, got))
	}
	switch e.Operator {
	case corev1.NodeSelectorOpIn:
		return has.And(among)
	case corev1.NodeSelectorOpNotIn:
		return has.And(among).Not()
	case corev1.NodeSelectorOpExists:
		return has
	case corev1.NodeSelectorOpDoesNotExist:
		return has.Not()
	default:
		return model.Unknown
	}
}

// tolerated answers whether pods tolerate the taints that keep them off:
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
func (n *NodeGroup) tolerated(tolerations []corev1.Toleration) model.Tri {
	out := model.Yes
	if n.TaintsMissing != "" || n.SelfManaged {
		out = model.Unknown
	}
	for _, t := range n.Taints {
		key, keyKnown := t.Key.Get()
		value, valueKnown := t.Value.Get()
		effect, effectKnown := t.Effect.Get()
		switch {
		case effect == string(corev1.TaintEffectPreferNoSchedule):
		case !keyKnown || !valueKnown || !effectKnown:
			out = out.And(model.Unknown)
		default:
			out = out.And(model.TriOf(slices.ContainsFunc(tolerations, func(x corev1.Toleration) bool {
				return tolerates(x, key, value, effect)
			})))
		}
	}
	return out
}

func tolerates(t corev1.Toleration, key, value, effect string) bool {
	switch {
	case t.Effect != "" && string(t.Effect) != effect, t.Key != "" && t.Key != key:
		return false
	case t.Operator == corev1.TolerationOpExists:
		return true
	default:
		return t.Key != "" && t.Value == value
	}
}

// profileTakes answers whether a Fargate profile takes the pods of a workload: a
// selector names their namespace, in which * and ? are wildcards, and all of its
// labels: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
func profileTakes(p *model.FargateProfile, w *graph.Workload) model.Tri {
	out := model.No
	if p.Missing != "" {
		out = model.Unknown
	}
	for _, s := range p.Selectors {
		pattern, known := s.Namespace.Get()
		match := model.Unknown
		if known {
			ok, err := path.Match(pattern, namespaceOf(w))
			match = model.TriOf(ok && err == nil)
		}
		if s.Labels.Missing != "" || w.PodSpec() == nil {
			match = match.And(model.Unknown)
		}
		for key, value := range s.Labels.Values {
			text, known := value.Get()
			if !known {
				match = match.And(model.Unknown)
				continue
			}
			match = match.And(w.Selected(graph.SelectorOfMap(map[string]string{key: text})))
		}
		out = out.Or(match)
	}
	return out
}

func namespaceOf(w *graph.Workload) string {
	if ns := w.Ref().Namespace; ns != "" {
		return ns
	}
	return corev1.NamespaceDefault
}
