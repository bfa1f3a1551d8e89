# METADATA
# title: target-type instance needs a node port
# description: |-
#   Fires when the load balancer would send traffic to instances, because
#   target-type is instance or nothing sets it, and the Service of a backend
#   has no node port: it is ClusterIP, ExternalName or headless, or a
#   LoadBalancer Service told to allocate none. It is a warning where the
#   class of the Ingress is not in the input and only its name says that the
#   AWS Load Balancer Controller takes it. It is silent for Auto Mode without
#   an explicit instance, for Services that are not in the input, for rules
#   that the controller never builds, and without an explicit instance where
#   a chart that is not rendered, or the like, may hold the controller, whose
#   flags set the default. A target-control-port annotation for such a target
#   is an error as well.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_target_group.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#target-type
# custom:
#   id: ING-001
#   severity: error
#   kinds: [Ingress]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller cannot make an instance target without a node port. It
#     stops at the first such backend, and the whole load balancer, with every
#     other Ingress of the group, is not created or no longer updated.
#   remediation: >-
#     Set alb.ingress.kubernetes.io/target-type to ip, or make the Service a
#     NodePort Service.
#   since: 0.1.0
package ekslint.rules.ingress.target_type_needs_node_port

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some backend in facts.backends
	backend.built == "yes"
	some target in backend.targets
	target.target_type.value == "instance"
	target.node_port == "no"
	place := origin(target)
	finding := {
		"message": sprintf("Service %q is %s and has no node port, but target-type %s of Ingress %q needs one", [
			target.name, target.service_type, described(target.target_type), input.ref.name,
		]),
		"path": place.path,
		"ref": place.ref,
		"severity": severity(facts),
		"key": target.name,
		"related": [{
			"message": sprintf("Service %q is %s", [target.name, target.service_type]),
			"ref": target.service,
			"path": ["spec", "type"],
		}],
	}
}

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some backend in facts.backends
	backend.built == "yes"
	some target in backend.targets
	target.target_type.value == "instance"
	some a in facts.annotations
	startswith(a.suffix, sprintf("target-control-port.%s.", [target.name]))
	finding := {
		"message": sprintf("%s of Ingress %q needs target-type ip, but Service %q has %s", [
			a.suffix, input.ref.name, target.name, described(target.target_type),
		]),
		"path": ["metadata", "annotations", a.key],
		"severity": severity(facts),
	}
}

origin(target) := {"ref": target.target_type.ref, "path": target.target_type.path} if target.target_type.ref

else := {"ref": input.ref, "path": target.path}

described(setting) := "instance (the default)" if setting.origin == "default"

else := "instance"

severity(facts) := "warning" if facts.assumed

else := "error"
