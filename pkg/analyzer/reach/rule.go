package reach

import (
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// action is what a rule does to the connections that it names. NetworkPolicies
// only accept.
type action uint8

const (
	accept action = iota
	deny
	// pass leaves the tier: the next one decides.
	pass
)

// tier is a group of policies. They are asked in this order:
// https://network-policy-api.sigs.k8s.io/api-overview/
type tier uint8

const (
	// adminTier and baselineTier hold policies whose rules are asked one after
	// the other, until one accepts or denies.
	adminTier tier = iota
	// policyTier holds policies that isolate pods and admit together.
	policyTier
	baselineTier
	tiers // how many there are
)

// policy is one object that holds rules.
type policy struct {
	object graph.Object
	// root leads to the specification with the sections of rules.
	root model.Path
	tier tier
	// priority is the place in the tier, the lowest first. Equal ones have no
	// order.
	priority int32
	// fault says why it is not certain that the policy is in force.
	fault string
	// isolates says, by direction, whether the policy cuts its pods off from
	// what no rule admits.
	isolates [2]model.Tri
	// selects answers whether the policy is for the pods of a workload.
	selects func(*graph.Graph, *graph.Workload) model.Tri
	// rules are the numbers of the rules of a policy for the whole cluster, by
	// direction; subject answers whether an endpoint is subject to them.
	rules   [2][]int32
	subject matcher
	// yields is set when the policy may have no say at all on pods that another
	// policy isolates, in whichever direction.
	yields bool
}

// rule is one element of a list of rules of a policy.
type rule struct {
	policy *policy
	// section leads to the list, index is the place in it.
	section model.Path
	index   int
	action  action
	// peers are the numbers of what the rule names.
	peers []int32
	// ports is the number of the specification of its ports.
	ports int32
}

// path leads to the rule in the policy.
func (r *rule) path() model.Path { return r.section.Child(strconv.Itoa(r.index)) }

// unknown reports whether the input does not fix a field of the rule, or
// something in it.
func (r *rule) unknown(field ...string) bool {
	source := r.policy.object.Resource()
	return len(source.Unknown) > 0 && source.IsUnknown(r.path().Child(field...)...)
}

// hidden reports whether the input does not show a field of the rule at all.
func (r *rule) hidden(field string) bool {
	source := r.policy.object.Resource()
	return len(source.Unknown) > 0 && source.Hides(r.path().Child(field)...)
}

// entry is a number with whether it applies for certain.
type entry struct {
	id      int32
	certain bool
}

// section leads to the rules of a direction.
func (p *policy) section(d Direction) model.Path { return p.root.Child(d.String()) }

func specification() model.Path { return model.Path{"spec"} }
