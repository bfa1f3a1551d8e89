package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PeersOrWhereAnd is NP-007.
func PeersOrWhereAnd() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-007",
			Title:    "List items of from or to mean OR where AND was meant",
			Category: "networkpolicy",
			Description: `Fires on two neighbouring items of from or to, one with a namespaceSelector alone and one with a
podSelector alone, when the podSelector selects no pod of the policy's own namespace, where it is looked for,
but pods of the namespaces that the other item selects. It is a warning when the input is declared complete,
else a note. It is silent when the podSelector selects pods of its own namespace or all but does, for labels
that pods get at run time, and where the input does not show the pods or the namespaces.`,
			Rationale: `Two items are two ways in: the first admits every pod of these namespaces, not only the pods that the
second names, and the second admits nobody.`,
			Remediation: `Write both selectors in one item: remove the dash before podSelector.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Needs:       model.Workloads,
			Refs: []string{
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
			},
			Since: "0.1.0",
		},
		Run: rule.On(peersOrWhereAnd),
	}
}

func peersOrWhereAnd(p *rule.Pass, policy *graph.Policy) {
	for _, s := range p.Graph.SplitPeers(policy) {
		severity := rule.Note
		if p.Graph.Snapshot().Knows(model.Workloads, policy.Ref().Namespace) == model.Declared {
			severity = rule.Warning
		}
		w := s.Together[0]
		p.Report(rule.Finding{
			Severity: severity,
			Message: fmt.Sprintf("%s rule %d of NetworkPolicy %q names every pod of some namespaces, and no pod of its own: its podSelector has the labels of %s %q in namespace %q",
				s.Direction, s.Rule+1, policy.Ref().Name, w.Ref().Kind, w.Ref().Name, w.Ref().Namespace),
			At: rule.KeyAt(policy.Resource(), s.Pods.Child("podSelector")...),
			Related: []rule.Related{
				{Message: "the item that selects the namespaces", At: rule.KeyAt(policy.Resource(), s.Namespaces.Child("namespaceSelector")...)},
				{Message: fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name), At: rule.ValueAt(w.Holder(), w.PathTo("metadata", "labels")...)},
			},
		})
	}
}
