# METADATA
# title: NetworkPolicy rule allows everything
# description: |-
#   Fires on a rule of a NetworkPolicy that names no peer, every address of a
#   family or every pod of the cluster. Without ports it is a warning where the
#   rule lets traffic in, or where it undoes the default deny of another policy;
#   for egress otherwise, and for policies that call themselves allow-… without
#   such a deny, it is a note. With ports it is a note for ingress, and for egress
#   to other ports than 53, 80 and 443. It is silent for ingress to pods that a
#   load balancer may reach, and to ports on which the API server calls pods for a
#   webhook or an APIService, as no selector names the control plane; for address
#   blocks with exceptions, for directions that the policy does not isolate, and for
#   empty lists of rules, which deny.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic
# - ref: https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc
# custom:
#   id: NP-006
#   severity: warning
#   security_severity: 6.0
#   kinds: [NetworkPolicy]
#   reads: [Workload, Service, Ingress, NetworkPolicy, CiliumNetworkPolicy.cilium.io, ApplicationNetworkPolicy.networking.k8s.aws]
#   rationale: >-
#     Policies add up: one rule that allows everything makes all the others for the
#     same pods useless, while the list of policies still looks restrictive.
#   remediation: >-
#     Name the peers and the ports that the pods need. To open one port to
#     everybody, list that port.
#   since: 0.1.0
package ekslint.rules.networkpolicy.rule_allows_everything

findings contains {"message": message, "path": path, "severity": severity} if {
	some direction, names in directions
	some i, rule in input.object.spec[direction]
	wide := unrestricted(object.get(rule, names.peers, []))
	facts := ekslint.facts(input.ref)
	facts[direction] == "yes"
	exempt(direction, facts) == false
	open := [p | some p in ports(rule); not called(direction, facts, p)]
	says_something(ports(rule), open)
	severity := grade(direction, open)
	message := sprintf("NetworkPolicy %q lets its pods %s %s on %s", [input.ref.name, names.verb, wide.who, spoken(open)])
	path := array.concat(["spec", direction, i], place(names.peers, wide))
}

directions := {
	"ingress": {"peers": "from", "verb": "take traffic from"},
	"egress": {"peers": "to", "verb": "send traffic to"},
}

unrestricted([]) := {"who": "anywhere"}

unrestricted(peers) := {"who": who, "index": index} if {
	all := [[i, w] | some i, peer in peers; w := everybody(peer)]
	[index, who] := all[0]
}

everybody(peer) := sprintf("every address in %s", [peer.ipBlock.cidr]) if {
	peer.ipBlock.cidr in {"0.0.0.0/0", "::/0"}
	count(object.get(peer.ipBlock, "except", [])) == 0
}

everybody(peer) := "every pod of the cluster" if {
	selects_all(peer.namespaceSelector)
	selects_all(object.get(peer, "podSelector", {}))
}

selects_all(selector) if {
	count(object.get(selector, "matchLabels", {})) == 0
	count(object.get(selector, "matchExpressions", [])) == 0
}

ports(rule) := object.get(rule, "ports", [])

# Without ports a rule is for every port.
says_something([], _)

says_something(_, open) if count(open) > 0

called("ingress", facts, p) if {
	is_one_over_tcp(p)
	p.port in facts.called_ports
}

called("ingress", facts, p) if {
	is_one_over_tcp(p)
	facts.any_port_called
}

is_one_over_tcp(p) if {
	object.get(p, "protocol", "TCP") == "TCP"
	not p.endPort
}

default exempt(_, _) := false

exempt("ingress", facts) if facts.behind_load_balancer

grade(direction, []) := "warning" if undoes_deny(direction)

else := "warning" if {
	direction == "ingress"
	not startswith(input.ref.name, "allow")
}

else := "note"

grade("ingress", listed) := "note" if count(listed) > 0

grade("egress", listed) := "note" if {
	some p in listed
	not p.port in {53, 80, 443, "dns", "dns-tcp", "http", "https"}
}

# Another policy isolates every pod of the namespace in the direction.
undoes_deny(direction) if {
	some other in ekslint.list("NetworkPolicy", input.ref.namespace)
	other.ref.name != input.ref.name
	facts := ekslint.facts(other.ref)
	facts.selects_all == "yes"
	facts[direction] == "yes"
	count(object.get(other.object.spec, direction, [])) == 0
}

spoken([]) := "every port"

spoken([p]) := sprintf("port %v", [object.get(p, "port", "any")])

spoken(listed) := sprintf("ports %s", [concat(", ", [sprintf("%v", [object.get(p, "port", "any")]) | some p in listed])]) if count(listed) > 1

place(_, wide) := [] if not wide.index

place(peers, wide) := [peers, wide.index]
