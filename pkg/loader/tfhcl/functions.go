package tfhcl

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/go-cty-funcs/cidr"
	"github.com/hashicorp/go-cty-funcs/collection"
	"github.com/hashicorp/go-cty-funcs/encoding"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of the Terraform language:
// https://developer.hashicorp.com/terraform/language/functions
var functions = sync.OnceValue(func() map[string]function.Function {
	out := carrying()
	for name, f := range looking() {
		out[name] = refusing(f)
	}
	for _, name := range unknowable() {
		out[name] = unknown
	}
	for name, f := range maps.Clone(out) {
		out["core::"+name] = f
	}
	out[unknownFunction] = unknown
	return out
})

// unknownFunction is the name under which functions are called that are not at hand.
const unknownFunction = "unknown"

// replaceUnknown makes the call of a function that is not at hand, such as one of a
// provider, answer nothing. What makes a type is no function:
// https://developer.hashicorp.com/terraform/language/expressions/type-constraints
func replaceUnknown(x *hclsyntax.FunctionCallExpr) {
	if _, found := functions()[x.Name]; !found && !slices.Contains([]string{"list", "map", "object", "optional", "set", "tuple"}, x.Name) {
		x.Name = unknownFunction
	}
}

// carrying are the functions that hand on identifiers as they are.
func carrying() map[string]function.Function {
	return map[string]function.Function{
		"alltrue":      allTrue,
		"anytrue":      anyTrue,
		"can":          tryfunc.CanFunc,
		"chunklist":    stdlib.ChunklistFunc,
		"coalesce":     collection.CoalesceFunc,
		"coalescelist": stdlib.CoalesceListFunc,
		"compact":      stdlib.CompactFunc,
		"concat":       stdlib.ConcatFunc,
		"distinct":     stdlib.DistinctFunc,
		"element":      stdlib.ElementFunc,
		"flatten":      stdlib.FlattenFunc,
		"format":       stdlib.FormatFunc,
		"formatlist":   stdlib.FormatListFunc,
		"join":         stdlib.JoinFunc,
		"jsonencode":   stdlib.JSONEncodeFunc,
		"keys":         stdlib.KeysFunc,
		"length":       length,
		"lookup":       lookup,
		"merge":        stdlib.MergeFunc,
		"nonsensitive": same,
		"one":          one,
		"range":        stdlib.RangeFunc,
		"reverse":      stdlib.ReverseListFunc,
		"sensitive":    same,
		"setproduct":   stdlib.SetProductFunc,
		"setunion":     stdlib.SetUnionFunc,
		"slice":        slice,
		"tobool":       stdlib.MakeToFunc(cty.Bool),
		"tolist":       stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap":        stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"tonumber":     stdlib.MakeToFunc(cty.Number),
		"toset":        stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"tostring":     stdlib.MakeToFunc(cty.String),
		"transpose":    unknown,
		"try":          tryfunc.TryFunc,
		"values":       stdlib.ValuesFunc,
		"zipmap":       stdlib.ZipmapFunc,
	}
}

// looking are the functions whose result depends on what a text says.
func looking() map[string]function.Function {
	return map[string]function.Function{
		"abs":             stdlib.AbsoluteFunc,
		"base64decode":    encoding.Base64DecodeFunc,
		"base64encode":    encoding.Base64EncodeFunc,
		"ceil":            stdlib.CeilFunc,
		"chomp":           stdlib.ChompFunc,
		"cidrhost":        cidr.HostFunc,
		"cidrnetmask":     cidr.NetmaskFunc,
		"cidrsubnet":      cidr.SubnetFunc,
		"cidrsubnets":     cidr.SubnetsFunc,
		"contains":        stdlib.ContainsFunc,
		"csvdecode":       stdlib.CSVDecodeFunc,
		"endswith":        withText(hasSuffix),
		"floor":           stdlib.FloorFunc,
		"indent":          stdlib.IndentFunc,
		"index":           index,
		"jsondecode":      stdlib.JSONDecodeFunc,
		"log":             stdlib.LogFunc,
		"lower":           stdlib.LowerFunc,
		"max":             stdlib.MaxFunc,
		"min":             stdlib.MinFunc,
		"parseint":        stdlib.ParseIntFunc,
		"pow":             stdlib.PowFunc,
		"regex":           stdlib.RegexFunc,
		"regexall":        stdlib.RegexAllFunc,
		"replace":         replace,
		"setintersection": stdlib.SetIntersectionFunc,
		"setsubtract":     stdlib.SetSubtractFunc,
		"signum":          stdlib.SignumFunc,
		"sort":            stdlib.SortFunc,
		"split":           stdlib.SplitFunc,
		"startswith":      withText(hasPrefix),
		"strcontains":     withText(hasPart),
		"strrev":          stdlib.ReverseFunc,
		"substr":          stdlib.SubstrFunc,
		"sum":             sum,
		"title":           stdlib.TitleFunc,
		"trim":            stdlib.TrimFunc,
		"trimprefix":      stdlib.TrimPrefixFunc,
		"trimspace":       stdlib.TrimSpaceFunc,
		"trimsuffix":      stdlib.TrimSuffixFunc,
		"upper":           stdlib.UpperFunc,
		"urlencode":       encoding.URLEncodeFunc,
	}
}

// unknowable are the functions that depend on files, on time, on chance or on
// what no rule asks for.
func unknowable() []string {
	return []string{
		"abspath", "base64gzip", "base64sha256", "base64sha512", "basename", "bcrypt", "dirname", "ephemeralasnull", "file", "filebase64",
		"filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1", "filesha256", "filesha512", "formatdate",
		"issensitive", "matchkeys", "md5", "pathexpand", "plantimestamp", "rsadecrypt", "sha1", "sha256", "sha512", "templatefile",
		"templatestring", "textdecodebase64", "textencodebase64", "timeadd", "timecmp", "timestamp", "type", "uuid", "uuidv5", "yamldecode",
		"yamlencode",
	}
}

// anything is a parameter that takes every value.
func anything(name string) function.Parameter {
	return function.Parameter{
		Name: name, Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}
}

// dynamic makes a function that sees all its arguments and says the type itself.
func dynamic(f func(args []cty.Value) (cty.Value, error)) function.Function {
	rest := anything("values")
	return function.New(&function.Spec{
		VarParam: &rest,
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl:     func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args) },
	})
}

// unknown is a function of which only the arguments are known.
var unknown = dynamic(func(args []cty.Value) (cty.Value, error) { return openOf(args), nil })

// openOf is an unknown value for the reasons of others.
func openOf(args []cty.Value) cty.Value {
	out := cty.DynamicVal
	for _, v := range args {
		_, marks := v.UnmarkDeep()
		out = out.WithMarks(marks)
	}
	return out
}

// refusing makes a function know nothing of identifiers.
func refusing(f function.Function) function.Function {
	return dynamic(func(args []cty.Value) (cty.Value, error) {
		for _, v := range args {
			if holdsPlaceholder(v) {
				return openOf(args), nil
			}
		}
		converted, err := convertAll(f, args)
		if err != nil {
			return cty.DynamicVal, err
		}
		return f.Call(converted)
	})
}

// convertAll gives arguments the types that a function wants.
func convertAll(f function.Function, args []cty.Value) ([]cty.Value, error) {
	params, rest := f.Params(), f.VarParam()
	if len(args) < len(params) || len(args) > len(params) && rest == nil {
		return nil, errors.New("wrong number of arguments")
	}
	out := make([]cty.Value, len(args))
	for i, v := range args {
		p := rest
		if i < len(params) {
			p = &params[i]
		}
		converted, err := convert.Convert(v, p.Type)
		if err != nil {
			return nil, function.NewArgError(i, err)
		}
		out[i] = converted
	}
	return out, nil
}
