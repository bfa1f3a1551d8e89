# METADATA
# title: HTTPS listener without any certificate source
# description: |-
#   Fires when no Ingress that listens on a port as HTTPS has any source of a
#   certificate: no certificate-arn, none in IngressClassParams, no create-
#   acm-cert, and no host in rules or tls by which the controller could find
#   one in ACM. It is a warning for a named group whose further members may
#   lie outside the input, and where the class is not in the input, since its
#   IngressClassParams may name a certificate.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/cert_discovery.md
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener.go
# custom:
#   id: ING-007
#   severity: error
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller sends the listener to AWS without a certificate, and AWS
#     refuses it. The load balancer has no such listener.
#   remediation: >-
#     Set certificate-arn, or give the rules a host that a certificate in ACM
#     covers.
#   since: 0.1.0
package ekslint.rules.ingress.https_without_certificate

import data.ekslint.lib.group as lib

findings contains finding if {
	group := ekslint.facts(input.ref)
	group.ports_known
	some port in group.ports
	port.certificate == "no"
	member := port.https[0]
	settings := ekslint.facts(member).settings
	place := object.get(settings, "listen-ports", {"path": ["metadata", "name"]})
	finding := {
		"message": sprintf("Ingress %q listens on HTTPS port %d and has no certificate: no certificate-arn and no host to find one by", [
			member.name, port.port,
		]),
		"ref": member,
		"path": place.path,
		"severity": severity(group),
		"key": sprintf("%d", [port.port]),
	}
}

severity(group) := "warning" if lib.unsure(group)

else := "error"
