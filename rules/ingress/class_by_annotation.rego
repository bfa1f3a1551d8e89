# METADATA
# title: Deprecated kubernetes.io/ingress.class annotation
# description: |-
#   Fires on an Ingress whose annotation kubernetes.io/ingress.class chooses
#   the AWS Load Balancer Controller. It is an error beside
#   spec.ingressClassName, because the API server refuses such an Ingress when
#   it is created; a warning where an IngressClass with parameters is in the
#   input, because the annotation bypasses them, and on EKS Auto Mode, which
#   does not read it; else a note. It is silent for other controllers, unless
#   the Ingress has ALB annotations and names a class both ways.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/group_loader.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/ingress_class.md
# custom:
#   id: ING-020
#   severity: error
#   kinds: [Ingress]
#   reads: []
#   rationale: >-
#     Settings that the platform team put into IngressClassParams, such as an
#     internal scheme, do not apply to this Ingress.
#   remediation: >-
#     Remove the annotation and set spec.ingressClassName.
#   since: 0.1.0
package ekslint.rules.ingress.class_by_annotation

key := "kubernetes.io/ingress.class"

findings contains finding if {
	input.object.metadata.annotations[key]
	input.object.spec.ingressClassName
	concerned
	finding := {
		"message": sprintf("Ingress %q has both the annotation %s and spec.ingressClassName, which the API server refuses", [input.ref.name, key]),
		"path": ["metadata", "annotations", key],
		"severity": "error",
	}
}

findings contains finding if {
	object.get(input.object.spec, "ingressClassName", null) == null
	facts := ekslint.facts(input.ref)
	facts.by_annotation
	facts.manager == "lbc"
	verdict := judge(facts)
	finding := {
		"message": sprintf("Ingress %q chooses its controller by the annotation %s%s", [input.ref.name, key, verdict.why]),
		"path": ["metadata", "annotations", key],
		"severity": verdict.severity,
	}
}

concerned if ekslint.facts(input.ref).manager == "lbc"

concerned if {
	some other, _ in input.object.metadata.annotations
	startswith(other, "alb.ingress.kubernetes.io/")
}

judge(facts) := {"severity": "error", "why": ", which the controller's flag disable-ingress-class-annotation refuses"} if {
	facts.controller.flags["disable-ingress-class-annotation"] == "true"
}

else := {"severity": "warning", "why": ", which EKS Auto Mode does not read"} if facts.assumed

else := {"severity": "warning", "why": sprintf(", so the parameters of IngressClass %q do not apply", [bypassed[0]])} if count(bypassed) > 0

else := {"severity": "note", "why": ", which is deprecated"}

bypassed := [class.ref.name |
	some class in ekslint.list("IngressClass", "")
	facts := ekslint.facts(class.ref)
	facts.manager == "lbc"
	facts.has_params in {"yes", "unknown"}
]
