package helm

import "github.com/ekslint/ekslint/pkg/model"

// source is the place of a resource: what its manifest says, seen in the template.
type source struct {
	inner model.Source
	file  string
	page  func() *page
	// behind finds the value that is printed at a path.
	behind func(path model.Path, part model.Part) (model.Span, bool)
}

// File implements model.Source.
func (s source) File() string { return s.file }

// Locate implements model.Source. The chart is rendered with markers when the first of
// its positions is asked for.
func (s source) Locate(path model.Path, part model.Part) (model.Span, bool) {
	at, ok := s.inner.Locate(path, part)
	if !ok {
		return model.Span{}, false
	}
	return s.page().span(at.Start, at.End), true
}

// Given implements model.Printed.
func (s source) Given(path model.Path, part model.Part) (model.Span, bool) {
	return s.behind(path, part)
}

// Extent implements model.Source.
func (s source) Extent() model.Span {
	at := s.inner.Extent()
	return s.page().span(at.Start, at.End)
}
