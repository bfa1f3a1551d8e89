# METADATA
# title: listen-ports is not valid
# description: |-
#   Fires when the controller cannot read listen-ports: no JSON list of
#   objects with the keys HTTP and HTTPS and numbers from 1 to 65535. A list
#   without any port, and one port under both protocols, are warnings, because
#   the controller accepts them and does something else than the text says.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#listen-ports
# custom:
#   id: ING-006
#   severity: error
#   kinds: [Ingress]
#   reads: []
#   rationale: >-
#     A value that cannot be read stops the whole load balancer from being
#     built.
#   remediation: >-
#     Write a list of listeners, such as [{"HTTP": 80}, {"HTTPS": 443}].
#   since: 0.1.0
package ekslint.rules.ingress.listen_ports_invalid

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some a in facts.annotations
	a.suffix == "listen-ports"
	some issue in a.issues
	finding := {
		"message": sprintf("listen-ports of Ingress %q: %s", [input.ref.name, issue.message]),
		"path": ["metadata", "annotations", a.key],
		"severity": severity(issue),
		"key": issue.message,
	}
}

severity(issue) := "warning" if issue.soft

else := "error"
