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
	// stage is the one that is looked at.
	stage stage
	found []write
}

// write is a place that writes the very value.
type write struct {
	at    model.Span
	stage stage
	// isField is set for a field of the kustomization, which comes after its patches.
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

// writer is the place that wrote the value at path, if it can be told, and whether
// there is any that may have.
func (s *source) writer(path model.Path, part model.Part) (at model.Span, isKnown, isAny bool) {
	x := &search{source: s, path: path, part: part, value: s.object().Find(path)}
	for _, x.stage = range s.stages() {
		for _, p := range x.stage.patches {
			x.patch(p)
		}
		x.fields(x.stage.level)
	}
	var last []write
	for _, w := range x.found {
		if !slices.ContainsFunc(last, func(o write) bool { return o.at == w.at }) {
			last = append(last, w)
		}
	}
	if len(last) == 1 {
		return last[0].at, true, true
	}
	for _, w := range last {
		if w.isField && w.isLast(last) {
			return w.at, true, true
		}
	}
	return model.Span{}, false, len(last) > 0
}

// isLast reports whether a field was surely written after all others. Those of a stage
// come after its patches, and before its patchesJson6902.
func (w write) isLast(all []write) bool {
	return w.stage.isSure && len(w.stage.body.PatchesJson6902) == 0 && !slices.ContainsFunc(all, func(o write) bool {
		return o.at != w.at && (o.stage.order < w.stage.order || o.isField && o.stage.order == w.stage.order)
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

func (x *search) add(at model.Span) { x.found = append(x.found, write{at: at, stage: x.stage}) }

// patch looks into a patch that concerns the object.
func (x *search) patch(p patch) {
	for _, d := range p.documents {
		if d.root.Kind == syntax.Sequence {
			x.operations(p.target, d)
			continue
		}
		if !x.concerns(p.target, d.root) {
			continue
		}
		if a := align(x.object(), d.root, x.path); a.isWhole && a.isSame {
			x.add(placeOf(d, d.root, a.path, x.part))
		}
	}
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
	return selector.MatchName(textAt(x.origin.node, "metadata", "name")) || selector.MatchName(textAt(x.object(), "metadata", "name"))
}

func (x *search) gvk() resid.Gvk {
	group, version := resid.ParseGroupVersion(textAt(x.object(), "apiVersion"))
	return resid.Gvk{Group: group, Version: version, Kind: textAt(x.object(), "kind")}
}

// isNamed reports whether the object had the name at some stage of the build: prefixes
// and suffixes are only ever added.
func (x *search) isNamed(name string) bool {
	first, last := textAt(x.origin.node, "metadata", "name"), textAt(x.object(), "metadata", "name")
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
		value := op.Find([]string{"value"})
		if value == nil {
			continue
		}
		to := pointer(textAt(op, "path"))
		if len(to) > len(x.path) || !slices.EqualFunc(to, x.path[:len(to)], mayBe) {
			continue
		}
		rest := x.path[len(to):]
		if a := align(x.object().Find(x.path[:len(to)]), value, rest); a.isWhole && a.isSame {
			x.add(placeOf(d, op, model.Path{"value"}.Child(a.path...), x.part))
		}
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
