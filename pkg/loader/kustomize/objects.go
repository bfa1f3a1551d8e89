package kustomize

import (
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// decoding turns what the library made into resources.
type decoding struct {
	plan   *plan
	root   *level
	reader *manifest.Reader
	out    model.Fragment
}

// add reads a built object, and lets all that comes of it point at its source.
func (x *decoding) add(b built) {
	at := &source{plan: x.plan, root: x.root, origin: b.origin, text: b.text}
	documents, problems := manifest.Documents(&manifest.File{Name: at.File(), Text: b.text})
	for _, d := range documents {
		part := x.reader.Read(d)
		problems = append(problems, part.Problems...)
		for _, n := range part.Notes {
			x.out.Notes = append(x.out.Notes, model.Note{File: at.File(), Message: n.Message})
		}
		for _, res := range part.Resources {
			res.Source = at
		}
		x.out.Resources = append(x.out.Resources, part.Resources...)
		x.out.Opaque = append(x.out.Opaque, part.Opaque...)
	}
	for _, p := range problems {
		x.out.Problems = append(x.out.Problems, model.Problem{At: at.of(p.At), Message: p.Message})
	}
}

// of is the place of what lies at a range of the built object.
func (s *source) of(at model.Span) model.Span {
	object := s.object()
	if object == nil {
		return s.Extent()
	}
	path, part, found := model.Path(nil), model.PartValue, false
	object.Walk(func(p []string, n *syntax.Node) bool {
		if !found && n.Start == at.Start && n.End == at.End {
			path, found = model.Path(p).Child(), true
		}
		for _, f := range n.Fields {
			if !found && f.Key.Start == at.Start && f.Key.End == at.End {
				path, part, found = model.Path(p).Child(f.Key.Value), model.PartKey, true
			}
		}
		return !found
	})
	if span, ok := s.Locate(path, part); found && ok {
		return span
	}
	return s.Extent()
}
