package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader"
)

// checkOptions are the flags of check.
type checkOptions struct {
	config           string
	formats          []string
	failOn           string
	include, exclude []string
	enable           []string
	complete         bool
	jobs             int
	noColor, quiet   bool
}

func (e *env) checkCommand() *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use:   "check PATH...|-",
		Short: "Check manifests and report what is wrong with the network",
		Long: "Check reads files, folders and globs (or standard input for -), groups what belongs to one\n" +
			"cluster, and reports what is definitely wrong.\n\n" +
			"Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or config,\n" +
			"3 a part of the input could not be read, 4 ekslint itself failed.",
		Example: "  ekslint check deploy/\n" +
			"  ekslint check --format text --format sarif=ekslint.sarif .\n" +
			"  kustomize build overlays/prod | ekslint check --complete -",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.check(cmd.Context(), args, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", "", "config file (default: the nearest .ekslint.yaml above the paths)")
	flags.StringArrayVar(&o.formats, "format", []string{"text"}, "report as "+formatNames()+"; FORMAT=FILE writes to a file; repeatable")
	flags.StringVar(&o.failOn, "fail-on", "warning", "lowest severity that gives exit code 1: error, warning, note or none")
	flags.StringSliceVar(&o.include, "include", nil, "run only these rules or categories")
	flags.StringSliceVar(&o.exclude, "exclude", nil, "do not run these rules or categories")
	flags.StringSliceVar(&o.enable, "enable", nil, "run these opt-in rules too")
	flags.BoolVar(&o.complete, "complete", false, "the input is all there is in the cluster: what is absent does not exist")
	flags.IntVar(&o.jobs, "jobs", 0, "objects to check at once (default: one per CPU)")
	flags.BoolVar(&o.noColor, "no-color", false, "never colour the text report")
	flags.BoolVar(&o.quiet, "quiet", false, "print findings and problems only")
	return cmd
}

func (e *env) check(ctx context.Context, args []string, o *checkOptions) error {
	if len(args) == 0 {
		return usagef("check needs a path, or - for standard input")
	}
	outputs, err := e.outputs(o.formats)
	if err != nil {
		return err
	}
	threshold, err := parseFailOn(o.failOn)
	if err != nil {
		return err
	}
	checkers, err := ruleset.Checkers(ruleset.Filter{Include: o.include, Exclude: o.exclude, Enable: o.enable})
	if err != nil {
		return usageError{err}
	}
	in, err := e.open(args)
	if err != nil {
		return err
	}
	defer in.close()
	progress := e.newProgress()
	report, files, err := in.analyze(ctx, checkers, o, progress)
	progress.clear()
	if err != nil {
		return err
	}
	if err := e.write(report, outputs, in.reportOptions(o, files)); err != nil {
		return err
	}
	for _, f := range report.Failures {
		e.warn("rule %s failed on %s: %v", f.RuleID, f.Subject, f.Err)
	}
	e.code = exitCode(report, threshold)
	return nil
}

// analyze loads the input and runs the rules over each cluster.
func (in *input) analyze(ctx context.Context, checkers []rule.Checker, o *checkOptions, p *progress) (analyzer.Report, loader.Files, error) {
	loaded, err := in.load(ctx, o.config, o.complete, ruleset.Kinds(checkers), p)
	if err != nil {
		return analyzer.Report{}, loader.Files{}, err
	}
	reports := []analyzer.Report{{Rules: ruleset.Metas(), Problems: loaded.Problems, Notes: loaded.Notes}}
	for n, cluster := range loaded.Clusters {
		r, err := analyzer.Analyze(ctx, cluster, analyzer.Options{
			Checkers: checkers,
			Jobs:     o.jobs,
			Progress: p.stage(fmt.Sprintf("cluster %d of %d", n+1, len(loaded.Clusters))),
		})
		if err != nil {
			return analyzer.Report{}, loader.Files{}, err
		}
		reports = append(reports, r)
	}
	return analyzer.Merge(reports...), loaded.Files, nil
}

// parseFailOn returns the lowest severity that fails; 0 for none.
func parseFailOn(word string) (rule.Severity, error) {
	if word == "none" {
		return 0, nil
	}
	s, err := rule.ParseSeverity(word)
	if err != nil {
		return 0, usagef("--fail-on: want error, warning, note or none, not %q", word)
	}
	return s, nil
}

func exitCode(r analyzer.Report, failOn rule.Severity) int {
	if len(r.Failures) > 0 {
		return ExitFailure
	}
	for _, f := range r.Findings {
		if failOn != 0 && f.Severity >= failOn {
			return ExitFindings
		}
	}
	if len(r.Problems) > 0 {
		return ExitInput
	}
	return ExitClean
}
