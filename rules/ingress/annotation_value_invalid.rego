# METADATA
# title: Annotation value is outside its type or enum
# description: |-
#   Fires on the value of a load-balancer annotation that the AWS Load
#   Balancer Controller refuses to parse, or that is not one of the words it
#   accepts; on Ingresses that it manages and on Services that they use. What
#   only AWS would refuse is a warning. It is silent where IngressClassParams
#   or the Services set the same item, so that the value is not read, and for
#   placeholders. listen-ports, actions, conditions and transforms have rules
#   of their own.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/annotations/parser.go
# custom:
#   id: ING-005
#   severity: error
#   kinds: [Ingress, Service]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller stops at the first value that it cannot parse and builds
#     nothing for the whole load balancer; the error shows up only in events
#     and logs.
#   remediation: >-
#     Use a value that the message lists.
#   since: 0.1.0
package ekslint.rules.ingress.annotation_value_invalid

findings contains finding if {
	facts := ekslint.facts(input.ref)
	managed(facts)
	some a in facts.annotations
	a.effective
	not regex.match(`^(listen-ports$|jwt-validation$|actions[.]|conditions[.]|transforms[.])`, a.suffix)
	some issue in a.issues
	finding := {
		"message": sprintf("%s of %s %q: %s", [a.suffix, input.ref.kind, input.ref.name, issue.message]),
		"path": ["metadata", "annotations", a.key],
		"severity": severity(issue),
		"key": issue.message,
	}
}

managed(facts) if facts.manager in {"lbc", "auto-mode"}

managed(facts) if count(facts.ingresses) > 0

severity(issue) := "warning" if issue.soft

else := "error"
