package cli

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/ruletest"
	"github.com/ekslint/ekslint/internal/userrules"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// testOptions are the flags of test.
type testOptions struct {
	run              string
	coverage, update bool
	verbose          bool
	format           string
}

func (e *env) testCommand() *cobra.Command {
	o := &testOptions{}
	cmd := &cobra.Command{
		Use:   "test DIR...",
		Short: "Test rules of your own",
		Long: "Test runs the tests of the rules in DIR: each rule test_… of a *_test.rego, and each folder\n" +
			"DIR/testdata/<ID>/{bad,good,unknown}/<case>/ of manifests, in which the rule must find what\n" +
			"want.txt says: something in a bad case, and nothing in the others. No other rule runs.\n\n" +
			"Exit codes: 0 all passed, 1 a test failed, 2 wrong usage or rules.",
		Example: "  ekslint test policies/\n  ekslint test --coverage policies/\n  ekslint test --run OWN-001 --update policies/",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.test(cmd.Context(), args, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "run only tests and cases whose name matches this regular expression")
	flags.BoolVar(&o.coverage, "coverage", false, "say how much of each file the tests of *_test.rego evaluate")
	flags.BoolVar(&o.update, "update", false, "write want.txt of each case")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "list the tests that pass, too")
	flags.StringVar(&o.format, "format", "text", "text or json")
	return cmd
}

func (e *env) test(ctx context.Context, dirs []string, o *testOptions) error {
	if len(dirs) == 0 {
		return usagef("test needs a folder of rules")
	}
	if o.format != "text" && o.format != "json" {
		return usagef("--format: want text or json, not %q", o.format)
	}
	name, err := regexp.Compile(o.run)
	if err != nil {
		return usagef("--run: %w", err)
	}
	own, err := e.policies(dirs)
	if err != nil {
		return err
	}
	set, err := withOwn(own)
	if err != nil {
		return err
	}
	out := &testReport{Tests: []testEntry{}}
	if err := out.rego(ctx, own, o); err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := out.cases(ctx, dir, set, name, o); err != nil {
			return err
		}
	}
	for _, w := range own.Warnings() {
		e.warn("%s", w)
	}
	if len(out.Tests) == 0 {
		return usagef("no test matches: want *_test.rego or %s/<ID>/{bad,good,unknown}/<case>/", userrules.CasesFolder)
	}
	if out.failed() > 0 {
		e.code = ExitFindings
	}
	return out.write(e.stdout, o)
}

// rego runs the tests that are written in Rego.
func (r *testReport) rego(ctx context.Context, own *regorule.Policies, o *testOptions) error {
	tests, coverage, err := own.Test(ctx, regorule.DefaultLimits(time.Now), o.run)
	if err != nil {
		return wrongRules(err)
	}
	for _, t := range tests {
		entry := testEntry{Name: t.Name, At: t.At, Result: passed, Output: t.Output}
		switch {
		case t.Skipped:
			entry.Result = skipped
		case t.Failure != "":
			entry.Result, entry.Problems = failed, []string{t.Failure}
		}
		r.Tests = append(r.Tests, entry)
	}
	if o.coverage {
		for _, c := range coverage {
			r.Coverage = append(r.Coverage, coverageEntry{File: c.File, Percent: c.Percent, Uncovered: c.Uncovered})
		}
	}
	return nil
}

// cases runs the cases of one folder of rules.
func (r *testReport) cases(ctx context.Context, dir string, set ruleset.Set, name *regexp.Regexp, o *testOptions) error {
	folder := filepath.Join(dir, userrules.CasesFolder)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("open cases: %w", err)
	}
	defer func() { _ = root.Close() }() // want.txt is written as a whole
	cases, err := ruletest.Cases(root.FS())
	if err != nil {
		return usagef("%s: %w", filepath.ToSlash(folder), err)
	}
	metas := set.OwnMetas()
	for _, c := range cases {
		if !name.MatchString(c.Path()) {
			continue
		}
		entry := testEntry{Name: c.Path(), At: path.Join(filepath.ToSlash(folder), c.Path()), Result: passed}
		if !slices.ContainsFunc(metas, func(m rule.Meta) bool { return m.ID == c.ID }) {
			entry.Problems = []string{"no rule has the ID " + c.ID}
		} else if entry.Problems, err = runCase(ctx, root, c, set, o); err != nil {
			return fmt.Errorf("%s: %w", entry.At, err)
		}
		if len(entry.Problems) > 0 {
			entry.Result = failed
		}
		r.Tests = append(r.Tests, entry)
	}
	return nil
}

// runCase returns what is wrong in a case.
func runCase(ctx context.Context, root *os.Root, c ruletest.Case, set ruleset.Set, o *testOptions) ([]string, error) {
	sub, err := root.OpenRoot(filepath.FromSlash(c.Path()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Close() }() // want.txt is written as a whole
	checkers := set.Only(c.ID)
	got, err := ruletest.Run(ctx, sub.FS(), c.ID, ruletest.Rules{Checkers: checkers, Metas: set.Metas(), Kinds: set.Kinds(checkers), AllKinds: set.AllKinds()})
	if err != nil {
		return nil, err
	}
	problems := c.Judge(got)
	if o.update {
		return problems, sub.WriteFile(ruletest.Want, []byte(got.Text), 0o644)
	}
	want, err := sub.ReadFile(ruletest.Want)
	if errIsNotExist(err) {
		return append(problems, "no "+ruletest.Want+": --update writes it"), nil
	}
	if err != nil {
		return nil, err
	}
	return append(problems, ruletest.Differences(string(want), got.Text)...), nil
}
