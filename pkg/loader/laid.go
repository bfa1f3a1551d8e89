package loader

import (
	"bytes"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// laid tells where the parts of a file were written that a controller lays over the
// tree: in the object of the controller, or in the kustomization that it changes.
type laid struct {
	gitops.Delivery
	// file is the kustomization in the tree, or nil.
	file model.Source
	// texts are those of the tree.
	texts map[string][]byte
}

func (d *deliveries) laid(x gitops.Delivery) laid {
	out := laid{Delivery: x, texts: d.in.texts}
	for name := range x.Overlay {
		text, err := d.in.text(name)
		if err != nil {
			continue // the controller makes it
		}
		documents, _ := manifest.Documents(&manifest.File{Name: name, Text: text})
		for _, doc := range documents {
			if root, _ := doc.Tree(); root != nil && out.file == nil {
				out.file = doc.Source()
			}
		}
	}
	return out
}

// written is where the text of a place was written. What cannot be told is where the
// object names the folder.
func (l laid) written(at model.Span) model.Span {
	text, ok := l.Overlay[at.File]
	if !ok {
		return at
	}
	unsure := model.Span{File: l.At.File, Start: l.At.Start, End: l.At.End, Inexact: true}
	if at.End == 0 && l.file != nil {
		return at // the file as such
	}
	root, err := syntax.ParseYAML(text)
	if err != nil || root == nil {
		return unsure
	}
	path, part, node := innermost(root, at)
	source := l.file
	if p, ok := l.WrittenAt(path); ok {
		path, source = p, l.Source
	} else if !isIn(source, path) {
		return unsure
	}
	place := (&model.Resource{Source: source}).Locate(path, part)
	if node.Kind != syntax.Scalar {
		return place
	}
	// A text of many lines has the same ones in both files.
	begin := node.Start + bytes.LastIndexByte(text[node.Start:at.Start], '\n') + 1
	number := bytes.Count(text[node.Start:at.Start], []byte("\n"))
	if line, ok := source.Locate(path.Child(model.Line(number)), part); ok {
		place = line
	}
	line, _, _ := bytes.Cut(text[begin:node.End], []byte("\n"))
	narrowed := l.narrowed(place, string(line), at.Start-begin, strings.Trim(string(text[at.Start:at.End]), `"'`))
	narrowed.Inexact = narrowed.Inexact || at.Inexact
	return narrowed
}

func isIn(file model.Source, path model.Path) bool {
	if file == nil || len(path) == 0 {
		return false
	}
	_, ok := file.Locate(path, model.PartValue)
	return ok
}

// innermost is the key or value of a tree that a place lies in.
func innermost(root *syntax.Node, at model.Span) (path model.Path, part model.Part, node *syntax.Node) {
	holds := func(n *syntax.Node) bool { return n.Start <= at.Start && at.End <= n.End }
	root.Walk(func(p []string, n *syntax.Node) bool {
		if !holds(n) {
			return false
		}
		path, part, node = model.Path(p).Child(), model.PartValue, n
		for _, f := range n.Fields {
			if holds(f.Key) {
				path, part, node = model.Path(p).Child(f.Key.Value), model.PartKey, f.Key
			}
		}
		return true
	})
	return path, part, node
}

// narrowed is the part of a place that holds a text, which stands at an offset of a
// line of another file. The place is inexact where the text is not found as often.
func (l laid) narrowed(place model.Span, line string, offset int, text string) model.Span {
	whole := string(l.texts[place.File])
	if place.End > len(whole) || text == "" || strings.Count(whole[place.Start:place.End], text) != strings.Count(line, text) {
		place.Inexact = true
		return place
	}
	for range strings.Count(line[:offset], text) {
		place.Start += strings.Index(whole[place.Start:place.End], text) + len(text)
	}
	place.Start += strings.Index(whole[place.Start:place.End], text)
	place.End = place.Start + len(text)
	return place
}
