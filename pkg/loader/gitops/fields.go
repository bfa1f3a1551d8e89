package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	kjson "sigs.k8s.io/json"

	"github.com/ekslint/ekslint/pkg/model"
)

// decode fills into from the value at path of the object. A field that is not
// there stays empty.
func decode(res *model.Resource, path model.Path, into any) error {
	err := convert(valueAt(tree(res), path), into)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return fmt.Errorf("%s is of the wrong type", path.Child(strings.Split(mismatch.Field, ".")...))
	default:
		return fmt.Errorf("%s has not the form of its kind", path)
	}
}

// convert decodes a tree into a Go value.
func convert(value, into any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return kjson.UnmarshalCaseSensitivePreserveInts(raw, into)
}

// known returns an error that names the first of the paths that the input does
// not fix, wholly or in part.
func known(res *model.Resource, paths ...model.Path) error {
	for _, p := range paths {
		for _, u := range res.Unknown {
			if u.Covers(p) || p.Covers(u) {
				return notKnown(u)
			}
		}
	}
	return nil
}

func notKnown(path model.Path) error { return fmt.Errorf("%s is not known", path) }

// valueAt follows a path into a tree. What is not there is nil.
func valueAt(value any, path model.Path) any {
	for _, elem := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[elem]
		case []any:
			n, err := strconv.Atoi(elem)
			if err != nil || n < 0 || n >= len(v) {
				return nil
			}
			value = v[n]
		default:
			return nil
		}
	}
	return value
}

// paths writes field paths as people do; list elements cannot be named.
func paths(names ...string) []model.Path {
	out := make([]model.Path, len(names))
	for i, name := range names {
		out[i] = strings.Split(name, ".")
	}
	return out
}

// gap is one thing that is not known of an object.
func gap(res *model.Resource, path model.Path, destination string, err error) Gap {
	return Gap{By: res.Ref, At: res.Locate(path, model.PartValue), Destination: destination, Reason: err.Error()}
}
