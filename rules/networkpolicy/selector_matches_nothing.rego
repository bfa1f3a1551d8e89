# METADATA
# title: NetworkPolicy selector matches nothing
# description: |-
#   Fires on a selector of a NetworkPolicy that selects no pod or no namespace of
#   the input. It is a warning when something all but matches: of a selector with
#   several labels, pods that meet every other one and whose label differs as a
#   slip would make it (in case or separators, or by a letter or two of a word
#   that is not short), or a namespace that is asked for by a label name that it
#   does not carry, as kube-system, which has kubernetes.io/metadata.name alone.
#   Otherwise, and always for a selector with a single label, it is a note. It is silent where
#   the workloads or namespaces are not known, where custom resources may make
#   pods, and for labels that pods get at run time.
# related_resources:
# - ref: https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc
# - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#automatic-labelling
# custom:
#   id: NP-008
#   severity: warning
#   kinds: [NetworkPolicy]
#   reads: [Workload]
#   rationale: >-
#     A policy that selects no pod protects nothing, and a peer that matches
#     nothing lets nobody in: a slip in a label opens what should be closed, or
#     blocks what should work.
#   remediation: >-
#     Use the labels that the pods really have. To select a namespace by its name,
#     use kubernetes.io/metadata.name, which Kubernetes sets on every namespace.
#   since: 0.1.0
package ekslint.rules.networkpolicy.selector_matches_nothing

findings contains {"message": message, "path": selection.at, "severity": severity} if {
	some selection in ekslint.facts(input.ref).selections
	selection.matches == "no"
	severity := grade(selection)
	message := sprintf("%s of NetworkPolicy %q matches no %s%s", [
		subject(selection.path), input.ref.name, nouns[selection.kind], because(selection),
	])
}

nouns := {"subjects": "pod", "pods": "pod", "namespaces": "namespace"}

grade(selection) := "warning" if selection.near

else := "note"

subject(path) := sprintf("The %s in %s rule %d", [path[5], path[1], to_number(path[2]) + 1]) if count(path) > 5

else := "The podSelector"

because(selection) := sprintf(": %s %q has no label %s", [near.ref.kind, near.ref.name, near.key]) if {
	near := selection.near
	near.has == ""
} else := sprintf(": %s %q has %s %q, not %q", [near.ref.kind, near.ref.name, near.key, near.has, near.want]) if {
	near := selection.near
} else := ""
