package reachreport

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// Exposure is a set of workloads that no policy tells apart, with what they
// are exposed to.
type Exposure struct {
	Workloads []string `json:"workloads"`
	// ReachedBy and Reaches count the workloads with which a connection is
	// certainly admitted.
	ReachedBy int `json:"reachedBy"`
	Reaches   int `json:"reaches"`
	// FromOutside and ToOutside are true when a connection with an address
	// outside the cluster is certainly admitted.
	FromOutside bool `json:"fromOutside"`
	ToOutside   bool `json:"toOutside"`
}

// Summary lists the classes of workloads, the most exposed first. It returns
// also how many pairs of endpoints the input does not decide.
func Summary(e *reach.Engine) (summary []Exposure, undecided int) {
	out := make([]Exposure, e.Classes())
	for c := range out {
		members := e.Members(reach.Class(c))
		if e.Endpoint(int(members[0])).Assumed {
			continue
		}
		for _, m := range members {
			out[c].Workloads = append(out[c].Workloads, report.Printable(e.Endpoint(int(m)).String()))
		}
		external := isExternal(e, members[0])
		for _, edge := range e.Edges(reach.Class(c)) {
			if edge.To == members[0] {
				continue // the members are alike, so the first speaks for all
			}
			if edge.Certain != edge.Possible {
				undecided += len(members)
			}
			if edge.Certain == netset.NoPorts {
				continue
			}
			target := e.ClassOf(int(edge.To))
			switch {
			case external:
				out[target].FromOutside = true
			case isExternal(e, edge.To):
				out[c].ToOutside = true
			default:
				out[c].Reaches++
				out[target].ReachedBy += reachedBy(e, reach.Class(c), edge.To)
			}
		}
	}
	return ranked(e, out), undecided
}

// reachedBy is what an edge from a class adds to the count of the first member
// of the class to which it leads, who speaks for all.
func reachedBy(e *reach.Engine, from reach.Class, to int32) int {
	target := e.ClassOf(int(to))
	switch members := e.Members(target); {
	case from == target && members[1] == to:
		return len(members) - 1 // every member but itself
	case from != target && members[0] == to:
		return len(e.Members(from))
	default:
		return 0
	}
}

func isExternal(e *reach.Engine, endpoint int32) bool {
	return e.Endpoint(int(endpoint)).Workload == nil
}

// ranked drops the classes of addresses and sorts the rest.
func ranked(e *reach.Engine, all []Exposure) []Exposure {
	out := []Exposure{}
	for c, x := range all {
		if first := e.Members(reach.Class(c))[0]; !isExternal(e, first) && !e.Endpoint(int(first)).Assumed {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b Exposure) int {
		switch {
		case a.FromOutside == b.FromOutside:
			return b.ReachedBy - a.ReachedBy
		case a.FromOutside:
			return -1
		default:
			return 1
		}
	})
	return out
}

// WriteSummary writes the summary as text or json. It returns how many pairs
// the input does not decide.
func WriteSummary(w io.Writer, e *reach.Engine, format string) (undecided int, err error) {
	summary, undecided := Summary(e)
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return undecided, encoder.Encode(summary)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REACHED BY\tFROM OUTSIDE\tREACHES\tTO OUTSIDE\tWORKLOADS") // Flush reports errors
	for _, x := range summary {
		_, _ = fmt.Fprintf(table, "%d\t%s\t%d\t%s\t%s\n", x.ReachedBy, word(x.FromOutside), x.Reaches, word(x.ToOutside), listed(x.Workloads))
	}
	return undecided, table.Flush()
}

func word(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// listed names the first workloads and counts the rest.
func listed(names []string) string {
	const shown = 3
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}
