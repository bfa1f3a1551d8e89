// Package tfkubernetes reads the objects of Kubernetes that Terraform makes: those of
// kubernetes_manifest and kubectl_manifest, and of the resources of the kubernetes
// provider that have the type of an object, such as kubernetes_deployment_v1. Of
// what is not known of these, and of Helm releases and their kin, it tells what they
// may add; of kubernetes_env, kubernetes_labels, kubernetes_annotations and
// kubernetes_config_map_v1_data, which objects they change.
// https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
package tfkubernetes

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Load returns the objects among the resources of one origin. The file of each is
// the origin, and its places are those of its attributes.
func Load(origin string, resources []terraform.Resource, reader *manifest.Reader) model.Fragment {
	x := &reading{origin: origin, reader: reader, converter: newConverter()}
	x.alias, x.isOne = aliasOf(resources)
	for _, r := range resources {
		if !r.Data {
			x.read(r)
		}
	}
	return x.out
}

type reading struct {
	origin    string
	reader    *manifest.Reader
	converter *converter
	// alias is that of the provider for the cluster, if one is.
	alias string
	isOne bool
	out   model.Fragment
}

// aliasOf returns the alias of the provider whose objects are read, as others may be
// for another cluster: the default one, or the only one.
func aliasOf(resources []terraform.Resource) (alias string, isOne bool) {
	var all []string
	for _, r := range resources {
		provider, _, _ := strings.Cut(r.Type, "_")
		if !r.Data && slices.Contains([]string{"kubernetes", "kubectl"}, provider) {
			all = append(all, r.Alias)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 || len(all) > 1 && all[0] != "" {
		return "", false
	}
	return all[0], true
}

// isElsewhere reports whether a resource may be for another cluster.
func (x *reading) isElsewhere(r terraform.Resource) bool { return !x.isOne || r.Alias != x.alias }

func (x *reading) read(r terraform.Resource) {
	switch r.Type {
	case "kubernetes_manifest":
		x.object(r, r.Attributes.Get("manifest"))
	case "kubectl_manifest":
		x.text(r, r.Attributes.Get("yaml_body"))
	// https://registry.terraform.io/providers/kbst/kustomization/latest/docs
	// https://registry.terraform.io/providers/banzaicloud/k8s/latest/docs
	// https://registry.terraform.io/providers/fluxcd/flux/latest/docs
	// https://registry.terraform.io/providers/argoproj-labs/argocd/latest/docs
	case "helm_release", "kustomization_resource", "k8s_manifest", "flux_bootstrap_git", "argocd_application":
		x.unforeseen(r.Address + " is not rendered")
	default:
		if k, found := kindOf(r); found {
			x.typed(r, k)
		}
	}
}

func (x *reading) unforeseen(why string) {
	x.out.Opaque = append(x.out.Opaque, manifest.Unforeseen(why))
}

// object reads an object that is written as a value.
func (x *reading) object(r terraform.Resource, v *attr.Value) {
	if v == nil || v.Kind != attr.Object || isOpen(v.Get("apiVersion")) || isOpen(v.Get("kind")) || r.Conditional != "" || x.isElsewhere(r) {
		x.unforeseen(r.Address + " is not known")
		return
	}
	x.identity(r, v)
	if isOpen(v.Get("metadata").Get("name")) {
		v = identified(v, r.Address)
	}
	x.add(r, encode(v), source{x.origin, v, r.At})
}

// identity notes an object that may be any of its kind.
func (x *reading) identity(r terraform.Resource, v *attr.Value) {
	k, data := kind{apiVersion: textOf(v.Get("apiVersion")), name: textOf(v.Get("kind"))}, v.Get("metadata")
	in := data.Get("namespace")
	switch {
	case isOpen(in):
		x.unknown(r, k, "", false)
	case isOpen(data.Get("name")) && k.domain() != model.Policies:
		x.unknown(r, k, textOf(in), in.IsSet())
	}
}

// text reads an object that is written as YAML.
func (x *reading) text(r terraform.Resource, v *attr.Value) {
	// https://registry.terraform.io/providers/gavinbunney/kubectl/latest/docs/resources/kubectl_manifest
	other := r.Attributes.Get("override_namespace")
	if v == nil || v.Kind != attr.String || isOpen(other) || textOf(other) != "" || r.Conditional != "" || x.isElsewhere(r) {
		x.unforeseen(r.Address + " is not known")
		return
	}
	x.add(r, []byte(v.Text), source{x.origin, nil, v.At})
}

// add reads text, and lets all that it holds point at the source. Of several
// documents the kubectl provider takes the first:
// https://github.com/gavinbunney/terraform-provider-kubectl/issues/52
func (x *reading) add(r terraform.Resource, text []byte, at source) {
	documents, problems := manifest.Documents(&manifest.File{Name: r.Address, Text: text})
	for _, d := range documents[:min(1, len(documents))] {
		part := x.reader.Read(d)
		problems = append(problems, part.Problems...)
		for _, n := range part.Notes {
			x.out.Notes = append(x.out.Notes, model.Note{File: at.at.File, Message: r.Address + ": " + n.Message})
		}
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
