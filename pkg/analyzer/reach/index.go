package reach

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// closure says what a class is closed to: whom its endpoints certainly have no
// connection with but where a rule accepts or passes it.
type closure uint8

const (
	open closure = iota
	// closedToPods leaves addresses outside the cluster.
	closedToPods
	closedToAll
)

// index finds the classes that another may reach.
type index struct {
	// closed is the closure of each class by direction.
	closed [][2]closure
	// namedBy lists, by peers, the classes with an ingress rule that accepts or
	// passes them, apart by the ports of the rule.
	namedBy map[int32][]admitting
	// peerClasses are the classes in each peers, sorted.
	peerClasses map[int32][]int32
	// all are all classes, open those whose ingress is not closed to pods and
	// openOutside those whose ingress is not closed to outside the cluster,
	// external those of addresses there.
	all, open, openOutside, external []int32
	// host are the classes of pods on the node's network, which no selector
	// matches.
	host []int32
}

func (e *Engine) newIndex() *index {
	covers := e.covers()
	x := &index{closed: make([][2]closure, e.classes.Len()), namedBy: map[int32][]admitting{}, peerClasses: map[int32][]int32{}}
	for id, c := range e.classes.All() {
		if len(c.members) == 0 {
			continue
		}
		for d := range x.closed[id] {
			x.closed[id][d] = e.closure(c, Direction(d), covers) //nolint:gosec // two directions
		}
		x.add(e, c, int32(id)) //nolint:gosec // no more classes than endpoints
	}
	return x
}

func (x *index) add(e *Engine, c *class, number int32) {
	x.all = append(x.all, number)
	for _, p := range c.peers {
		x.peerClasses[p.id] = append(x.peerClasses[p.id], number)
	}
	if x.closed[number][Ingress] == open {
		x.open = append(x.open, number)
	}
	if x.closed[number][Ingress] != closedToAll {
		x.openOutside = append(x.openOutside, number)
	}
	if c.host {
		x.host = append(x.host, number)
	}
	if e.endpoints.At(int(c.sample)).Workload == nil {
		x.external = append(x.external, number)
	}
	for _, r := range e.admits(c, Ingress) {
		for _, p := range r.peers {
			x.namedBy[p] = addAdmitting(x.namedBy[p], e.widest[r.ports], number)
		}
	}
}

// covers says, by peers, whom they hold, all of them for certain.
func (e *Engine) covers() map[int32]closure {
	pods, all := map[int32]int{}, map[int32]int{}
	everyPod, everyone := 0, 0
	for _, c := range e.classes.All() {
		n := len(c.members)
		isPod := n > 0 && !c.host && e.endpoints.At(int(c.sample)).Workload != nil
		everyone += n
		if isPod {
			everyPod += n
		}
		for _, p := range c.peers {
			if !p.certain {
				continue
			}
			all[p.id] += n
			if isPod {
				pods[p.id] += n
			}
		}
	}
	out := map[int32]closure{}
	for id, n := range all {
		switch {
		case n == everyone:
			out[id] = closedToAll
		case pods[id] == everyPod:
			out[id] = closedToPods
		}
	}
	return out
}

func (e *Engine) closure(x *class, d Direction, covers map[int32]closure) closure {
	if x.isolated[d] == model.Yes {
		return closedToAll
	}
	out := open
	for _, list := range [][]entry{x.rules[d][adminTier], x.rules[d][baselineTier]} {
		for _, n := range list {
			r := e.rules.At(int(n.id))
			if !n.certain || r.action != deny || !e.everyPort(r.ports) {
				continue
			}
			for _, id := range r.peers {
				out = max(out, covers[id])
			}
		}
	}
	return out
}

// everyPort reports whether a specification is certainly every port, whoever
// receives.
func (e *Engine) everyPort(spec int32) bool {
	return !slices.ContainsFunc(e.resolved[spec], func(b bounds) bool { return b.certain != netset.EveryPorts })
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
			if r := e.rules.At(int(n.id)); r.action != deny {
				out = append(out, r)
			}
		}
	}
	return out
}
