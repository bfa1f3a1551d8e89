package reach

import (
	"encoding/binary"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// class is a set of endpoints that no rule tells apart.
type class struct {
	// sample is one endpoint of the class, members are all.
	sample  int32
	members []int32
	host    bool
	// isolated and rules say, by direction, whether policies isolate the
	// endpoints and which rules apply to them, by tier and in their order.
	isolated [2]model.Tri
	rules    [2][tiers][]entry
	// closed says, by direction, whom the endpoints certainly have no
	// connection with but where a rule accepts or passes it.
	closed [2]closure
	// peers are what the endpoints are part of, sorted.
	peers []entry
	// table is the number of what port names mean on the endpoints.
	table int32
}

// closure says what a class is closed to.
type closure uint8

const (
	open closure = iota
	// closedToPods leaves addresses outside the cluster.
	closedToPods
	closedToAll
)

// engine closes the compiler: it adds the addresses outside the cluster and
// groups the endpoints.
func (c *compiler) engine() *Engine {
	c.addExternal()
	e := &Engine{
		graph: c.g, ports: netset.NewTable(), endpoints: c.endpoints, byRef: c.byRef, rules: c.rules,
		policies: c.policies, unseen: c.unseen, classOf: make([]int32, len(c.endpoints)),
	}
	c.group(e, c.peersByEndpoint())
	c.resolve(e)
	c.close(e)
	e.index(len(c.peers))
	return e
}

func (c *compiler) peersByEndpoint() [][]entry {
	counts := make([]int, len(c.endpoints))
	for _, members := range c.peers {
		for _, m := range members {
			counts[m.id]++
		}
	}
	out := make([][]entry, len(c.endpoints))
	for i, n := range counts {
		out[i] = make([]entry, 0, n)
	}
	for id, members := range c.peers {
		for _, m := range members {
			out[m.id] = append(out[m.id], entry{int32(id), m.certain}) //nolint:gosec // distinct peers are far fewer than 2^31
		}
	}
	return out
}

func (c *compiler) group(e *Engine, peers [][]entry) {
	seen := map[string]int32{}
	var key []byte
	for i, endpoint := range c.endpoints {
		key = key[:0]
		for d := range c.isolated {
			key = append(key, byte(c.isolated[d][i]))
			key = appendEntries(key, c.subject[d][i])
		}
		key = appendEntries(key, peers[i])
		key = append(key, flag(endpoint.hostNetwork()), flag(endpoint.Workload == nil), flag(endpoint.Assumed))
		table := c.tableOf(endpoint, i)
		key = binary.AppendUvarint(key, uint64(table)) //nolint:gosec // numbers are not negative
		id, ok := seen[string(key)]
		number := int32(i) //nolint:gosec // endpoints are far fewer than 2^31
		if !ok {
			id = int32(len(e.classes)) //nolint:gosec // no more classes than endpoints
			seen[string(key)] = id
			e.classes = append(e.classes, class{
				sample: number, table: table, host: endpoint.hostNetwork(), peers: peers[i],
				isolated: [2]model.Tri{c.isolated[Ingress][i], c.isolated[Egress][i]},
				rules:    [2][tiers][]entry{c.byTier(c.subject[Ingress][i]), c.byTier(c.subject[Egress][i])},
			})
		}
		e.classes[id].members = append(e.classes[id].members, number)
		e.classOf[i] = id
	}
}

// byTier cuts a list of rules at the ends of the tiers.
func (c *compiler) byTier(list []entry) (out [tiers][]entry) {
	for t, end := range c.tierEnds {
		n, _ := slices.BinarySearchFunc(list, end, func(x entry, end int32) int { return int(x.id) - int(end) })
		out[t], list = list[:n], list[n:]
	}
	return out
}

func appendEntries(key []byte, list []entry) []byte {
	key = binary.AppendUvarint(key, uint64(len(list)))
	for _, x := range list {
		key = binary.AppendUvarint(key, uint64(x.id)<<1|uint64(flag(x.certain))) //nolint:gosec // numbers are not negative
	}
	return key
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// close finds the classes that are closed to what no rule names: policies
// isolate them, or a rule denies everything.
func (c *compiler) close(e *Engine) {
	pods := 0
	for _, end := range c.endpoints {
		if end.Workload != nil && !end.hostNetwork() {
			pods++
		}
	}
	covers := make([]closure, len(c.peers))
	for id, members := range c.peers {
		covers[id] = c.covers(members, pods)
	}
	for i := range e.classes {
		for d := range e.classes[i].closed {
			e.classes[i].closed[d] = c.closure(&e.classes[i], Direction(d), covers) //nolint:gosec // two directions
		}
	}
}

// covers says whom peers with these members hold, all of them for certain.
func (c *compiler) covers(members []entry, pods int) closure {
	all := 0
	for _, m := range members {
		if end := c.endpoints[m.id]; m.certain && end.Workload != nil && !end.hostNetwork() {
			pods--
		}
		if m.certain {
			all++
		}
	}
	switch {
	case all == len(c.endpoints):
		return closedToAll
	case pods == 0:
		return closedToPods
	default:
		return open
	}
}

func (c *compiler) closure(x *class, d Direction, covers []closure) closure {
	if x.isolated[d] == model.Yes {
		return closedToAll
	}
	out := open
	for _, list := range [][]entry{x.rules[d][adminTier], x.rules[d][baselineTier]} {
		for _, n := range list {
			r := &c.rules[n.id]
			if !n.certain || r.action != deny || !c.specs[r.ports].fixed.Equal(netset.AllPorts()) {
				continue
			}
			for _, id := range r.peers {
				out = max(out, covers[id])
			}
		}
	}
	return out
}

// index prepares the walk from a source to the classes that it may reach.
func (e *Engine) index(peers int) {
	e.peerClasses = make([][]int32, peers)
	e.namedBy = make([][]admitting, peers)
	for id := range e.classes {
		c := &e.classes[id]
		number := int32(id) //nolint:gosec // no more classes than endpoints
		e.all = append(e.all, number)
		for _, p := range c.peers {
			e.peerClasses[p.id] = append(e.peerClasses[p.id], number)
		}
		if c.closed[Ingress] == open {
			e.open = append(e.open, number)
		}
		if c.closed[Ingress] != closedToAll {
			e.openOutside = append(e.openOutside, number)
		}
		if c.host {
			e.host = append(e.host, number)
		}
		if e.endpoints[c.sample].Workload == nil {
			e.external = append(e.external, number)
		}
		for _, r := range e.admits(c, Ingress) {
			for _, p := range r.peers {
				e.namedBy[p] = addAdmitting(e.namedBy[p], e.widest[r.ports], number)
			}
		}
	}
}

// admitting are classes that name the same peers on the same ports.
type admitting struct {
	ports   netset.PortsID
	classes []int32
}

// addAdmitting adds a class once. Classes come in ascending order.
func addAdmitting(list []admitting, ports netset.PortsID, number int32) []admitting {
	i := slices.IndexFunc(list, func(a admitting) bool { return a.ports == ports })
	if i < 0 {
		return append(list, admitting{ports, []int32{number}})
	}
	if a := &list[i]; a.classes[len(a.classes)-1] != number {
		a.classes = append(a.classes, number)
	}
	return list
}

// admits are the rules of a direction that accept or pass.
func (e *Engine) admits(c *class, d Direction) []*rule {
	var out []*rule
	for _, list := range c.rules[d] {
		for _, n := range list {
			if r := &e.rules[n.id]; r.action != deny {
				out = append(out, r)
			}
		}
	}
	return out
}
