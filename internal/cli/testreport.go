package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// The results of a test.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
)

// testReport is what test says, and its JSON.
type testReport struct {
	Tests    []testEntry     `json:"tests"`
	Coverage []coverageEntry `json:"coverage,omitempty"`
}

// testEntry is one test in Rego or one case.
type testEntry struct {
	Name     string   `json:"name"`
	At       string   `json:"at"`
	Result   string   `json:"result"`
	Problems []string `json:"problems,omitempty"`
	Output   string   `json:"output,omitempty"`
}

// coverageEntry is the coverage of one file.
type coverageEntry struct {
	File      string   `json:"file"`
	Percent   float64  `json:"percent"`
	Uncovered [][2]int `json:"uncovered,omitempty"`
}

func (r *testReport) count(result string) int {
	n := 0
	for _, t := range r.Tests {
		if t.Result == result {
			n++
		}
	}
	return n
}

func (r *testReport) failed() int { return r.count(failed) }

func (r *testReport) write(w io.Writer, o *testOptions) error {
	if o.format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	var b strings.Builder
	for _, t := range r.Tests {
		if t.Result == passed && !o.verbose {
			continue
		}
		fmt.Fprintf(&b, "%-7s %s (%s)\n", t.Result, t.Name, t.At)
		for _, text := range append(t.Problems, t.Output) {
			for line := range strings.Lines(text) {
				fmt.Fprintf(&b, "        %s\n", strings.TrimSuffix(line, "\n"))
			}
		}
	}
	for _, c := range r.Coverage {
		fmt.Fprintf(&b, "%5.1f %% of %s%s\n", c.Percent, c.File, uncovered(c.Uncovered))
	}
	fmt.Fprintf(&b, "%d passed, %d failed", r.count(passed), r.failed())
	if n := r.count(skipped); n > 0 {
		fmt.Fprintf(&b, ", %d skipped", n)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// uncovered lists lines: ", not line 3, 7-9".
func uncovered(ranges [][2]int) string {
	var parts []string
	for _, r := range ranges {
		if r[0] == r[1] {
			parts = append(parts, fmt.Sprint(r[0]))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d-%d", r[0], r[1]))
	}
	if len(parts) == 0 {
		return ""
	}
	return ", not line " + strings.Join(parts, ", ")
}
