package netset

import (
	"encoding/binary"
	"sync"
)

// PortsID names a set of ports of one Table. Equal sets have equal names.
type PortsID int32

// The names that every Table gives.
const (
	NoPorts    PortsID = 0
	EveryPorts PortsID = 1
)

// Table interns sets of ports and remembers what their unions, intersections
// and differences are: a cluster has thousands of rules and about ten distinct
// sets. It is safe for concurrent use.
type Table struct {
	mu     sync.Mutex
	sets   []Ports
	ids    map[string]PortsID
	unions map[[2]PortsID]PortsID
	meets  map[[2]PortsID]PortsID
	rests  map[[2]PortsID]PortsID
}

// NewTable returns a table that holds the empty set and the set of all ports.
func NewTable() *Table {
	t := &Table{
		ids:    map[string]PortsID{},
		unions: map[[2]PortsID]PortsID{}, meets: map[[2]PortsID]PortsID{}, rests: map[[2]PortsID]PortsID{},
	}
	t.intern(Ports{})
	t.intern(AllPorts())
	return t
}

// ID returns the name of a set.
func (t *Table) ID(s Ports) PortsID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.intern(s)
}

// Ports returns the set of that name.
func (t *Table) Ports(id PortsID) Ports {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sets[id]
}

// Union returns the name of the union of two sets.
func (t *Table) Union(a, b PortsID) PortsID {
	switch {
	case a == b || b == NoPorts || a == EveryPorts:
		return a
	case a == NoPorts || b == EveryPorts:
		return b
	}
	return t.combine(t.unions, min(a, b), max(a, b), Ports.Union)
}

// Intersect returns the name of the intersection of two sets.
func (t *Table) Intersect(a, b PortsID) PortsID {
	switch {
	case a == b || b == EveryPorts || a == NoPorts:
		return a
	case a == EveryPorts || b == NoPorts:
		return b
	}
	return t.combine(t.meets, min(a, b), max(a, b), Ports.Intersect)
}

// Subtract returns the name of what is in the first set and not in the second.
func (t *Table) Subtract(a, b PortsID) PortsID {
	switch {
	case a == b || a == NoPorts || b == EveryPorts:
		return NoPorts
	case b == NoPorts:
		return a
	}
	return t.combine(t.rests, a, b, Ports.Subtract)
}

func (t *Table) combine(memo map[[2]PortsID]PortsID, a, b PortsID, op func(Ports, Ports) Ports) PortsID {
	key := [2]PortsID{a, b}
	t.mu.Lock()
	defer t.mu.Unlock()
	id, ok := memo[key]
	if !ok {
		id = t.intern(op(t.sets[a], t.sets[b]))
		memo[key] = id
	}
	return id
}

func (t *Table) intern(s Ports) PortsID {
	key := s.key()
	if id, ok := t.ids[key]; ok {
		return id
	}
	id := PortsID(len(t.sets)) //nolint:gosec // a table of 2^31 sets does not fit in memory
	t.sets = append(t.sets, s)
	t.ids[key] = id
	return id
}

// key writes the set so that equal sets, and no others, are written the same.
func (s Ports) key() string {
	var out []byte
	for _, set := range s.sets {
		out = binary.AppendUvarint(out, uint64(len(set)))
		for _, i := range set {
			out = binary.LittleEndian.AppendUint16(out, i.First)
			out = binary.LittleEndian.AppendUint16(out, i.Last)
		}
	}
	if s.other {
		out = append(out, 1)
	}
	return string(out)
}
