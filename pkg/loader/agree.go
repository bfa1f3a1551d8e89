package loader

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/model"
)

// agreed is what several renderings of one chart have in common, each with other
// values. What differs is unknown, and an object that not all of them have may or
// may not be there: it is doubtful.
func agreed(renderings [][]*model.Resource) (common []*model.Resource, doubtful []model.Ref) {
	doubted := map[model.Ref]bool{}
	doubt := func(ref model.Ref) {
		if !doubted[ref] {
			doubtful = append(doubtful, ref)
		}
		doubted[ref] = true
	}
	first, rest := renderings[0], renderings[1:]
	indexes := make([]map[model.Ref]*model.Resource, len(rest))
	known := byRef(first)
	for i, resources := range rest {
		indexes[i] = byRef(resources)
		for _, r := range resources {
			if known[r.Ref] == nil {
				doubt(r.Ref)
			}
		}
	}
	for _, r := range first {
		if shared := inAll(r, indexes); shared != nil {
			common = append(common, shared)
			continue
		}
		doubt(r.Ref)
	}
	return common, doubtful
}

func byRef(resources []*model.Resource) map[model.Ref]*model.Resource {
	out := make(map[model.Ref]*model.Resource, len(resources))
	for _, r := range resources {
		out[r.Ref] = r
	}
	return out
}

// inAll is the resource with all that differs marked as unknown, nil when one of
// the others lacks it.
func inAll(r *model.Resource, others []map[model.Ref]*model.Resource) *model.Resource {
	out := r.Copied()
	out.Unknown = slices.Clone(r.Unknown)
	var tree any
	for _, index := range others {
		other := index[r.Ref]
		if other == nil || other.Version != r.Version {
			return nil
		}
		if same(r, other) {
			markHidden(out, other.Unknown)
			continue
		}
		if tree == nil {
			tree = treeOf(r)
		}
		markHidden(out, slices.Concat(other.Unknown, differences(tree, treeOf(other), nil)))
	}
	return out
}

// treeOf is the object as its API writes it.
func treeOf(r *model.Resource) any {
	var out any
	if text, err := json.Marshal(r.Object); err == nil {
		_ = json.Unmarshal(text, &out) // what was just written can be read
	}
	return out
}

// differences are the paths at which two trees differ: the deepest that tell it
// all. Lists of different lengths differ as a whole.
func differences(a, b any, at model.Path) []model.Path {
	if reflect.DeepEqual(a, b) {
		return nil
	}
	var out []model.Path
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		keys := maps.Clone(x)
		maps.Copy(keys, y)
		for _, key := range sortedKeys(keys) {
			out = append(out, differences(x[key], y[key], at.Child(key))...)
		}
		return out
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		for i := range x {
			out = append(out, differences(x[i], y[i], at.Child(strconv.Itoa(i)))...)
		}
		return out
	}
	return []model.Path{at}
}
