# METADATA
# title: Ingress backend port does not exist on the Service
# description: |-
#   Fires when the Service of a backend is in the input and none of its ports
#   has the number or the name that the backend asks for. Only port and name
#   count, never targetPort or nodePort. It is silent for Services outside the
#   input and for rules that the controller never builds.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_target_group.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/enhanced_backend_builder.go
# custom:
#   id: ING-003
#   severity: error
#   kinds: [Ingress]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller fails on the unknown port and stops building the whole
#     load balancer, together with every other Ingress of its group.
#   remediation: >-
#     Use the number or the name of a port in spec.ports of the Service, not
#     the port of the container.
#   since: 0.1.0
package ekslint.rules.ingress.backend_port_missing

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some backend in facts.backends
	backend.built == "yes"
	some target in backend.targets
	target.port_exists == "no"
	service := ekslint.get("Service", object.get(input.ref, "namespace", ""), target.name)
	ports := object.get(service.object.spec, "ports", [])
	finding := {
		"message": sprintf("Ingress %q asks for port %v of Service %q, which has %s%s", [
			input.ref.name, wanted(target), target.name, offered(ports), confused(target, ports),
		]),
		"path": place(backend, target),
		"key": sprintf("%s:%v", [target.name, wanted(target)]),
		"related": [{
			"message": sprintf("Service %q has %s", [target.name, offered(ports)]),
			"ref": target.service,
			"path": ["spec", "ports"],
			"part": "key",
		}],
	}
}

wanted(target) := target.number if target.number

else := sprintf("%q", [target.port_name])

place(backend, target) := array.concat(target.path, ["port", "number"]) if {
	backend.kind == "service"
	target.number
}

else := array.concat(target.path, ["port", "name"]) if backend.kind == "service"

else := target.path

offered(ports) := "no ports" if count(ports) == 0

else := concat(", ", [sprintf("port %s", [label(p)]) | some p in ports])

label(p) := sprintf("%d (%s)", [p.port, p.name]) if p.name

else := sprintf("%d", [p.port])

confused(target, ports) := "; that number is its targetPort" if {
	some p in ports
	p.targetPort == target.number
}

else := "; that number is its nodePort" if {
	some p in ports
	p.nodePort == target.number
}

else := "; that name is its targetPort" if {
	some p in ports
	p.targetPort == target.port_name
}

else := ""
