# METADATA
# title: IngressGroup members disagree on a setting
# description: |-
#   Fires when two Ingresses that become one load balancer set the same
#   exclusive item differently, as annotation or through IngressClassParams:
#   the scheme, the name, subnets, security groups, ssl-redirect, one key of
#   attributes or tags, or the protocol, certificates' policy and source
#   ranges of a listener that both use. Members that leave the item out never
#   conflict, and values are compared as the controller compares them. Members
#   of different clusters are never compared.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#group.name
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_load_balancer.go
# custom:
#   id: ING-008
#   severity: error
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller refuses the whole group: no member's changes reach the
#     load balancer until the conflict is gone.
#   remediation: >-
#     Set the item on one member only, or in IngressClassParams.
#   since: 0.1.0
package ekslint.rules.ingress.group_members_disagree

findings contains finding if {
	group := ekslint.facts(input.ref)
	some c in group.conflicts
	c.other.setting.ref
	finding := {
		"message": sprintf("Ingresses %s and %s share a load balancer and disagree on %s: %s and %s", [
			name(c.first.ref), name(c.other.ref), item(c), shown(c.first), shown(c.other),
		]),
		"ref": c.other.setting.ref,
		"path": c.other.setting.path,
		"key": sprintf("%s %s %s", [c.item, c.detail, name(c.first.ref)]),
		"related": related(c),
	}
}

name(ref) := sprintf("%q", [concat("/", [p | some p in [object.get(ref, "namespace", ""), ref.name]; p != ""])])

item(c) := c.item if c.detail == ""

else := sprintf("%s (%s)", [c.item, c.detail])

shown(member) := member.setting.value if member.setting.value

else := "its default"

related(c) := [{
	"message": sprintf("%s of Ingress %s", [c.item, name(c.first.ref)]),
	"ref": c.first.setting.ref,
	"path": c.first.setting.path,
}] if c.first.setting.ref

else := []
