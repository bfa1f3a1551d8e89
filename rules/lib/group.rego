# Package ekslint.lib.group answers what several rules about an IngressGroup ask.
package ekslint.lib.group

# open(group): the group has a name, and Ingresses outside the input may carry
# it. Only an input that is declared complete shows every member.
open(group) if {
	group.explicit
	ekslint.known("ingressclasses", "") in {"no", "inferred"}
}

# assumed(group): the class of a member is not in the input, and its parameters
# may set what the annotations leave out.
assumed(group) if {
	some member in group.members
	ekslint.facts(member).assumed
}

# unsure(group): something that is not in the input may change the answer.
unsure(group) if open(group)

unsure(group) if assumed(group)
