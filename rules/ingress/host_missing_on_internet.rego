# METADATA
# title: Ingress without host on an internet-facing ALB
# description: |-
#   Notes a rule without a host that forwards to targets on a load balancer
#   known to face the internet. That is legal and needs no domain, so it is
#   only a hint. It is silent when a condition names a host, and when security
#   groups, source ranges or prefix lists limit who connects.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/spec.md
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener_rules.go
# custom:
#   id: ING-034
#   severity: note
#   kinds: [Ingress]
#   reads: [Ingress, Workload]
#   rationale: >-
#     The rule answers requests for any name, also those of scanners that try
#     addresses, and may catch requests meant for hosts of other rules.
#   remediation: >-
#     Set the host of the rule.
#   since: 0.1.0
package ekslint.rules.ingress.host_missing_on_internet

findings contains finding if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	facts.settings.scheme.value == "internet-facing"
	every item in ["security-groups", "inbound-cidrs", "security-group-prefix-lists"] {
		object.get(facts.settings, item, null) == null
	}
	some backend in facts.backends
	backend.built == "yes"
	backend.host == ""
	backend.host_condition == false
	count(backend.targets) > 0
	finding := {
		"message": sprintf("Ingress %q answers requests for any host on an internet-facing load balancer", [input.ref.name]),
		"path": place(backend),
		"part": "key",
	}
}

# The host is what is missing: where it is not known, nothing is.
place(backend) := array.concat(backend.rule_path, ["host"]) if backend.rule_path

place(backend) := backend.path if not backend.rule_path
