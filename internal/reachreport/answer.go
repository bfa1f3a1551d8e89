package reachreport

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// Line returns the file and line of a span, as a reader would open them.
type Line func(model.Span) (file string, line int)

// jsonAnswer is the answer to a single question.
type jsonAnswer struct {
	From    string        `json:"from"`
	To      string        `json:"to"`
	Port    string        `json:"port,omitempty"`
	Verdict reach.Verdict `json:"verdict"`
	Ports   string        `json:"ports,omitempty"`
	Hops    []jsonHop     `json:"hops"`
	Doubts  []string      `json:"doubts,omitempty"`
}

type jsonHop struct {
	Node      string        `json:"node"`
	Direction string        `json:"direction"`
	Verdict   reach.Verdict `json:"verdict"`
	Rule      string        `json:"rule,omitempty"`
	File      string        `json:"file,omitempty"`
	Line      int           `json:"line,omitempty"`
	Why       string        `json:"why,omitempty"`
}

// WriteJSON writes answers to questions about one port, which may be empty for
// every port: one object for one answer, else an array.
func WriteJSON(w io.Writer, answers []reach.Answer, port string, line Line) error {
	out := []jsonAnswer{}
	for _, a := range answers {
		j := jsonAnswer{
			From: a.From.String(), To: a.To.String(), Port: port, Verdict: a.Verdict,
			Ports: Words(a.Connection.Certain), Hops: []jsonHop{}, Doubts: a.Doubts,
		}
		for _, h := range a.Hops {
			j.Hops = append(j.Hops, jsonHops(h, line)...)
		}
		out = append(out, j)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if len(out) == 1 {
		return encoder.Encode(out[0])
	}
	return encoder.Encode(out)
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
		hop.File, hop.Line = line(d.Policy.Resource().Locate(d.At, model.PartKey))
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
	if h.Verdict != model.Yes {
		return "the pod and the node it runs on always reach each other, and where it runs is not known"
	}
	return "no policy isolates the pods"
}

// ruleName writes NetworkPolicy shop/web, spec.ingress[0].
func ruleName(d reach.Decision) string { return d.Policy.Ref().String() + ", " + d.At.String() }

// WriteText writes answers for a reader: the verdict and, for each side, what
// decides it.
func WriteText(w io.Writer, answers []reach.Answer, port string, line Line) error {
	var out strings.Builder
	for _, a := range answers {
		fmt.Fprintf(&out, "%s => %s : %s\n", a.From, a.To, headline(a, port))
		for _, h := range a.Hops {
			writeHop(&out, h, line)
		}
		for _, doubt := range a.Doubts {
			fmt.Fprintf(&out, "  unknown: %s\n", doubt)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func headline(a reach.Answer, port string) string {
	if port != "" {
		return port + " " + string(a.Verdict)
	}
	if a.Connection.Certain.IsEmpty() {
		return string(a.Verdict)
	}
	return string(a.Verdict) + ", " + Words(a.Connection.Certain)
}

func writeHop(out *strings.Builder, h reach.Hop, line Line) {
	fmt.Fprintf(out, "  %s of %s: ", h.Direction, h.Endpoint)
	if len(h.Decisions) == 0 {
		out.WriteString(unisolated(h) + "\n")
		return
	}
	words := map[model.Tri]string{model.Yes: "admitted", model.No: "isolated, and nothing admits it", model.Unknown: "undecided"}
	out.WriteString(words[h.Verdict] + "\n")
	for _, d := range h.Decisions {
		file, number := line(d.Policy.Resource().Locate(d.At, model.PartKey))
		fmt.Fprintf(out, "    %s:%d: %s", file, number, ruleName(d))
		if d.Why != "" {
			out.WriteString(": " + d.Why)
		}
		out.WriteByte('\n')
	}
}
