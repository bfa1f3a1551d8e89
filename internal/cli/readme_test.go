package cli_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/cli"
)

// block is a command in a guide whose output is produced: an HTML comment
// with the command, then a fenced block.
var block = regexp.MustCompile("(?s)<!-- output: ekslint ([^\n]*) -->\n```[a-z]*\n(.*?)```\n")

// TestReadme runs the commands of the guides in the root of the repository.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	for _, name := range []string{"README.md", "docs/config.md", "docs/suppressions.md"} {
		runBlocks(t, name)
	}
}

func runBlocks(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !block.Match(text) {
		t.Fatalf("%s has no output block", name)
	}
	got := block.ReplaceAllStringFunc(string(text), func(old string) string {
		command := block.FindStringSubmatch(old)[1]
		var stdout, stderr bytes.Buffer
		code := cli.Run(t.Context(), strings.Fields(command), strings.NewReader(""), &stdout, &stderr)
		if code > cli.ExitFindings {
			t.Errorf("ekslint %s: exit code %d: %s", command, code, stderr.String())
		}
		return "<!-- output: ekslint " + command + " -->\n```text\n$ ekslint " + command + "\n" + stdout.String() + "```\n"
	})
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s is stale, run make golden (-%s +produced):\n%s", name, name, diff)
	}
}
