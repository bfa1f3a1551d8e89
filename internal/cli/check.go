package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/loader"
)

// checkOptions are the flags of check. Each but config has a key in .ekslint.yaml,
// over which it wins.
type checkOptions struct {
	inputFlags
	flags config.Config
}

func (e *env) checkCommand() *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use:   "check PATH...|-",
		Short: "Check manifests and report what is wrong with the network",
		Long: "Check reads files, folders and globs (or standard input for -), groups what belongs to one\n" +
			"cluster, and reports what is definitely wrong. Each flag has a key in .ekslint.yaml, and wins over it.\n\n" +
			"Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or config,\n" +
			"3 a part of the input could not be read, 4 ekslint itself failed.",
		Example: "  ekslint check deploy/\n" +
			"  ekslint check --format text --format sarif=ekslint.sarif .\n" +
			"  kustomize build overlays/prod | ekslint check --complete -",
		RunE: func(cmd *cobra.Command, args []string) error { return e.check(cmd.Context(), args, o) },
	}
	o.register(cmd.Flags())
	return cmd
}

// register adds the flags of check, with the defaults of one who has no config.
func (o *checkOptions) register(flags *pflag.FlagSet) {
	c, d := &o.flags, config.Default()
	o.inputFlags.register(flags)
	flags.StringArrayVar(&c.Formats, "format", d.Formats, "report as "+formatNames()+"; FORMAT=FILE writes to a file; repeatable")
	flags.StringVar(&c.FailOn, "fail-on", d.FailOn, "lowest severity that gives exit code 1: error, warning, note or none")
	flags.StringVar(&c.Baseline, "baseline", "", "file of known findings, which do not fail (ekslint baseline create writes it)")
	flags.StringVar(&c.Preset, "preset", d.Preset, "rules to begin with: recommended, strict or security")
	flags.StringSliceVar(&c.Rules.Include, "include", nil, "run only these rules or categories")
	flags.StringSliceVar(&c.Rules.Exclude, "exclude", nil, "do not run these rules or categories")
	flags.StringSliceVar(&c.Rules.Enable, "enable", nil, "run these rules too, which the preset leaves out")
	flags.StringArrayVar(&c.Rules.Dirs, "rules", nil, rulesUsage)
	flags.IntVar(&c.Jobs, "jobs", 0, "objects to check at once (default: one per CPU)")
	flags.BoolVar(&c.NoColor, "no-color", false, "never colour the text report")
	flags.BoolVar(&c.Quiet, "quiet", false, "print findings and problems only")
}

// over returns a config with the flags that are given.
func (o *checkOptions) over(in *input, c config.Config) (config.Config, error) {
	f := o.flags
	for flag, set := range map[string]func(){
		"format":   func() { c.Formats = f.Formats },
		"fail-on":  func() { c.FailOn = f.FailOn },
		"baseline": func() { c.Baseline = f.Baseline },
		"preset":   func() { c.Preset = f.Preset },
		"include":  func() { c.Rules.Include = f.Rules.Include },
		"exclude":  func() { c.Rules.Exclude = f.Rules.Exclude },
		"enable":   func() { c.Rules.Enable = f.Rules.Enable },
		"jobs":     func() { c.Jobs = f.Jobs },
		"no-color": func() { c.NoColor = f.NoColor },
		"quiet":    func() { c.Quiet = f.Quiet },
	} {
		if o.changed(flag) {
			set()
		}
	}
	return o.inputFlags.over(in, c)
}

// file is a file that the config names, within the root that it cannot leave, or
// one that a flag names.
func (o *checkOptions) file(in *input, flag, name string) file {
	if o.changed(flag) {
		return file{name: name}
	}
	return file{root: in.dir, name: name}
}

// wrong is what is wrong with what a flag says, or else the config at a path.
func (o *checkOptions) wrong(in *input, cfg config.Config, flag string, err error, path ...string) error {
	if o.changed(flag) {
		return usagef("--%s: %w", flag, err)
	}
	return usageError{in.displayed(cfg.Mistake(err.Error(), path...))}
}

func (e *env) check(ctx context.Context, args []string, o *checkOptions) error {
	if len(args) == 0 {
		return usagef("check needs a path, or - for standard input")
	}
	return e.prepared(args, o, func(run *checkRun) error {
		report, files, err := run.analyze(ctx)
		if err != nil {
			return err
		}
		return e.report(run, report, files)
	})
}

// report writes the outcome of a run, and chooses the exit code.
func (e *env) report(run *checkRun, report analyzer.Report, files loader.Files) error {
	if len(report.Clusters) == 0 && len(report.Problems) == 0 {
		e.warn("nothing was found to check: the paths hold no manifests, and nothing of AWS")
	}
	report, err := e.known(run, report, files)
	if err != nil {
		return err
	}
	if err := e.write(report, run.outputs, run.in.reportOptions(run.config, files)); err != nil {
		return err
	}
	for _, f := range report.Failures {
		e.warn("rule %s failed on %s: %v", f.RuleID, f.Objects(), f.Err)
	}
	e.code = exitCode(report, run.threshold)
	return nil
}

// checkRun is a run of check whose flags and config are found to be right.
type checkRun struct {
	options   *checkOptions
	in        *input
	config    config.Config
	outputs   []output
	baseline  file
	threshold rule.Severity
	rules     ruleset.Set
	checkers  []rule.Checker
	progress  *progress
}

// prepared opens the paths and hands over the run that flags and config describe.
func (e *env) prepared(args []string, o *checkOptions, act func(*checkRun) error) error {
	in, err := e.open(args)
	if err != nil {
		return err
	}
	defer in.close()
	run, err := e.prepare(in, o)
	if err != nil {
		return err
	}
	return act(run)
}

// prepare reads the config and refuses what is wrong with it or with the flags.
func (e *env) prepare(in *input, o *checkOptions) (*checkRun, error) {
	cfg, set, err := e.checkedConfig(in, o)
	if err != nil {
		return nil, err
	}
	r := &checkRun{options: o, in: in, config: cfg, rules: set, baseline: o.file(in, "baseline", cfg.Baseline), progress: e.newProgress()}
	if cfg.Jobs < 0 {
		return nil, usagef("--jobs: want a number that is not negative, have %d", cfg.Jobs)
	}
	wrong := func(i int, format string, args ...any) error {
		return o.wrong(in, cfg, "format", fmt.Errorf(format, args...), "formats", strconv.Itoa(i))
	}
	if r.outputs, err = outputs(cfg.Formats, o.file(in, "format", "").root, wrong); err != nil {
		return nil, err
	}
	if r.threshold, err = parseFailOn(cfg.FailOn); err != nil {
		return nil, err
	}
	filter := ruleset.Filter{Preset: cfg.Preset, Include: cfg.Rules.Include, Exclude: cfg.Rules.Excluded(), Enable: cfg.Rules.Enable}
	if r.checkers, err = set.Checkers(filter); err != nil {
		return nil, usageError{err}
	}
	return r, nil
}

// checkedConfig is the config with the flags that are given, and the rules that ship
// with those of the user. The config may name either.
func (e *env) checkedConfig(in *input, o *checkOptions) (config.Config, ruleset.Set, error) {
	cfg, err := in.config(o.config)
	if err != nil {
		return config.Config{}, ruleset.Set{}, err
	}
	set, err := e.ownRules(in, cfg, o)
	if err != nil {
		return config.Config{}, ruleset.Set{}, err
	}
	if err := cfg.Check(set.Metas()); err != nil {
		return config.Config{}, ruleset.Set{}, usageError{in.displayed(err)}
	}
	cfg, err = o.over(in, cfg)
	return cfg, set, err
}

// ownRules are the rules of the folders that the flag names, or else the config.
func (e *env) ownRules(in *input, cfg config.Config, o *checkOptions) (ruleset.Set, error) {
	if o.changed("rules") {
		return e.ruleSet(o.flags.Rules.Dirs)
	}
	return in.ruleSet(cfg.Rules.Dirs)
}

// analyze loads the input and runs the rules over each cluster.
func (r *checkRun) analyze(ctx context.Context) (analyzer.Report, loader.Files, error) {
	defer r.progress.clear()
	loaded, err := r.in.load(ctx, r.config, kept{r.rules.Kinds(r.checkers), r.rules.AllKinds()}, r.progress)
	if err != nil {
		return analyzer.Report{}, loader.Files{}, err
	}
	set := suppression.New(r.rules.Metas(), time.Now(), r.config.Accepted(), loaded.Comments)
	before := analyzer.Report{Rules: r.rules.Metas(), Problems: slices.Concat(loaded.Problems, set.Problems()), Notes: loaded.Notes}
	report, err := analyzer.New(analyzer.Options{
		Checkers:     r.checkers,
		Severity:     r.config.Rules.Severities(),
		Params:       r.config.Rules.Parameters(),
		Suppressions: set,
		Jobs:         r.config.Jobs,
	}).Snapshots(ctx, loaded.Clusters, before, func(n int) func(done, total int) {
		return r.progress.stage(fmt.Sprintf("cluster %d of %d", n+1, len(loaded.Clusters)))
	})
	return report, loaded.Files, err
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
