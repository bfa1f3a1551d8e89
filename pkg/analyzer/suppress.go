package analyzer

import (
	"fmt"
	"slices"
	"time"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/model"
)

// Suppressed is a finding that the user accepts.
type Suppressed struct {
	Finding rule.Finding
	// By are the suppressions that accept it; there is at least one.
	By []suppression.Entry
}

// suppress sets the findings aside that the user accepts.
func (r *Report) suppress(c *suppression.Cluster) {
	open := r.Findings[:0:0]
	for _, f := range r.Findings {
		if by := c.Accepts(f); len(by) > 0 {
			r.Suppressed = append(r.Suppressed, Suppressed{f, by})
			continue
		}
		open = append(open, f)
	}
	r.Findings = open
	r.Considered = c.Considered
	r.Problems = append(r.Problems, c.Problems...)
}

// dedupeSuppressed joins equal findings that the same suppressions accept.
func dedupeSuppressed(all []Suppressed) []Suppressed {
	slices.SortStableFunc(all, compareSuppressed)
	index := map[string]int{}
	var out []Suppressed
	for _, s := range all {
		key := fmt.Sprint(identify(s.Finding))
		for _, e := range s.By {
			key += fmt.Sprint(e.Key())
		}
		n, seen := index[key]
		if !seen {
			index[key] = len(out)
			out = append(out, s)
			continue
		}
		out[n].Finding.Clusters = union(out[n].Finding.Clusters, s.Finding.Clusters)
	}
	return out
}

func compareSuppressed(a, b Suppressed) int {
	if n := compareFindings(a.Finding, b.Finding); n != 0 {
		return n
	}
	return slices.CompareFunc(a.By, b.By, suppression.Compare)
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// withNoEffect adds findings of the given rule on suppressions without effect:
// those that have expired, and those that accept no finding although all that
// they speak of was looked at. Where a rule was skipped or broke, or a part of the
// input could not be read, nothing is said of it.
func (r Report) withNoEffect(set *suppression.Set, m rule.Meta) Report {
	used := map[suppression.Key]bool{}
	for _, s := range r.Suppressed {
		for _, e := range s.By {
			used[e.Key()] = true
		}
	}
	decided := r.Decided()
	r.Findings = slices.Clone(r.Findings)
	for _, e := range r.Considered {
		switch {
		case set.IsExpired(e):
			r.Findings = append(r.Findings, noEffect(m, e, fmt.Sprintf("The %s that ignores %s expired on %s", kindOf(e), e.Rule, e.Until.Format(time.DateOnly))))
		case e.Judged && !used[e.Key()] && r.namesDecided(e, decided):
			r.Findings = append(r.Findings, noEffect(m, e, fmt.Sprintf("The %s that ignores %s accepts no finding of this input", kindOf(e), e.Rule)))
		}
	}
	slices.SortFunc(r.Findings, compareFindings)
	return r
}

func kindOf(e suppression.Entry) string {
	if e.Source == suppression.Config {
		return "entry of the config"
	}
	return e.Source.String()
}

func noEffect(m rule.Meta, e suppression.Entry, message string) rule.Finding {
	f := rule.Finding{
		RuleID: m.ID, Severity: m.Severity, Message: message, At: rule.SpanAt(e.At), Subject: e.Subject,
		Key: e.Source.String() + " " + e.Rule + " " + e.At.File + " " + e.Reason,
	}
	f.Fingerprint = fingerprint(f)
	return f
}

// Decided are the rules that looked at objects and could judge them all: of what
// they do not report, nothing is there. It is empty when a part of the input could
// not be read.
func (r Report) Decided() map[string]bool {
	out := map[string]bool{}
	if len(r.Problems) > 0 {
		return out
	}
	for _, id := range r.Looked {
		out[id] = true
	}
	for _, s := range r.Skipped {
		delete(out, s.RuleID)
	}
	for _, f := range r.Failures {
		delete(out, f.RuleID)
	}
	return out
}

// namesDecided reports whether every rule that an entry speaks of is decided.
func (r Report) namesDecided(e suppression.Entry, decided map[string]bool) bool {
	return !slices.ContainsFunc(r.Rules, func(m rule.Meta) bool {
		return e.Names(m) && m.ID != rule.InputUnread && m.ID != rule.NoEffect && !decided[m.ID]
	})
}

// compact sorts the entries and joins those that several clusters considered:
// all must have judged them.
func compact(entries []suppression.Entry) []suppression.Entry {
	slices.SortStableFunc(entries, suppression.Compare)
	var out []suppression.Entry
	for _, e := range entries {
		if last := len(out) - 1; last >= 0 && out[last].Key() == e.Key() {
			out[last].Judged = out[last].Judged && e.Judged
			continue
		}
		out = append(out, e)
	}
	return out
}

// compactProblems sorts problems and drops what several clusters report.
func compactProblems(problems []model.Problem) []model.Problem {
	slices.SortFunc(problems, model.Problem.Compare)
	return slices.Compact(problems)
}
