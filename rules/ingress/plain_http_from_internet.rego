# METADATA
# title: Internet-facing ALB serves plain HTTP
# description: |-
#   Fires when the load balancer is known to face the internet, listens on
#   HTTP, has no redirect to HTTPS, and forwards requests of that listener to
#   targets. It is an error when the Ingress asks for a login (auth-type or
#   jwt-validation), because these are applied on HTTPS only and the HTTP
#   listener lets everybody past them, unless the load balancer is a named
#   group whose further members may lie outside the input and redirect; a note
#   when source ranges or security groups limit who connects; else a warning.
#   Rules that come after a catch-all redirect do not count.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_listener.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_actions.go
# - ref: https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc
# custom:
#   id: ING-010
#   severity: error
#   security_severity: 6.5
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     Passwords, cookies and everything else cross the internet in clear text,
#     and whoever is on the way can read and change them.
#   remediation: >-
#     Add an HTTPS listener with a certificate and set ssl-redirect to its
#     port.
#   since: 0.1.0
package ekslint.rules.ingress.plain_http_from_internet

import data.ekslint.lib.group as lib

findings contains finding if {
	group := ekslint.facts(input.ref)
	group.ports_known
	some port in group.ports
	some n, plain in port.plain
	not earlier(port.plain, n, plain.ref)
	facts := ekslint.facts(plain.ref)
	facts.settings.scheme.value == "internet-facing"
	place := origin(facts, plain.ref)
	finding := {
		"message": sprintf("Ingress %q serves plain HTTP on port %d of an internet-facing load balancer%s", [
			plain.ref.name, port.port, login(facts),
		]),
		"ref": object.get(place, "ref", plain.ref),
		"path": object.get(place, "path", ["metadata", "name"]),
		"severity": severity(group, port, facts),
		"key": sprintf("%s %d", [plain.ref.name, port.port]),
	}
}

# earlier: one finding an Ingress and port is enough.
earlier(rules, n, ref) if {
	some m, rule in rules
	m < n
	rule.ref == ref
}

origin(facts, ref) := facts.settings["listen-ports"] if facts.settings["listen-ports"].path

else := facts.settings.scheme if facts.settings.scheme.ref.kind == "IngressClassParams"

else := facts.settings.scheme if facts.settings.scheme.ref == ref

else := {}

asks_login(facts) if facts.settings["auth-type"].value in {"oidc", "cognito"}

asks_login(facts) if facts.settings["jwt-validation"].value

login(facts) := ", where its login is not applied" if asks_login(facts)

else := ""

severity(group, port, facts) := "warning" if {
	asks_login(facts)
	lib.open(group)
}

else := "error" if asks_login(facts)

else := "note" if limited(group, port)

else := "warning"

# limited: security groups hold for the whole load balancer, ranges for the
# port; either may stand on another member.
limited(group, _) if {
	some member in group.members
	ekslint.facts(member).settings["security-groups"].path
}

limited(_, port) if {
	some member in port.http
	settings := ekslint.facts(member).settings
	some item in ["inbound-cidrs", "security-group-prefix-lists"]
	narrow(settings[item])
}

narrow(setting) if setting.known == false

narrow(setting) if {
	ranges := {trim_space(range) | some range in split(setting.value, ",")} - {""}
	count(ranges) > 0
	count(ranges & {"0.0.0.0/0", "::/0"}) == 0
}
