package tfplan

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// isRawState tells a state as Terraform stores it, and as terraform state pull
// prints it, from what terraform show -json makes of it. Versions before 4 keep
// the resources in modules:
// https://developer.hashicorp.com/terraform/language/state
//
// One that OpenTofu encrypts is told by what it has instead of a version:
// https://opentofu.org/docs/language/state/encryption/
func isRawState(has func(key string) bool) bool {
	isEncrypted := has(encryptedKey) && has("encryption_version") && has("meta")
	isStored := has("version") && has("serial") && (has("lineage") || has("modules"))
	return (isEncrypted || isStored) && !has("apiVersion") && !has("format_version")
}

const encryptedKey = "encrypted_data"

// rawVersion is the version of the stored states that are read, that of
// Terraform 0.12 and later and of OpenTofu.
const rawVersion = "4"

// supportsRaw reports whether the version of a stored state is one that this
// package knows.
func (x *reading) supportsRaw(doc *syntax.Node) bool {
	version := get(doc, "version")
	switch {
	case get(doc, encryptedKey) != nil:
		x.Refuse(x.span(doc), "a state that OpenTofu encrypted")
	case text(version) != rawVersion:
		x.Refuse(x.span(version), "a Terraform state of version %q, only version %s is read: Terraform 0.12 and later rewrite it", text(version), rawVersion)
	}
	return len(x.Problems) == 0
}

// raw takes the resources of a stored state. The order is that of the file.
func (x *reading) raw(doc *syntax.Node, modules map[string]*module) {
	for _, resource := range x.list(doc, "resources") {
		for _, instance := range x.list(resource, "instances") {
			switch {
			case isDeposed(instance):
			case get(instance, "attributes") == nil: // attributes_flat, of a provider that was not run since Terraform 0.11
				x.Refuse(x.span(instance), "%s: want attributes", rawAddress(resource, keyOf(get(instance, "index_key"))))
			default:
				x.stored(shown(resource, instance), true, modules)
			}
		}
	}
}

// isDeposed reports whether an instance was replaced by another one that stands
// beside it, and is still to be deleted.
func isDeposed(instance *syntax.Node) bool { return text(get(instance, "deposed")) != "" }

// shown is an instance in the shape in which terraform show -json has it. Its
// attributes are those of the file.
func shown(resource, instance *syntax.Node) *syntax.Node {
	out := &syntax.Node{Kind: syntax.Mapping, Start: instance.Start, End: instance.End}
	set := func(name string, v *syntax.Node) {
		if v != nil {
			out.Fields = append(out.Fields, syntax.Field{Key: &syntax.Node{Value: name}, Value: v})
		}
	}
	index := get(instance, "index_key")
	for _, name := range []string{"mode", "type", "name", "provider"} {
		set(name, get(resource, name))
	}
	set("address", &syntax.Node{Value: rawAddress(resource, keyOf(index)), Quoted: true})
	set("index", index)
	set("values", plain(text(get(resource, "type")), get(instance, "attributes")))
	return out
}

// plain is attributes without the types that a stored state has beside the values
// of those whose type is any. Of the resources that are read, only
// kubernetes_manifest has such; those of the built-in terraform_data are for tests:
// https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/manifest
func plain(typ string, attributes *syntax.Node) *syntax.Node {
	if typ != "kubernetes_manifest" && typ != "terraform_data" {
		return attributes
	}
	out := *attributes
	out.Fields = slices.Clone(attributes.Fields)
	for i, f := range out.Fields {
		if value := get(f.Value, "value"); value != nil && get(f.Value, "type") != nil && len(f.Value.Fields) == 2 {
			out.Fields[i].Value = value
		}
	}
	return &out
}

// rawAddress is the address of an instance.
func rawAddress(resource *syntax.Node, key string) string {
	typ, name := text(get(resource, "type")), text(get(resource, "name"))
	if typ == "" || name == "" {
		return ""
	}
	address := typ + "." + name
	if text(get(resource, "mode")) == "data" {
		address = "data." + address
	}
	if module := text(get(resource, "module")); module != "" {
		address = module + "." + address
	}
	if key != "" {
		address += "[" + key + "]"
	}
	return address
}

// providerKey is what a plan calls a configuration of a provider that a stored state
// names: kubernetes.west for provider["registry.terraform.io/hashicorp/kubernetes"].west,
// or for provider.kubernetes.west of Terraform 0.12. The configuration of a module has
// the address of that before it.
func providerKey(provider string) string {
	module, rest, _ := strings.Cut(provider, "provider")
	if quoted, isQuoted := strings.CutPrefix(rest, `["`); isQuoted {
		source, alias, _ := strings.Cut(quoted, `"]`)
		rest = source[strings.LastIndexByte(source, '/')+1:] + alias
	}
	key := strings.TrimPrefix(rest, ".")
	if module != "" {
		key = strings.TrimSuffix(module, ".") + ":" + key
	}
	return key
}
