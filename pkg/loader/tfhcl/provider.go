package tfhcl

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// provider is the name by which the root module has the configuration of a provider
// that a declaration is for, such as kubernetes or kubernetes.west:
// https://developer.hashicorp.com/terraform/language/modules/develop/providers
func (n *instance) provider(d *declaration) string {
	name, _, _ := strings.Cut(d.typ, "_")
	if a := d.body.Attributes["provider"]; a != nil {
		name = n.bare(a.Expr)
	}
	for at := n; at.call != nil; at = at.caller.instance {
		a := at.call.body.Attributes["providers"]
		if a == nil {
			continue
		}
		passed, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
		if !ok {
			continue
		}
		for _, item := range passed.Items {
			if at.caller.bare(item.KeyExpr) == name {
				name = at.caller.bare(item.ValueExpr)
				break
			}
		}
	}
	return name
}

// bare is the text of a name, which older configurations write in quotes.
func (n *instance) bare(x hclsyntax.Expression) string {
	return strings.Trim(n.text(x.Range()), `"`)
}
