// Package reachdiff compares who can talk to whom in two states of a cluster.
//
// Workloads of the two states are matched by name, addresses outside the
// cluster on the common refinement of both states' ranges. What is matched
// falls into classes: members are alike in the old state and alike in the new
// one. Each pair of classes that has a connection in either state is compared
// once, so the cost is that of listing the connections of both, by class, and
// not that of all pairs.
//
// Only what is certain in both states is a change: a port is opened when the
// old state certainly refuses it and the new one certainly admits it.
package reachdiff

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// Diff is what differs between two states of a cluster.
type Diff struct {
	// Endpoints are those of both states: workloads, and ranges of addresses
	// as groups name them.
	Endpoints []reach.Endpoint
	// Opened and Closed are sorted by the names of their sources and targets.
	Opened, Closed []Group
	// NewWorkloads and GoneWorkloads are in one of the states only. Their
	// connections are in no group.
	NewWorkloads, GoneWorkloads []Exposure
	// Undecided counts the pairs that change in a way that the input does not
	// decide, in whole or in part.
	Undecided int
	// Unclear counts the workloads in one of the states only that are not listed:
	// the other state may hold them where it is not read, or policies that are
	// not read decide on their connections.
	Unclear int
	// Reasons say why something is undecided or unclear, as far as a part of
	// the input that is not read is to blame.
	Reasons []string
}

// Opens reports whether a connection opens between endpoints of which at least
// one is in both states.
func (d Diff) Opens() bool { return len(d.Opened) > 0 || meetsExisting(d.NewWorkloads) }

// Closes reports whether a connection closes between endpoints of which at
// least one is in both states.
func (d Diff) Closes() bool { return len(d.Closed) > 0 || meetsExisting(d.GoneWorkloads) }

func meetsExisting(list []Exposure) bool {
	for _, x := range list {
		if x.Existing {
			return true
		}
	}
	return false
}

// Group is a change that many pairs share: every source and every target,
// except that no endpoint is paired with itself.
type Group struct {
	// From and To are numbers in Endpoints, which are shared: groups may be
	// as many as workloads, and name as many. Ranges of addresses come first,
	// then workloads by name.
	From, To []int32
	Ports    netset.Ports
	// Connections is the number of pairs.
	Connections int
	// Causes are the lines that decide the change of one of the pairs.
	Causes []Cause
}

// State says which of the two states of a cluster is meant.
type State uint8

// The states.
const (
	Old State = iota
	New
)

// String is "old" or "new".
func (s State) String() string { return [...]string{"old", "new"}[s] }

// Cause is a line that opens or closes a connection.
type Cause struct {
	// State is the one in which the line stands.
	State    State
	Resource *model.Resource
	At       model.Path
	// Why completes the sentence that the line begins.
	Why string
}

// Exposure is a workload that one of the states holds, with the workloads of
// that state to which it certainly has a connection.
type Exposure struct {
	Workload               reach.Endpoint
	ReachedBy, Reaches     int
	FromOutside, ToOutside bool
	// Existing is set when one of the connections leads to, or comes from, an
	// endpoint that is in both states.
	Existing bool
}

// side is one of the two states, ready to be asked.
type side struct {
	graph  *graph.Graph
	engine *reach.Engine
}

func newSide(s *model.Snapshot) side {
	g := graph.New(s)
	return side{g, reach.New(g)}
}

// Compare returns what differs from the old snapshot to the new one.
func Compare(before, after *model.Snapshot) Diff {
	sides := [2]side{newSide(before), newSide(after)}
	if sides[Old].hasIPv6() != sides[New].hasIPv6() {
		sides = [2]side{newSide(withIPv6(before)), newSide(withIPv6(after))}
	}
	a := align(sides)
	w := newWalk(a)
	w.all()
	return w.diff()
}
