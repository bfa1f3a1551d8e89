package tfhcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
)

// withoutIgnored opens what Terraform writes once and then leaves alone, as others
// change it: the tags of a subnet, or the replicas of a Deployment.
// https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
func withoutIgnored(b *hclsyntax.Body, tree *attr.Value) *attr.Value {
	for _, lifecycle := range b.Blocks {
		a := lifecycle.Body.Attributes["ignore_changes"]
		if lifecycle.Type != "lifecycle" || a == nil {
			continue
		}
		if hcl.ExprAsKeyword(a.Expr) == "all" || literal(a) == "all" {
			return ignored(tree)
		}
		list, _ := hcl.ExprList(a.Expr)
		for _, x := range list {
			tree = ignoredAt(tree, pathOf(x))
		}
	}
	return tree
}

// pathOf is what an element of ignore_changes names. Older configurations, and those in
// JSON, write it as text.
func pathOf(x hcl.Expression) hcl.Traversal {
	if v, diags := x.Value(nil); !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		path, _ := hclsyntax.ParseTraversalAbs([]byte(v.AsString()), "", hcl.InitialPos)
		return path
	}
	path, _ := hcl.AbsTraversalForExpr(x)
	return path
}

// ignoredAt is a value in which what lies at a path is open, whether or not it is
// written. The first step of a path is that from the resource.
func ignoredAt(v *attr.Value, path hcl.Traversal) *attr.Value {
	if len(path) == 0 {
		return ignored(v)
	}
	name, index := step(path[0])
	out := *v
	switch {
	case v.Kind == attr.Object && name != "":
		out.Fields = slices.DeleteFunc(slices.Clone(v.Fields), func(f attr.Field) bool { return f.Name == name })
		was, rest := v.Get(name), path[1:]
		if was == nil {
			was, rest = &attr.Value{At: v.At}, nil
		}
		out.Fields = append(out.Fields, attr.Field{Name: name, Value: ignoredAt(was, rest)})
	case v.Kind == attr.List && index >= 0 && index < len(v.Items):
		out.Items = slices.Clone(v.Items)
		out.Items[index] = ignoredAt(v.Items[index], path[1:])
	default:
		return ignored(v)
	}
	return &out
}

// step is the name, or the index, that a step of a path is; else neither.
func step(t hcl.Traverser) (name string, index int) {
	switch t := t.(type) {
	case hcl.TraverseRoot:
		return t.Name, -1
	case hcl.TraverseAttr:
		return t.Name, -1
	case hcl.TraverseIndex:
		if t.Key.Type() == cty.String {
			return t.Key.AsString(), -1
		}
		if i, isWhole := wholeNumber(t.Key); isWhole {
			return "", i
		}
	}
	return "", -1
}

// ignored is an open value in the place of another.
func ignored(v *attr.Value) *attr.Value {
	return &attr.Value{Kind: attr.Open, Why: "a value that ignore_changes leaves to others", At: v.At}
}
