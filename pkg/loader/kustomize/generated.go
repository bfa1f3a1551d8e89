package kustomize

import (
	"bytes"
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
		if at, ok := s.plan.literal(s.origin.name(), path[1], value.Value, part); ok {
			return at
		}
		if w := s.fileOf(path, value); w != nil {
			return w.span(0, len(w.text))
		}
	}
	if at, ok := s.writer(path, part, alignment{}); ok {
		return at
	}
	if name := s.origin.node.Find([]string{"name"}); name != nil {
		entry = s.origin.document.node(name)
	}
	entry.Inexact = true
	return entry
}

// literal is the place of a value that stands in the literals, or in a file of
// variables, of the generators of a name, of which one may be merged into another. It
// is not found when several say the same.
func (p *plan) literal(name, key, value string, part model.Part) (at model.Span, ok bool) {
	for i := range p.origins {
		o := &p.origins[i]
		if o.generator == nil || o.name() != name {
			continue
		}
		for _, w := range p.variables(o) {
			span, isIt := w.variable(key, value, part)
			if isIt && ok {
				return model.Span{}, false
			}
			if isIt {
				at, ok = span, true
			}
		}
	}
	return at, ok
}

// variables are the texts that hold the keys and values of a generator line by line.
func (p *plan) variables(o *origin) []*writing {
	var out []*writing
	for _, n := range listAt(o.node, "literals") {
		d := o.document
		out = append(out, &writing{file: d.file, text: []byte(n.Value), scalar: &embedded{d.text, n}})
	}
	for _, n := range append(listAt(o.node, "envs"), listAt(o.node, "env")...) {
		name, ok := resolve(o.generator.dir, n.Value)
		if text, isRead := p.texts[name]; ok && isRead {
			out = append(out, &writing{file: name, text: text})
		}
	}
	return out
}

// listAt is a list, or the one value in its place, that a key holds.
func listAt(n *syntax.Node, key string) []*syntax.Node {
	value := n.Find([]string{key})
	if value == nil {
		return nil
	}
	return itemsOf(value)
}

// itemsOf are the elements of a list, or what stands in place of one.
func itemsOf(n *syntax.Node) []*syntax.Node {
	if n.Kind == syntax.Sequence {
		return n.Items
	}
	return []*syntax.Node{n}
}

// variable is the place of a value, which may be in quotes, on the line of its key.
func (w *writing) variable(key, value string, part model.Part) (model.Span, bool) {
	start := 0
	for line := range bytes.Lines(w.text) {
		begin := start
		start += len(line)
		name, written, found := strings.Cut(string(bytes.TrimRight(line, "\r\n")), "=")
		if !found || name != key {
			continue
		}
		from, to := begin+len(name)+1, begin+len(name)+1+len(written)
		if quote := strings.Trim(written, `'"`); written != value && quote == value {
			from, to = from+1, to-1
		} else if written != value {
			continue
		}
		if part == model.PartKey {
			from, to = begin, begin+len(name)
		}
		return w.span(from, to), true
	}
	return model.Span{}, false
}

// fileOf is the file that became the value of a generated object, or nil.
func (s *source) fileOf(path model.Path, value *syntax.Node) *writing {
	if len(path) != 2 || path[0] != "data" {
		return nil
	}
	for i := range s.plan.origins {
		o := &s.plan.origins[i]
		if o.generator == nil || o.name() != s.origin.name() {
			continue
		}
		for _, n := range listAt(o.node, "files") {
			key, entry, found := strings.Cut(n.Value, "=")
			if !found {
				key, entry = base(n.Value), n.Value
			}
			name, ok := resolve(o.generator.dir, entry)
			if text, isRead := s.plan.texts[name]; ok && isRead && key == path[1] && string(text) == value.Value {
				return &writing{file: name, text: text}
			}
		}
	}
	return nil
}
