package manifest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// json returns the document as JSON with the semantics that Kubernetes gives
// YAML. Keys that stand twice are remembered, and the last one counts.
func (x *reading) json() ([]byte, bool) {
	text := x.doc.text()
	if x.doc.format == formatJSON {
		return x.checkedJSON(text)
	}
	if raw, ok := blockJSON(text); ok {
		return raw, true
	}
	raw, err := yaml.YAMLToJSONStrict(text)
	if err == nil {
		return raw, true
	}
	root, bad := x.doc.tree()
	if bad != nil {
		x.broken(bad.Offset, "not valid YAML: "+bad.Message)
		return nil, false
	}
	x.repeated = root.Duplicates()
	raw, err = yaml.YAMLToJSON(text)
	if err != nil {
		x.inconvertible(err)
		return nil, false
	}
	return raw, true
}

func (x *reading) checkedJSON(text []byte) ([]byte, bool) {
	if json.Valid(text) {
		return text, true
	}
	offset, message := 0, "not valid JSON"
	if _, err := x.doc.tree(); err != nil {
		offset, message = err.Offset, message+": "+err.Message
	}
	x.broken(offset, message)
	return nil, false
}

// decode fills the empty object of a type that has a Go type. Values that their
// field cannot hold are problems and become unknown; the rest stands. It
// returns nil when nothing could be decoded.
func (x *reading) decode(raw []byte, t typeID, object metav1.Object, res *model.Resource) metav1.Object {
	strict, err := kjson.UnmarshalStrict(raw, object)
	if err == nil && !x.unfilled && (len(strict) == 0 || isPartial(object)) {
		return object
	}
	tree, ok := x.generic(raw, res)
	if !ok {
		return nil
	}
	x.addUnfilled(res, tree)
	var s shape
	s.compare(reflect.TypeOf(object), tree, nil)
	if !isPartial(object) {
		res.Defects = append(res.Defects, s.unknown...)
	}
	x.rememberRepeated()
	if len(s.mismatches) == 0 && err == nil {
		return object
	}
	x.repair(res, tree, s.mismatches)
	return x.decodeAgain(tree, t, res)
}

// repair makes the tree fit its type: a bare y or n becomes text, any other
// value that its field cannot hold is a problem and becomes unknown.
func (x *reading) repair(res *model.Resource, tree map[string]any, mismatches []mismatch) {
	for _, m := range mismatches {
		if text, ok := x.booleanText(res, m); ok {
			res.Defects = append(res.Defects, model.Defect{Kind: model.BooleanText, Path: m.path, Detail: text})
			replace(tree, m.path, text)
			continue
		}
		x.mismatch(res, m)
		replace(tree, m.path, nil)
	}
	sortPaths(res)
}

// booleanText returns the y or n that stands, without quotes, where text
// belongs. YAML 1.1 reads a boolean there and YAML 1.2 the letter, so what wrote
// the file most likely meant the letter: https://yaml.org/type/bool.html
func (x *reading) booleanText(res *model.Resource, m mismatch) (string, bool) {
	if _, isBool := m.value.(bool); !isBool || m.want != wantText {
		return "", false
	}
	at := x.exact(res, m.path)
	switch text := string(x.doc.file.Text[at.Start:at.End]); text {
	case "y", "Y", "n", "N":
		return text, true
	default:
		return "", false
	}
}

// rememberRepeated looks for keys that stand twice in JSON, which, unlike YAML,
// is not parsed before it is decoded.
func (x *reading) rememberRepeated() {
	if x.doc.format != formatJSON || x.repeated != nil {
		return
	}
	if root, err := x.doc.tree(); err == nil && root != nil {
		x.repeated = root.Duplicates()
	}
}

func (x *reading) mismatch(res *model.Resource, m mismatch) {
	res.Unknown = append(res.Unknown, m.path)
	if text, ok := m.value.(string); ok && placeholder.In(text) {
		return
	}
	x.problem(x.exact(res, m.path), m.String())
}

func (x *reading) exact(res *model.Resource, path model.Path) model.Span {
	if s, ok := res.Source.(source); ok {
		return s.exact(path)
	}
	return res.Locate(path, model.PartValue)
}

// decodeAgain decodes what is left after the values that do not fit were erased.
func (x *reading) decodeAgain(tree map[string]any, t typeID, res *model.Resource) metav1.Object {
	object := newObject(t)
	raw, err := json.Marshal(tree)
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(raw, object)
	}
	if err != nil {
		x.problem(res.Source.Extent(), t.kind+" cannot be decoded: "+err.Error())
		return nil
	}
	return object
}

// decodeGeneric returns the object of a type that only a rule names.
func (x *reading) decodeGeneric(raw []byte, res *model.Resource) metav1.Object {
	tree, ok := x.generic(raw, res)
	if !ok {
		return nil
	}
	x.addUnfilled(res, tree)
	x.rememberRepeated()
	if metadata, ok := tree["metadata"]; ok {
		var s shape
		s.compare(reflect.TypeFor[metav1.ObjectMeta](), metadata, model.Path{"metadata"})
		x.repair(res, tree, s.mismatches)
	}
	return &unstructured.Unstructured{Object: tree}
}

func (x *reading) generic(raw []byte, res *model.Resource) (map[string]any, bool) {
	var tree map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &tree); err != nil {
		x.problem(res.Source.Extent(), "cannot be decoded: "+err.Error())
		return nil, false
	}
	return tree, tree != nil
}

// addUnfilled marks the values that hold a placeholder as unknown, and the
// mappings in which a key holds one.
func (x *reading) addUnfilled(res *model.Resource, tree map[string]any) {
	if !x.unfilled {
		return
	}
	res.Unknown = append(res.Unknown, placeholder.Paths(tree)...)
	sortPaths(res)
}

func sortPaths(res *model.Resource) {
	slices.SortFunc(res.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
	res.Unknown = slices.CompactFunc(res.Unknown, func(a, b model.Path) bool { return slices.Equal(a, b) })
}

// replace puts another value at path. Null decodes as if the value were absent
// and keeps the indexes of a list.
func replace(tree map[string]any, path model.Path, value any) {
	var at any = tree
	for i, elem := range path {
		last := i == len(path)-1
		switch v := at.(type) {
		case map[string]any:
			if last {
				v[elem] = value
			}
			at = v[elem]
		case []any:
			n, err := strconv.Atoi(elem)
			if err != nil || n < 0 || n >= len(v) {
				return
			}
			if last {
				v[n] = value
			}
			at = v[n]
		default:
			return
		}
	}
}
