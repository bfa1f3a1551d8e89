# METADATA
# title: use-annotation backend has no matching actions annotation
# description: |-
#   Fires when a backend says use-annotation and the same Ingress has no
#   annotation actions.<name> for it. An actions annotation that no backend
#   uses is a note. It is silent in namespaces with an Argo Rollout, which may
#   add the annotation when it runs.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/enhanced_backend_builder.go
# custom:
#   id: ING-012
#   severity: error
#   kinds: [Ingress]
#   reads: [Workload]
#   rationale: >-
#     The controller answers that path with a fixed 503, or stops building the
#     whole load balancer if its flag says so.
#   remediation: >-
#     Add the annotation alb.ingress.kubernetes.io/actions.<name> to the same
#     Ingress, or correct the name.
#   since: 0.1.0
package ekslint.rules.ingress.action_missing

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some backend in facts.backends
	backend.kind == "action"
	backend.has_action == "no"
	finding := {
		"message": sprintf("Ingress %q has no annotation actions.%s for a backend that uses it", [input.ref.name, backend.name]),
		"path": array.concat(backend.path, ["service", "name"]),
		"key": backend.name,
	}
}

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some a in facts.annotations
	a.unapplied
	startswith(a.suffix, "actions.")
	finding := {
		"message": sprintf("Ingress %q has annotation %s, which no backend uses", [input.ref.name, a.key]),
		"path": ["metadata", "annotations", a.key],
		"part": "key",
		"severity": "note",
	}
}
