package reachreport

import (
	"bufio"
	"encoding/csv"
	"encoding/json"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

type jsonPair struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Ports string `json:"ports"`
}

// jsonPairs writes an array with one pair a line, while it goes.
func jsonPairs(w *bufio.Writer, e *reach.Engine) (int, error) {
	separator := "[\n"
	undecided, err := Pairs(e, func(p Pair) error {
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

func csvPairs(w *bufio.Writer, e *reach.Engine) (int, error) {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"from", "to", "ports"}); err != nil {
		return 0, err
	}
	undecided, err := Pairs(e, func(p Pair) error { return out.Write([]string{p.From, p.To, p.Ports}) })
	out.Flush()
	if err != nil {
		return undecided, err
	}
	return undecided, out.Error()
}
