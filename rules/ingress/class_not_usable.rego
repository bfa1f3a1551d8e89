# METADATA
# title: IngressClass is missing or not an ALB class
# description: |-
#   Fires where the class of an Ingress with ALB annotations does not lead to
#   an AWS controller: a class of another controller, or no class where no
#   class of the input is the default (warnings); a class that does not exist
#   in an input declared complete (a note). It is an error when two classes
#   are default and an Ingress names none (a warning when each names one), when
#   an ALB class names parameters of the wrong kind or that do not exist in a
#   complete input, and when the parameters refuse the namespace of the
#   Ingress. It is silent for Ingresses without ALB annotations, and for the
#   controllers of other clouds that read the same annotations.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/class_loader.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/webhooks/networking/ingress_validator.go
# custom:
#   id: ING-021
#   severity: error
#   kinds: [Ingress, IngressClass]
#   reads: [Ingress]
#   rationale: >-
#     No controller acts on the Ingress, or the controller refuses it: no load
#     balancer appears, and the annotations have no effect.
#   remediation: >-
#     Set spec.ingressClassName to the ALB class, or correct the parameters of
#     the class.
#   since: 0.1.0
package ekslint.rules.ingress.class_not_usable

alb := "alb.ingress.kubernetes.io/"

annotated if {
	some key, _ in input.object.metadata.annotations
	startswith(key, alb)
}

findings contains finding if {
	input.ref.kind == "Ingress"
	annotated
	facts := ekslint.facts(input.ref)
	facts.class
	facts.manager == "other"
	class := ekslint.get("IngressClass", "", facts.class.name)
	not endswith(class.object.spec.controller, "/alb") # of another cloud
	finding := {
		"message": sprintf("Ingress %q has ALB annotations, but its class %q belongs to controller %q", [
			input.ref.name, facts.class.name, class.object.spec.controller,
		]),
		"path": ["spec", "ingressClassName"],
		"severity": "warning",
		"related": [{
			"message": sprintf("class %q", [facts.class.name]),
			"ref": facts.class,
			"path": ["spec", "controller"],
		}],
	}
}

findings contains finding if {
	input.ref.kind == "Ingress"
	annotated
	name := input.object.spec.ingressClassName
	name != "alb"
	object.get(ekslint.facts(input.ref), "class", null) == null
	ekslint.known("ingressclasses", "") == "declared"
	ekslint.facts(input.ref).by_annotation == false
	finding := {
		"message": sprintf("Ingress %q names IngressClass %q, which does not exist", [input.ref.name, name]),
		"path": ["spec", "ingressClassName"],
		"severity": "note",
	}
}

findings contains finding if {
	input.ref.kind == "Ingress"
	annotated
	ekslint.facts(input.ref).manager == "none"
	finding := {
		"message": sprintf("Ingress %q names no class, and none of the IngressClasses is the default: no controller acts on it", [input.ref.name]),
		"path": ["spec"],
		"part": "key",
		"severity": "warning",
	}
}

findings contains finding if {
	input.ref.kind == "Ingress"
	ekslint.facts(input.ref).namespace_allowed == "no"
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	params := ekslint.facts(facts.class).params
	finding := {
		"message": sprintf("IngressClassParams %q of class %q does not allow the namespace of Ingress %q", [
			params.name, facts.class.name, input.ref.name,
		]),
		"path": ["spec", "ingressClassName"],
		"related": [{
			"message": sprintf("IngressClassParams %q", [params.name]),
			"ref": params,
			"path": ["spec", "namespaceSelector"],
			"part": "key",
		}],
	}
}

findings contains finding if {
	input.ref.kind == "IngressClass"
	facts := ekslint.facts(input.ref)
	facts.default
	count(facts.defaults) > 1
	facts.manager in {"lbc", "auto-mode"}
	some other in facts.defaults
	other.name != input.ref.name
	finding := {
		"message": sprintf("IngressClasses %q and %q are both the default, which the controller refuses", [input.ref.name, other.name]),
		"path": ["metadata", "annotations", "ingressclass.kubernetes.io/is-default-class"],
		"severity": severity(facts),
		"key": other.name,
	}
}

# Only an Ingress without a class of its own makes the controller ask for it.
severity(facts) := "error" if count(facts.classless) > 0

else := "warning"

group_of := {"lbc": "elbv2.k8s.aws", "auto-mode": "eks.amazonaws.com"}

findings contains finding if {
	input.ref.kind == "IngressClass"
	facts := ekslint.facts(input.ref)
	want := group_of[facts.manager]
	params := input.object.spec.parameters
	wrong := misfit(params, want)
	finding := {
		"message": sprintf("Parameters of IngressClass %q are %s, but its controller takes IngressClassParams of %s", [
			input.ref.name, wrong, want,
		]),
		"path": ["spec", "parameters"],
		"part": "key",
	}
}

misfit(params, want) := sprintf("%s of %s", [params.kind, object.get(params, "apiGroup", "no group")]) if {
	[params.kind, object.get(params, "apiGroup", "")] != ["IngressClassParams", want]
}

findings contains finding if {
	input.ref.kind == "IngressClass"
	facts := ekslint.facts(input.ref)
	want := group_of[facts.manager]
	params := input.object.spec.parameters
	params.apiGroup == want
	params.kind == "IngressClassParams"
	facts.has_params == "unknown"
	ekslint.known("ingressclasses", "") == "declared"
	finding := {
		"message": sprintf("IngressClass %q names IngressClassParams %q, which does not exist", [input.ref.name, params.name]),
		"path": ["spec", "parameters", "name"],
	}
}
