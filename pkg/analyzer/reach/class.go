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
	// endpoints and which rules then apply to them.
	isolated [2]model.Tri
	rules    [2][]entry
	// peers are what the endpoints are part of, sorted.
	peers []entry
	// table is the number of what port names mean on the endpoints.
	table int32
}

// engine closes the compiler: it adds the addresses outside the cluster and
// groups the endpoints.
func (c *compiler) engine() *Engine {
	c.addExternal()
	e := &Engine{
		graph: c.g, ports: netset.NewTable(), endpoints: c.endpoints, byRef: c.byRef, rules: c.rules,
		classOf: make([]int32, len(c.endpoints)),
	}
	c.group(e, c.peersByEndpoint())
	c.resolve(e)
	e.index(len(c.peers))
	return e
}

func (c *compiler) peersByEndpoint() [][]entry {
	out := make([][]entry, len(c.endpoints))
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
				rules:    [2][]entry{c.subject[Ingress][i], c.subject[Egress][i]},
			})
		}
		e.classes[id].members = append(e.classes[id].members, number)
		e.classOf[i] = id
	}
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

// index prepares the walk from a source to the classes that it may reach.
func (e *Engine) index(peers int) {
	e.peerClasses = make([][]int32, peers)
	e.namedBy = make([][]int32, peers)
	for id := range e.classes {
		c := &e.classes[id]
		number := int32(id) //nolint:gosec // no more classes than endpoints
		e.all = append(e.all, number)
		for _, p := range c.peers {
			e.peerClasses[p.id] = append(e.peerClasses[p.id], number)
		}
		if c.isolated[Ingress] != model.Yes {
			e.open = append(e.open, number)
		}
		if c.host {
			e.host = append(e.host, number)
		}
		for _, r := range c.rules[Ingress] {
			for _, p := range e.rules[r.id].peers {
				e.namedBy[p] = append(e.namedBy[p], number)
			}
		}
	}
	for p, list := range e.namedBy {
		slices.Sort(list)
		e.namedBy[p] = slices.Compact(list)
	}
}

// pair returns the ports that the first class may use to the second: what both
// sides admit.
func (e *Engine) pair(from, to int32) (certain, possible netset.PortsID) {
	s, d := &e.classes[from], &e.classes[to]
	outLow, outHigh := e.side(Egress, s, d, d)
	if outHigh == netset.NoPorts {
		return netset.NoPorts, netset.NoPorts
	}
	inLow, inHigh := e.side(Ingress, d, s, d)
	return e.ports.Intersect(outLow, inLow), e.ports.Intersect(outHigh, inHigh)
}

// side returns the ports that the policies of one direction admit between
// their subject and its peer. Ports are those of the receiver.
func (e *Engine) side(direction Direction, subject, peer, receiver *class) (certain, possible netset.PortsID) {
	if subject.isolated[direction] == model.No {
		return netset.EveryPorts, netset.EveryPorts
	}
	for _, r := range subject.rules[direction] {
		matches := e.matches(&e.rules[r.id], peer)
		if matches == model.No {
			continue
		}
		ports := e.resolved[e.rules[r.id].ports][receiver.table]
		possible = e.ports.Union(possible, ports.possible)
		if r.certain && matches == model.Yes {
			certain = e.ports.Union(certain, ports.certain)
		}
	}
	// A pod that is not certainly isolated may be open. A pod on the node's
	// network is certain to reach, and on some plugins to be reached by, the
	// pods of its own node, and where it runs is not known.
	if subject.isolated[direction] != model.Yes || peer.host {
		possible = netset.EveryPorts
	}
	return certain, possible
}

// matches answers whether a rule names the endpoints of a class.
func (e *Engine) matches(r *rule, peer *class) model.Tri {
	answer := model.No
	for _, id := range r.peers {
		n, found := slices.BinarySearchFunc(peer.peers, id, func(x entry, id int32) int { return int(x.id) - int(id) })
		switch {
		case !found:
		case peer.peers[n].certain:
			return model.Yes
		default:
			answer = model.Unknown
		}
	}
	return answer
}
