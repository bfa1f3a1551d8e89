# METADATA
# title: inbound-cidrs is ignored because security-groups is set
# description: |-
#   Fires when an Ingress of a load balancer, or its IngressClassParams, names
#   source ranges or prefix lists, while an Ingress of the same load balancer
#   sets security-groups: the controller then makes no security group of its
#   own, and the ranges are used nowhere. It is silent for ranges that let
#   everybody in anyway.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#inbound-cidrs
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_load_balancer.go
# custom:
#   id: ING-009
#   severity: warning
#   security_severity: 5.3
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The owner believes that the load balancer admits only these ranges. In
#     truth the given security groups alone decide.
#   remediation: >-
#     Put the ranges into the security groups, or remove security-groups.
#   since: 0.1.0
package ekslint.rules.ingress.inbound_cidrs_ignored

findings contains finding if {
	group := ekslint.facts(input.ref)
	groups := [{"ref": m, "setting": s} |
		some m in group.members
		s := ekslint.facts(m).settings["security-groups"]
		regex.match(`[^,\s]`, s.value)
	]
	count(groups) > 0
	some member in group.members
	some item in ["inbound-cidrs", "security-group-prefix-lists"]
	setting := ekslint.facts(member).settings[item]
	limits(setting.value)
	finding := {
		"message": sprintf("%s of Ingress %q has no effect: Ingress %q sets security-groups", [item, member.name, groups[0].ref.name]),
		"ref": setting.ref,
		"path": setting.path,
		"key": sprintf("%s %s", [member.name, item]),
		"related": [{
			"message": sprintf("Ingress %q sets security-groups", [groups[0].ref.name]),
			"ref": groups[0].setting.ref,
			"path": groups[0].setting.path,
		}],
	}
}

limits(value) if {
	some range in split(value, ",")
	not trim_space(range) in {"", "0.0.0.0/0", "::/0"}
}
