package kustomize

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/utils"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// entry is a part of a document.
type entry struct {
	document *document
	node     *syntax.Node
}

// replacements follows replacements, some of which are files of their own that hold one
// or a list of them.
func (r *rewriting) replacements() *failure {
	r.out.Replacements = slices.Clone(r.out.Replacements)
	for i, p := range r.out.Replacements {
		at := []string{"replacements", strconv.Itoa(i)}
		if p.Path == "" {
			r.level.replacements = append(r.level.replacements, entry{r.level.document(), r.entry(at...)})
			continue
		}
		served, bad := r.file(p.Path, append(at, "path")...)
		if bad != nil {
			return bad
		}
		r.out.Replacements[i].Path = served
		documents, bad := (&writing{file: served[1:], text: r.plan.texts[served[1:]]}).documents()
		if bad != nil {
			return bad
		}
		for _, d := range documents {
			for _, n := range itemsOf(d.root) {
				r.level.replacements = append(r.level.replacements, entry{d, n})
			}
		}
	}
	return nil
}

// replacement looks into a replacement, which writes what it copies to its targets:
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
func (x *search) replacement(r entry) {
	targets := r.node.Find([]string{"targets"})
	if targets == nil {
		return
	}
	for _, target := range targets.Items {
		if !x.isTarget(target) {
			continue
		}
		paths := target.Find([]string{"fieldPaths"})
		if paths == nil {
			continue // it writes the name
		}
		for _, p := range paths.Items {
			if x.isAt(p.Value) {
				x.add(x.copied(r, p), true)
			}
		}
	}
}

// isTarget reports whether a target may select the object.
func (x *search) isTarget(target *syntax.Node) bool {
	if reject := target.Find([]string{"reject"}); reject != nil && slices.ContainsFunc(reject.Items, x.isRejected) {
		return false
	}
	selected := target.Find([]string{"select"})
	return selected != nil && x.concerns(selectorOf(selected), nil)
}

// isRejected reports whether a selector surely has the object among what it rejects.
func (x *search) isRejected(n *syntax.Node) bool {
	for _, f := range n.Fields {
		if !slices.Contains([]string{"group", "version", "kind", "name"}, f.Key.Value) {
			return false
		}
	}
	return x.concerns(selectorOf(n), nil)
}

func selectorOf(n *syntax.Node) *types.Selector {
	var out types.Selector
	out.Group, out.Version, out.Kind, out.Name = textAt(n, "group"), textAt(n, "version"), textAt(n, "kind"), textAt(n, "name")
	return &out
}

// isAt reports whether a field path may be that of the value, of something above it, or
// of a part of its text.
func (x *search) isAt(fieldPath string) bool {
	n := x.object()
	for i, elem := range utils.SmarterPathSplitter(fieldPath, ".") {
		if i == len(x.path) {
			return n.Kind == syntax.Scalar
		}
		next := n.Find(x.path[i : i+1])
		if elem != x.path[i] && elem != "*" && !isSelected(next, elem) {
			return false
		}
		n = next
	}
	return true
}

// isSelected reports whether an element of a list is one that [key=pattern] names.
func isSelected(item *syntax.Node, elem string) bool {
	key, pattern, found := strings.Cut(strings.Trim(elem, "[]"), "=")
	if !found {
		return false
	}
	if key != "" {
		item = item.Find([]string{key})
	}
	isMatch, err := regexp.MatchString(pattern, textAt(item))
	return isMatch || err != nil
}

// copied is the place of what a replacement writes: its own value or the literal of a
// generator, if that is the very value, and otherwise the path to which it copies.
func (x *search) copied(r entry, fieldPath *syntax.Node) model.Span {
	if v := r.node.Find([]string{"sourceValue"}); v != nil && v.Value == x.value.Value {
		return r.document.node(v)
	}
	from := utils.SmarterPathSplitter(textAt(r.node, "source", "fieldPath"), ".")
	if len(from) == 2 && from[0] == "data" {
		if at, ok := x.plan.literal(textAt(r.node, "source", "name"), from[1], x.value.Value, model.PartValue); ok {
			return at
		}
	}
	return r.document.node(fieldPath)
}
