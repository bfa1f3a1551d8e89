# METADATA
# title: Pod on the node's network escapes network policies
# description: |-
#   Fires on a workload with hostNetwork. It is a warning when a NetworkPolicy
#   selects its pods, because the policy cannot take effect on them, and a note
#   otherwise. It is silent on namespaces that Kubernetes or EKS fills, and on
#   DaemonSets that no policy selects or that mount folders of the node or share
#   its processes: agents that look after the node. Pods with a hostPort alone keep
#   a network of their own and are left out.
# related_resources:
# - ref: https://github.com/aws/amazon-vpc-cni-k8s/blob/b52188387f2e2f10bf289ace929d6a63b176a4fa/docs/network-policy-faq.md
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
# custom:
#   id: POD-002
#   severity: warning
#   security_severity: 6.6
#   kinds: [Workload]
#   reads: [Workload, NetworkPolicy, CiliumNetworkPolicy.cilium.io, ApplicationNetworkPolicy.networking.k8s.aws]
#   rationale: >-
#     Such a pod has the address of its node. No NetworkPolicy filters what it
#     sends or receives, other pods cannot name it in a policy, and it reaches the
#     node's own services, such as the kubelet and the instance metadata.
#   remediation: >-
#     Remove hostNetwork, and use a Service, a hostPort or a load balancer for
#     what has to be reached from outside.
#   since: 0.1.0
package ekslint.rules.pod.host_network_escapes_policy

findings contains {"message": message, "ref": facts.holder, "path": path, "severity": severity, "related": related} if {
	pod := pod_spec(input.object)
	pod.hostNetwork == true
	facts := ekslint.facts(input.ref)
	not ekslint.facts({"kind": "Namespace", "name": input.ref.namespace}).system
	not node_agent(pod)
	[severity, effect] := grade(facts.policies)
	message := sprintf("%s %q uses the node's network, %s", [input.ref.kind, input.ref.name, effect])
	path := array.concat(facts.template_path, ["spec", "hostNetwork"])
	related := [{"message": sprintf("NetworkPolicy %q selects its pods", [p.name]), "ref": p, "path": ["spec", "podSelector"]} |
		some p in facts.policies
	]
}

pod_spec(object) := spec if {
	spec := object.spec.template.spec
} else := spec if {
	spec := object.spec.jobTemplate.spec.template.spec
} else := object.spec

node_agent(pod) if {
	input.ref.kind == "DaemonSet"
	pod.hostPID == true
}

node_agent(pod) if {
	input.ref.kind == "DaemonSet"
	some volume in pod.volumes
	volume.hostPath
}

grade(policies) := ["warning", sprintf("where NetworkPolicy %s has no effect on it", [names])] if {
	count(policies) > 0
	names := concat(", ", [sprintf("%q", [p.name]) | some p in policies])
}

grade([]) := ["note", "where no NetworkPolicy applies"] if input.ref.kind != "DaemonSet"
