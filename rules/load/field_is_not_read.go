package load

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// FieldIsNotRead is LOAD-002.
func FieldIsNotRead() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "LOAD-002",
			Title:    "Field is unknown, stands twice or reads as a boolean",
			Category: "load",
			Description: `Fires on a field that the Kubernetes API does not know for the kind of the object, on a key that
stands twice in one mapping, and on a bare y or n where text belongs. It is an error in an Ingress, a Service
or a NetworkPolicy and in the pod template of a workload, where it changes who can reach what, and a warning
elsewhere. Fields are compared with their case, as the API server does. It is silent on the fields of custom
resources, which are not known, and on keys that a YAML merge (<<) brings and the mapping replaces.`,
			Rationale: `The API server refuses an unknown field or drops it, depending on how the object is applied.
Dropped, it takes its meaning along: a peer of a NetworkPolicy that says podSelecter for podSelector beside
a namespaceSelector lets in every pod of those namespaces. Of a key that stands twice only the last value
counts, and the first is lost without a word. A bare y is true to kubectl, as YAML 1.1 has it, and the
API server refuses a boolean where it wants text.`,
			Remediation: `Write the field as the API reference has it. Remove one of two equal keys. Write
"y" and "n" with quotes.`,
			Severity:         rule.Error,
			SecuritySeverity: 6.5,
			Kinds:            []string{graph.KindResource},
			Reads:            []string{},
			Refs: []string{
				"https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
				"https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
			},
			Since: "0.1.0",
		},
		Run: func(p *rule.Pass, o graph.Object) {
			r := o.Resource()
			for _, d := range r.Defects {
				if len(d.Path) == 0 {
					continue
				}
				p.Report(rule.Finding{
					Message:  message(r.Ref, d),
					At:       rule.KeyAt(r, d.Path...),
					Severity: severity(o, d.Path),
				})
			}
		},
	}
}

func message(ref model.Ref, d model.Defect) string {
	last := len(d.Path) - 1
	where := ""
	if last > 0 {
		where = " in " + d.Path[:last].String()
	}
	if d.Kind == model.BooleanText {
		return fmt.Sprintf("%s %q has a bare %s in %s, which kubectl reads as a boolean", ref.Kind, ref.Name, d.Detail, d.Path)
	}
	flaw, detail := "unknown field", fmt.Sprintf(" (did you mean %q?)", d.Detail)
	if d.Kind == model.DuplicateField {
		flaw, detail = "repeated key", fmt.Sprintf(" (%s)", d.Detail)
	}
	if d.Detail == "" {
		detail = ""
	}
	return fmt.Sprintf("%s %q has the %s %q%s%s", ref.Kind, ref.Name, flaw, d.Path[last], where, detail)
}

// severity grades a defect by whether it changes what the object means for the
// network.
func severity(o graph.Object, at model.Path) rule.Severity {
	switch o := o.(type) {
	case *graph.Ingress, *graph.Service, *graph.Policy:
		if at[0] != "status" {
			return rule.Error
		}
	case *graph.Workload:
		if o.PathTo().Covers(at) {
			return rule.Error
		}
	}
	return rule.Warning
}
