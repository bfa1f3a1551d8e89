package graph

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// NearMiss says which demand of a selector keeps it from matching.
type NearMiss struct {
	// Key and Want are the demand; Has is what the nearest object has instead,
	// empty when it lacks the label.
	Key  string    `json:"key"`
	Want string    `json:"want"`
	Has  string    `json:"has"`
	Ref  model.Ref `json:"ref"`
}

// NearMissOf finds the pods that the selector of a Service all but selects.
func (g *Graph) NearMissOf(s *Service) *NearMiss {
	ns := g.Namespace(s.Ref().Namespace)
	return nearMiss(s.selector, ns.Workloads)
}

// nearMiss finds a workload that fails exactly one demand of the selector, in a
// way that looks like a slip: pods of another part of the same application
// often differ in one label too, and are no proof of anything.
func nearMiss(s Selector, workloads []*Workload) *NearMiss {
	if len(s.requirements) < 2 {
		return nil
	}
	for _, w := range workloads {
		if w.template == nil || w.labelsUnknown() {
			continue
		}
		if r, ok := onlyFailure(s, w.Labels()); ok && isSlip(s, r, w.Labels()) {
			return &NearMiss{Key: r.Key, Want: strings.Join(r.Values, " or "), Has: w.Labels()[r.Key], Ref: w.Ref()}
		}
	}
	return nil
}

func onlyFailure(s Selector, labels map[string]string) (metav1.LabelSelectorRequirement, bool) {
	var failed []metav1.LabelSelectorRequirement
	for _, r := range s.requirements {
		if matchOne(r, labels, inFull) != model.Yes {
			failed = append(failed, r)
		}
	}
	if len(failed) != 1 || failed[0].Operator != metav1.LabelSelectorOpIn {
		return metav1.LabelSelectorRequirement{}, false
	}
	return failed[0], true
}

// isSlip reports whether the failed demand is one that the author took for met:
// the pods have a value that reads the same, or they are those of the
// application and lack the label.
func isSlip(s Selector, failed metav1.LabelSelectorRequirement, labels map[string]string) bool {
	if has, ok := labels[failed.Key]; ok {
		return slices.ContainsFunc(failed.Values, func(want string) bool { return misspelt(want, has) })
	}
	return slices.ContainsFunc(s.requirements, func(r metav1.LabelSelectorRequirement) bool {
		return r.Key != failed.Key && r.Operator == metav1.LabelSelectorOpIn && namesApplication(r.Key)
	})
}

// namesApplication reports whether the values of a label usually stand for one
// application and not for what many have in common, as a release or a team.
func namesApplication(key string) bool {
	switch key {
	case "app", "name", "run", "k8s-app", "app.kubernetes.io/name":
		return true
	default:
		return false
	}
}

// misspelt reports whether two different words are likely meant to be one:
// they differ in case and separators alone, or by a typing error within one
// part. Parts that differ in digits or are short number things: db-1, db-2.
func misspelt(a, b string) bool {
	if plainWord(a) == plainWord(b) {
		return true
	}
	x, y := wordParts(a), wordParts(b)
	if len(x) != len(y) {
		return false
	}
	differing := 0
	for i := range x {
		if x[i] == y[i] {
			continue
		}
		differing++
		if !typingError(x[i], y[i]) {
			return false
		}
	}
	return differing == 1
}

func plainWord(s string) string { return strings.Join(wordParts(s), "") }

func wordParts(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("-_.", r) })
}

func typingError(a, b string) bool {
	const shortest = 5
	if min(len(a), len(b)) < shortest || withoutDigits(a) == withoutDigits(b) {
		return false
	}
	limit := 1
	if min(len(a), len(b)) >= 2*shortest-1 {
		limit = 2
	}
	return levenshtein.ComputeDistance(a, b) <= limit
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}
