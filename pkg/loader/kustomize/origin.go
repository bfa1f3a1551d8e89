package kustomize

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// originKey is an annotation that follows an object through the build and says where it
// came from. The library keeps annotations of this domain for itself, also over a patch
// that removes all others, and so they are not part of what it prints.
const originKey = "internal.config.kubernetes.io/ekslint-origin"

// resourceRoot begins the names of files of objects, whose served text has the
// annotation, while the same file may be a patch without.
const resourceRoot = "/ekslint:resource/"

// origin is the place of one object before the build.
type origin struct {
	document *document
	// prefix leads to the object in its document.
	prefix model.Path
	// node is the object itself, or the entry of a generator.
	node *syntax.Node
	// generator is the kustomization whose generator makes the object, or nil.
	generator *level
}

// name is the one that the object had before the build.
func (o *origin) name() string {
	if o.generator != nil {
		return textAt(o.node, "name")
	}
	return textAt(o.node, "metadata", "name")
}

// resource serves a file of objects with the origin of each, and returns its name.
func (p *plan) resource(name string) (string, *failure) {
	served := resourceRoot + name
	if _, ok := p.served[served]; ok {
		return served, nil
	}
	text, err := p.read(name)
	if err != nil {
		return "", &failure{at: model.Span{File: name}, message: reason(err)}
	}
	documents, bad := (&writing{file: name, text: text}).documents()
	if bad != nil {
		return "", bad
	}
	var edits []edit
	for _, d := range documents {
		more, bad := p.mark(d, d.root, nil)
		if bad != nil {
			return "", bad
		}
		edits = append(edits, more...)
	}
	p.served[served] = apply(text, edits)
	return served, nil
}

// edit is text to insert.
type edit struct {
	at   int
	text string
}

func apply(text []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.at - b.at })
	var out []byte
	done := 0
	for _, e := range edits {
		out = append(append(out, text[done:e.at]...), e.text...)
		done = e.at
	}
	return append(out, text[done:]...)
}

// mark returns the edits that give each object of a document its annotation.
func (p *plan) mark(d *document, n *syntax.Node, prefix model.Path) ([]edit, *failure) {
	kind := n.Find([]string{"kind"})
	if kind == nil || n.Find([]string{"apiVersion"}) == nil {
		return nil, &failure{at: d.line(d.start + n.Start), message: "not an object of Kubernetes: apiVersion or kind is missing"}
	}
	if items := n.Find([]string{"items"}); items != nil && strings.HasSuffix(kind.Value, "List") {
		var out []edit
		for i, item := range items.Items {
			more, bad := p.mark(d, item, prefix.Child("items", strconv.Itoa(i)))
			if bad != nil {
				return nil, bad
			}
			out = append(out, more...)
		}
		return out, nil
	}
	if name := n.Find([]string{"metadata", "name"}); name == nil || name.Value == "" {
		return nil, &failure{at: d.line(d.start + n.Start), message: kind.Value + " has no metadata.name"}
	}
	id := len(p.origins)
	p.origins = append(p.origins, origin{document: d, prefix: prefix, node: n})
	if e, ok := d.annotate(n, id); ok {
		return []edit{e}, nil
	}
	return nil, nil
}

// annotate returns the edit that adds the annotation to an object.
func (d *document) annotate(object *syntax.Node, id int) (edit, bool) {
	entry := fmt.Sprintf("%q: %q", originKey, strconv.Itoa(id))
	metadata := object.Find([]string{"metadata"})
	annotations := metadata.Find([]string{"annotations"})
	switch {
	case annotations == nil:
		return d.first(metadata, `"annotations": {`+entry+"}")
	case annotations.Kind == syntax.Mapping && len(annotations.Fields) > 0:
		return d.first(annotations, entry)
	case annotations.Kind == syntax.Mapping:
		return edit{d.start + annotations.Start + 1, entry}, true
	case annotations.Kind == syntax.Scalar && annotations.Start == annotations.End:
		return edit{d.start + annotations.Start, " {" + entry + "}"}, true
	default:
		return edit{}, false
	}
}

// first returns the edit that puts an entry before the first one of a mapping.
func (d *document) first(mapping *syntax.Node, entry string) (edit, bool) {
	i := slices.IndexFunc(mapping.Fields, func(f syntax.Field) bool { return !f.Merged })
	if i < 0 {
		return edit{}, false
	}
	at := mapping.Fields[i].Key.Start
	if d.body[mapping.Start] == '{' {
		return edit{d.start + at, entry + ", "}, true
	}
	if at > 0 && !strings.ContainsRune(" -\n", rune(d.body[at-1])) {
		return edit{}, false // a tag or an anchor, or a byte order mark
	}
	begin := strings.LastIndexByte(string(d.body[:at]), '\n') + 1
	indent := strings.Repeat(" ", at-begin)
	return edit{d.start + at, entry + "\n" + indent}, true
}
