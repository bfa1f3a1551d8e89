package eks

import (
	"regexp"
	"slices"
	"strings"

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
	known := func(path ...string) model.Tri {
		if len(w.Holder().Unknown) == 0 {
			return model.Yes // as mostly, and a cluster has many workloads
		}
		return ifKnown(!w.Holder().IsUnknown(w.PathTo(append([]string{"spec"}, path...)...)...))
	}
	out := known("nodeSelector").And(known("affinity")).And(known("tolerations"))
	for key, value := range spec.NodeSelector {
		if known("nodeSelector", key) == model.Yes {
			got, has := n.label(key, subnet)
			out = out.And(has.And(equal(got, value, has)))
		}
	}
	if known("affinity") == model.Yes {
		out = out.And(n.meets(spec.Affinity, subnet))
	}
	if known("tolerations") == model.Yes {
		out = out.And(n.tolerated(spec.Tolerations))
	}
	return out
}

// equal compares where there is a value to compare.
func equal(got, want string, has model.Tri) model.Tri {
	if has != model.Yes {
		return model.Unknown
	}
	return model.TriOf(got == want)
}

// meets answers whether one of the required terms matches; all expressions of a
// term have to, and one without any matches nothing.
func (n *NodeGroup) meets(affinity *corev1.Affinity, subnet *vpc.Subnet) model.Tri {
	if affinity == nil || affinity.NodeAffinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return model.Yes
	}
	out := model.No
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		match := model.TriOf(len(term.MatchExpressions)+len(term.MatchFields) > 0)
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
// selector names their namespace and all of its labels. * and ? are wildcards in
// each of them:
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards
func profileTakes(p *model.FargateProfile, w *graph.Workload) model.Tri {
	out := model.No
	if p.Missing != "" {
		out = model.Unknown
	}
	for _, s := range p.Selectors {
		match := inNamespace(s.Namespace, w)
		if s.Labels.Missing != "" {
			match = match.And(model.Unknown)
		}
		for key, value := range s.Labels.Values {
			match = match.And(labelled(w, key, value))
		}
		out = out.Or(match)
	}
	return out
}

// inNamespace answers whether a pattern names the namespace of a workload, which
// is not known where the manifest leaves it to kubectl.
func inNamespace(pattern model.Value[string], w *graph.Workload) model.Tri {
	text, known := pattern.Get()
	switch {
	case !known:
		return model.Unknown
	case w.Ref().Namespace == "":
		return ifKnown(strings.Trim(text, "*") == "")
	default:
		return model.TriOf(wildcard(text).MatchString(w.Ref().Namespace))
	}
}

// labelled answers whether the pods have a label that two patterns match.
func labelled(w *graph.Workload, key string, value model.Value[string]) model.Tri {
	text, known := value.Get()
	if !known || w.PodSpec() == nil {
		return model.Unknown
	}
	if !strings.ContainsAny(key+text, "*?") {
		return w.Selected(graph.SelectorOfMap(map[string]string{key: text}))
	}
	keys, values := wildcard(key), wildcard(text)
	out := ifKnown(!w.Holder().IsUnknown(w.PathTo("metadata", "labels")...)).Not()
	for k, v := range w.Labels() {
		if w.Selected(graph.SelectorOfMap(map[string]string{k: v})) == model.Yes {
			out = out.Or(model.TriOf(keys.MatchString(k) && values.MatchString(v)))
		}
	}
	return out
}

func wildcard(pattern string) *regexp.Regexp {
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^(?s:" + quoted + ")$")
}

func namespaceOf(w *graph.Workload) string {
	if ns := w.Ref().Namespace; ns != "" {
		return ns
	}
	return corev1.NamespaceDefault
}
