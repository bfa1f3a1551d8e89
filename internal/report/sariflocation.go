package report

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// maxRegionLines is the longest region that keeps its end: GitHub shows an
	// annotation below the last line of its region.
	maxRegionLines = 20
	// maxSnippet is the longest source text, in bytes, that is copied into the log.
	maxSnippet = 2000
)

// location is the place of a span. Without a file it is the root itself:
// code scanning rejects results that have no file.
func (b *sarifBuilder) location(span model.Span) *sarif.Location {
	physical := sarif.NewPhysicalLocation().
		WithArtifactLocation(artifactLocation(span.File)).
		WithRegion(b.region(span))
	if c := b.context(span); c != nil {
		physical.WithContextRegion(c)
	}
	location := sarif.NewLocation().WithPhysicalLocation(physical)
	if span.Inexact {
		properties := sarif.NewPropertyBag()
		properties.Add("positionInexact", true)
		location.WithProperties(properties)
	}
	return location
}

func (b *sarifBuilder) related(id int, r rule.Related) *sarif.Location {
	location := b.location(r.At.Span).
		WithID(id).
		WithMessage(sarif.NewMessage().WithText(plainMessage(r.Message) + uncertainSentence(r.At.Span)))
	if r.At.Resource != nil {
		location.AddLogicalLocation(logicalLocation(r.At.Resource.Ref))
	}
	return location
}

// flow is a way as one thread flow, with a location for each hop:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141790935
func (b *sarifBuilder) flow(steps []rule.Step) *sarif.CodeFlow {
	thread := sarif.NewThreadFlow()
	for _, s := range steps[:min(len(steps), maxLocations)] {
		location := b.location(s.At.Span).WithMessage(sarif.NewMessage().WithText(plainMessage(s.Message) + uncertainSentence(s.At.Span)))
		thread.AddLocation(sarif.NewThreadFlowLocation().WithLocation(location))
	}
	return sarif.NewCodeFlow().AddThreadFlow(thread)
}

// logicalLocation names an object: shop/Service/web.
func logicalLocation(ref model.Ref) *sarif.LogicalLocation {
	return sarif.NewLogicalLocation().
		WithName(ref.Name).
		WithKind("resource").
		WithFullyQualifiedName(path.Join(ref.Namespace, ref.Kind, ref.Name))
}

func artifactLocation(file string) *sarif.ArtifactLocation {
	if path.IsAbs(file) {
		return sarif.NewArtifactLocation().WithURI(fileURI(file, regularFile))
	}
	return sarif.NewArtifactLocation().WithURI(relativeURI(file)).WithURIBaseID(srcRoot)
}

// relativeURI is the relative reference of a slash-separated path. A colon is
// escaped, or the first element could be taken for a scheme
// (https://www.rfc-editor.org/rfc/rfc3986#section-4.2).
func relativeURI(file string) string {
	if file == "" {
		return "."
	}
	escaped := (&url.URL{Path: path.Clean(file)}).EscapedPath()
	return strings.ReplaceAll(escaped, ":", "%3A")
}

// fileKind tells folders, whose URI ends in a slash, from files.
type fileKind uint8

const (
	regularFile fileKind = iota
	folder
)

// fileURI is the file: URI of an absolute path.
func fileURI(name string, kind fileKind) string {
	slashed := path.Clean(filepath.ToSlash(name))
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	if kind == folder && slashed != "/" {
		slashed += "/"
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}

// region is the span, or the first line of one of many lines.
func (b *sarifBuilder) region(span model.Span) *sarif.Region {
	source := b.files.source(span.File)
	if source == nil {
		return sarif.NewRegion().WithStartLine(1).WithStartColumn(1).WithEndLine(1).WithEndColumn(1)
	}
	span = source.shortened(span)
	p := source.position(span, utf16Units)
	region := sarif.NewRegion().
		WithStartLine(p.line).WithStartColumn(p.column).
		WithEndLine(p.endLine).WithEndColumn(p.endColumn)
	start, end := source.clamp(span)
	if end-start <= maxSnippet && !span.Inexact {
		region.WithSnippet(snippet(source.text[start:end]))
	}
	return region
}

// shortened ends a span of more than maxRegionLines at its first line.
func (s *source) shortened(span model.Span) model.Span {
	start, end := s.clamp(span)
	first := s.lineAt(start)
	if s.lineAt(end)-first < maxRegionLines {
		return span
	}
	_, to := s.bounds(first)
	span.Start, span.End = start, max(start, to)
	return span
}

// context is the lines of the span with one line before and after. It is nil
// when it would be long or no larger than the span, and where the line is not
// certain.
func (b *sarifBuilder) context(span model.Span) *sarif.Region {
	source := b.files.source(span.File)
	if source == nil || span.Inexact {
		return nil
	}
	start, end := source.clamp(source.shortened(span))
	first := max(1, source.lineAt(start)-1)
	last := min(len(source.starts), source.lineAt(end)+1)
	from, _ := source.bounds(first)
	_, to := source.bounds(last)
	if to-from > maxSnippet || (from >= start && to <= end) {
		return nil
	}
	return sarif.NewRegion().
		WithStartLine(first).WithEndLine(last).
		WithSnippet(snippet(source.text[from:to]))
}

func snippet(text []byte) *sarif.ArtifactContent {
	return sarif.NewArtifactContent().WithText(strings.ToValidUTF8(string(text), "\ufffd"))
}
