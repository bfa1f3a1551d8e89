package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/internal/cli"
)

// TestDiffDoubtsWhatIsNotRead: a file that is not read at all may hold the
// policies that seem to be gone.
func TestDiffDoubtsWhatIsNotRead(t *testing.T) {
	t.Parallel()
	const old = "../../testdata/diff/old"
	workloads, err := os.ReadFile(filepath.Join(old, "workloads.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"workloads.yaml": string(workloads), "policies.yaml": "\xff\xfea\x00"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	code := cli.Run(t.Context(), []string{"diff", "--fail-when", "changed", old, dir}, strings.NewReader(""), &stdout, &stderr)
	if code != cli.ExitInput || stdout.String() != "0 connections opened, 0 closed\n" {
		t.Errorf("exit code %d, want %d\n%s", code, cli.ExitInput, stdout.String())
	}
	if !strings.Contains(stderr.String(), "not decided: policies.yaml cannot be read") {
		t.Errorf("no reason is given:\n%s", stderr.String())
	}
}
