package reach

import (
	"encoding/binary"
	"slices"
	"sync"

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
		source: c, policies: c.policies, wide: c.wide, unseen: c.unseen, external: c.external,
	}
	c.group(e, c.peersByEndpoint())
	c.resolve(e)
	e.index = sync.OnceValue(e.newIndex)
	return e
}

func (c *compiler) peersByEndpoint() [][]entry {
	counts := make([]int, c.endpoints.Len())
	for _, p := range c.peers {
		for _, m := range p.members {
			counts[m.id]++
		}
	}
	out := make([][]entry, c.endpoints.Len())
	for i, n := range counts {
		out[i] = make([]entry, 0, n)
	}
	for id, p := range c.peers {
		for _, m := range p.members {
			out[m.id] = append(out[m.id], entry{int32(id), m.certain}) //nolint:gosec // distinct peers are far fewer than 2^31
		}
	}
	return out
}

func (c *compiler) group(e *Engine, peers [][]entry) {
	seen := map[string]int32{}
	var key []byte
	for i, endpoint := range c.endpoints.All() {
		number := int32(i) //nolint:gosec // endpoints are far fewer than 2^31
		own := c.state(number)
		key = key[:0]
		for d := range own.isolated {
			key = append(key, byte(own.isolated[d]))
			key = appendEntries(key, own.subject[d])
		}
		key = appendEntries(key, peers[i])
		key = append(key, flag(endpoint.hostNetwork()), flag(endpoint.Workload == nil), flag(endpoint.Assumed))
		table := c.tableOf(endpoint)
		key = binary.AppendUvarint(key, uint64(table)) //nolint:gosec // numbers are not negative
		id, ok := seen[string(key)]
		if !ok {
			id = int32(e.classes.Len()) //nolint:gosec // no more classes than endpoints
			seen[string(key)] = id
			e.classes.Add(&class{
				sample: number, table: table, host: endpoint.hostNetwork(), peers: peers[i], isolated: own.isolated,
				rules: [2][tiers][]entry{c.byTier(own.subject[Ingress]), c.byTier(own.subject[Egress])},
			})
		}
		of := e.classes.At(int(id))
		of.members = append(of.members, number)
		e.classOf.Add(id)
	}
	c.states = nil
}

// byTier cuts a list of rules, which is in the order of the tiers.
func (c *compiler) byTier(list []entry) (out [tiers][]entry) {
	for t := range out {
		n := slices.IndexFunc(list, func(x entry) bool { return int(c.rules.At(int(x.id)).policy.tier) > t })
		if n < 0 {
			n = len(list)
		}
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
