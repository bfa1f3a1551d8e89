package reach

import (
	"maps"
	"slices"
	"sync"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// With returns the engine of a graph that graph.With made of the engine's own.
// It compiles only what the change affects, shares the rest, and answers as
// New(g) does, but for Unseen, and in another order of Endpoints. A change that
// cuts the addresses outside the cluster anew, uses a port name for the first
// time or touches the cluster's DNS compiles everything.
func (e *Engine) With(g *graph.Graph) *Engine {
	names := g.Affected()
	was, is := e.graph.Enforcement(), g.Enforcement()
	if was.Engine != is.Engine || was.IPv4 != is.IPv4 || hasCilium(e.graph) != hasCilium(g) {
		return New(g)
	}
	if names == nil || e.source.partial || len(e.source.assumed) > 0 && slices.Contains(names, e.source.assumed[0].Ref().Namespace) {
		return New(g)
	}
	if isAssumed := len(g.ClusterDNS()) == 0; isAssumed != (len(e.source.assumed) > 0) {
		return New(g)
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return isAlike(e.graph, g, name) })
	if len(names) == 0 {
		return e.of(g)
	}
	u := &update{compiler: e.source.clone(g), before: e, names: names, gone: map[int32]bool{}}
	u.addEndpoints()
	u.addPolicies()
	if len(u.portNames) > len(e.source.portNames) || !u.addAddresses() {
		return New(g)
	}
	out := u.engine()
	u.states = nil
	return out
}

// isAlike reports whether a namespace has the same workloads and policies in two graphs.
func isAlike(a, b *graph.Graph, name string) bool {
	was, is := a.Namespace(name), b.Namespace(name)
	return was != nil && is != nil && slices.Equal(was.Workloads, is.Workloads) && slices.Equal(was.Policies, is.Policies) &&
		slices.Equal(a.Snapshot().List(model.KindCiliumNetworkPolicy, name), b.Snapshot().List(model.KindCiliumNetworkPolicy, name))
}

// of is the engine of a graph with the same workloads and policies.
func (e *Engine) of(g *graph.Graph) *Engine {
	out, source := *e, *e.source
	source.g = g
	out.graph, out.source = g, &source
	out.index = sync.OnceValue(out.newIndex)
	return &out
}

// clone shares what a change only adds to.
func (c *compiler) clone(g *graph.Graph) *compiler {
	out := *c
	out.g = g
	out.endpoints, out.byRef, out.states = c.endpoints.Copied(), c.byRef.Copied(), map[int32]*state{}
	out.rules, out.portNames = c.rules.Copied(), slices.Clip(c.portNames)
	out.specs, out.specIDs = slices.Clip(c.specs), c.specIDs.Copied()
	out.tables, out.tableIDs = slices.Clip(c.tables), c.tableIDs.Copied()
	out.peers, out.peerIDs = slices.Clip(c.peers), c.peerIDs.Copied()
	out.ownPeers, out.widePeers = c.ownPeers.Copied(), slices.Clip(c.widePeers)
	out.ownRules = c.ownRules.Copied()
	out.namespaces, out.unseen = c.namespaces.Copied(), c.unseen.Copied()
	out.policies = c.policies.Copied()
	out.knownPeers = len(c.peers)
	return &out
}

// update is a compiler at work on a change.
type update struct {
	*compiler
	before *Engine
	names  []string
	gone   map[int32]bool
	// added are the new peers of each endpoint.
	added map[int32][]entry
}

// addEndpoints takes the workloads of the namespaces that changed.
func (u *update) addEndpoints() {
	u.fresh = []int32{}
	for _, name := range u.names {
		kept := map[model.Ref]bool{}
		for _, w := range workloads(u.g, name) {
			kept[w.Ref()] = true
			u.addFresh(w)
		}
		for _, w := range workloads(u.before.graph, name) {
			if number := u.number(w); !kept[w.Ref()] {
				u.gone[number] = true
				u.endpoints.Set(int(number), Endpoint{Workload: w, Assumed: true, gone: true})
				u.byRef.Delete(w.Ref())
			}
		}
	}
}

func workloads(g *graph.Graph, namespace string) []*graph.Workload {
	if ns := g.Namespace(namespace); ns != nil {
		return ns.Workloads
	}
	return nil
}

func (u *update) addFresh(w *graph.Workload) {
	number, known := u.byRef.Get(w.Ref())
	if !known {
		number = u.endpoints.Len()
		u.addWorkload(Endpoint{Workload: w})
	}
	u.endpoints.Set(number, Endpoint{Workload: w})
	u.fresh = append(u.fresh, int32(number)) //nolint:gosec // endpoints are far fewer than 2^31
}

// addPolicies puts the policies of the namespaces that changed over their
// workloads, tier by tier. The rules of those that were there before hold on to their
// graph, so nothing keeps them.
func (u *update) addPolicies() {
	u.applyWide(adminTier)
	for _, name := range u.names {
		rules, _ := u.ownRules.Get(name)
		for _, id := range rules {
			u.rules.Set(int(id), nil)
		}
		u.ownRules.Set(name, nil)
		u.policies.Set(name, nil)
		if ns := u.g.Namespace(name); ns != nil {
			for _, p := range ns.Policies {
				u.addPolicy(p)
			}
		}
		for _, r := range u.g.Snapshot().List(model.KindCiliumNetworkPolicy, name) {
			u.addCiliumPolicy(r)
		}
	}
	u.applyWide(policyTier)
	u.applyWide(baselineTier)
}

// applyWide puts the policies for the whole cluster over the fresh workloads.
func (u *update) applyWide(t tier) {
	for _, p := range u.wide {
		if p.tier != t {
			continue
		}
		var subjects []entry
		for _, number := range u.fresh {
			end := u.endpoints.At(int(number))
			if answer := p.subject(u.g, end); answer != model.No && !end.hostNetwork() {
				subjects = append(subjects, entry{number, answer == model.Yes})
			}
		}
		for d := range p.rules {
			if t == policyTier {
				u.isolate(p, Direction(d), subjects) //nolint:gosec // two directions
			}
			u.apply(p, subjects, Direction(d), p.valid(), p.rules[d]) //nolint:gosec // two directions
		}
	}
}

// addAddresses puts the ranges outside the cluster into the new peers. It fails
// when a new peer holds a part of a range.
func (u *update) addAddresses() bool {
	u.added = map[int32][]entry{}
	for id := u.knownPeers; id < len(u.peers); id++ {
		p := &u.peers[id]
		for _, m := range p.members {
			u.added[m.id] = append(u.added[m.id], entry{int32(id), m.certain}) //nolint:gosec // distinct peers are far fewer than 2^31
		}
		if !u.addRanges(int32(id), &p.outside) { //nolint:gosec // distinct peers are far fewer than 2^31
			return false
		}
	}
	return true
}

func (u *update) addRanges(id int32, o *outside) bool {
	rest := o.ranges
	for _, i := range u.external {
		end := u.endpoints.At(i)
		number := int32(i) //nolint:gosec // endpoints are far fewer than 2^31
		own := netset.Ranges{end.Range}
		switch shared := o.ranges.Intersect(own); {
		case o.everywhere:
			u.added[number] = append(u.added[number], entry{id, o.certain})
		case len(shared) == 0:
		case len(shared) == 1 && shared[0] == end.Range:
			u.added[number] = append(u.added[number], entry{id, o.certain})
			rest = rest.Subtract(own)
		default:
			return false
		}
	}
	return o.everywhere || len(rest) == 0
}

func (u *update) engine() *Engine {
	e := &Engine{
		graph: u.g, source: u.compiler, ports: netset.NewTable(), endpoints: u.endpoints, byRef: u.byRef, rules: u.rules,
		policies: u.policies, wide: u.wide, unseen: u.unseen,
		external: u.external, classes: u.before.classes.Copied(), classOf: u.before.classOf.Copied(),
	}
	for e.classOf.Len() < e.endpoints.Len() {
		e.classOf.Add(0)
	}
	u.leave(e)
	u.split(e)
	for _, number := range u.fresh {
		u.join(e, number)
	}
	u.resolve(e)
	e.index = sync.OnceValue(e.newIndex)
	return e
}

// leave takes the workloads that changed out of their classes.
func (u *update) leave(e *Engine) {
	leaving := maps.Clone(u.gone)
	for _, number := range u.fresh {
		leaving[number] = true
	}
	touched := map[int32]bool{}
	for number := range leaving {
		if int(number) < u.before.classOf.Len() {
			touched[u.before.classOf.At(int(number))] = true
		}
	}
	for id := range touched {
		c := *e.classes.At(int(id))
		c.members = slices.DeleteFunc(slices.Clone(c.members), func(m int32) bool { return leaving[m] })
		if len(c.members) > 0 {
			c.sample = c.members[0]
		} else {
			c = class{}
			u.free = append(slices.Clip(u.free), id)
		}
		e.classes.Set(int(id), &c)
	}
}

// split gives the members of each class the new peers that name them. Where
// these tell members apart, the class falls apart.
func (u *update) split(e *Engine) {
	touched := map[int32]bool{}
	for number := range u.added {
		if int(number) < u.before.classOf.Len() && len(e.class(int(number)).members) > 0 {
			touched[e.classOf.At(int(number))] = true
		}
	}
	for id := range touched {
		before := e.classes.At(int(id))
		parts := map[string]*class{}
		for _, m := range before.members {
			key := string(appendEntries(nil, u.added[m]))
			part, ok := parts[key]
			if !ok {
				copied := *before
				copied.sample, copied.members = m, nil
				copied.peers = slices.Concat(before.peers, u.added[m])
				part = &copied
				parts[key] = part
			}
			part.members = append(part.members, m)
		}
		for _, key := range slices.Sorted(maps.Keys(parts)) {
			u.place(e, id, parts[key])
			id = -1
		}
	}
}

// place puts a class in the place of another, or in one that is free.
func (u *update) place(e *Engine, id int32, c *class) {
	switch last := len(u.free) - 1; {
	case id >= 0:
	case last >= 0:
		id, u.free = u.free[last], u.free[:last]
	default:
		id = int32(e.classes.Len()) //nolint:gosec // no more classes than endpoints
		e.classes.Add(nil)
	}
	e.classes.Set(int(id), c)
	for _, m := range c.members {
		e.classOf.Set(int(m), id)
	}
}

// join makes a class of one workload.
func (u *update) join(e *Engine, number int32) {
	end := u.endpoints.At(int(number))
	s := u.state(number)
	c := &class{
		sample: number, members: []int32{number}, host: end.hostNetwork(), table: u.tableOf(end), isolated: s.isolated,
		rules: [2][tiers][]entry{u.byTier(s.subject[Ingress]), u.byTier(s.subject[Egress])},
	}
	own, _ := u.before.source.ownPeers.Get(end.Workload.Ref().Namespace)
	for _, ids := range [][]int32{u.before.source.widePeers, own} {
		for _, id := range ids {
			if answer := u.peers[id].match(u.g, end); answer != model.No {
				c.peers = append(c.peers, entry{id, answer == model.Yes})
			}
		}
	}
	slices.SortFunc(c.peers, func(a, b entry) int { return int(a.id - b.id) })
	c.peers = append(c.peers, u.added[number]...)
	u.place(e, -1, c)
}
