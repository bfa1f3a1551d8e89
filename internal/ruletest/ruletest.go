// Package ruletest runs the cases of rules: the folders
// <ID>/{bad,good,unknown}/<case>/ of testdata/rules, and of the rules of users.
package ruletest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// Want is the file of a case that holds what is expected.
const Want = "want.txt"

// Result is what the rules say of one case.
type Result struct {
	Report analyzer.Report
	// Own are the IDs of the rules that reported something, of any severity.
	Own map[string]bool
	// Text lists, one a line, every finding at warning or above and every
	// finding of the case's own rule.
	Text string
}

// Rules are what a case is analysed with.
type Rules struct {
	Checkers []rule.Checker
	// Metas are all rules that a config or a comment may name.
	Metas []rule.Meta
	// Kinds and AllKinds are those of loader.Options.
	Kinds    []model.GroupKind
	AllKinds bool
}

// Run analyses the case in fsys for the rule of that ID. A config in the case
// is obeyed.
func Run(ctx context.Context, fsys fs.FS, id string, rules Rules) (Result, error) {
	cfg, err := load(fsys)
	if err == nil {
		err = cfg.Check(rules.Metas)
	}
	if err != nil {
		return Result{}, err
	}
	options := loader.Options{
		Paths: []string{"."}, IgnorePaths: cfg.IgnorePaths, Values: cfg.Values, Set: cfg.Set, Kinds: rules.Kinds, AllKinds: rules.AllKinds,
	}
	for _, c := range cfg.Clusters {
		options.Clusters = append(options.Clusters, loader.ClusterConfig(c))
	}
	loaded, err := loader.Load(ctx, fsys, options)
	if err != nil {
		return Result{}, fmt.Errorf("load: %w", err)
	}
	set := suppression.New(rules.Metas, now(), cfg.Accepted(), loaded.Comments)
	before := analyzer.Report{Problems: slices.Concat(loaded.Problems, set.Problems()), Notes: loaded.Notes}
	report, err := analyzer.New(analyzer.Options{
		Checkers: rules.Checkers, Severity: cfg.Rules.Severities(), Params: cfg.Rules.Parameters(), Suppressions: set,
	}).Snapshots(ctx, loaded.Clusters, before, nil)
	if err != nil {
		return Result{}, fmt.Errorf("analyze: %w", err)
	}
	out := Result{Report: report, Own: map[string]bool{}}
	for _, f := range out.Report.Findings {
		out.Own[f.RuleID] = true
	}
	out.Text, err = list(out.Report, id, both(loaded.Files, cfg))
	return out, err
}

// now is the day of all cases.
func now() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }

func load(fsys fs.FS) (config.Config, error) {
	name, err := config.Find(fsys, ".")
	if err != nil || name == "" {
		return config.Default(), err
	}
	return config.Load(fsys, name)
}

// place is an entry of the JSON report, in which lines and columns are known.
type place struct {
	Rule, Severity, Message, File string
	Line, Column                  int
}

func list(r analyzer.Report, id string, source func(string) ([]byte, bool)) (string, error) {
	var text bytes.Buffer
	if err := report.JSON(&text, r, report.Options{Text: source}); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var out struct{ Findings, Problems []place }
	if err := json.Unmarshal(text.Bytes(), &out); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var b strings.Builder
	for _, f := range out.Findings {
		if f.Severity != rule.Note.String() || f.Rule == id {
			fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", f.File, f.Line, f.Column, f.Severity, f.Message, f.Rule)
		}
	}
	for _, p := range out.Problems {
		fmt.Fprintf(&b, "%s:%d:%d: problem: %s\n", p.File, p.Line, p.Column, p.Message)
	}
	return b.String(), nil
}

// both is the text of the files and of the config.
func both(files loader.Files, cfg config.Config) func(string) ([]byte, bool) {
	return func(name string) ([]byte, bool) {
		if text, ok := files.Text(name); ok {
			return text, true
		}
		return cfg.Text(name)
	}
}
