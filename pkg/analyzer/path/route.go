package path

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// routeHop asks whether a subnet sends some addresses to what it has to.
func routeHop(w vpc.Way, s *vpc.Subnet, want ...model.RouteKind) Hop {
	h := Hop{Layer: vpc.LayerRoute, Where: "route of subnet " + s.Title(), Verdict: model.Yes}
	if w.Route != nil {
		destination := "a prefix list"
		if block, known := w.Route.Destination.Get(); known {
			destination = block.String()
		}
		h.Rules = []Rule{{Text: fmt.Sprintf("%s leads to %s %s", destination, w.Kind, targetName(w.Route.Target)), At: w.Route.At}}
	}
	switch {
	case w.Unknown != "":
		h.Verdict, h.Why = model.Unknown, w.Unknown
	case w.Route == nil && w.Kind != model.RouteLocal:
		h.Verdict, h.Why = model.No, "no route of "+s.Table.Title()+" leads there"
		h.Rules = []Rule{{Text: s.Table.Title(), At: s.Table.At}}
	case w.Dropped():
		h.Verdict, h.Why = model.No, "the target of the route is gone"
	case w.Hidden():
		h.Verdict, h.Why = model.Unknown, "the input does not show what is behind the target of the route"
	case !slices.Contains(want, w.Kind):
		h.Verdict, h.Why = model.No, fmt.Sprintf("it leads to a %s, and not to an %s", w.Kind, want[0])
	}
	return h
}

func targetName(l model.Link) string {
	if l.Address != "" {
		return l.Address
	}
	return l.ID
}
