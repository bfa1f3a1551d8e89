# METADATA
# title: Ingress backend Service does not exist
# description: |-
#   Fires when a backend, or a Service of an action that a backend uses, names
#   a Service that the Ingress's namespace does not have, where the Services
#   of that namespace are known. It is an error where the input is declared
#   complete, where a Service with nearly the same name exists, or where the
#   action forwards to several targets; else a warning. It is silent where no
#   Service of the namespace is in the input, where something that is not
#   read, such as a chart, may bring it, and, unless the input is declared
#   complete, for the -primary and -canary of an existing name, which Flagger
#   makes.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/enhanced_backend_builder.go
# custom:
#   id: ING-002
#   severity: error
#   kinds: [Ingress]
#   reads: [Workload, Service]
#   needs: [services]
#   rationale: >-
#     The controller answers that path with a fixed 503. Where an action
#     forwards to several targets, the missing one stops the whole load
#     balancer from being built.
#   remediation: >-
#     Name an existing Service of the same namespace, or create the missing
#     one.
#   since: 0.1.0
package ekslint.rules.ingress.backend_service_missing

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some backend in facts.backends
	some target in backend.targets
	target.exists == "no"
	finding := {
		"message": sprintf("Ingress %q forwards to Service %q, which does not exist%s", [
			input.ref.name, target.name, meant(target),
		]),
		"path": place(backend, target),
		"severity": severity(target),
		"key": target.name,
	}
}

place(backend, target) := array.concat(target.path, ["name"]) if backend.kind == "service"

else := target.path

meant(target) := sprintf(" (did you mean %q?)", [target.similar]) if target.similar

else := ""

severity(target) := "error" if target.similar

else := "error" if not target.single

else := "error" if {
	facts := ekslint.facts(input.ref)
	facts.controller.flags["tolerate-non-existent-backend-service"] == "false"
}

else := "error" if ekslint.known("services", object.get(input.ref, "namespace", "")) == "declared"

else := "warning"
