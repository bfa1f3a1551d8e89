package graph

import (
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Selector is a label selector. The zero Selector matches everything.
type Selector struct {
	requirements []metav1.LabelSelectorRequirement
}

// SelectorOf reads a LabelSelector. A nil selector matches everything here:
// what nil means differs by field and is the caller's business.
func SelectorOf(s *metav1.LabelSelector) Selector {
	if s == nil {
		return Selector{}
	}
	out := SelectorOfMap(s.MatchLabels)
	out.requirements = append(out.requirements, s.MatchExpressions...)
	return out
}

// SelectorOfMap reads the map form, as in a Service.
func SelectorOfMap(labels map[string]string) Selector {
	out := Selector{requirements: make([]metav1.LabelSelectorRequirement, 0, len(labels))}
	keys := make([]string, 0, len(labels))
	for k := range labels {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		out.requirements = append(out.requirements, metav1.LabelSelectorRequirement{
			Key: k, Operator: metav1.LabelSelectorOpIn, Values: []string{labels[k]},
		})
	}
	return out
}

// Empty reports whether the selector asks for nothing.
func (s Selector) Empty() bool { return len(s.requirements) == 0 }

// key is the same for selectors that are written alike.
func (s Selector) key() string {
	var out strings.Builder
	for _, r := range s.requirements {
		for _, part := range append([]string{r.Key, string(r.Operator)}, r.Values...) {
			out.WriteString(strconv.Itoa(len(part)))
			out.WriteByte(':')
			out.WriteString(part)
		}
		out.WriteByte(';')
	}
	return out.String()
}

// Requirements are the single demands, matchLabels first. The slice is shared.
func (s Selector) Requirements() []metav1.LabelSelectorRequirement { return s.requirements }

// match answers whether labels satisfy the selector. known answers for a label
// that is absent whether it certainly is.
func (s Selector) match(labels map[string]string, known func(key string) bool) model.Tri {
	answer := model.Yes
	for _, r := range s.requirements {
		answer = answer.And(matchOne(r, labels, known))
		if answer == model.No {
			return model.No
		}
	}
	return answer
}

// Matches answers whether labels that are all known satisfy the selector. It is
// unknown where a value is a placeholder.
func (s Selector) Matches(labels map[string]string) model.Tri { return s.match(labels, inFull) }

// inFull is for labels that are all known.
func inFull(string) bool { return true }

// matchOne follows the operators of
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement
func matchOne(r metav1.LabelSelectorRequirement, labels map[string]string, known func(key string) bool) model.Tri {
	value, present := labels[r.Key]
	if !present && !known(r.Key) {
		return model.Unknown
	}
	switch r.Operator {
	case metav1.LabelSelectorOpExists:
		return model.TriOf(present)
	case metav1.LabelSelectorOpDoesNotExist:
		return model.TriOf(!present)
	case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
		in := oneOf(value, present, r.Values)
		if r.Operator == metav1.LabelSelectorOpNotIn {
			return in.Not()
		}
		return in
	default:
		return model.Unknown // the API server refuses other operators
	}
}

// oneOf compares texts; two different texts of which one is a placeholder may
// still become equal.
func oneOf(value string, present bool, values []string) model.Tri {
	if !present {
		return model.No
	}
	if slices.Contains(values, value) {
		return model.Yes
	}
	if placeholder.In(value) || slices.ContainsFunc(values, placeholder.In) {
		return model.Unknown
	}
	return model.No
}
