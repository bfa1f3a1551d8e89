// Package ruletest runs the cases of every rule: the folders
// testdata/rules/<ID>/{bad,good,unknown}/<case>/.
package ruletest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader"
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

// Run analyses the case in fsys for the rule of that ID. A config in the case
// is obeyed.
func Run(ctx context.Context, fsys fs.FS, id string, checkers []rule.Checker) (Result, error) {
	cfg, err := load(fsys)
	if err == nil {
		err = cfg.Check(ruleset.Metas())
	}
	if err != nil {
		return Result{}, err
	}
	options := loader.Options{Paths: []string{"."}, IgnorePaths: cfg.IgnorePaths, Kinds: ruleset.Kinds(checkers)}
	for _, c := range cfg.Clusters {
		options.Clusters = append(options.Clusters, loader.ClusterConfig{Name: c.Name, Paths: c.Paths, Complete: c.Complete})
	}
	loaded, err := loader.Load(ctx, fsys, options)
	if err != nil {
		return Result{}, fmt.Errorf("load: %w", err)
	}
	reports := []analyzer.Report{{Problems: loaded.Problems, Notes: loaded.Notes}}
	for _, cluster := range loaded.Clusters {
		r, err := analyzer.Analyze(ctx, cluster, analyzer.Options{
			Checkers: checkers, Severity: cfg.Rules.Severities(), Params: cfg.Rules.Parameters(),
		})
		if err != nil {
			return Result{}, fmt.Errorf("analyze: %w", err)
		}
		reports = append(reports, r)
	}
	out := Result{Report: analyzer.Merge(reports...), Own: map[string]bool{}}
	for _, f := range out.Report.Findings {
		out.Own[f.RuleID] = true
	}
	out.Text, err = list(out.Report, id, loaded.Files)
	return out, err
}

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

func list(r analyzer.Report, id string, files loader.Files) (string, error) {
	var text bytes.Buffer
	if err := report.JSON(&text, r, report.Options{Text: files.Text}); err != nil {
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
