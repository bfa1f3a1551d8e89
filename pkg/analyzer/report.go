package analyzer

import (
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
	Cluster string
	Err     error
}
