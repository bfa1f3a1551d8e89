package rule

import (
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Finding is one definite fault of the user's cluster.
type Finding struct {
	RuleID   string
	Severity Severity
	// Message says what is wrong, with the names, in one line.
	Message string
	// At is the place to edit.
	At Place
	// Related are the other sides of the fault, each named in Message.
	Related []Related
	// Flow is the way of the connection that the fault is about, in its order;
	// nil for other faults. Places of it need no source.
	Flow []Step
	// Key tells findings of one rule at one path apart; it enters the fingerprint.
	Key string
	// Judged is the severity that the rule gave it, whatever the user wants it to be. The
	// engine sets it.
	Judged Severity
	// Given is where the value at At is given, if a template prints it from elsewhere.
	// The engine sets it, and names it in Related.
	Given model.Span
	// Subject is the object that the finding is about. The engine sets it.
	Subject model.Ref
	// Clusters names the clusters in which the fault stands. The engine sets it.
	Clusters []string
	// Fingerprint identifies the fault across edits elsewhere in the file. The
	// engine sets it.
	Fingerprint string
}

// Related is a second place that takes part in a fault.
type Related struct {
	Message string
	At      Place
}

// Deciding are the lines that decide a hop.
func Deciding(h vpc.Hop) []Related {
	out := make([]Related, 0, len(h.Rules))
	for _, r := range h.Rules {
		out = append(out, Related{Message: r.Text, At: SpanAt(r.At)})
	}
	return out
}

// Step is one hop of a flow.
type Step struct {
	Message string
	At      Place
}

// Place is a path in a resource. Span is resolved by the engine; a place
// without a resource, such as one of AWS, has the span that the rule gives.
type Place struct {
	Resource *model.Resource
	Path     model.Path
	Part     model.Part
	Span     model.Span
}

// ValueAt is the place of the value at path.
func ValueAt(r *model.Resource, path ...string) Place {
	return Place{Resource: r, Path: path}
}

// KeyAt is the place of the key that introduces path.
func KeyAt(r *model.Resource, path ...string) Place {
	return Place{Resource: r, Path: path, Part: model.PartKey}
}

// SpanAt is a place that no resource holds.
func SpanAt(span model.Span) Place { return Place{Span: span} }
