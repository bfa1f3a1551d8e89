package reachreport

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/model"
)

// DiffLines returns the lines of the files of each state.
type DiffLines map[reachdiff.State]Line

// DiffFormats are the names that WriteDiff takes.
func DiffFormats() []string { return []string{"text", "markdown", "json"} }

// WriteDiff writes what differs in a format.
func WriteDiff(w io.Writer, d reachdiff.Diff, format string, lines DiffLines) error {
	out := diffWriter{Diff: d, lines: lines}
	for _, e := range d.Endpoints {
		out.names = append(out.names, e.String())
	}
	switch format {
	case "json":
		return out.json(w)
	case "markdown":
		_, err := io.WriteString(w, out.markdown())
		return err
	default:
		_, err := io.WriteString(w, out.text())
		return err
	}
}

// diffWriter writes one diff.
type diffWriter struct {
	reachdiff.Diff
	lines DiffLines
	// names are those of the endpoints.
	names []string
}

func (d *diffWriter) namesOf(endpoints []int32) []string {
	out := make([]string, len(endpoints))
	for i, e := range endpoints {
		out[i] = d.names[e]
	}
	return out
}

type jsonDiff struct {
	Opened        []jsonGroup    `json:"opened"`
	Closed        []jsonGroup    `json:"closed"`
	NewWorkloads  []jsonExposure `json:"newWorkloads"`
	GoneWorkloads []jsonExposure `json:"goneWorkloads"`
	// Undecided counts pairs, Unclear workloads; Reasons are for both.
	Undecided int      `json:"undecided"`
	Unclear   int      `json:"unclear"`
	Reasons   []string `json:"reasons"`
}

type jsonGroup struct {
	From        []string    `json:"from"`
	To          []string    `json:"to"`
	Ports       string      `json:"ports"`
	Connections int         `json:"connections"`
	Causes      []jsonCause `json:"causes"`
}

type jsonCause struct {
	State string `json:"state"`
	Rule  string `json:"rule"`
	Place
	Why string `json:"why"`
}

type jsonExposure struct {
	Workload string `json:"workload"`
	// ReachedBy and Reaches count workloads of the same state.
	ReachedBy   int  `json:"reachedBy"`
	Reaches     int  `json:"reaches"`
	FromOutside bool `json:"fromOutside"`
	ToOutside   bool `json:"toOutside"`
}

func (d *diffWriter) json(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(jsonDiff{
		Opened: d.jsonGroups(d.Opened), Closed: d.jsonGroups(d.Closed),
		NewWorkloads: jsonExposures(d.NewWorkloads), GoneWorkloads: jsonExposures(d.GoneWorkloads),
		Undecided: d.Undecided, Unclear: d.Unclear, Reasons: append([]string{}, d.Reasons...),
	})
}

func (d *diffWriter) jsonGroups(groups []reachdiff.Group) []jsonGroup {
	out := []jsonGroup{}
	for _, g := range groups {
		j := jsonGroup{
			From: d.namesOf(g.From), To: d.namesOf(g.To), Ports: Words(g.Ports), Connections: g.Connections, Causes: []jsonCause{},
		}
		for _, c := range g.Causes {
			j.Causes = append(j.Causes, jsonCause{c.State.String(), causeRule(c), d.lines.place(c), c.Why})
		}
		out = append(out, j)
	}
	return out
}

func jsonExposures(list []reachdiff.Exposure) []jsonExposure {
	out := []jsonExposure{}
	for _, x := range list {
		out = append(out, jsonExposure{x.Workload.String(), x.ReachedBy, x.Reaches, x.FromOutside, x.ToOutside})
	}
	return out
}

func (l DiffLines) place(c reachdiff.Cause) Place {
	return l[c.State](c.Resource.Locate(c.At, model.PartKey))
}

// causeRule writes NetworkPolicy shop/web, spec.ingress[0].
func causeRule(c reachdiff.Cause) string { return c.Resource.Ref.String() + ", " + c.At.String() }

func (d *diffWriter) text() string {
	var lines []string
	lines = append(lines, d.groupLines("opened", d.Opened)...)
	lines = append(lines, d.groupLines("closed", d.Closed)...)
	for _, x := range d.NewWorkloads {
		lines = append(lines, "new workload: "+exposureLine(x))
	}
	for _, x := range d.GoneWorkloads {
		lines = append(lines, "gone workload: "+exposureLine(x))
	}
	lines = append(lines, d.totals())
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(report.Printable(line) + "\n")
	}
	return out.String()
}

func (d *diffWriter) groupLines(heading string, groups []reachdiff.Group) []string {
	var out []string
	for _, g := range groups {
		if g.Connections == 1 {
			out = append(out, fmt.Sprintf("%s: %s => %s : %s", heading, d.names[g.From[0]], d.names[g.To[0]], Words(g.Ports)))
		} else {
			out = append(out,
				fmt.Sprintf("%s: %s => %s : %s", heading, count(len(g.From), "source"), count(len(g.To), "target"), Words(g.Ports)),
				"  from "+d.listed(g.From), "  to "+d.listed(g.To))
		}
		for _, c := range g.Causes {
			out = append(out, fmt.Sprintf("  %s %s: %s: %s", c.State, d.lines.place(c), causeRule(c), c.Why))
		}
	}
	return out
}

// listed names the first few and counts the rest. It does not name them all,
// since there may be as many groups as workloads.
func (d *diffWriter) listed(endpoints []int32) string {
	const shown = 3
	first := strings.Join(d.namesOf(endpoints[:min(len(endpoints), shown)]), ", ")
	if more := len(endpoints) - shown; more > 0 {
		first += fmt.Sprintf(" and %d more", more)
	}
	return first
}

func exposureLine(x reachdiff.Exposure) string {
	by, to := count(x.ReachedBy, "workload"), count(x.Reaches, "workload")
	if x.FromOutside {
		by += " and from outside"
	}
	if x.ToOutside {
		to += " and the outside"
	}
	return fmt.Sprintf("%s, reached by %s, reaches %s", x.Workload, by, to)
}

// totals says in one line how much differs.
func (d *diffWriter) totals() string {
	connections := func(groups []reachdiff.Group) int {
		n := 0
		for _, g := range groups {
			n += g.Connections
		}
		return n
	}
	out := fmt.Sprintf("%s opened, %d closed", count(connections(d.Opened), "connection"), connections(d.Closed))
	if len(d.NewWorkloads)+len(d.GoneWorkloads) > 0 {
		out += fmt.Sprintf(", %s new, %d gone", count(len(d.NewWorkloads), "workload"), len(d.GoneWorkloads))
	}
	return out
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
