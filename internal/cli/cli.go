// Package cli is the command line. It alone reads flags, the environment, the
// working directory and the clock, and it alone chooses exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Exit codes. Findings and failure are never merged.
const (
	// ExitClean: nothing at or above --fail-on.
	ExitClean = 0
	// ExitFindings: findings at or above --fail-on.
	ExitFindings = 1
	// ExitUsage: a wrong flag, path or config.
	ExitUsage = 2
	// ExitInput: a part of the input could not be read, and no finding gave 1.
	ExitInput = 3
	// ExitFailure: the tool itself failed.
	ExitFailure = 4
)

// version is set by the linker.
var version = "dev"

// gcPercent trades memory for time: a run is short, and most of what it
// allocates lives until its end.
const gcPercent = 150

// env is what a command may touch of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// code is what the process exits with when the command returns no error.
	code int
}

// usageError is a mistake of the caller.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// Main runs the command line of the process and returns its exit code.
func Main() int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	log.SetOutput(io.Discard) //nolint:forbidigo // libraries log; what they have to say is in what they return
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	root := e.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return e.code
	}
	e.warn("%v", err)
	var usage usageError
	if errors.As(err, &usage) {
		return ExitUsage
	}
	return ExitFailure
}

// warn writes one line to standard error.
func (e *env) warn(format string, args ...any) {
	_, _ = fmt.Fprintf(e.stderr, "ekslint: "+format+"\n", args...) // nowhere is left to say that it failed
}

func (e *env) root() *cobra.Command {
	check := e.checkCommand()
	root := &cobra.Command{
		Use:   "ekslint [command] PATH...",
		Short: "Find mistakes in the network of an EKS cluster before it is deployed",
		Long: "ekslint reads Kubernetes manifests, builds one graph of the cluster and reports what is\n" +
			"definitely wrong with its network, with the line to edit. `ekslint PATH` is `ekslint check PATH`.",
		Example:       check.Example,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return check.RunE(cmd, args)
		},
	}
	root.Flags().AddFlagSet(check.Flags())
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(check, e.reachCommand(), e.capacityCommand(), e.diffCommand(), e.rulesCommand(), e.explainCommand(),
		e.configCommand(), e.baselineCommand(), e.testCommand(), e.completionCommand(), e.manCommand(), e.webhookCommand(), e.versionCommand())
	completeFlags(root)
	return root
}

func (e *env) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  ekslint version",
		Args:    noArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(e.stdout, "ekslint", version)
			return err
		},
	}
}

// noArgs and exactlyOne are cobra's checks with errors of usage.
func noArgs(cmd *cobra.Command, args []string) error { return asUsage(cobra.NoArgs(cmd, args)) }

func exactlyOne(cmd *cobra.Command, args []string) error {
	return asUsage(cobra.ExactArgs(1)(cmd, args))
}

func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}
