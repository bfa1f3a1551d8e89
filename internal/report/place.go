package report

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Uncertain is said of a place whose file is certain and whose line is not.
const Uncertain = "the line is not certain"

const (
	// maxNamedClusters limits the clusters that one finding names.
	maxNamedClusters = 5
	// maxRelated limits the related places that one finding lists.
	maxRelated = 10
)

// certainty is what a text says behind a place: nothing when it is exact.
func certainty(span model.Span) string {
	if span.Inexact {
		return " (" + Uncertain + ")"
	}
	return ""
}

// places writes places as text for people.
type places struct {
	options Options
	files   *files
}

func newPlaces(o Options) places { return places{o, newFiles(o)} }

// location writes file:line:column, which terminals and editors open.
func (p places) location(span model.Span) string {
	return Printable(p.options.display(span.File)) + ":" + lineColumn(p.files.locate(span, runes)) + certainty(span)
}

// place writes a message behind its location, if it has one.
func (p places) place(span model.Span, message string) string {
	if span.File == "" {
		return Printable(message)
	}
	return strings.TrimSpace(p.location(span) + " " + Printable(message))
}

// aside is a line that says more of a finding.
type aside struct{ label, text string }

// asides are the way of the connection, the related places, and the clusters
// where there are several to tell apart.
func (p places) asides(r analyzer.Report, f rule.Finding) []aside {
	var out []aside
	for _, step := range f.Flow {
		out = append(out, aside{"->", p.place(step.At.Span, step.Message)})
	}
	for _, related := range f.Related[:min(len(f.Related), maxRelated)] {
		out = append(out, aside{"related:", p.place(related.At.Span, related.Message)})
	}
	if more := len(f.Related) - maxRelated; more > 0 {
		out = append(out, aside{"related:", fmt.Sprintf("and %d more", more)})
	}
	if len(r.Clusters) > 1 && len(f.Clusters) > 1 {
		out = append(out, aside{"clusters:", Printable(some(f.Clusters, maxNamedClusters))})
	}
	return out
}

// lineColumn writes a position as line:column, and the lack of one as a dash.
func lineColumn(p position) string {
	if p.line == 0 {
		return "-"
	}
	return fmt.Sprintf("%d:%d", p.line, p.column)
}
