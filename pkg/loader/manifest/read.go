package manifest

import (
	"bytes"
	"encoding/json"
	"strconv"

	kjson "sigs.k8s.io/json"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// maxNesting bounds lists within lists.
const maxNesting = 8

// Reader reads documents. It is immutable and safe for concurrent use.
type Reader struct {
	kinds map[model.GroupKind]bool
	// namespace is that of objects that name none.
	namespace string
	// all keeps every kind, and each object as it was written.
	all bool
}

// NewReader returns a reader that keeps, besides the kinds with a Go type, those
// given as *unstructured.Unstructured.
func NewReader(kinds []model.GroupKind) *Reader {
	r := &Reader{kinds: make(map[model.GroupKind]bool, len(kinds))}
	for _, gk := range kinds {
		r.kinds[gk] = true
	}
	return r
}

// In returns a reader that puts objects without a namespace into the given one,
// as Helm and the controllers of GitOps do.
func (r *Reader) In(namespace string) *Reader {
	out := *r
	out.namespace = namespace
	return &out
}

// NewReaderOfAll returns a reader that keeps the objects of every kind, and fills
// Resource.Written.
func NewReaderOfAll() *Reader { return &Reader{all: true} }

// Read returns what the document holds. Text that is not an object of
// Kubernetes gives the zero Fragment. What an object of Argo CD or Flux that is
// kept may bring is left to the caller.
func (r *Reader) Read(d *Document) model.Fragment {
	x := &reading{reader: r, doc: d}
	x.read()
	return x.part
}

// Keeps reports whether objects of a kind become resources.
func (r *Reader) Keeps(apiVersion, kind string) bool { return r.keeps(typeID{apiVersion, kind}) }

// keeps reports whether objects of the type become resources.
func (r *Reader) keeps(t typeID) bool { return newObject(t) != nil || r.keepsGeneric(t) }

func (r *Reader) keepsGeneric(t typeID) bool {
	gk := t.groupKind()
	known, ok := knownKind(t)
	if r.all {
		return !ok && !t.isList()
	}
	return r.kinds[gk] && !(ok && known == gk)
}

// parses reports whether a document of the type is worth parsing.
func (r *Reader) parses(t typeID) bool {
	return t == typeID{"v1", "List"} || r.keeps(t) || t.isList() && r.keeps(t.item())
}

// reading is the state of reading one document.
type reading struct {
	reader *Reader
	doc    *Document
	// unfilled is set when the text holds a placeholder somewhere.
	unfilled bool
	// repeated lists the keys that stand twice in one mapping.
	repeated []syntax.Duplicate
	part     model.Fragment
}

// preview is what has to be known of an object before it is decoded.
type preview struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	SOPS json.RawMessage `json:"sops"`
}

func (p preview) typeID() typeID { return typeID{p.APIVersion, p.Kind} }

// previewOf ignores errors: fields of a wrong type stay empty, and the decoder
// speaks of them later.
func previewOf(raw []byte) preview {
	var p preview
	_ = kjson.UnmarshalCaseSensitivePreserveInts(raw, &p)
	return p
}

func (x *reading) read() {
	h := x.doc.head
	switch {
	case h.sops && x.isEncrypted():
		x.encrypted(typeID{h.apiVersion, h.kind}, h.namespace)
		return
	case h.sure && !x.reader.parses(typeID{h.apiVersion, h.kind}):
		x.skip(typeID{h.apiVersion, h.kind}, h.namespace, h.name)
		return
	case !h.sure && x.doc.format == formatYAML && !x.holdsObject():
		return
	}
	raw, ok := x.json()
	if !ok {
		return
	}
	// An angle bracket is judged by its surroundings, which differ in the value.
	x.unfilled = bytes.IndexByte(x.doc.text(), '<') >= 0 || placeholder.In(string(x.doc.text()))
	if h.sure {
		x.object(raw, typeID{h.apiVersion, h.kind}, nil)
		return
	}
	x.root(raw)
}

func (x *reading) isEncrypted() bool { return bytes.Contains(x.doc.text(), []byte("ENC[AES256_GCM,")) }

// holdsObject parses a document whose text did not tell what it is.
func (x *reading) holdsObject() bool {
	root, err := x.doc.tree()
	if err != nil {
		x.broken(err.Offset, "not valid YAML: "+err.Message)
		return false
	}
	if root == nil {
		return false
	}
	for _, n := range append([]*syntax.Node{root}, root.Items...) {
		if n.Find([]string{"apiVersion"}) != nil && n.Find([]string{"kind"}) != nil {
			return true
		}
	}
	return false
}

// root reads a document that may be an object or an array of objects.
func (x *reading) root(raw []byte) {
	if items, ok := elements(raw); ok {
		for i, item := range items {
			x.member(item, typeID{}, model.Path{strconv.Itoa(i)})
		}
		return
	}
	x.member(raw, typeID{}, nil)
}

// elements cuts a JSON array into its elements.
func elements(raw []byte) ([]json.RawMessage, bool) {
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '[' {
		return nil, false
	}
	var items []json.RawMessage
	err := json.Unmarshal(trimmed, &items)
	return items, err == nil
}

// member reads an object of which nothing is known yet. fallback is its type
// when it names none itself.
func (x *reading) member(raw []byte, fallback typeID, prefix model.Path) {
	p := previewOf(raw)
	t := p.typeID()
	if t == (typeID{}) {
		t = fallback
	}
	switch {
	case t.apiVersion == "" || t.kind == "":
	case p.SOPS != nil && x.isEncrypted():
		x.encrypted(t, p.Metadata.Namespace)
	case !x.reader.parses(t):
		x.skip(t, p.Metadata.Namespace, p.Metadata.Name)
	default:
		x.object(raw, t, prefix)
	}
}

// object reads an object of a type that is worth it.
func (x *reading) object(raw []byte, t typeID, prefix model.Path) {
	res := &model.Resource{Version: t.version(), Source: source{x.doc, prefix}}
	object := newObject(t)
	isTyped := object != nil
	switch {
	case isTyped:
		object = x.decode(raw, t, object, res)
	case x.reader.keepsGeneric(t) || x.reader.all && !holdsItems(raw):
		object = x.decodeGeneric(raw, res)
	default:
		x.list(raw, t, prefix)
		return
	}
	if object == nil || !x.identify(res, t, object, raw) {
		x.unreadable(t, "", res.Source.Extent())
		return
	}
	x.addRepeated(res, prefix)
	if x.reader.all {
		res.Written = raw
	}
	x.part.Resources = append(x.part.Resources, res)
	if o, ok := custom(t, res.Ref.Namespace, res.Ref.Name); ok && !isTyped && !isDelivery(t) {
		x.part.Opaque = append(x.part.Opaque, o)
	}
}

// holdsItems tells a list from a kind whose name ends like one.
func holdsItems(raw []byte) bool {
	var body struct {
		Items json.RawMessage `json:"items"`
	}
	_ = kjson.UnmarshalCaseSensitivePreserveInts(raw, &body)
	return len(body.Items) > 0
}

// addRepeated turns the keys that stand twice in the object into defects.
func (x *reading) addRepeated(res *model.Resource, prefix model.Path) {
	for _, d := range x.repeated {
		path := model.Path(d.Path)
		if !prefix.Covers(path) {
			continue
		}
		res.Defects = append(res.Defects, model.Defect{
			Kind: model.DuplicateField, Path: path[len(prefix):].Child(),
		})
	}
}

// list reads the elements of a List or of a typed list.
func (x *reading) list(raw []byte, t typeID, prefix model.Path) {
	if len(prefix) > 2*maxNesting {
		return
	}
	var body struct {
		Items json.RawMessage `json:"items"`
	}
	_ = kjson.UnmarshalCaseSensitivePreserveInts(raw, &body)
	items, ok := elements(body.Items)
	if !ok {
		if len(body.Items) > 0 && string(body.Items) != "null" {
			at := source{x.doc, prefix}.exact(model.Path{"items"})
			x.problem(at, "items: want a list")
		}
		return
	}
	for i, item := range items {
		x.member(item, t.item(), prefix.Child("items", strconv.Itoa(i)))
	}
}
