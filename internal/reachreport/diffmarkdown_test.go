package reachreport

import (
	"fmt"
	"strings"
	"testing"
)

func TestTableIsCut(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range maxRows + 2 {
		rows = append(rows, fmt.Sprintf("| %d |", i))
	}
	var out strings.Builder
	table(&out, "Rows", "| n |\n|---|", rows)
	if !strings.HasSuffix(out.String(), "| 49 |\n\nand 2 more\n") {
		t.Errorf("got %s", out.String())
	}
}
