package reachreport

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// jsonPath is the answer to a question over all layers.
type jsonPath struct {
	From    string        `json:"from"`
	To      string        `json:"to"`
	Port    string        `json:"port,omitempty"`
	Verdict path.Verdict  `json:"verdict"`
	Hops    []jsonPathHop `json:"hops"`
	Reasons []string      `json:"reasons,omitempty"`
	// DNS is the way to what tells the address of a Service.
	DNS *jsonPath `json:"dns,omitempty"`
}

type jsonPathHop struct {
	Layer   path.Layer    `json:"layer"`
	Node    string        `json:"node"`
	Verdict reach.Verdict `json:"verdict"`
	// Reply is set on the way back.
	Reply bool       `json:"reply,omitempty"`
	Why   string     `json:"why,omitempty"`
	Fix   string     `json:"fix,omitempty"`
	Rules []jsonRule `json:"rules,omitempty"`
}

type jsonRule struct {
	Rule string `json:"rule"`
	Place
}

// WritePaths writes answers over all layers. JSON is one object for one answer,
// else an array; csv, dot and mermaid show the verdict of each pair.
func WritePaths(w io.Writer, answers []path.Answer, format string, line Line) error {
	out := make([]jsonPath, 0, len(answers))
	for _, a := range answers {
		out = append(out, pathOf(a, line))
	}
	if format == "json" {
		return encodeOne(w, out)
	}
	if format != "text" {
		_, err := writePairs(w, format, func(yield func(Pair) error) (int, error) {
			for _, p := range out {
				if err := yield(Pair{report.Printable(p.From), report.Printable(p.To), p.headline()}); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		return err
	}
	var text strings.Builder
	for _, p := range out {
		for _, l := range p.lines() {
			text.WriteString(report.Printable(l) + "\n")
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// encodeOne writes the only element of a list by itself, and else the list.
func encodeOne[T any](w io.Writer, list []T) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if len(list) == 1 {
		return encoder.Encode(list[0])
	}
	return encoder.Encode(list)
}

func pathOf(a path.Answer, line Line) jsonPath {
	out := jsonPath{From: a.From, To: a.To, Port: asked(a.Port), Verdict: a.Verdict, Reasons: a.Reasons, Hops: []jsonPathHop{}}
	for _, h := range a.Hops {
		hop := jsonPathHop{Layer: h.Layer, Node: h.Where, Verdict: verdictOf(h.Verdict), Reply: h.Reply, Why: h.Why, Fix: h.Fix}
		for _, r := range h.Rules {
			rule := jsonRule{Rule: r.Text}
			rule.Place = line(r.At)
			hop.Rules = append(hop.Rules, rule)
		}
		out.Hops = append(out.Hops, hop)
	}
	if a.Names != nil {
		dns := pathOf(*a.Names, line)
		out.DNS = &dns
	}
	return out
}

// lines writes an answer for a reader: the verdict, then one hop a line with the
// lines that decide it below, up to the hop that closes the way.
func (p jsonPath) lines() []string {
	out := []string{fmt.Sprintf("%s => %s : %s", p.From, p.To, p.headline())}
	if p.DNS != nil {
		out = append(out, p.DNS.asName()...)
	}
	for _, h := range p.Hops {
		out = append(out, h.lines()...)
		if h.Verdict == reach.Blocked {
			break
		}
	}
	for _, reason := range p.Reasons {
		out = append(out, fmt.Sprintf("  %s: %s", p.Verdict, reason))
	}
	return out
}

// asName writes the way of a name: one line, and below it what keeps it from being open.
func (p jsonPath) asName() []string {
	mark := map[path.Verdict]string{path.Open: "->", path.Blocked: "x "}[p.Verdict]
	out := []string{fmt.Sprintf("  %s name, of %s: %s", cmp.Or(mark, "? "), p.To, p.headline())}
	if p.Verdict == path.Open {
		return out
	}
	for _, h := range p.Hops {
		if h.Verdict != reach.Open {
			for _, l := range h.lines() {
				out = append(out, "     "+l)
			}
			break
		}
	}
	for _, reason := range p.Reasons {
		out = append(out, "       "+reason)
	}
	return out
}

func (p jsonPath) headline() string {
	if p.Port == "" {
		return string(p.Verdict)
	}
	return p.Port + " " + string(p.Verdict)
}

func (h jsonPathHop) lines() []string {
	mark := map[reach.Verdict]string{reach.Open: "->", reach.Blocked: "x ", reach.NotKnown: "? "}[h.Verdict]
	if h.Reply {
		mark = map[reach.Verdict]string{reach.Open: "<-", reach.Blocked: "x<", reach.NotKnown: "?<"}[h.Verdict]
	}
	text := "  " + mark + " " + h.Node
	if h.Verdict == reach.Blocked {
		text += ": blocked"
	}
	if h.Why != "" {
		text += ": " + h.Why
	}
	out := []string{text}
	for _, r := range h.Rules {
		place := r.Rule
		if r.File != "" {
			place = fmt.Sprintf("%s: %s", r.Place, r.Rule)
		}
		out = append(out, "       "+place)
	}
	if h.Fix != "" {
		out = append(out, "       fix: "+h.Fix)
	}
	return out
}

// asked writes the ports of a question: one as a question names it, nothing for
// all of them.
func asked(p netset.Ports) string {
	if p.IsAllTransport() {
		return ""
	}
	for _, protocol := range netset.Protocols() {
		for _, i := range p.Intervals(protocol) {
			if only := netset.PortRange(protocol, i.First, i.First); only.Equal(p) {
				return fmt.Sprintf("%d/%s", i.First, strings.ToLower(protocol.String()))
			}
		}
	}
	return Words(p)
}
