package reachreport

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
	"github.com/ekslint/ekslint/pkg/model"
)

// Line returns where a span stands.
type Line func(model.Span) Place

// Place is a line of a file, as a reader would open it; zero without one.
type Place struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Inexact is set when the file is certain and the line is not.
	Inexact bool `json:"inexact,omitempty"`
}

func (p Place) String() string {
	text := fmt.Sprintf("%s:%d", report.Printable(p.File), p.Line)
	if p.Inexact {
		text += " (" + report.Uncertain + ")"
	}
	return text
}

// jsonAnswer is the answer to a single question.
type jsonAnswer struct {
	From    string        `json:"from"`
	To      string        `json:"to"`
	Port    string        `json:"port,omitempty"`
	Verdict reach.Verdict `json:"verdict"`
	// Ports are certainly admitted, Undecided may be besides.
	Ports     string    `json:"ports,omitempty"`
	Undecided string    `json:"undecided,omitempty"`
	Hops      []jsonHop `json:"hops"`
	// Reasons explain what no single hop does.
	Reasons []string `json:"reasons,omitempty"`
	// Enforced is what the engine of the cluster makes of it, where it is known.
	Enforced *jsonEnforced `json:"enforced,omitempty"`
}

type jsonEnforced struct {
	Engine  graph.PolicyEngine `json:"engine"`
	Verdict reach.Verdict      `json:"verdict"`
	// StartsOpen is set where a blocked connection is open while a pod starts.
	StartsOpen bool       `json:"startsOpen,omitempty"`
	Notes      []jsonNote `json:"notes,omitempty"`
}

type jsonNote struct {
	Rule string `json:"rule"`
	Place
	Why string `json:"why"`
}

type jsonHop struct {
	Node      string        `json:"node"`
	Direction string        `json:"direction"`
	Verdict   reach.Verdict `json:"verdict"`
	Rule      string        `json:"rule,omitempty"`
	Place
	Why string `json:"why,omitempty"`
}

// WriteAnswers writes answers of a graph to questions about one port, which may
// be empty for every port. JSON is one object for one answer, else an array;
// csv, dot and mermaid show the verdict of each pair, and neither its hops nor
// what the engine of the cluster makes of it.
func WriteAnswers(w io.Writer, g *graph.Graph, answers []reach.Answer, port, format string, line Line) error {
	switch format {
	case "text":
		return writeText(w, g, answers, port, line)
	case "json":
		return writeJSON(w, g, answers, port, line)
	}
	_, err := writePairs(w, format, func(yield func(Pair) error) (int, error) {
		for _, a := range answers {
			p := Pair{report.Printable(a.From.String()), report.Printable(a.To.String()), headline(a, port)}
			if err := yield(p); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	return err
}

func writeJSON(w io.Writer, g *graph.Graph, answers []reach.Answer, port string, line Line) error {
	out := []jsonAnswer{}
	for _, a := range answers {
		j := jsonAnswer{
			From: a.From.String(), To: a.To.String(), Port: port, Verdict: a.Verdict,
			Ports: Words(a.Connection.Certain), Undecided: undecided(a), Hops: []jsonHop{}, Reasons: a.Reasons,
			Enforced: enforced(g, a, line),
		}
		for _, s := range a.Through {
			j.Hops = append(j.Hops, jsonStep(s, line))
		}
		for _, h := range a.Hops {
			j.Hops = append(j.Hops, jsonHops(h, line)...)
		}
		out = append(out, j)
	}
	return encodeOne(w, out)
}

// enforced is what the engine of the cluster makes of an answer; nil where that
// is not known.
func enforced(g *graph.Graph, a reach.Answer, line Line) *jsonEnforced {
	e, ok := vpccni.Enforce(g, a)
	if !ok {
		return nil
	}
	out := &jsonEnforced{Engine: graph.EngineVPCCNI, Verdict: e.Verdict, StartsOpen: e.StartsOpen}
	for _, n := range e.Notes {
		note := jsonNote{Rule: n.Object.Ref().String() + ", " + n.At.String(), Why: n.Why}
		note.Place = line(n.Resource.Locate(n.At, model.PartKey))
		out.Notes = append(out.Notes, note)
	}
	return out
}

func jsonStep(s reach.Step, line Line) jsonHop {
	ref := s.Object.Ref()
	return jsonHop{
		Node: ref.NamespacedName() + "[" + ref.Kind + "]", Direction: "through", Verdict: reach.Open,
		Rule: ref.String() + ", " + s.At.String(), Place: line(s.Object.Resource().Locate(s.At, model.PartKey)), Why: s.What,
	}
}

// jsonHops lists one hop for each policy that has a say.
func jsonHops(h reach.Hop, line Line) []jsonHop {
	base := jsonHop{Node: h.Endpoint.String(), Direction: h.Direction.String()}
	if len(h.Decisions) == 0 {
		base.Verdict, base.Why = verdictOf(h.Verdict), unisolated(h)
		return []jsonHop{base}
	}
	var out []jsonHop
	for _, d := range h.Decisions {
		hop := base
		hop.Verdict, hop.Rule, hop.Why = verdictOf(d.Verdict), ruleName(d), d.Why
		hop.Place = line(d.Policy.Resource().Locate(d.At, model.PartKey))
		out = append(out, hop)
	}
	return out
}

func verdictOf(t model.Tri) reach.Verdict {
	switch t {
	case model.Yes:
		return reach.Open
	case model.No:
		return reach.Blocked
	default:
		return reach.NotKnown
	}
}

func unisolated(h reach.Hop) string {
	if h.Endpoint.Workload.HostNetwork() {
		return "the pods use the node's network, which no policy protects"
	}
	return "no policy isolates the pods"
}

// ruleName writes NetworkPolicy shop/web, spec.ingress[0].
func ruleName(d reach.Decision) string { return d.Policy.Ref().String() + ", " + d.At.String() }

// undecided are the ports that may be admitted besides those that certainly are.
func undecided(a reach.Answer) string {
	return Words(a.Connection.Possible.Subtract(a.Connection.Certain))
}

// writeText writes answers for a reader: the verdict and, for each side, what
// decides it.
func writeText(w io.Writer, g *graph.Graph, answers []reach.Answer, port string, line Line) error {
	var lines []string
	for _, a := range answers {
		lines = append(lines, fmt.Sprintf("%s => %s : %s", a.From, a.To, headline(a, port)))
		for _, s := range a.Through {
			hop := jsonStep(s, line)
			lines = append(lines, fmt.Sprintf("  %s: %s: %s", hop.Place, hop.Rule, hop.Why))
		}
		for _, h := range a.Hops {
			lines = append(lines, hopLines(h, line)...)
		}
		for _, reason := range a.Reasons {
			lines = append(lines, fmt.Sprintf("  %s: %s", a.Verdict, reason))
		}
		if e := enforced(g, a, line); e != nil {
			words := string(e.Verdict)
			if e.StartsOpen {
				words += " once a pod has started, open until then (standard mode)"
			}
			lines = append(lines, fmt.Sprintf("  %s: %s", e.Engine, words))
			for _, n := range e.Notes {
				lines = append(lines, fmt.Sprintf("    %s: %s: %s", n.Place, n.Rule, n.Why))
			}
		}
	}
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(report.Printable(l) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func headline(a reach.Answer, port string) string {
	if port != "" {
		return port + " " + string(a.Verdict)
	}
	out := string(a.Verdict)
	if ports := Words(a.Connection.Certain); ports != "" {
		out += ", " + ports
	}
	if ports := undecided(a); ports != "" {
		out += ", perhaps " + ports
	}
	return out
}

func outcome(h reach.Hop) string {
	denied := slices.ContainsFunc(h.Decisions, func(d reach.Decision) bool { return d.Denies && d.Verdict == model.No })
	switch {
	case h.Verdict == model.Yes:
		return "admitted"
	case h.Verdict == model.Unknown:
		return "undecided"
	case denied:
		return "denied"
	default:
		return "isolated, and nothing admits it"
	}
}

func hopLines(h reach.Hop, line Line) []string {
	side := fmt.Sprintf("  %s of %s: ", h.Direction, h.Endpoint)
	if len(h.Decisions) == 0 {
		return []string{side + unisolated(h)}
	}
	out := []string{side + outcome(h)}
	for _, d := range h.Decisions {
		text := fmt.Sprintf("    %s: %s", line(d.Policy.Resource().Locate(d.At, model.PartKey)), ruleName(d))
		if d.Why != "" {
			text += ": " + d.Why
		}
		out = append(out, text)
	}
	return out
}
