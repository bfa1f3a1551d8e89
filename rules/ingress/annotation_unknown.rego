# METADATA
# title: Unknown alb.ingress.kubernetes.io annotation
# description: |-
#   Fires on an annotation under alb.ingress.kubernetes.io that the AWS Load
#   Balancer Controller does not read from that kind of object: on an Ingress
#   that it manages, and on a Service that such an Ingress uses. It is an
#   error when a known key is at most two edits away, since the setting that
#   was meant is then certainly off; else a warning. Conditions and transforms
#   for a backend that the Ingress does not have are a warning, because they
#   are never applied.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/annotations/constants.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md
# custom:
#   id: ING-004
#   severity: error
#   kinds: [Ingress, Service]
#   reads: [Ingress, Workload]
#   rationale: >-
#     The controller ignores keys that it does not know, without a word. The
#     setting that the annotation was written for is simply not there.
#   remediation: >-
#     Correct the key, or move it to the kind of object that it is read from.
#   since: 0.1.0
package ekslint.rules.ingress.annotation_unknown

findings contains finding if {
	facts := ekslint.facts(input.ref)
	managed(facts)
	some a in facts.annotations
	a.known == false
	finding := {
		"message": sprintf("%s %q has annotation %s, which the controller does not %s%s", [
			input.ref.kind, input.ref.name, a.key, read(a), meant(a),
		]),
		"path": ["metadata", "annotations", a.key],
		"part": "key",
		"severity": severity(a),
	}
}

findings contains finding if {
	facts := ekslint.facts(input.ref)
	managed(facts)
	some a in facts.annotations
	a.unapplied
	regex.match(`^(conditions|transforms)[.]`, a.suffix)
	finding := {
		"message": sprintf("Ingress %q has annotation %s, but no backend of that name, so it is never applied", [input.ref.name, a.key]),
		"path": ["metadata", "annotations", a.key],
		"part": "key",
		"severity": "warning",
	}
}

managed(facts) if facts.manager in {"lbc", "auto-mode"}

managed(facts) if count(facts.ingresses) > 0

read(a) := sprintf("read from %s", [plural[input.ref.kind]]) if a.elsewhere

else := "know"

plural := {"Ingress": "an Ingress", "Service": "a Service"}

meant(a) := sprintf(" (did you mean %s?)", [a.suggestion]) if a.suggestion

else := ""

severity(a) := "note" if newer

else := "error" if a.suggestion

else := "warning"

# newer: a later controller may know keys that are not known here.
newer if ekslint.facts(input.ref).controller.newer

newer if ekslint.facts(ekslint.facts(input.ref).ingresses[0]).controller.newer
