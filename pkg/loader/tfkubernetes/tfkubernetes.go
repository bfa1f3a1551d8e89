// Package tfkubernetes reads the objects of Kubernetes that Terraform makes: those of
// kubernetes_manifest, kubectl_manifest and kubernetes_namespace. Of the other
// resources of the kubernetes provider, and of Helm releases, it tells what they
// may add: https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
package tfkubernetes

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Load returns the objects among the resources of one origin. The file of each is
// the origin, and its places are those of its attributes.
func Load(origin string, resources []terraform.Resource, reader *manifest.Reader) model.Fragment {
	x := &reading{origin: origin, reader: reader}
	for _, r := range resources {
		if !r.Data {
			x.read(r)
		}
	}
	return x.out
}

type reading struct {
	origin string
	reader *manifest.Reader
	out    model.Fragment
}

func (x *reading) read(r terraform.Resource) {
	name, isTyped := strings.CutPrefix(strings.TrimSuffix(r.Type, "_v1"), "kubernetes_")
	switch {
	case r.Type == "kubernetes_manifest":
		x.object(r, r.Attributes.Get("manifest"))
	case r.Type == "kubectl_manifest":
		x.text(r, r.Attributes.Get("yaml_body"))
	case r.Type == "helm_release":
		x.unforeseen(r.Address + " is not rendered")
	case name == "namespace":
		x.object(r, namespace(r))
	case isTyped:
		x.unread(r, name)
	}
}

func (x *reading) unforeseen(why string) {
	x.out.Opaque = append(x.out.Opaque, manifest.Unforeseen(why))
}

// domains are what the typed resources that are not read make.
var domains = []struct {
	domain model.Domain
	names  []string
}{
	{model.Workloads, []string{"deployment", "daemonset", "daemon_set", "stateful_set", "job", "cron_job", "pod", "replication_controller"}},
	{model.Services, []string{"service"}},
	{model.Policies, []string{"network_policy"}},
	{model.IngressClasses, []string{"ingress_class"}},
}

func (x *reading) unread(r terraform.Resource, name string) {
	for _, d := range domains {
		if !slices.Contains(d.names, name) {
			continue
		}
		opaque := model.Opaque{Domains: d.domain, AnyNamespace: true, Why: r.Address + " is not read"}
		if in, known := namespaceOf(r); known {
			opaque.Namespace, opaque.AnyNamespace = in, false
		}
		x.out.Opaque = append(x.out.Opaque, opaque)
	}
}

// namespaceOf is the namespace of a typed resource.
func namespaceOf(r terraform.Resource) (string, bool) {
	data := metadata(r)
	if data == nil || data.Kind == attr.Open {
		return "", false
	}
	in := data.Get("namespace")
	if !in.IsSet() {
		return "default", true
	}
	return in.Text, in.Kind == attr.String
}

func metadata(r terraform.Resource) *attr.Value {
	list := r.Attributes.Get("metadata")
	if list == nil || list.Kind != attr.List || len(list.Items) != 1 {
		return nil
	}
	return list.Items[0]
}

// namespace is the object of a kubernetes_namespace, whose metadata has the names
// of Kubernetes; nil when they are not known.
func namespace(r terraform.Resource) *attr.Value {
	data := metadata(r)
	if data == nil || data.Kind != attr.Object || !data.Get("name").IsSet() {
		return nil
	}
	kept := *data
	kept.Fields = slices.DeleteFunc(slices.Clone(data.Fields), func(f attr.Field) bool {
		return !slices.Contains([]string{"name", "labels", "annotations"}, f.Name)
	})
	word := func(text string) *attr.Value { return &attr.Value{Kind: attr.String, Text: text, At: r.At} }
	return &attr.Value{Kind: attr.Object, At: r.At, Fields: []attr.Field{
		{Name: "apiVersion", Value: word("v1")}, {Name: "kind", Value: word("Namespace")}, {Name: "metadata", Value: &kept},
	}}
}

// object reads an object that is written as a value.
func (x *reading) object(r terraform.Resource, v *attr.Value) {
	if v == nil || v.Kind != attr.Object || r.Conditional != "" {
		x.unforeseen(r.Address + " is not known")
		return
	}
	x.add(r, encode(v), source{x.origin, v, r.At})
}

// text reads an object that is written as YAML.
func (x *reading) text(r terraform.Resource, v *attr.Value) {
	if v == nil || v.Kind != attr.String || r.Conditional != "" {
		x.unforeseen(r.Address + " is not known")
		return
	}
	x.add(r, []byte(v.Text), source{x.origin, nil, v.At})
}

// add reads text, and lets all that it holds point at the source.
func (x *reading) add(r terraform.Resource, text []byte, at source) {
	documents, problems := manifest.Documents(&manifest.File{Name: r.Address, Text: text})
	for _, d := range documents {
		part := x.reader.Read(d)
		problems = append(problems, part.Problems...)
		for _, res := range part.Resources {
			res.Source = at
		}
		x.out.Resources = append(x.out.Resources, part.Resources...)
		x.out.Opaque = append(x.out.Opaque, part.Opaque...)
	}
	for _, p := range problems {
		x.out.Problems = append(x.out.Problems, model.Problem{At: at.at, Message: r.Address + ": " + p.Message})
	}
}

// open stands for a value that is not known: the reader takes it for one that a
// tool fills in later.
const open = "${OPEN}"

// encode writes a value as JSON.
func encode(v *attr.Value) []byte {
	switch v.Kind {
	case attr.Object:
		out := []byte{'{'}
		for i, f := range v.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, quoted(f.Name)...), ':'), encode(f.Value)...)
		}
		return append(out, '}')
	case attr.List:
		out := []byte{'['}
		for i, item := range v.Items {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, encode(item)...)
		}
		return append(out, ']')
	case attr.Number, attr.Bool:
		return []byte(v.Text)
	case attr.String:
		return quoted(v.Text)
	case attr.Open:
		return quoted(open)
	default:
		return []byte("null")
	}
}

func quoted(text string) []byte {
	out, _ := json.Marshal(text) // a string always can
	return out
}

// source is the place of an object: that of its attribute. Without a value the
// text of the object is one place.
type source struct {
	file  string
	value *attr.Value
	at    model.Span
}

// File implements model.Source.
func (s source) File() string { return s.file }

// Extent implements model.Source.
func (s source) Extent() model.Span { return s.at }

// Locate implements model.Source. Keys have no place of their own.
func (s source) Locate(path model.Path, _ model.Part) (model.Span, bool) {
	if s.value == nil {
		return s.at, true
	}
	v := s.value
	for _, name := range path {
		if i, err := strconv.Atoi(name); err == nil && v.Kind == attr.List {
			if i < 0 || i >= len(v.Items) {
				return model.Span{}, false
			}
			v = v.Items[i]
		} else if v = v.Get(name); v == nil {
			return model.Span{}, false
		}
	}
	return v.At, true
}
