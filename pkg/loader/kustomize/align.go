package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// alignment is how far a path of an object leads in another tree that part of it may
// have come from.
type alignment struct {
	// path leads to the last common value in the other tree.
	path model.Path
	// isWhole is set when that is the whole path.
	isWhole bool
	// isLoose is set when an element of a list was found by its index alone.
	isLoose bool
	// isSame is set when the values at the end are the same. Those of mappings are, as
	// only their keys are of interest, and lists whose elements have the same merge keys.
	isSame bool
}

// align follows a path in an object and in another tree at once.
func align(object, other *syntax.Node, path model.Path) alignment {
	var out alignment
	for _, elem := range path {
		if object.Kind != other.Kind {
			return out
		}
		counterpart := elem
		if object.Kind == syntax.Sequence {
			i, err := strconv.Atoi(elem)
			if err != nil || i >= len(object.Items) {
				return out
			}
			j, isLoose := pair(object.Items, i, other.Items)
			out.isLoose = out.isLoose || isLoose
			counterpart = strconv.Itoa(j)
		}
		object, other = object.Find([]string{elem}), other.Find([]string{counterpart})
		if object == nil || other == nil {
			return out
		}
		out.path = append(out.path, counterpart)
	}
	out.isWhole = true
	switch {
	case object.Kind != other.Kind:
	case object.Kind == syntax.Scalar:
		out.isSame = valueOf(object) == valueOf(other)
	default:
		out.isSame = object.Kind == syntax.Mapping || equal(object, other) || slices.EqualFunc(object.Items, other.Items, haveSameKey)
	}
	return out
}

// mergeKeys tell the elements of lists apart, the first that an element has:
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
func mergeKeys() []string {
	return []string{"name", "containerPort", "port", "host", "path", "key", "mountPath", "devicePath", "ip", "topologyKey", "uid"}
}

// pair returns the index of the element of others that items[i] stands for, or -1: the
// one with the same merge key, or else one that is equal. When lists of the same length
// give no better answer it is the one at the same place, loosely.
func pair(items []*syntax.Node, i int, others []*syntax.Node) (j int, isLoose bool) {
	for _, same := range []func(a, b *syntax.Node) bool{haveSameKey, equal} {
		if i < len(others) && same(items[i], others[i]) {
			return i, false
		}
		var found []int
		for j, other := range others {
			if same(items[i], other) {
				found = append(found, j)
			}
		}
		if len(found) == 1 {
			return found[0], false
		}
	}
	if i < len(others) && len(items) == len(others) {
		return i, true
	}
	return -1, false
}

func haveSameKey(a, b *syntax.Node) bool {
	for _, key := range mergeKeys() {
		x, y := a.Find([]string{key}), b.Find([]string{key})
		if x == nil || x.Kind != syntax.Scalar {
			continue
		}
		return y != nil && y.Kind == syntax.Scalar && valueOf(x) == valueOf(y)
	}
	return false
}

// equal compares two values.
func equal(a, b *syntax.Node) bool {
	if a.Kind != b.Kind || len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) {
		return false
	}
	if a.Kind == syntax.Scalar {
		return valueOf(a) == valueOf(b)
	}
	for _, f := range a.Fields {
		if other := b.Find([]string{f.Key.Value}); other == nil || !equal(f.Value, other) {
			return false
		}
	}
	return slices.EqualFunc(a.Items, b.Items, equal)
}

// scalar is a value as JSON has it.
type scalar struct{ tag, text string }

func valueOf(n *syntax.Node) scalar {
	tag, text := tagOf(n), n.Value
	switch tag {
	case "!!null":
		return scalar{tag: tag}
	case "!!bool":
		return scalar{tag, strings.ToLower(text)}
	case "!!int":
		if i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil {
			return scalar{"number", strconv.FormatInt(i, 10)}
		}
	case "!!float":
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return scalar{"number", strconv.FormatFloat(f, 'g', -1, 64)}
		}
	}
	return scalar{tag, text}
}
