package regorule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/util"
)

var documentMark = regexp.MustCompile(`(?m)^---(?:\s|$)`)

// addData merges the data of a file into the tree, at the path of its folder.
func addData(tree map[string]any, f File) error {
	if documents(string(f.Text)) > 1 {
		return fmt.Errorf("%s:1:1: data is one document a file", f.Name)
	}
	var value any
	if err := util.Unmarshal(f.Text, &value); err != nil {
		return fmt.Errorf("%s:1:1: data cannot be read: %w", f.Name, oneLine(err))
	}
	if value == nil {
		return nil
	}
	for _, elem := range slices.Backward(f.Dir) {
		value = map[string]any{elem: value}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s:1:1: data in the top folder must be a mapping", f.Name)
	}
	if _, taken := object[reservedPackage]; taken {
		return fmt.Errorf("%s:1:1: data.%s is reserved", f.Name, reservedPackage)
	}
	if path := merge(tree, object); path != nil {
		return fmt.Errorf("%s:1:1: data.%s stands in another file as well", f.Name, strings.Join(path, "."))
	}
	return nil
}

// documents counts the documents of a YAML file that hold more than comments.
func documents(text string) int {
	n := 0
	for _, part := range documentMark.Split(text, -1) {
		for line := range strings.Lines(part) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				n++
				break
			}
		}
	}
	return n
}

// merge adds from to to and returns the path at which both have a value.
func merge(to, from map[string]any) []string {
	for key, value := range from {
		old, taken := to[key]
		if !taken {
			to[key] = value
			continue
		}
		below, ok := old.(map[string]any)
		own, alsoOK := value.(map[string]any)
		if !ok || !alsoOK {
			return []string{key}
		}
		if path := merge(below, own); path != nil {
			return append([]string{key}, path...)
		}
	}
	return nil
}

// holds reports whether the tree has something at a path, for OPA's compiler:
// a package of that path would hide it.
func holds(tree map[string]any) func(path []string) (bool, error) {
	return func(path []string) (bool, error) {
		var value any = tree
		for _, elem := range path {
			object, ok := value.(map[string]any)
			if !ok {
				return false, nil
			}
			if value, ok = object[elem]; !ok {
				return false, nil
			}
		}
		object, ok := value.(map[string]any)
		return !ok || len(object) > 0, nil
	}
}

func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
