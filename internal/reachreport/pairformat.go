package reachreport

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// Formats are the names that WritePairs and WriteAnswers take.
func Formats() []string { return []string{"text", "json", "csv", "dot", "mermaid"} }

// WritePairs writes all pairs in a format. It returns how many pairs the input
// does not decide.
func WritePairs(w io.Writer, e *reach.Engine, format string) (undecided int, err error) {
	return writePairs(w, format, func(yield func(Pair) error) (int, error) { return Pairs(e, yield) })
}

// source calls yield for each pair, and returns how many are left out because
// the input does not decide them.
type source func(yield func(Pair) error) (undecided int, err error)

func writePairs(w io.Writer, format string, pairs source) (undecided int, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	switch format {
	case "json":
		undecided, err = jsonPairs(out, pairs)
	case "csv":
		undecided, err = csvPairs(out, pairs)
	case "dot":
		undecided, err = graphPairs(out, pairs, "digraph {\n", dotLine, "}\n")
	case "mermaid":
		undecided, err = graphPairs(out, pairs, "flowchart LR\n", mermaidLine, "")
	default:
		undecided, err = graphPairs(out, pairs, "", textLine, "")
	}
	if err != nil {
		return undecided, err
	}
	return undecided, out.Flush()
}

func graphPairs(w *bufio.Writer, pairs source, head string, line func(*bufio.Writer, Pair), tail string) (int, error) {
	_, _ = w.WriteString(head) // a bufio.Writer keeps its error until Flush
	undecided, err := pairs(func(p Pair) error {
		line(w, p)
		return nil
	})
	_, _ = w.WriteString(tail)
	return undecided, err
}

func textLine(w *bufio.Writer, p Pair) {
	for _, part := range [...]string{p.From, " => ", p.To, " : ", p.Ports, "\n"} {
		_, _ = w.WriteString(part)
	}
}

func dotLine(w *bufio.Writer, p Pair) {
	_, _ = fmt.Fprintf(w, "  %s -> %s [label=%s]\n", strconv.Quote(p.From), strconv.Quote(p.To), strconv.Quote(p.Ports))
}

func mermaidLine(w *bufio.Writer, p Pair) {
	_, _ = fmt.Fprintf(w, "  %s -->|\"%s\"| %s\n", mermaidNode(p.From), p.Ports, mermaidNode(p.To))
}

// mermaidNode writes a node with a name that no other node has and a label in
// which a quote does not end the text:
// https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
func mermaidNode(name string) string {
	var id strings.Builder
	for _, r := range name {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			id.WriteRune(r)
		} else {
			fmt.Fprintf(&id, "_%x_", r)
		}
	}
	return "n" + id.String() + `["` + strings.ReplaceAll(name, `"`, "#quot;") + `"]`
}

type jsonPair struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Ports string `json:"ports"`
}

// jsonPairs writes an array with one pair a line, while it goes.
func jsonPairs(w *bufio.Writer, pairs source) (int, error) {
	separator := "[\n"
	undecided, err := pairs(func(p Pair) error {
		text, err := json.Marshal(jsonPair(p))
		if err != nil {
			return err
		}
		_, _ = w.WriteString(separator) // a bufio.Writer keeps its error until Flush
		_, err = w.Write(text)
		separator = ",\n"
		return err
	})
	if separator == "[\n" {
		_, _ = w.WriteString("[")
	}
	_, _ = w.WriteString("\n]\n")
	return undecided, err
}

func csvPairs(w *bufio.Writer, pairs source) (int, error) {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"from", "to", "ports"}); err != nil {
		return 0, err
	}
	undecided, err := pairs(func(p Pair) error { return out.Write([]string{p.From, p.To, p.Ports}) })
	out.Flush()
	if err != nil {
		return undecided, err
	}
	return undecided, out.Error()
}
