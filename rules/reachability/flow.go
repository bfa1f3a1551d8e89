package reachability

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// flow is the way of an answer up to the hop that closes it.
func flow(a path.Answer) []rule.Step {
	var out []rule.Step
	for _, h := range a.Hops {
		text := h.Where
		if h.Reply {
			text += ", on the way back"
		}
		if h.Verdict == model.No {
			text += ": blocked"
		}
		if h.Why != "" {
			text += ": " + h.Why
		}
		step := rule.Step{Message: text}
		if len(h.Rules) > 0 {
			step.At = rule.SpanAt(h.Rules[0].At)
		}
		if out = append(out, step); h.Verdict == model.No {
			break
		}
	}
	return out
}

// closedInAWS reports whether an answer is blocked by a route, a network ACL or a
// security group, and returns that hop.
func closedInAWS(a path.Answer) (path.Hop, bool) {
	stop, found := a.Stop()
	layers := []vpc.Layer{vpc.LayerRoute, vpc.LayerNetworkACL, vpc.LayerSecurityGroup}
	return stop, found && a.Verdict == path.Blocked && stop.Verdict == model.No && slices.Contains(layers, stop.Layer)
}

// because says in a message which hop closes a way.
func because(h path.Hop) string {
	where := h.Where
	if h.Reply {
		where = "answers are refused by the " + where
	}
	if h.Layer == vpc.LayerSecurityGroup && h.Why != "" {
		return h.Why
	}
	if h.Why == "" && len(h.Rules) > 0 {
		return fmt.Sprintf("%s: %s", where, h.Rules[len(h.Rules)-1].Text)
	}
	return where + ": " + h.Why
}

// relatedOf are the lines that close a hop.
func relatedOf(h path.Hop) []rule.Related {
	var out []rule.Related
	for _, r := range h.Rules {
		out = append(out, rule.Related{Message: r.Text, At: rule.SpanAt(r.At)})
	}
	return out
}
