package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// search looks for what may have written the value of an object at a path.
type search struct {
	*source
	path  model.Path
	part  model.Part
	value *syntax.Node
	// was is the value in the origin, or nil.
	was *syntax.Node
	// stage is the one that is looked at.
	stage stage
	// found are the places that write the very value, and touched those that write
	// another one there, or one that is not known, in the order in which they apply.
	found, touched []write
}

// write is a place that writes a value.
type write struct {
	at    model.Span
	stage stage
	// isField is set for a field of the kustomization.
	isField bool
}

// stage is one kustomization that the object passes.
type stage struct {
	*level
	// order counts from the root, which comes last.
	order int
	// isSure is set when the object passes it after all those of a higher order.
	isSure bool
}

// writer is the place that wrote the value at path, if any is known that may have. Of
// several it is the last, and inexact unless it surely comes after the others. The
// alignment leads to what the value was in the origin.
func (s *source) writer(path model.Path, part model.Part, before alignment) (model.Span, bool) {
	x := &search{source: s, path: path, part: part, value: s.object().Find(path)}
	if before.isWhole {
		x.was = s.origin.node.Find(before.path)
	}
	for _, x.stage = range slices.Backward(s.stages()) {
		x.patches(false)
		x.fields(x.stage.level)
		x.patches(true)
		for _, r := range x.stage.replacements {
			x.replacement(r)
		}
	}
	if n := len(x.found); n > 0 {
		last := x.found[n-1]
		last.at.Inexact = last.at.Inexact || !last.isLast(x.found)
		return last.at, true
	}
	if n := len(x.touched); n > 0 {
		at := x.touched[n-1].at
		at.Inexact = true
		return at, true
	}
	return model.Span{}, false
}

// isLast reports whether the last of all that write a value surely did: there is no
// other, or it is a field, which concerns all objects, while a patch may be for others.
func (w write) isLast(all []write) bool {
	return !slices.ContainsFunc(all, func(o write) bool {
		return o.at != w.at && (!w.isField || !w.stage.isSure || o.isField && o.stage.order == w.stage.order)
	})
}

// stages are the kustomizations between the root and the origin, and their components,
// the last one first.
func (s *source) stages() []stage {
	var out []stage
	var visit func(l *level, isSure bool)
	visit = func(l *level, isSure bool) {
		if slices.ContainsFunc(out, func(o stage) bool { return o.level == l }) {
			return
		}
		out = append(out, stage{l, len(out), isSure})
		for _, c := range l.components {
			visit(c, false)
		}
		var below []*level
		for _, b := range slices.Concat(l.bases, l.components) {
			if b.holds(s.origin) {
				below = append(below, b)
			}
		}
		for _, b := range below {
			visit(b, isSure && len(below) == 1)
		}
	}
	visit(s.root, true)
	return out
}

// holds reports whether an object comes from the kustomization or what it builds on.
func (l *level) holds(o *origin) bool {
	if o.generator == l || o.generator == nil && slices.Contains(l.resources, o.document.file) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(l.bases, l.components), func(b *level) bool { return b.holds(o) })
}

// add remembers a place that writes the very value, or else one at its path.
func (x *search) add(at model.Span, isSame bool) {
	w := write{at: at, stage: x.stage}
	if isSame {
		x.found = append(x.found, w)
	} else {
		x.touched = append(x.touched, w)
	}
}

// wrote adds the place to which an alignment with a patch leads. A patch that says what
// the origin does is not what made another value of it, and one whose value is not even
// part of it may be for other objects.
func (x *search) wrote(d *document, root *syntax.Node, below model.Path, a alignment) {
	if !a.isWhole {
		return
	}
	path := below.Child(a.path...)
	n := root.Find(path)
	if !a.isSame && (x.was != nil && equal(n, x.was) || !isVariant(x.value, n)) {
		return
	}
	x.add(placeOf(d, root, path, x.part), a.isSame)
}

// patches looks into the patches of the stage: those that come before its fields, or
// its patchesJson6902.
func (x *search) patches(isLate bool) {
	for _, p := range x.stage.patches {
		if p.isLate == isLate {
			x.patch(p)
		}
	}
}

// patch looks into a patch that concerns the object.
func (x *search) patch(p patch) {
	for _, d := range p.documents {
		if d.root.Kind == syntax.Sequence {
			x.operations(p.target, d)
			continue
		}
		if x.concerns(p.target, d.root) && !isIdentity(x.path) {
			x.wrote(d, d.root, nil, align(x.object(), d.root, x.path))
		}
	}
}

// isIdentity reports whether a path is of what a merged patch says to be found by.
func isIdentity(path model.Path) bool {
	return slices.ContainsFunc([]model.Path{{"apiVersion"}, {"kind"}, {"metadata", "name"}}, func(id model.Path) bool {
		return slices.Equal(path, id)
	})
}

// concerns reports whether a patch may be for the object: by its target, or by the
// name that it gives itself.
func (x *search) concerns(target *types.Selector, body *syntax.Node) bool {
	if target == nil {
		return textAt(body, "kind") == textAt(x.object(), "kind") && x.isNamed(textAt(body, "metadata", "name"))
	}
	selector, err := types.NewSelectorRegex(target)
	if err != nil || !selector.MatchGvk(x.gvk()) {
		return false
	}
	return selector.MatchName(x.origin.name()) || selector.MatchName(textAt(x.object(), "metadata", "name"))
}

func (x *search) gvk() resid.Gvk {
	group, version := resid.ParseGroupVersion(textAt(x.object(), "apiVersion"))
	return resid.Gvk{Group: group, Version: version, Kind: textAt(x.object(), "kind")}
}

// isNamed reports whether the object had the name at some stage of the build: prefixes
// and suffixes are only ever added.
func (x *search) isNamed(name string) bool {
	first, last := x.origin.name(), textAt(x.object(), "metadata", "name")
	return strings.Contains(name, first) && strings.Contains(last, name)
}

func textAt(n *syntax.Node, path ...string) string {
	if v := n.Find(path); v != nil {
		return v.Value
	}
	return ""
}

// operations looks into a JSON patch: https://www.rfc-editor.org/rfc/rfc6902
func (x *search) operations(target *types.Selector, d *document) {
	if target == nil || !x.concerns(target, nil) {
		return
	}
	for _, op := range d.root.Items {
		x.operation(d, op)
	}
}

func (x *search) operation(d *document, op *syntax.Node) {
	to, value, from := pointer(textAt(op, "path")), op.Find([]string{"value"}), op.FindKey([]string{"from"})
	shared := min(len(to), len(x.path))
	if textAt(op, "op") == "test" || !slices.EqualFunc(to[:shared], x.path[:shared], mayBe) {
		return
	}
	switch {
	case len(to) > len(x.path):
		if x.value.Kind == syntax.Sequence && len(to) == len(x.path)+1 { // it adds or removes an element
			x.add(d.node(op.Find([]string{"path"})), false)
		}
	case value != nil:
		x.wrote(d, op, model.Path{"value"}, align(x.object().Find(x.path[:len(to)]), value, x.path[len(to):]))
	case from != nil:
		x.add(d.node(op.Find([]string{"from"})), false)
	}
}

// mayBe reports whether an element of a pointer is that of the path: the index in a
// list may be another after operations on it.
func mayBe(written, elem string) bool {
	return written == elem || isIndex(elem) && (written == "-" || isIndex(written))
}

func isIndex(elem string) bool {
	_, err := strconv.Atoi(elem)
	return err == nil
}

// pointer reads a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901
func pointer(text string) model.Path {
	if text == "" {
		return nil
	}
	out := model.Path(strings.Split(strings.TrimPrefix(text, "/"), "/"))
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i := range out {
		out[i] = unescape.Replace(out[i])
	}
	return out
}

// fields looks at what the kustomization itself sets.
func (x *search) fields(l *level) {
	if x.value.Kind != syntax.Scalar || len(x.path) < 2 {
		return
	}
	last, parent := x.path[len(x.path)-1], x.path[len(x.path)-2]
	switch {
	case last == "namespace":
		x.field(l, "namespace")
	case last == "image":
		for i, image := range l.body.Images {
			if isImage(x.value, image.Name) || isImage(x.was, image.Name) || isImage(x.value, image.NewName) {
				x.add(nodeSpan(l.file, l.tree.Find([]string{"images", strconv.Itoa(i), "name"})), false)
			}
		}
	case slices.Equal(x.path, model.Path{"spec", "replicas"}):
		for i, r := range l.body.Replicas {
			if x.isNamed(r.Name) {
				x.field(l, "replicas", strconv.Itoa(i), "count")
			}
		}
	case parent == "annotations":
		x.field(l, "commonAnnotations", last)
	case slices.Contains([]string{"labels", "matchLabels", "selector"}, parent):
		x.field(l, "commonLabels", last)
		for i, label := range l.body.Labels {
			if label.IncludeSelectors || x.isOwnLabel() || label.IncludeTemplates && parent == "labels" {
				x.field(l, "labels", strconv.Itoa(i), "pairs", last)
			}
		}
	}
}

// isImage reports whether a value is an image of that name, with or without a tag.
func isImage(n *syntax.Node, name string) bool {
	if n == nil || name == "" {
		return false
	}
	rest, found := strings.CutPrefix(n.Value, name)
	return found && (rest == "" || rest[0] == ':' || rest[0] == '@')
}

// field adds the place of a field that has the value.
func (x *search) field(l *level, path ...string) {
	n := l.tree.Find(path)
	if n == nil || n.Kind != syntax.Scalar || n.Value != x.value.Value {
		return
	}
	if x.part == model.PartKey {
		n = l.tree.FindKey(path)
	}
	x.found = append(x.found, write{nodeSpan(l.file, n), x.stage, true})
}

// isOwnLabel reports whether the path is that of a label of the object itself.
func (x *search) isOwnLabel() bool {
	return len(x.path) == 3 && x.path[0] == "metadata" && x.path[1] == "labels"
}
