package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/cli"
	"github.com/ekslint/ekslint/internal/regorule"
)

// step is a part of a guide that is executed: an HTML comment, which names a
// file that the block behind it is, or a command whose output it is, or the
// table of functions.
var step = regexp.MustCompile("(?s)<!-- (file|run|run 2|functions): ?([^\n]*?) ?-->\n(?:```([a-z]*)\n(.*?)```\n|(.*?)<!-- end -->\n)")

// TestGuideToRules does what docs/your-rules.md says, in an empty folder.
func TestGuideToRules(t *testing.T) {
	guide, err := filepath.Abs("../../docs/your-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	steps := 0
	got := step.ReplaceAllStringFunc(string(text), func(old string) string {
		steps++
		part := step.FindStringSubmatch(old)
		switch part[1] {
		case "file":
			writeFile(t, part[2], part[4])
			return old
		case "functions":
			return "<!-- functions: -->\n" + functionTable() + "<!-- end -->\n"
		default:
			return "<!-- " + part[1] + ": " + part[2] + " -->\n```text\n$ " + part[2] + "\n" + runGuide(t, part[2], part[1] == "run 2") + "```\n"
		}
	})
	if steps < 10 {
		t.Errorf("only %d steps were found", steps)
	}
	if *update {
		writeFile(t, guide, got)
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("docs/your-rules.md is stale, run make golden (-guide +produced):\n%s", diff)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil { //nolint:gosec // a document
		t.Fatal(err)
	}
}

// runGuide runs a command of the guide, which may find something but must not
// fail, unless it is there to be refused.
func runGuide(t *testing.T, command string, refused bool) string {
	t.Helper()
	words := regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1)
	for i := range words {
		words[i] = strings.Trim(words[i], `"`)
	}
	var stdout, stderr bytes.Buffer
	code := cli.Run(t.Context(), words[1:], strings.NewReader(""), &stdout, &stderr)
	if refused != (code == cli.ExitUsage) || code > cli.ExitUsage {
		t.Errorf("%s: exit code %d: %s", command, code, stderr.String())
	}
	return stdout.String() + stderr.String()
}

func functionTable() string {
	var b strings.Builder
	b.WriteString("| function | answer | |\n|---|---|---|\n")
	for _, f := range regorule.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Call, strings.ReplaceAll(f.Result, "|", `\|`), f.Description)
	}
	return b.String()
}
