package vpc

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// FilterACL answers what the network ACL of a subnet lets in or out, from or to
// addresses. The lowest number that matches decides, and what nothing matches is
// refused.
func FilterACL(s *Subnet, d Direction, other netset.Ranges) Filtered {
	switch {
	case s.ACL == nil:
		return everything(s.ACLUnknown)
	case s.ACL.Missing != "":
		return everything(s.ACL.Missing)
	}
	entries := s.entries[d]
	if !entries.known {
		return everything("the order of the entries of " + s.ACL.Title() + " is not known")
	}
	w := aclWalk{left: netset.AllPorts()}
	for _, e := range entries.list {
		w.entry(s.ACL, e, other, d)
	}
	return Filtered{Certain: netset.AllPorts().Subtract(w.maybeDenied.Union(w.left)), Possible: w.maybeAllowed, Rules: w.rules, Unknown: w.unknown}
}

// ordered are the entries of one direction by their number; known is unset when
// a number is not.
type ordered struct {
	list  []model.NetworkACLEntry
	known bool
}

func orderedEntries(a *model.NetworkACL, d Direction) ordered {
	var out []model.NetworkACLEntry
	for _, e := range a.Entries {
		if e.Egress != (d == Out) {
			continue
		}
		if _, known := e.Number.Get(); !known {
			return ordered{}
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(x, y model.NetworkACLEntry) int {
		a, _ := x.Number.Get()
		b, _ := y.Number.Get()
		return cmp.Compare(a, b)
	})
	return ordered{out, true}
}

// aclWalk goes through the entries of an ACL in their order.
type aclWalk struct {
	// left are the ports that no entry so far has certainly decided.
	left netset.Ports
	// What some reading of the entries so far allows, and what some denies.
	maybeAllowed, maybeDenied netset.Ports
	rules                     []Rule
	unknown                   string
}

func (w *aclWalk) entry(a *model.NetworkACL, e model.NetworkACLEntry, other netset.Ranges, d Direction) {
	block, known := e.CIDR.Get()
	match := model.Unknown
	if known {
		match = covers(block, other)
	}
	certain, possible := portsOf(e.Traffic)
	possible = possible.Intersect(w.left)
	if match == model.No || possible.IsEmpty() {
		return
	}
	allow, decided := e.Allow.Get()
	if allow || !decided {
		w.maybeAllowed = w.maybeAllowed.Union(possible)
	}
	if !allow || !decided {
		w.maybeDenied = w.maybeDenied.Union(possible)
	}
	number, _ := e.Number.Get()
	w.rules = append(w.rules, Rule{
		Text: fmt.Sprintf("%s #%d %s %s %s", a.Title(), number, verb(e.Allow), words(e.Traffic), peerWords(d, model.SecurityGroupPeer{CIDR: e.CIDR})),
		At:   e.At, ports: possible,
	})
	if match == model.Yes {
		w.left = w.left.Subtract(certain)
		return
	}
	w.unknown = cmp.Or(w.unknown, "whether "+a.Title()+fmt.Sprintf(" #%d matches is not known", number))
}

func verb(allow model.Value[bool]) string {
	switch yes, known := allow.Get(); {
	case !known:
		return "allows or denies"
	case yes:
		return "allows"
	default:
		return "denies"
	}
}
