package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/baseline"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/loader"
)

// baselineName is the file of a baseline that nobody named.
const baselineName = ".ekslint-baseline.json"

func (e *env) baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Write down the findings that are known, so that only new ones fail",
		Long: "A baseline is a file of findings that `ekslint check --baseline FILE` does not fail on. They are known\n" +
			"by rule, object and place in the object: lines may move, and files and clusters be renamed.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		e.baselineAction("create PATH...|-", "Write every finding that there is into a new baseline",
			"Create writes the findings of ekslint check, with the same paths and flags, into a new file. Those that\n"+
				"are suppressed are left out. A file that exists is not written over.",
			"  ekslint baseline create deploy/\n  ekslint baseline create -o known.json deploy/", e.createBaseline),
		e.baselineAction("update PATH...|-", "Take what is gone out of the baseline",
			"Update removes the findings that no longer occur, and adds none: what is new stays new. A finding is\n"+
				"gone when its file is in the input, or was in a folder of it, and its rule could judge.",
			"  ekslint baseline update deploy/", e.updateBaseline),
	)
	return cmd
}

// baselineAction is a command over the paths and flags of check.
func (e *env) baselineAction(use, short, long, example string, act func(*checkRun, file, analyzer.Report, loader.Files) error) *cobra.Command {
	o, out := &checkOptions{}, ""
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("baseline needs a path, or - for standard input")
			}
			return e.prepared(args, o, func(run *checkRun) error { return e.withBaseline(cmd.Context(), run, out, act) })
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().StringVarP(&out, "output", "o", "", "file of the baseline (default: that of the config, else "+baselineName+")")
	return cmd
}

func (e *env) withBaseline(ctx context.Context, run *checkRun, out string, act func(*checkRun, file, analyzer.Report, loader.Files) error) error {
	target := run.baseline
	switch {
	case out != "":
		target = file{name: out}
	case target.name == "":
		target = file{name: baselineName}
	}
	report, files, err := run.analyze(ctx)
	if err != nil {
		return err
	}
	if len(report.Failures) > 0 {
		e.code = ExitFailure
	} else if len(report.Problems) > 0 {
		e.warn("a part of the input could not be read: ekslint check names it")
		e.code = ExitInput
	}
	return act(run, target, report, files)
}

func (e *env) createBaseline(_ *checkRun, target file, r analyzer.Report, _ loader.Files) error {
	if _, err := target.read(); !errors.Is(err, fs.ErrNotExist) {
		return usagef("%s exists: `ekslint baseline update` takes out what is gone; remove the file to begin anew", target.name)
	}
	known := baseline.Of(r.Findings)
	text, err := known.Text()
	if err != nil {
		return err
	}
	if err := target.write(text); err != nil {
		return usagef("baseline: %w", err)
	}
	e.warn("%d findings are in %s, which check takes with --baseline or as baseline in the config", count(known), target.name)
	return nil
}

func count(f baseline.File) int {
	n := 0
	for _, x := range f.Findings {
		n += x.Count
	}
	return n
}

func (e *env) updateBaseline(run *checkRun, target file, r analyzer.Report, files loader.Files) error {
	known, err := target.baseline()
	if err != nil {
		return usagef("baseline: %w", err)
	}
	left, gone := known.Compare(r, run.in.covers(files))
	text, err := left.Text()
	if err != nil {
		return err
	}
	e.warn("%d findings are gone from %s, %d are left", gone, target.name, count(left))
	return target.write(text)
}

// baseline reads a baseline.
func (f file) baseline() (baseline.File, error) {
	text, err := f.read()
	if err != nil {
		return baseline.File{}, err
	}
	known, err := baseline.Read(text)
	if err != nil {
		return baseline.File{}, fmt.Errorf("%s: %w", filepath.ToSlash(f.name), err)
	}
	return known, nil
}

// covers reports of a file whether what it held was looked at: it was read, or
// is gone from a folder that was given.
func (in *input) covers(files loader.Files) func(name string) bool {
	return func(name string) bool {
		if _, read := files.Text(name); read {
			return true
		}
		if _, err := fs.Stat(in.fsys, name); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
		for _, p := range in.paths {
			if p == "." || strings.HasPrefix(name, path.Clean(p)+"/") {
				return true
			}
		}
		return false
	}
}

// known sets aside what is in the baseline, and says what of it is gone.
func (e *env) known(run *checkRun, r analyzer.Report, files loader.Files) (analyzer.Report, error) {
	if run.baseline.name == "" {
		return r, nil
	}
	known, err := run.baseline.baseline()
	if err != nil {
		return r, run.options.wrong(run.in, run.config, "baseline", err, "baseline")
	}
	if _, gone := known.Compare(r, run.in.covers(files)); gone > 0 {
		e.warn("findings of the baseline are gone, %d in all: ekslint baseline update takes them out", gone)
	}
	return known.Apply(r), nil
}
