package placeholder

import (
	"maps"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/model"
)

// Paths are the values of a decoded document that hold a placeholder, and the
// mappings in which a key holds one, in no order.
func Paths(tree any) []model.Path { return appendPaths(nil, tree, nil) }

func appendPaths(out []model.Path, value any, path model.Path) []model.Path {
	switch v := value.(type) {
	case string:
		if In(v) {
			out = append(out, path)
		}
	case []any:
		for i, item := range v {
			out = appendPaths(out, item, path.Child(strconv.Itoa(i)))
		}
	case map[string]any:
		if slices.ContainsFunc(slices.Collect(maps.Keys(v)), In) {
			return append(out, path)
		}
		for key, item := range v {
			out = appendPaths(out, item, path.Child(key))
		}
	}
	return out
}
