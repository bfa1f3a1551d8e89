# METADATA
# title: Source ranges have no effect
# description: |-
#   Fires on a Service of the AWS Load Balancer Controller or of EKS Auto Mode
#   whose source ranges or prefix lists are not read, because the Service names
#   security groups of its own, because it has its load balancer made without a
#   security group, because the field spec.loadBalancerSourceRanges wins over the
#   annotation, or because Auto Mode does not know the annotation. Without a
#   security group ranges still count where the client's address reaches the
#   pods: for UDP, for instance targets and with preserve_client_ip.enabled; there
#   it is silent. It is also silent where both lists say the same.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/service/annotations.md#lb-source-ranges
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/service/model_build_load_balancer.go
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/service/model_build_target_group.go
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
# custom:
#   id: SVC-003
#   severity: warning
#   security_severity: 5.3
#   kinds: [Service]
#   reads: [Workload]
#   rationale: >-
#     Whoever reads the manifest takes the load balancer for restricted, while
#     something else decides who may connect, and often that is everybody.
#   remediation: >-
#     Move the networks to where they are read: to rules of the security groups
#     that the Service names, or to spec.loadBalancerSourceRanges.
#   since: 0.1.0
package ekslint.rules.service.source_ranges_have_no_effect

findings contains {"message": message, "path": path, "related": related} if {
	facts := ekslint.facts(input.ref)
	facts.manager in {"lbc", "auto-mode"}
	some what, path in restrictions(facts)
	cause := overriding(what, facts)
	message := sprintf("Service %q has %s that are not read: %s", [input.ref.name, what, cause.why])
	related := [{"message": cause.why, "path": cause.path}]
}

field := "source ranges in spec.loadBalancerSourceRanges"

annotated := "source ranges in the annotation load-balancer-source-ranges"

prefixes := "prefix lists"

restrictions(facts) := object.union_n([
	{field: ["spec", "loadBalancerSourceRanges"] | count(input.object.spec.loadBalancerSourceRanges) > 0},
	{annotated: facts.settings[s].path | s := "load-balancer-source-ranges"; count(items(facts, s)) > 0},
	{prefixes: facts.settings[s].path | s := "aws-load-balancer-security-group-prefix-lists"; count(items(facts, s)) > 0},
])

items(facts, suffix) := {item |
	some part in split(facts.settings[suffix].value, ",")
	item := trim_space(part)
	item != ""
}

# Why a restriction is not read, the strongest cause first.
overriding(what, facts) := cause if {
	cause := by_groups(facts)
} else := cause if {
	cause := without_group(what, facts)
} else := cause if {
	cause := by_auto_mode(what, facts)
} else := by_field(what, facts)

by_groups(facts) := {"path": facts.settings[s].path, "why": "its security groups in the annotation aws-load-balancer-security-groups decide alone"} if {
	s := "aws-load-balancer-security-groups"
	count(items(facts, s)) > 0
}

without_group(what, facts) := {"path": facts.settings[s].path, "why": "the annotation aws-load-balancer-disable-nlb-sg leaves its load balancer without a security group"} if {
	s := "aws-load-balancer-disable-nlb-sg"
	facts.manager == "lbc"
	lower(facts.settings[s].value) in {"1", "t", "true"}
	nodes_filter_nothing(what, facts)
}

# Ranges then become rules of the nodes' security group, which see the client
# only where its address is kept.
nodes_filter_nothing(what, _) if what == prefixes

nodes_filter_nothing(_, facts) if {
	lower(facts.settings["aws-load-balancer-manage-backend-security-group-rules"].value) in {"0", "f", "false"}
}

nodes_filter_nothing(_, facts) if {
	facts.target_type.value == "ip"
	every port in input.object.spec.ports {
		object.get(port, "protocol", "TCP") == "TCP"
	}
	hides_clients(facts)
}

attributes := "aws-load-balancer-target-group-attributes"

hides_clients(facts) if not facts.settings[attributes]

hides_clients(facts) if {
	compact := replace(facts.settings[attributes].value, " ", "")
	not regex.match(`preserve_client_ip\.enabled=(1|t|T)`, compact)
}

by_auto_mode(what, facts) := {"path": ["spec", "loadBalancerClass"], "why": "EKS Auto Mode reads spec.loadBalancerSourceRanges only"} if {
	facts.manager == "auto-mode"
	what == annotated
}

by_field(what, facts) := {"path": ["spec", "loadBalancerSourceRanges"], "why": "spec.loadBalancerSourceRanges wins, which lists other networks"} if {
	what == annotated
	ranges := {r | some r in input.object.spec.loadBalancerSourceRanges}
	count(ranges) > 0
	ranges != items(facts, "load-balancer-source-ranges")
}
