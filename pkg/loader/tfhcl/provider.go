package tfhcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// provider is the configuration of a provider that a declaration is for, as a plan has
// it: kubernetes or kubernetes.west of the root module, and module.a:kubernetes of a
// module that has one for itself. The key of one of several may be another for each
// instance of the declaration.
// https://developer.hashicorp.com/terraform/language/modules/develop/providers
// https://opentofu.org/docs/language/providers/configuration/#for_each-multiple-instances-of-a-provider-configuration
func (n *instance) provider(d *declaration, one copyOf) string {
	name, _, _ := strings.Cut(d.typ, "_")
	if a := d.body.Attributes["provider"]; a != nil {
		name = n.bare(a.Expr)
	}
	for at := n; at.call != nil; at = at.caller.instance {
		passed, isPassed := at.passed(name)
		switch {
		case isPassed:
			name = passed
		case at.configures(name):
			return strings.TrimSuffix(at.prefix, ".") + ":" + name
		}
	}
	if strings.Contains(name, "[") {
		name += " of " + n.prefix + d.address() + one.suffix
	}
	return name
}

// passed is what the caller calls a provider that it hands to the module.
func (n *instance) passed(name string) (string, bool) {
	a := n.call.body.Attributes["providers"]
	if a == nil {
		return "", false
	}
	passed, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return "", false
	}
	for _, item := range passed.Items {
		if n.caller.bare(item.KeyExpr) == name {
			return n.caller.bare(item.ValueExpr), true
		}
	}
	return "", false
}

// configures reports whether the module has the configuration of a provider.
func (m *module) configures(name string) bool {
	return slices.ContainsFunc(m.providers, func(b *hclsyntax.Block) bool {
		alias := literal(b.Body.Attributes["alias"])
		return alias == "" && b.Labels[0] == name || alias != "" && b.Labels[0]+"."+alias == name
	})
}

// makesObjects reports whether the instance, or one that calls it, has a provider for
// objects of Kubernetes, which the modules that it calls may use.
func (n *instance) makesObjects() bool {
	isOfObjects := func(b *hclsyntax.Block) bool {
		return slices.Contains([]string{"kubernetes", "kubectl", "helm"}, b.Labels[0])
	}
	return slices.ContainsFunc(n.providers, isOfObjects) || n.caller != nil && n.caller.makesObjects()
}

// bare is the text of a name, which older configurations write in quotes.
func (n *instance) bare(x hclsyntax.Expression) string {
	return strings.Trim(n.text(x.Range()), `"`)
}
