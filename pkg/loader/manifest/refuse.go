package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"

	"github.com/ekslint/ekslint/pkg/model"
)

// identify sets the reference of the resource. An object without a name is no
// resource.
func (x *reading) identify(res *model.Resource, t typeID, object metav1.Object, raw []byte) bool {
	if res.IsUnknown("metadata", "name") || res.IsUnknown("metadata", "namespace") {
		restoreIdentity(object, raw)
	}
	if object.GetName() == "" {
		object.SetName(object.GetGenerateName())
	}
	if object.GetName() == "" {
		x.nameless(res, t)
		return false
	}
	gk := t.groupKind()
	if object.GetNamespace() == "" && !gk.IsClusterScoped() {
		object.SetNamespace(x.reader.namespace)
	}
	res.Object = object
	res.Ref = model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: object.GetNamespace(), Name: object.GetName()}
	if gk.IsClusterScoped() {
		res.Ref.Namespace = ""
	}
	return true
}

func (x *reading) nameless(res *model.Resource, t typeID) {
	if res.IsUnknown("metadata", "name") {
		return
	}
	at, ok := res.Source.Locate(model.Path{"metadata"}, model.PartKey)
	if !ok {
		at = res.Locate(model.Path{"kind"}, model.PartValue)
	}
	x.problem(at, t.kind+" has no metadata.name")
}

// restoreIdentity gives an object back the name that was erased because of its
// type: the name 42 is wrong, but it still tells this object from others.
func restoreIdentity(object metav1.Object, raw []byte) {
	var written struct {
		Metadata struct {
			Name      any `json:"name"`
			Namespace any `json:"namespace"`
		} `json:"metadata"`
	}
	_ = kjson.UnmarshalCaseSensitivePreserveInts(raw, &written)
	if object.GetName() == "" {
		object.SetName(text(written.Metadata.Name))
	}
	if object.GetNamespace() == "" {
		object.SetNamespace(text(written.Metadata.Namespace))
	}
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64, float64, bool:
		return fmt.Sprint(v)
	default:
		return ""
	}
}

// skip records what is worth knowing of an object that is not read.
func (x *reading) skip(t typeID, namespace, name string) {
	known, ok := knownKind(t)
	if !ok {
		if o, found := custom(t, namespace, name); found {
			x.part.Opaque = append(x.part.Opaque, o)
		}
		return
	}
	message := fmt.Sprintf("%s %s is not read: this API version is not known", t.apiVersion, t.kind)
	if release := removedIn(t); release != "" {
		message = fmt.Sprintf("%s %s is not read: Kubernetes %s removed this API version", t.apiVersion, t.kind, release)
	}
	x.note(message)
	why := subject(known.Kind, namespace, name) + " of " + t.apiVersion + " is not read"
	if o, found := unread(t, namespace, why); found {
		x.part.Opaque = append(x.part.Opaque, o)
	}
}

func (x *reading) encrypted(t typeID, namespace string) {
	x.note("encrypted with SOPS")
	x.obscure(t, namespace, "the encrypted file "+x.doc.file.Name)
}

// templateOf names the language of a template by its marks. %{ begins a
// directive: https://developer.hashicorp.com/terraform/language/expressions/strings#directives
func templateOf(text []byte) string {
	switch {
	case bytes.Contains(text, []byte("{{")):
		return "Go"
	case bytes.Contains(text, []byte("%{")):
		return "Terraform"
	default:
		return ""
	}
}

// broken records a document that does not parse. The text of a template is
// expected not to.
func (x *reading) broken(offset int, message string) {
	if language := templateOf(x.doc.text()); language != "" {
		x.note(language + " template text, not rendered")
		x.part.Opaque = append(x.part.Opaque, Unforeseen("the template "+x.doc.file.Name+" is not rendered"))
		return
	}
	at := x.doc.lineSpan(offset)
	x.problem(at, message)
	h := x.doc.head
	if h.sure {
		x.unreadable(typeID{h.apiVersion, h.kind}, h.namespace, at)
		return
	}
	x.part.Opaque = append(x.part.Opaque, Unforeseen(x.unreadablePlace(at)))
}

var conversionLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// inconvertible records a document that is YAML and cannot be turned into JSON.
func (x *reading) inconvertible(err error) {
	offset, message := 0, err.Error()
	if m := conversionLine.FindStringSubmatch(message); m != nil {
		line, _ := strconv.Atoi(m[1])
		message = m[2]
		for range line - 1 {
			offset += endOfLine(x.doc.text()[offset:], 0)
		}
	}
	x.broken(offset, "cannot be read as JSON: "+message)
}

// unreadable records that an object of a known type exists and was not read.
func (x *reading) unreadable(t typeID, namespace string, at model.Span) {
	x.obscure(t, namespace, x.unreadablePlace(at))
}

func (x *reading) unreadablePlace(at model.Span) string {
	return fmt.Sprintf("%s:%d cannot be read", x.doc.file.Name, x.doc.file.line(at.Start))
}

func (x *reading) obscure(t typeID, namespace, why string) {
	if t == (typeID{"v1", "List"}) {
		x.part.Opaque = append(x.part.Opaque, Unforeseen(why))
		return
	}
	if t.isList() && x.reader.keeps(t.item()) {
		t = t.item()
	}
	o, ok := unread(t, namespace, why)
	if !ok {
		o, ok = custom(t, namespace, "")
	}
	if ok {
		x.part.Opaque = append(x.part.Opaque, o)
	}
}

func (x *reading) problem(at model.Span, message string) {
	x.part.Problems = append(x.part.Problems, model.Problem{At: at, Message: message})
}

func (x *reading) note(message string) {
	x.part.Notes = append(x.part.Notes, model.Note{File: x.doc.file.Name, Message: message})
}
