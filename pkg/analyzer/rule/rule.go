// Package rule holds what a rule is: its metadata, the pass it is given and
// the findings it reports. It decides nothing.
package rule

import (
	"context"
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// Meta describes a rule. Go rules write it as a literal, Rego rules as the
// METADATA of their package; docs, explain and SARIF are made from it.
type Meta struct {
	// ID is never reused: ING-001.
	ID string
	// Title says the fault in a few words.
	Title string
	// Category is the topic, the folder of the rule: ingress.
	Category string
	// Description says when the rule fires and when it stays silent.
	Description string
	// Rationale says what happens to the user's network.
	Rationale string
	// Remediation says what to edit.
	Remediation string
	// Severity is the highest that the rule reports.
	Severity Severity
	// SecuritySeverity is a CVSS-like figure from 0 to 10; 0 means none.
	SecuritySeverity float64
	// OptIn is set for a rule that only runs where it is asked for by its ID.
	OptIn bool
	// Kinds names the kinds of object that the rule looks at, as graph.Objects
	// takes them.
	Kinds []string
	// Reads names the kinds of other objects on which a finding about one rests, as Kinds
	// does; nil means any, and an empty list none, as for what AWS alone decides. A change
	// of another kind leaves findings about all other objects as they are, which a test
	// holds the rule to; what concerns the cluster as a whole, such as its controllers,
	// needs not be among them. It saves time where one object changes and rules look at many.
	Reads []string
	// Needs lists the domains that must be known in the object's namespace.
	Needs model.Domain
	// Params are the judgements that a user may make differently.
	Params []Param
	// Refs are the sources of the facts, as URLs.
	Refs []string
	// Since is the first version that has the rule.
	Since string
	// Own is set for a rule that a user wrote. It has no page in the
	// documentation of ekslint.
	Own bool
}

// Checker looks at one object at a time and reports what is wrong. A Go rule is
// one; so is the bundle of all Rego rules of a kind. The engine iterates.
type Checker interface {
	// Metas describes the rules that the checker holds.
	Metas() []Meta
	// Kinds names the kinds of object that Check is called with.
	Kinds() []string
	// Check is a pure function of its arguments. It must be safe for
	// concurrent use.
	Check(ctx context.Context, pass *Pass, object graph.Object) error
}

// Pass is what a rule may know.
type Pass struct {
	Graph *graph.Graph
	// Reach answers who can talk to whom. It is built when it is first asked
	// for, once for all rules.
	Reach func() *reach.Engine
	// Cluster is the graph with its AWS side.
	Cluster func() *eks.Cluster
	// Path answers over all layers.
	Path func() *path.Engine
	// Capacity counts addresses and pods.
	Capacity func() *capacity.Report
	// Settings are the parameters of each rule by its ID.
	Settings map[string]Params
	// Params are those of the rule that runs, where the checker holds but one.
	Params Params
	// Only names the rules that are wanted, by their IDs; nil means all. A checker of
	// several may leave the others out.
	Only map[string]bool
	// Memory lasts longer than the pass; it may be nil.
	Memory *Memory
	// Report takes a finding. Message must be set, and RuleID by a checker of several
	// rules; without a severity it has that of the rule's Meta, above which it is a
	// programmer's error.
	Report func(Finding)
}

// Rule is a rule written in Go.
type Rule struct {
	Meta
	Run func(pass *Pass, object graph.Object)
}

// On adapts a function over one type of graph object to Rule.Run.
func On[T graph.Object](run func(pass *Pass, object T)) func(*Pass, graph.Object) {
	return func(pass *Pass, object graph.Object) {
		if o, ok := object.(T); ok {
			run(pass, o)
		}
	}
}

// Metas implements Checker.
func (r Rule) Metas() []Meta { return []Meta{r.Meta} }

// Kinds implements Checker.
func (r Rule) Kinds() []string { return r.Meta.Kinds }

// Check implements Checker.
func (r Rule) Check(_ context.Context, pass *Pass, object graph.Object) error {
	r.Run(pass, object)
	return nil
}

// Validate reports what a Meta lacks.
func (m Meta) Validate() error {
	for _, field := range []struct {
		name  string
		empty bool
	}{
		{"id", m.ID == ""},
		{"title", m.Title == ""},
		{"category", m.Category == ""},
		{"description", m.Description == ""},
		{"rationale", m.Rationale == ""},
		{"remediation", m.Remediation == ""},
		{"severity", m.Severity == 0},
		{"refs", len(m.Refs) == 0},
		{"since", m.Since == ""},
	} {
		if field.empty {
			return fmt.Errorf("rule %q: metadata lacks %s", m.ID, field.name)
		}
	}
	if err := m.validateParams(); err != nil {
		return fmt.Errorf("rule %q: %w", m.ID, err)
	}
	return nil
}

// Rules that stand for what the tool itself says. Neither looks at objects.
const (
	// InputUnread is the rule under which reports show what could not be read.
	InputUnread = "LOAD-001"
	// NoEffect is the rule of suppressions that have no effect.
	NoEffect = "LOAD-003"
)
