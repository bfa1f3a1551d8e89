package analyzer

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/model"
)

// Report is the outcome of an analysis. Every list is sorted, so equal input
// gives equal reports.
type Report struct {
	Clusters []Cluster
	// Rules describes the rules that ran, sorted by ID.
	Rules    []rule.Meta
	Findings []rule.Finding
	// Suppressed are the findings that the user accepts. They decide nothing.
	Suppressed []Suppressed
	// Compared is set when the findings were compared with a baseline.
	Compared bool
	// Considered are the suppressions whose place is in the input.
	Considered []suppression.Entry
	// Looked names the rules that looked at an object, sorted.
	Looked  []string
	Skipped []Skip
	// Problems are the parts of the input that could not be read.
	Problems []model.Problem
	// Notes are the parts that were recognised and set aside.
	Notes []model.Note
	// Failures are rules that broke; their other findings stand.
	Failures []Failure
}

// Cluster is one analysed cluster.
type Cluster struct {
	Name      string
	Resources int
	Guessed   bool
}

// Skip is a rule that could not decide for want of knowledge.
type Skip struct {
	RuleID string
	// Domain is what is not known.
	Domain model.Domain
	// Namespace is where; empty for objects without a namespace and for
	// cluster-wide domains.
	Namespace string
	Cluster   string
	// Why names what hides the domain; empty when nothing of it is in the input.
	Why string
}

// Failure is a rule that panicked or whose evaluation failed on one object.
type Failure struct {
	RuleID  string
	Subject model.Ref
	// Others counts the further objects on which the rule failed likewise.
	Others  int
	Cluster string
	Err     error
}

// Objects names the object of the failure and counts the others.
func (f Failure) Objects() string {
	switch {
	case f.Subject.Kind == "":
		return ""
	case f.Others == 0:
		return f.Subject.String()
	default:
		return fmt.Sprintf("%s and %d more", f.Subject, f.Others)
	}
}

// joined makes one failure of those that differ in their object alone. The list
// is sorted, so the first object is kept.
func joined(failures []Failure) []Failure {
	type same struct{ rule, cluster, text string }
	index := map[same]int{}
	var out []Failure
	for _, f := range failures {
		key := same{f.RuleID, f.Cluster, f.Err.Error()}
		if n, ok := index[key]; ok {
			out[n].Others += 1 + f.Others
			continue
		}
		index[key] = len(out)
		out = append(out, f)
	}
	return out
}
