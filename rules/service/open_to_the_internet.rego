# METADATA
# title: LoadBalancer Service is open to the whole internet
# description: |-
#   Fires on a Service whose load balancer faces the internet and lets every
#   address in: it has neither source ranges nor prefix lists nor security groups
#   of its own, or ranges that hold every address. It is an error for ports of
#   databases and administration, compared with both port and targetPort, a note
#   where only 80 and 443 are open, and a warning for the rest. It is silent
#   where the load balancer is internal, where the input does not tell the scheme
#   or who takes the Service, and where security groups or prefix lists decide,
#   whose content is not in the manifests.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/service/annotations.md#lb-source-ranges
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/service/model_build_managed_sg.go
# custom:
#   id: SVC-002
#   severity: error
#   security_severity: 8.2
#   kinds: [Service]
#   reads: [Workload]
#   rationale: >-
#     Scanners find a new public address within minutes. A database or an
#     administration port that answers them is one weak password or one unpatched
#     flaw away from a breach.
#   remediation: >-
#     Set the annotation aws-load-balancer-scheme to internal, or list the
#     networks that need access in spec.loadBalancerSourceRanges.
#   since: 0.1.0
package ekslint.rules.service.open_to_the_internet

findings contains {"message": message, "path": path, "severity": severity, "related": related} if {
	facts := ekslint.facts(input.ref)
	facts.scheme.value == "internet-facing"
	facts.sources.any == "yes"
	grades := {grade(port) | some port in input.object.spec.ports}
	severity := worst(grades)
	names := [name(port) | some port in input.object.spec.ports; grade(port) == severity]
	message := sprintf("Service %q lets every address of the internet connect to port %s: its load balancer is internet-facing and %s", [
		input.ref.name, concat(", ", names), reason(facts.sources),
	])
	path := object.get(facts.scheme, "path", ["spec", "type"])
	related := [{"message": reason(facts.sources), "path": object.get(facts.sources, "path", ["spec", "loadBalancerSourceRanges"])}]
}

sensitive_ports := {22, 2379, 3306, 3389, 5432, 6379, 6443, 9200, 10250, 27017}

sensitive_names := {
	"elasticsearch", "etcd", "mongo", "mongodb", "mysql", "postgres", "postgresql", "rdp", "redis", "ssh",
}

grade(port) := "error" if sensitive(port)

else := "note" if port.port in {80, 443}

else := "warning"

sensitive(port) if port.port in sensitive_ports

sensitive(port) if port.targetPort in sensitive_ports

sensitive(port) if lower(port.name) in sensitive_names

sensitive(port) if {
	is_string(port.targetPort)
	lower(port.targetPort) in sensitive_names
}

name(port) := sprintf("%d (forwarded to %d)", [port.port, port.targetPort]) if {
	port.targetPort in sensitive_ports
	port.targetPort != port.port
}

else := sprintf("%d (%s)", [port.port, port.name]) if port.name

else := sprintf("%d", [port.port])

worst(grades) := "error" if "error" in grades

else := "warning" if "warning" in grades

else := "note" if "note" in grades

reason(sources) := "its source ranges hold every address" if sources.path

else := "it has no source ranges"
