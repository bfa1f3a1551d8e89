package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/cli"
)

// block is a command in a document whose output is produced: an HTML comment
// with the command, then a fenced block of some language. Only the block of a
// text begins with the command.
var block = regexp.MustCompile("(?s)<!-- output: ekslint ([^\n]*) -->\n(`{3,})([a-z]*)\n(.*?)`{3,}\n")

// TestReadme runs the commands of README.md and of the documents in docs, in
// the root of the repository.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	for _, name := range []string{"CI_PROJECT_DIR", "GITHUB_REPOSITORY", "GITHUB_WORKSPACE"} {
		t.Setenv(name, "") // or the output would be that of the machine
	}
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, name := range append(documents, "README.md") {
		blocks += produce(t, name)
	}
	if blocks < 5 {
		t.Errorf("only %d blocks were found", blocks)
	}
}

// produce runs the commands of a document and returns how many it has.
func produce(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := block.ReplaceAllStringFunc(string(text), func(old string) string {
		parts := block.FindStringSubmatch(old)
		command, fence, language := parts[1], parts[2], parts[3]
		var stdout, stderr bytes.Buffer
		code := cli.Run(t.Context(), strings.Fields(command), strings.NewReader(""), &stdout, &stderr)
		if code > cli.ExitFindings {
			t.Errorf("ekslint %s: exit code %d: %s", command, code, stderr.String())
		}
		if language == "text" {
			command += " -->\n" + fence + "text\n$ ekslint " + command
		} else {
			command += " -->\n" + fence + language
		}
		return "<!-- output: ekslint " + command + "\n" + stdout.String() + fence + "\n"
	})
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return len(block.FindAllString(got, -1))
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s is stale, run make golden (-document +produced):\n%s", name, diff)
	}
	return len(block.FindAllString(got, -1))
}
