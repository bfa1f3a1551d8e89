package tfhcl_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
)

// TestDeep: what is nested without end is a problem, and takes neither all of the
// stack nor minutes.
func TestDeep(t *testing.T) {
	t.Parallel()
	const n = 300_000
	repeat := func(s string) string { return strings.Repeat(s, n) }
	for name, tt := range map[string]struct {
		file, text string
		problems   int
	}{
		"parentheses":   {"main.tf", "locals {\n a = " + repeat("(") + "1" + repeat(")") + "\n}\n", 1},
		"lists":         {"main.tf", "locals {\n a = " + repeat("[") + repeat("]") + "\n}\n", 1},
		"templates":     {"main.tf", "locals {\n a = " + repeat(`"${`) + "1" + repeat(`}"`) + "\n}\n", 1},
		"signs":         {"main.tf", "locals {\n a = " + repeat("- ") + "1\n}\n", 1},
		"conditions":    {"main.tf", "locals {\n a = " + repeat("x?y:") + "1\n}\n", 1},
		"blocks":        {"main.tf", repeat("a {\n") + repeat("}\n"), 1},
		"values":        {"terraform.tfvars", "a = " + repeat("[") + repeat("]") + "\n", 1},
		"texts of JSON": {"main.tf.json", `{"locals": {"a": "${` + repeat("[") + repeat("]") + `}"}}`, 1},
		"dynamic blocks": {
			"main.tf",
			"resource \"aws_x\" \"x\" {\n" + strings.Repeat("dynamic \"b\" {\nfor_each = range(1000)\ncontent {\n", 4) + strings.Repeat("}\n}\n", 4) + "}\n", 0,
		},
		"objects":     {"main.tf.json", repeat(`{"a":`) + "1" + repeat("}"), 1},
		"comments":    {"main.tf", repeat("# ---- what? ((\n#)) \n"), 0},
		"a long list": {"main.tf", "locals {\n a = [" + repeat("[1],") + "]\n}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := tfhcl.NewSource(archive(&txtar.Archive{Files: []txtar.File{{Name: "root/" + tt.file, Data: []byte(tt.text)}}}))
			source.Load("root", tfhcl.Inputs{})
			if got := len(source.Problems()); got != tt.problems {
				t.Errorf("%d problems", got)
			}
		})
	}
}
