# METADATA
# title: Ingress rule is shadowed by an earlier one
# description: |-
#   Fires on a rule that an earlier rule of the same load balancer covers on
#   every port that it is served on, so that it never matches. The order is
#   the controller's: group.order, then namespace and name; within one entry
#   of spec.rules exact paths come first, then longer prefixes, then the rest.
#   It is silent where both do the same, where the earlier rule has further
#   conditions, and for regular expressions.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener_rules.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#group.order
# custom:
#   id: ING-018
#   severity: warning
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     Requests for the path go to another Service than the manifest says, and
#     no error appears anywhere.
#   remediation: >-
#     Move the more specific rule before the general one (its own entry, or a
#     lower group.order), or remove it.
#   since: 0.1.0
package ekslint.rules.ingress.rule_never_matches

findings contains finding if {
	group := ekslint.facts(input.ref)
	some shadow in group.shadowed
	finding := {
		"message": sprintf("%s of Ingress %q never matches: %s of Ingress %q comes first and covers it", [
			what(shadow.rule), shadow.rule.ref.name, what(shadow.by), shadow.by.ref.name,
		]),
		"ref": shadow.rule.ref,
		"path": place(shadow.rule),
		"related": [{
			"message": sprintf("%s of Ingress %q", [what(shadow.by), shadow.by.ref.name]),
			"ref": shadow.by.ref,
			"path": place(shadow.by),
		}],
	}
}

what(rule) := sprintf("path %q", [rule.http_path]) if rule.host == ""

else := sprintf("path %q of host %q", [rule.http_path, rule.host])

place(rule) := array.concat(array.slice(rule.path, 0, count(rule.path) - 1), ["path"])
