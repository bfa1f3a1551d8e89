package reach

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Unseen answers for the peers that the rules of one direction of an endpoint
// name and of which the input shows no pod although it need not show all: what
// the endpoint is exposed to besides what is there. The verdict is unknown,
// because the other side is.
func (e *Engine) Unseen(endpoint int, d Direction, ports netset.Ports) []Answer {
	c := e.class(endpoint)
	var out []Answer
	for _, list := range [][]entry{c.rules[d][adminTier], c.rules[d][policyTier]} {
		for _, n := range list {
			r := e.rules.At(int(n.id))
			admitted := e.ports.Ports(e.resolved[r.ports][c.table].possible).Intersect(ports)
			if r.action != accept || !n.certain || admitted.IsEmpty() {
				continue
			}
			for _, id := range r.peers {
				if words, _ := e.unseen.Get(id); words != "" {
					out = append(out, e.unseenAnswer(endpoint, d, r, Endpoint{Label: words}, admitted))
				}
			}
		}
	}
	return out
}

func (e *Engine) unseenAnswer(endpoint int, d Direction, r *rule, peer Endpoint, ports netset.Ports) Answer {
	own := e.endpoints.At(endpoint)
	out := Answer{
		From: peer, To: own, Verdict: NotKnown, Connection: Connection{Possible: ports},
		Hops: []Hop{{
			Endpoint: own, Direction: d, Verdict: model.Yes,
			Decisions: []Decision{{Policy: r.policy.object, At: r.path(), Verdict: model.Yes}},
		}},
		Reasons: []string{"the input shows no such pods"},
	}
	if d == Egress {
		out.From, out.To = own, peer
	}
	return out
}

// unseenIn describes pods of a namespace; nothing when the input shows some, or
// shows all there are.
func (c *compiler) unseenIn(namespace string, pods graph.Selector, found []entry) string {
	if shown(found) || c.g.Snapshot().Knows(model.Workloads, namespace) != model.NotKnown {
		return ""
	}
	return "[" + describe("pods", pods) + "] in [namespace " + namespace + "]"
}

// unseenAmong does so for pods of the namespaces that a selector selects.
func (c *compiler) unseenAmong(namespaces, pods graph.Selector, found []entry) string {
	if shown(found) || c.g.Snapshot().Scope().Complete {
		return ""
	}
	return "[" + describe("pods", pods) + "] in [" + describe("namespaces", namespaces) + "]"
}

func shown(found []entry) bool {
	return slices.ContainsFunc(found, func(x entry) bool { return x.certain })
}

// describe writes a selector as kubectl takes it.
func describe(what string, s graph.Selector) string {
	var out []string
	for _, r := range s.Requirements() {
		values := strings.Join(r.Values, ",")
		switch {
		case r.Operator == metav1.LabelSelectorOpIn && len(r.Values) == 1:
			out = append(out, r.Key+"="+values)
		case r.Operator == metav1.LabelSelectorOpIn, r.Operator == metav1.LabelSelectorOpNotIn:
			out = append(out, fmt.Sprintf("%s %s (%s)", r.Key, strings.ToLower(string(r.Operator)), values))
		case r.Operator == metav1.LabelSelectorOpDoesNotExist:
			out = append(out, "!"+r.Key)
		default:
			out = append(out, r.Key)
		}
	}
	if len(out) == 0 {
		return "all " + what
	}
	return what + " with " + strings.Join(out, ",")
}
