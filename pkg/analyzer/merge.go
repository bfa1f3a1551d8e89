package analyzer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Merge joins the reports of several clusters. The same fault in several
// clusters is one finding that names them all.
func Merge(reports ...Report) Report {
	var out Report
	rules := map[string]rule.Meta{}
	for _, r := range reports {
		out.Clusters = append(out.Clusters, r.Clusters...)
		out.Findings = append(out.Findings, r.Findings...)
		out.Suppressed = append(out.Suppressed, r.Suppressed...)
		out.Considered = append(out.Considered, r.Considered...)
		out.Looked = union(out.Looked, r.Looked)
		out.Skipped = append(out.Skipped, r.Skipped...)
		out.Problems = append(out.Problems, r.Problems...)
		out.Notes = append(out.Notes, r.Notes...)
		out.Failures = append(out.Failures, r.Failures...)
		for _, m := range r.Rules {
			rules[m.ID] = m
		}
	}
	for _, m := range rules {
		out.Rules = append(out.Rules, m)
	}
	slices.SortFunc(out.Rules, func(a, b rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	out.Findings = dedupe(out.Findings)
	out.Suppressed = dedupeSuppressed(out.Suppressed)
	out.Considered = compact(out.Considered)
	out.Problems = compactProblems(out.Problems)
	out.sort()
	return out
}

// identity is what makes two findings the same fault at the same place.
type identity struct {
	fingerprint, message string
	at                   model.Span
	severity             rule.Severity
}

func identify(f rule.Finding) identity {
	return identity{fingerprint: f.Fingerprint, message: f.Message, at: f.At.Span, severity: f.Severity}
}

// dedupe joins equal findings and unites their clusters.
func dedupe(findings []rule.Finding) []rule.Finding {
	slices.SortFunc(findings, compareFindings)
	index := map[identity]int{}
	var out []rule.Finding
	for _, f := range findings {
		key := identify(f)
		n, seen := index[key]
		if !seen {
			index[key] = len(out)
			out = append(out, f)
			continue
		}
		out[n].Clusters = union(out[n].Clusters, f.Clusters)
	}
	return out
}

func (r *Report) sort() {
	slices.SortFunc(r.Clusters, func(a, b Cluster) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Findings, compareFindings)
	slices.SortFunc(r.Problems, model.Problem.Compare)
	slices.SortFunc(r.Notes, model.Note.Compare)
	slices.SortFunc(r.Skipped, func(a, b Skip) int {
		return cmp.Or(
			cmp.Compare(a.RuleID, b.RuleID),
			cmp.Compare(a.Domain, b.Domain),
			cmp.Compare(a.Cluster, b.Cluster),
			cmp.Compare(a.Namespace, b.Namespace),
		)
	})
	slices.SortFunc(r.Failures, func(a, b Failure) int {
		return cmp.Or(
			cmp.Compare(a.RuleID, b.RuleID),
			cmp.Compare(a.Cluster, b.Cluster),
			a.Subject.Compare(b.Subject),
			cmp.Compare(a.Err.Error(), b.Err.Error()),
		)
	})
}

// compareFindings is a total order: two findings that it calls equal print the same.
func compareFindings(a, b rule.Finding) int {
	return cmp.Or(
		a.At.Span.Compare(b.At.Span),
		cmp.Compare(a.RuleID, b.RuleID),
		a.Subject.Compare(b.Subject),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
		slices.CompareFunc(a.Related, b.Related, compareRelated),
		slices.Compare(a.Clusters, b.Clusters),
	)
}

func compareRelated(a, b rule.Related) int {
	return cmp.Or(a.At.Span.Compare(b.At.Span), cmp.Compare(a.Message, b.Message))
}
