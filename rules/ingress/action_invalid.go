package ingress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ActionInvalid reports annotations whose JSON the controller refuses.
func ActionInvalid() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "ING-013",
			Title:    "actions, conditions or transforms JSON is invalid",
			Category: "ingress",
			Description: "Fires on the JSON of an actions, conditions, transforms or jwt-validation annotation that the\n" +
				"controller cannot parse or refuses as incomplete. Only annotations that a backend uses are parsed.\n" +
				"A condition on a field that the controller does not know is a warning: it is dropped in silence, so\n" +
				"the rule matches more than it says. What only AWS refuses is a warning too.",
			Rationale: "The controller stops at the first annotation that it cannot read and builds nothing for the whole\n" +
				"load balancer; a condition that it drops lets requests through that should not match.",
			Remediation: "Complete the JSON as the message says.",
			Severity:    rule.Error,
			Kinds:       []string{"Ingress"},
			Refs: []string{
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/config_types.go",
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener_rules.go",
			},
			Since: "0.1.0",
		},
		Run: rule.On(actionInvalid),
	}
}

func actionInvalid(p *rule.Pass, i *graph.Ingress) {
	if !i.Manager.IsAWS() {
		return
	}
	crossCheck(p, i)
	for _, a := range p.Graph.Annotations(i) {
		if !isJSON(a.Suffix) {
			continue
		}
		for _, issue := range a.Issues {
			p.Report(rule.Finding{
				Severity: severity(issue),
				Message:  fmt.Sprintf("%s of Ingress %q: %s", a.Suffix, i.Ref().Name, describe(issue)),
				At:       rule.ValueAt(i.Resource(), "metadata", "annotations", a.Key),
				Key:      issue.Path + issue.Message,
			})
		}
	}
}

// crossCheck judges what an annotation means beside the rest of the Ingress.
func crossCheck(p *rule.Pass, i *graph.Ingress) {
	for _, b := range i.Backends {
		if b.Action != nil && b.Action.UsesOwnTargetGroup() && i.Manager == graph.ManagerAutoMode {
			p.Report(rule.Finding{
				Severity: rule.Warning,
				Message:  fmt.Sprintf("actions.%s of Ingress %q names a target group of its own, which EKS Auto Mode does not support", b.Name, i.Ref().Name),
				At:       rule.ValueAt(i.Resource(), "metadata", "annotations", i.Key("actions."+b.Name)),
			})
		}
		for _, field := range clashes(i, b) {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("conditions.%s of Ingress %q and the rule itself match %s, one by regular expression and one not", b.Name, i.Ref().Name, field),
				At:      rule.ValueAt(i.Resource(), "metadata", "annotations", i.Key("conditions."+b.Name)),
				Key:     field + strings.Join(b.Path, "/"),
			})
		}
	}
}

// clashes lists the fields that the rule of the backend and its conditions
// match in different ways, by value and by regular expression, which the
// controller refuses to join.
func clashes(i *graph.Ingress, b *graph.Backend) []string {
	s := i.Annotation("conditions." + b.Name)
	if s.Value == nil || b.RulePath == nil {
		return nil
	}
	conditions, issues := lbc.ParseConditions(*s.Value)
	if lbc.Refused(issues) {
		return nil
	}
	var out []string
	if b.Host != "" && conditions.HasRegex("host-header") {
		out = append(out, "the host")
	}
	if regex, known := i.RegexPath(b); known && b.HTTPPath != "" && matchesPath(conditions, !regex) {
		out = append(out, "the path")
	}
	return out
}

// matchesPath reports whether a condition matches the path in the given way.
func matchesPath(conditions lbc.Conditions, regex bool) bool {
	return slices.ContainsFunc(conditions, func(c lbc.Condition) bool {
		return c.Field == lbc.FieldPathPattern && (regex && len(c.RegexValues) > 0 || !regex && len(c.Values) > 0)
	})
}

// isJSON reports whether the annotation is one that this rule parses; the
// others belong to ING-005 and ING-006.
func isJSON(suffix string) bool {
	for _, prefix := range []string{"actions.", "conditions.", "transforms."} {
		if strings.HasPrefix(suffix, prefix) {
			return true
		}
	}
	return suffix == "jwt-validation"
}

func severity(issue graph.Issue) rule.Severity {
	if issue.Soft {
		return rule.Warning
	}
	return rule.Error
}

func describe(issue graph.Issue) string {
	if issue.Path == "" || strings.HasPrefix(issue.Message, issue.Path) {
		return issue.Message
	}
	return issue.Path + ": " + issue.Message
}
