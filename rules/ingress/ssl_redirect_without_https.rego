# METADATA
# title: ssl-redirect points to a port that is not an HTTPS listener
# description: |-
#   Fires when ssl-redirect, as annotation or in IngressClassParams, names a
#   port on which no Ingress of the load balancer listens as HTTPS. Without
#   listen-ports an Ingress listens on HTTPS 443 only if it names a
#   certificate, else on HTTP 80 only; spec.tls does not change that. Fires
#   as well when a redirect takes the place of an Ingress that listens on HTTP
#   only, so that its hosts are served nowhere. It is a warning where the class
#   is not in the input, when the load balancer has no HTTP listener that could
#   redirect, and when the port in IngressClassParams is no number. It is silent
#   where the listeners are not known, and for a named group unless the input is
#   declared complete, since another Ingress may listen on the port.
#   An Ingress that listens on HTTP only while the load balancer redirects is an
#   error where no other Ingress serves its host behind HTTPS, and a port in
#   IngressClassParams that is no number a warning.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_builder.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/ingress/annotations.md#ssl-redirect
# custom:
#   id: ING-011
#   severity: error
#   kinds: [IngressGroup]
#   reads: [Ingress, Service, Workload]
#   rationale: >-
#     The controller refuses a redirect to a port that does not exist and
#     stops building the whole load balancer.
#   remediation: >-
#     Add the port to listen-ports as HTTPS, or correct ssl-redirect.
#   since: 0.1.0
package ekslint.rules.ingress.ssl_redirect_without_https

import data.ekslint.lib.group as lib

findings contains finding if {
	group := ekslint.facts(input.ref)
	group.redirects == "no"
	group.redirect.ref
	group.ports_known
	not lib.open(group)
	port := group.redirect.value
	regex.match(`^[0-9]+$`, port)
	finding := {
		"message": sprintf("ssl-redirect of %s %q points to port %s, but the load balancer %s", [
			group.redirect.ref.kind, group.redirect.ref.name, port, listens(group, port),
		]),
		"ref": group.redirect.ref,
		"path": group.redirect.path,
		"severity": severity(group),
	}
}

findings contains finding if {
	group := ekslint.facts(input.ref)
	group.redirects == "yes"
	group.redirect.ref
	not lib.open(group)
	count([p | some p in group.ports; count(p.http) > 0]) == 0
	finding := {
		"message": sprintf("ssl-redirect of %s %q redirects nothing: the load balancer has no HTTP listener", [group.redirect.ref.kind, group.redirect.ref.name]),
		"ref": group.redirect.ref,
		"path": group.redirect.path,
		"severity": "warning",
	}
}

findings contains finding if {
	group := ekslint.facts(input.ref)
	group.redirects == "yes"
	not lib.open(group)
	some member in group.members
	facts := ekslint.facts(member)
	some backend in facts.backends
	backend.built == "no"
	count(backend.targets) > 0
	backend.host != ""
	not served(group, backend.host)
	finding := {
		"message": sprintf("Host %q of Ingress %q is never served: the Ingress listens on HTTP only, and ssl-redirect to port %s takes the place of its rules", [
			backend.host, member.name, group.redirect.value,
		]),
		"ref": member,
		"path": object.get(facts.settings, "listen-ports", {"path": ["metadata", "name"]}).path,
		"severity": severity(group),
		"key": sprintf("%s %s", [member.name, backend.host]),
		"related": [{
			"message": sprintf("ssl-redirect to port %s", [group.redirect.value]),
			"ref": group.redirect.ref,
			"path": group.redirect.path,
		}],
	}
}

findings contains finding if {
	some member in ekslint.facts(input.ref).members
	class := ekslint.facts(member).class
	params := ekslint.facts(class).params
	port := ekslint.get(sprintf("%s.%s", [params.kind, params.group]), "", params.name).object.spec.sslRedirectPort
	not regex.match(`^[0-9]+$`, port)
	finding := {
		"message": sprintf("sslRedirectPort %q of IngressClassParams %q is no number, so nothing is redirected", [port, params.name]),
		"ref": params,
		"path": ["spec", "sslRedirectPort"],
		"severity": "warning",
	}
}

# served: some member answers for the host behind HTTPS.
served(group, host) if {
	some port in group.ports
	some ref in port.https
	some b in ekslint.facts(ref).backends
	answers(b, host)
}

answers(backend, host) if backend.host in {"", host}

answers(backend, _) if backend.host_condition

answers(backend, host) if {
	startswith(backend.host, "*")
	endswith(host, trim_prefix(backend.host, "*"))
}

listens(group, port) := "serves HTTP there" if {
	some p in group.ports
	sprintf("%d", [p.port]) == port
}

else := "has no listener" if count(group.ports) == 0

else := sprintf("listens only on %s", [concat(", ", [sprintf("%s %d", [protocol(p), p.port]) | some p in group.ports])])

protocol(p) := "HTTPS" if count(p.https) > 0

else := "HTTP"

severity(group) := "warning" if lib.assumed(group)

else := "error"
