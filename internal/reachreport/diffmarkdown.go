package reachreport

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/internal/report"
)

// maxRows keeps a comment below what GitHub takes, 65536 characters, with rows
// of several hundred each.
const maxRows = 50

// markdown writes a comment for a pull request: a summary, then tables.
func (d *diffWriter) markdown() string {
	var out strings.Builder
	out.WriteString("**ekslint diff**: " + d.totals() + "\n")
	if d.Undecided+d.Unclear > 0 {
		out.WriteString("\n" + d.undecidedLine() + "\n")
	}
	d.groupTable(&out, "Opened", d.Opened)
	d.groupTable(&out, "Closed", d.Closed)
	exposureTable(&out, "New workloads", d.NewWorkloads)
	exposureTable(&out, "Gone workloads", d.GoneWorkloads)
	return out.String()
}

func (d *diffWriter) undecidedLine() string {
	return fmt.Sprintf("Not listed, because the input does not decide it: %s, %s on one side only.",
		count(d.Undecided, "pair"), count(d.Unclear, "workload"))
}

func (d *diffWriter) groupTable(out *strings.Builder, heading string, groups []reachdiff.Group) {
	var rows []string
	for _, g := range groups {
		var causes []string
		for _, c := range g.Causes {
			causes = append(causes, fmt.Sprintf("%s %s %s: %s",
				c.State, report.MarkdownCode(d.lines.place(c).String()), report.MarkdownCode(causeRule(c)), report.MarkdownText(c.Why)))
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |",
			d.codes(g.From), d.codes(g.To), Words(g.Ports), strings.Join(causes, "<br>")))
	}
	table(out, heading, "| From | To | Ports | Because of |\n|---|---|---|---|", rows)
}

func exposureTable(out *strings.Builder, heading string, list []reachdiff.Exposure) {
	var rows []string
	for _, x := range list {
		rows = append(rows, fmt.Sprintf("| %s | %d | %s | %d | %s |",
			report.MarkdownCode(x.Workload.String()), x.ReachedBy, word(x.FromOutside), x.Reaches, word(x.ToOutside)))
	}
	table(out, heading, "| Workload | Reached by | From outside | Reaches | To outside |\n|---|---|---|---|---|", rows)
}

func table(out *strings.Builder, heading, head string, rows []string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n### %s\n\n%s\n", heading, head)
	for _, row := range rows[:min(len(rows), maxRows)] {
		out.WriteString(row + "\n")
	}
	if more := len(rows) - maxRows; more > 0 {
		fmt.Fprintf(out, "\nand %d more\n", more)
	}
}

// codes names the first few, a line each.
func (d *diffWriter) codes(endpoints []int32) string {
	const shown = 3
	var out []string
	for _, name := range d.namesOf(endpoints[:min(len(endpoints), shown)]) {
		out = append(out, report.MarkdownCode(name))
	}
	if more := len(endpoints) - shown; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "<br>")
}
