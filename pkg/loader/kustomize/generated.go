package kustomize

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// generated is the place of a part of an object that a generator makes: the literal or
// the file of a key, the name of the generator, a patch, or else its entry.
func (s *source) generated(path model.Path, part model.Part) model.Span {
	entry := s.origin.document.node(s.origin.node)
	if len(path) == 0 {
		return entry
	}
	value := s.object().Find(path)
	if len(path) == 2 && path[0] == "data" {
		if at, ok := s.literal(path[1], value.Value, part); ok {
			return at
		}
		if w := s.fileOf(path, value); w != nil {
			return w.span(0, len(w.text))
		}
	}
	if at, isKnown, _ := s.writer(path, part); isKnown {
		return at
	}
	if name := s.origin.node.Find([]string{"name"}); name != nil {
		entry = s.origin.document.node(name)
	}
	entry.Inexact = true
	return entry
}

// literal is the place of a value that stands in the list of literals.
func (s *source) literal(key, value string, part model.Part) (model.Span, bool) {
	literals := s.origin.node.Find([]string{"literals"})
	if literals == nil {
		return model.Span{}, false
	}
	for _, n := range literals.Items {
		name, _, _ := strings.Cut(n.Value, "=")
		if name != key || n.Kind != syntax.Scalar {
			continue
		}
		d := s.origin.document
		w := &writing{file: d.file, text: []byte(n.Value), scalar: &embedded{d.text, n}}
		if part == model.PartKey {
			return w.span(0, len(key)), true
		}
		start := strings.LastIndex(n.Value, value)
		if start <= len(key) {
			return model.Span{}, false
		}
		return w.span(start, start+len(value)), true
	}
	return model.Span{}, false
}

// fileOf is the file that became the value of a generated object, or nil.
func (s *source) fileOf(path model.Path, value *syntax.Node) *writing {
	files := s.origin.node.Find([]string{"files"})
	if files == nil || len(path) != 2 || path[0] != "data" {
		return nil
	}
	for _, n := range files.Items {
		key, entry, found := strings.Cut(n.Value, "=")
		if !found {
			key, entry = base(n.Value), n.Value
		}
		name, ok := resolve(s.origin.generator.dir, entry)
		if text, isRead := s.plan.texts[name]; ok && isRead && key == path[1] && string(text) == value.Value {
			return &writing{file: name, text: text}
		}
	}
	return nil
}
