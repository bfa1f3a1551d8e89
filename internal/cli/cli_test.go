package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ekslint/ekslint/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the expected output of scripts and of README.md")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ekslint": func() { os.Exit(cli.Main()) },
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/cli",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"sh": exits},
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "NO_COLOR=1")
			return nil
		},
	})
}

// exits runs a command line and demands its exit code: sh 'ekslint check a' 1.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sh 'command line' code")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	words := strings.Fields(args[0])
	got := 0
	if err := ts.Exec(words[0], words[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[0], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d\n%s", args[0], got, want, ts.ReadFile("stderr"))
	}
}
