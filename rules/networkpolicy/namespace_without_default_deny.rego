# METADATA
# title: Namespace without default deny
# description: |-
#   Fires on a namespace with workloads in which no NetworkPolicy isolates every
#   pod: one whose podSelector is empty and whose policy types hold the direction,
#   whatever it allows. It is a warning when ingress is not denied, and a note
#   when only egress is not; where policies already restrict the egress of some
#   pods, NP-005 names the others instead. It is silent where the input does not
#   show the policies, on namespaces that Kubernetes or EKS fills, and where no
#   pod can be subject to a policy because all are on the node's network, on
#   Fargate or on Windows.
# related_resources:
# - ref: https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
# custom:
#   id: NP-004
#   severity: warning
#   security_severity: 6.5
#   kinds: [Namespace]
#   needs: [policies]
#   rationale: >-
#     A pod that no policy isolates may be reached by every pod of the cluster,
#     also by one that was broken into. Without a policy for all pods, each new
#     workload starts open, and nobody notices that its own policy is missing.
#   remediation: >-
#     Add a NetworkPolicy with podSelector {} and policyTypes [Ingress, Egress],
#     then allow what the workloads need, DNS included.
#   params:
#   - name: ignore-namespaces
#     description: Namespaces that need no policy for all pods.
#     default: []
#   since: 0.1.0
package ekslint.rules.networkpolicy.namespace_without_default_deny

findings contains object.union(place(facts), {"message": message, "severity": severity}) if {
	facts := ekslint.facts(input.ref)
	not facts.system
	not input.ref.name in input.params["NP-004"]["ignore-namespaces"]
	some workload in facts.workloads
	workload.enforceable
	[severity, directions] := missing(facts)
	message := sprintf("No NetworkPolicy isolates every pod of %s for %s", [name, directions])
}

missing(facts) := ["warning", "ingress and egress"] if {
	facts.isolated.ingress == "no"
	facts.isolated.egress == "no"
} else := ["warning", "ingress"] if {
	facts.isolated.ingress == "no"
} else := ["note", "egress"] if {
	facts.isolated.egress == "no"
	count(facts.egress_open) == 0
}

name := sprintf("namespace %q", [input.ref.name]) if input.ref.name != ""

else := "the manifests' own namespace"

# The Namespace object, else where the first workload names the namespace.
place(facts) := {"path": ["metadata", "name"]} if input.object

else := {"ref": facts.workloads[0].ref, "path": ["metadata", "name"]} if input.ref.name == ""

else := {"ref": facts.workloads[0].ref, "path": ["metadata", "namespace"]}
