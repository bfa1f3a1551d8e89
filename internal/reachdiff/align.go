package reachdiff

import (
	"cmp"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// absent is the number of an endpoint, or a class, that a state does not hold.
const absent = -1

// unit is an endpoint of both states, or of one, by its number in each.
type unit struct {
	at [2]int32
	// external is the range of a unit outside the cluster, which is a part of
	// the ranges of both states.
	external netset.Range
}

// class is a set of units that are alike in both states.
type class struct {
	at [2]int32
	// doubt is set when policies that are not read may decide in either state.
	doubt    bool
	external bool
	members  []int32
}

// only reports whether one state alone holds the members, and which.
func (c *class) only() (State, bool) {
	switch {
	case c.at[Old] == absent:
		return New, true
	case c.at[New] == absent:
		return Old, true
	default:
		return 0, false
	}
}

// alignment pairs up the endpoints of two states.
type alignment struct {
	sides [2]side
	// units are the workloads by name, then the ranges in ascending order.
	units     []unit
	workloads int
	classes   []class
	// reasons are why classes are in doubt, or units unclear.
	reasons []string
	unclear int
}

func align(sides [2]side) *alignment {
	a := &alignment{sides: sides}
	a.addWorkloads()
	a.workloads = len(a.units)
	a.addRanges()
	a.group()
	return a
}

// identity is what a workload is known by in both states. Two that a state
// cannot tell apart, since one names no namespace, are told apart by nth.
type identity struct {
	namespace, kind, name string
	nth                   int
}

func (a *alignment) addWorkloads() {
	found := map[identity]int{}
	for i, id := range identities(a.sides[Old].engine) {
		found[id] = len(a.units)
		a.units = append(a.units, unit{at: [2]int32{number(i), absent}})
	}
	for i, id := range identities(a.sides[New].engine) {
		if u, ok := found[id]; ok {
			a.units[u].at[New] = number(i)
			continue
		}
		a.units = append(a.units, unit{at: [2]int32{absent, number(i)}})
	}
	a.units = slices.DeleteFunc(a.units, a.isUnclear)
	slices.SortStableFunc(a.units, func(x, y unit) int {
		return cmp.Compare(a.endpoint(x).String(), a.endpoint(y).String())
	})
}

// identities are those of the workloads, in the order of their numbers.
func identities(e *reach.Engine) []identity {
	var out []identity
	count := map[identity]int{}
	for _, end := range e.Endpoints() {
		if end.Workload == nil || end.Assumed {
			break // workloads come first
		}
		owner := end.Workload.Owner()
		id := identity{namespace: end.Namespace(), kind: owner.Kind, name: owner.Name}
		count[id]++
		id.nth = count[id]
		out = append(out, id)
	}
	return out
}

func number(i int) int32 { return int32(i) } //nolint:gosec // endpoints are far fewer than 2^31

// isUnclear: what is absent from a state may be in a part of it that is not
// read. A part that neither state shows, such as the pods of an operator, says
// nothing about a manifest that one of them shows.
func (a *alignment) isUnclear(u unit) bool {
	if u.at[Old] != absent && u.at[New] != absent {
		return false
	}
	here, other := New, Old
	if u.at[New] == absent {
		here, other = Old, New
	}
	namespace := a.endpoint(u).Workload.Ref().Namespace
	shared := a.sides[here].graph.Snapshot().Scope().Opaque
	for _, o := range a.sides[other].graph.Snapshot().Scope().Opaque {
		hides := o.Domains&model.Workloads != 0 && (o.AnyNamespace || o.Namespace == namespace)
		if hides && !slices.Contains(shared, o) {
			a.addReason(o.Why)
			a.unclear++
			return true
		}
	}
	return false
}

func (a *alignment) addReason(why string) {
	if !slices.Contains(a.reasons, why) {
		a.reasons = append(a.reasons, why)
	}
}

// endpoint is the unit as the new state knows it, else as the old one does.
func (a *alignment) endpoint(u unit) reach.Endpoint {
	switch {
	case u.external.First.IsValid():
		return reach.Endpoint{Range: u.external}
	case u.at[New] != absent:
		return a.sides[New].engine.Endpoint(int(u.at[New]))
	default:
		return a.sides[Old].engine.Endpoint(int(u.at[Old]))
	}
}

// addRanges cuts the addresses outside the cluster at the ends of both states'
// ranges. Both are sorted and cover the same addresses.
func (a *alignment) addRanges() {
	was, is := a.sides[Old].external(), a.sides[New].external()
	before, after := a.sides[Old].engine, a.sides[New].engine
	for was < before.Len() && is < after.Len() {
		x, y := before.Endpoint(was).Range, after.Endpoint(is).Range
		common := netset.Range{First: later(x.First, y.First), Last: earlier(x.Last, y.Last)}
		if common.First.Compare(common.Last) <= 0 {
			a.units = append(a.units, unit{at: [2]int32{number(was), number(is)}, external: common})
		}
		if x.Last == common.Last {
			was++
		}
		if y.Last == common.Last {
			is++
		}
	}
}

func later(a, b netip.Addr) netip.Addr {
	if a.Less(b) {
		return b
	}
	return a
}

func earlier(a, b netip.Addr) netip.Addr {
	if b.Less(a) {
		return b
	}
	return a
}

// external is the number of the first range of addresses.
func (s side) external() int {
	for i, end := range s.engine.Endpoints() {
		if end.Workload == nil {
			return i
		}
	}
	return s.engine.Len()
}

func (s side) hasIPv6() bool {
	for _, end := range s.engine.Endpoints() {
		if end.Workload == nil && end.Range.First.Is6() {
			return true
		}
	}
	return false
}

// withIPv6 adds a policy that names IPv6 and selects nothing. An engine lists
// IPv6 only where a policy names it, and two states can be compared only on
// addresses that both list. The namespace has a name that no namespace may
// have.
func withIPv6(s *model.Snapshot) *model.Snapshot {
	const name, namespace = "ipv6", "ekslint.io"
	ref := model.Ref{Group: model.KindNetworkPolicy.Group, Kind: model.KindNetworkPolicy.Kind, Namespace: namespace, Name: name}
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	p.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	p.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{
		From: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "::/0"}}},
	}}
	return s.With(&model.Resource{Ref: ref, Version: "v1", Object: p})
}

// group puts units into classes.
func (a *alignment) group() {
	type key struct {
		at              [2]int32
		doubt, external bool
	}
	seen := map[key]int{}
	for i, u := range a.units {
		k := key{at: [2]int32{a.classOf(Old, u), a.classOf(New, u)}, external: u.external.First.IsValid()}
		k.doubt = !k.external && (a.inDoubt(Old, u) || a.inDoubt(New, u))
		c, ok := seen[k]
		if !ok {
			c = len(a.classes)
			seen[k] = c
			a.classes = append(a.classes, class{at: k.at, doubt: k.doubt, external: k.external})
		}
		a.classes[c].members = append(a.classes[c].members, number(i))
	}
	slices.SortStableFunc(a.classes, func(x, y class) int { return slices.Compare(x.at[:], y.at[:]) })
}

func (a *alignment) classOf(s State, u unit) int32 {
	if u.at[s] == absent {
		return absent
	}
	return int32(a.sides[s].engine.ClassOf(int(u.at[s])))
}

// inDoubt reports whether policies that are not read may isolate the pods of a
// workload or admit something to them. A state without any policy is taken at
// its word when the other one shows that policies are part of the input.
func (a *alignment) inDoubt(s State, u unit) bool {
	if u.at[s] == absent {
		return false
	}
	w := a.sides[s].engine.Endpoint(int(u.at[s])).Workload
	if w.HostNetwork() {
		return false
	}
	namespace := w.Ref().Namespace
	if opaque, ok := a.sides[s].graph.Snapshot().Obscured(model.Policies, namespace); ok {
		a.addReason(opaque.Why)
		return true
	}
	if !a.knowsPolicies(namespace) {
		a.addReason("neither side shows any policy")
		return true
	}
	return false
}

func (a *alignment) knowsPolicies(namespace string) bool {
	return slices.ContainsFunc(a.sides[:], func(s side) bool {
		return s.graph.Snapshot().Knows(model.Policies, namespace) != model.NotKnown
	})
}
