package reach

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/persistent"
)

// compiler gathers what the policies say about each endpoint.
type compiler struct {
	g         *graph.Graph
	endpoints persistent.List[Endpoint]
	byRef     persistent.Table[model.Ref, int]
	// assumed are workloads that the input does not show, spaces are the
	// namespaces of the input and of these.
	assumed []*graph.Workload
	spaces  []*graph.Namespace
	// in says which namespaces are not left out; partial is set when some are.
	in      func(namespace string) bool
	partial bool
	rules   persistent.List[*rule]
	// external are the endpoints outside the cluster.
	external []int
	// ownRules are the numbers of the rules of policies for the pods of each namespace.
	ownRules persistent.Table[string, []int32]
	// free are the numbers of classes that have no members.
	free []int32
	// policies are those for the pods of each namespace, wide those for the
	// whole cluster, in the order of their rules. Objects that name no namespace
	// are in one of their own.
	policies persistent.Table[string, []*policy]
	wide     []*policy
	// portNames are the names that rules use, in the order of their first use.
	portNames []string
	specIDs   persistent.Table[string, int32]
	specs     []portSpec
	tableIDs  persistent.Table[string, int32]
	tables    []Endpoint // one of each port table
	peerIDs   persistent.Table[string, int32]
	peers     []peerSet
	// ownPeers are those of which only pods of one namespace can be members, by that;
	// widePeers are the others.
	ownPeers   persistent.Table[string, []int32]
	widePeers  []int32
	unseen     persistent.Table[int32, string]
	namespaces persistent.Table[string, namespaceMatch]
	// fresh are the workloads that a change concerns, knownPeers counts the
	// peers before it; unset where everything is compiled.
	fresh      []int32
	knownPeers int
	// states say what policies do to endpoints; nil when all is compiled.
	states map[int32]*state
}

// state is what the policies of each direction do to an endpoint.
type state struct {
	isolated [2]model.Tri
	subject  [2][]entry
}

// state is that of an endpoint, to be changed.
func (c *compiler) state(endpoint int32) *state {
	s, ok := c.states[endpoint]
	if !ok {
		s = &state{isolated: [2]model.Tri{model.No, model.No}}
		c.states[endpoint] = s
	}
	return s
}

func newCompiler(g *graph.Graph, in func(namespace string) bool) *compiler {
	c := &compiler{
		g:          g,
		in:         in,
		byRef:      persistent.NewTable[model.Ref, int](),
		specIDs:    persistent.NewTable[string, int32](),
		tableIDs:   persistent.NewTable[string, int32](),
		peerIDs:    persistent.NewTable[string, int32](),
		ownPeers:   persistent.NewTable[string, []int32](),
		ownRules:   persistent.NewTable[string, []int32](),
		namespaces: persistent.NewTable[string, namespaceMatch](),
		policies:   persistent.NewTable[string, []*policy](),
		unseen:     persistent.NewTable[int32, string](),
		states:     map[int32]*state{},
	}
	for _, o := range g.Objects(graph.KindWorkload) {
		if w, ok := o.(*graph.Workload); ok && in(w.Ref().Namespace) {
			c.addWorkload(Endpoint{Workload: w})
		}
	}
	for _, o := range g.Objects("Namespace") {
		if ns, ok := o.(*graph.Namespace); ok && in(ns.Name()) {
			c.spaces = append(c.spaces, ns)
		}
	}
	if len(g.ClusterDNS()) == 0 {
		c.assume(graph.AssumedDNS())
	}
	return c
}

func (c *compiler) addWorkload(e Endpoint) {
	c.byRef.Set(e.Workload.Ref(), c.endpoints.Len())
	c.endpoints.Add(e)
}

// assume adds a workload that the input does not show.
func (c *compiler) assume(w *graph.Workload) {
	c.assumed = append(c.assumed, w)
	c.addWorkload(Endpoint{Workload: w, Assumed: true})
	if namespace := w.Ref().Namespace; c.g.Namespace(namespace) == nil {
		c.spaces = append(c.spaces, graph.AssumedNamespace(namespace))
	}
}

// matching are the workloads of a namespace that a selector selects, those of
// which it is not known, and among both what is assumed to be there.
func (c *compiler) matching(namespace string, s graph.Selector) (yes, maybe []*graph.Workload) {
	if c.in(namespace) {
		yes, maybe = c.g.Matching(namespace, s)
	}
	for _, w := range c.assumed {
		if w.Ref().Namespace != namespace {
			continue
		}
		switch w.Selected(s) {
		case model.Yes:
			yes = append(slices.Clip(yes), w)
		case model.Unknown:
			maybe = append(slices.Clip(maybe), w)
		case model.No:
		}
	}
	return yes, maybe
}

// addOwn lists a policy that is for the pods of one namespace.
func (c *compiler) addOwn(p *policy, namespace string) {
	known, _ := c.policies.Get(namespace)
	c.policies.Set(namespace, append(slices.Clip(known), p))
}

func (c *compiler) ruleCount() int32 {
	return int32(c.rules.Len()) //nolint:gosec // rules are far fewer than 2^31
}

func (c *compiler) addRule(r rule) int32 {
	c.rules.Add(&r)
	id := c.ruleCount() - 1
	namespace := r.policy.object.Ref().Namespace
	known, _ := c.ownRules.Get(namespace)
	c.ownRules.Set(namespace, append(slices.Clip(known), id))
	return id
}

// isolate records that a policy isolates its subjects in a direction.
func (c *compiler) isolate(p *policy, d Direction, subjects []entry) {
	for _, s := range subjects {
		answer := p.isolates[d]
		if !s.certain {
			answer = answer.And(model.Unknown)
		}
		own := c.state(s.id)
		own.isolated[d] = own.isolated[d].Or(answer)
	}
}

// apply puts rules of a policy over their subjects: for certain where both the
// subject and the policy are. valid says whether the direction of the policy is.
func (c *compiler) apply(p *policy, subjects []entry, d Direction, valid model.Tri, rules []int32) {
	for _, s := range subjects {
		own := c.state(s.id)
		yields := p.yields && own.isolated[Ingress].Or(own.isolated[Egress]) != model.No
		for _, r := range rules {
			own.subject[d] = append(own.subject[d], entry{r, s.certain && valid == model.Yes && !yields})
		}
	}
}

func (c *compiler) entries(yes, maybe []*graph.Workload) []entry {
	var out []entry
	add := func(list []*graph.Workload, certain bool) {
		for _, w := range list {
			if !w.HostNetwork() {
				out = append(out, entry{c.number(w), certain})
			}
		}
	}
	add(yes, true)
	add(maybe, false)
	return out
}

func (c *compiler) number(w *graph.Workload) int32 {
	number, _ := c.byRef.Get(w.Ref())
	return int32(number) //nolint:gosec // endpoints are far fewer than 2^31
}

// matcher answers for a workload of a graph. It must not hold on to a compiler or a graph:
// it is kept by all that come after.
type matcher func(*graph.Graph, Endpoint) model.Tri

// peerSet is what a peer of a rule names.
type peerSet struct {
	// members are the endpoints inside the cluster.
	members []entry
	// match answers for one workload what members say of all.
	match matcher
	// outside are the addresses.
	outside outside
	// own is set when only pods of one namespace can be members.
	own       bool
	namespace string
}

// intern gives equal peers one number. build makes what is new.
func (c *compiler) intern(key string, build func() peerSet) int32 {
	id, ok := c.peerIDs.Get(key)
	if !ok {
		id = int32(len(c.peers)) //nolint:gosec // distinct peers are far fewer than 2^31
		c.peerIDs.Set(key, id)
		p := build()
		c.peers = append(c.peers, p)
		if p.own {
			known, _ := c.ownPeers.Get(p.namespace)
			c.ownPeers.Set(p.namespace, append(slices.Clip(known), id))
		} else {
			c.widePeers = append(c.widePeers, id)
		}
	}
	return id
}

// scanned are peers whose members are found by looking at every workload.
func (c *compiler) scanned(match matcher, addresses outside) peerSet {
	out := peerSet{match: match, outside: addresses}
	for i, end := range c.endpoints.All() {
		if end.Workload == nil || end.gone {
			continue
		}
		if answer := match(c.g, end); answer != model.No {
			out.members = append(out.members, entry{int32(i), answer == model.Yes}) //nolint:gosec // endpoints are far fewer than 2^31
		}
	}
	return out
}

// addressed are peers that hold no pod.
func addressed(addresses outside) peerSet {
	return peerSet{match: func(*graph.Graph, Endpoint) model.Tri { return model.No }, outside: addresses}
}

// members are the endpoints in peers. After a change, those of the workloads
// that it concerns are asked for anew.
func (c *compiler) members(id int32) []entry {
	p := &c.peers[id]
	if c.fresh == nil || int(id) >= c.knownPeers {
		return p.members
	}
	out := slices.DeleteFunc(slices.Clone(p.members), func(x entry) bool { return c.endpoints.At(int(x.id)).gone || slices.Contains(c.fresh, x.id) })
	for _, number := range c.fresh {
		if answer := p.match(c.g, c.endpoints.At(int(number))); answer != model.No {
			out = append(out, entry{number, answer == model.Yes})
		}
	}
	return out
}

// namespaceOf is the namespace of a workload.
func namespaceOf(g *graph.Graph, w *graph.Workload) *graph.Namespace {
	if ns := g.Namespace(w.Ref().Namespace); ns != nil {
		return ns
	}
	return graph.AssumedNamespace(w.Ref().Namespace)
}

// note describes the peers that are being built, when the input shows none of
// them.
func (c *compiler) note(words string) {
	if words != "" && !c.partial {
		c.unseen.Set(int32(len(c.peers)), words) //nolint:gosec // distinct peers are far fewer than 2^31
	}
}

// anything are all endpoints: named for certain, or perhaps.
func (c *compiler) anything(certain bool) int32 {
	answer := model.Unknown
	if certain {
		answer = model.Yes
	}
	return c.intern(fmt.Sprintf("anything %v", certain), func() peerSet {
		return c.scanned(func(*graph.Graph, Endpoint) model.Tri { return answer }, outside{everywhere: true, certain: certain})
	})
}

// selectorKey writes a selector so that different ones differ.
func selectorKey(s graph.Selector) string {
	var out strings.Builder
	for _, r := range s.Requirements() {
		values := r.Values
		if r.Operator == metav1.LabelSelectorOpIn || r.Operator == metav1.LabelSelectorOpNotIn {
			values = slices.Sorted(slices.Values(values))
		}
		fmt.Fprintf(&out, "%q %s %q;", r.Key, r.Operator, values)
	}
	return out.String()
}

// namespaceMatch holds the namespaces that a selector selects.
type namespaceMatch struct{ yes, maybe []string }

func (c *compiler) matchNamespaces(s graph.Selector) namespaceMatch {
	key := selectorKey(s)
	out, ok := c.namespaces.Get(key)
	if ok {
		return out
	}
	for _, ns := range c.spaces {
		switch ns.Selected(s) {
		case model.Yes:
			out.yes = append(out.yes, ns.Name())
		case model.Unknown:
			out.maybe = append(out.maybe, ns.Name())
		case model.No:
		}
	}
	c.namespaces.Set(key, out)
	return out
}

func (c *compiler) selected(in namespaceMatch, pods graph.Selector) []entry {
	var out []entry
	for _, name := range in.yes {
		out = append(out, c.entries(c.matching(name, pods))...)
	}
	for _, name := range in.maybe {
		yes, maybe := c.matching(name, pods)
		out = append(out, c.entries(nil, slices.Concat(yes, maybe))...)
	}
	return out
}
