// Package tfplan reads what terraform show -json prints, of a plan or of a state,
// into the resources that there are after the plan is applied:
// https://developer.hashicorp.com/terraform/internals/json-format
//
// A state as Terraform stores it is read in the same way.
//
// A plan does not tell the values that AWS chooses, such as the identifiers of
// what is created. An attribute that is made of them is open, and links to the
// resources that its expression refers to, through variables and outputs of
// modules. Of locals a plan tells nothing, so that there the way ends.
package tfplan

import (
	"errors"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Result is what one plan or state says.
type Result struct {
	// Resources are those that there are after the plan is applied, or those of
	// the state, in the order of the file.
	Resources []terraform.Resource
	// State is set for a state; else it was a plan.
	State bool
	// Configured is set for a plan that has the configuration it was made of.
	// Without it an attribute that is not known links to nothing.
	Configured bool
	// Variables are the values of the variables of the root module.
	Variables map[string]*attr.Value
	// Declared are the addresses without instance keys of what the root module
	// declares, such as aws_vpc.this, data.aws_vpc.this and module.vpc; sorted.
	Declared []string
	// Missing says why there may be more resources; empty when these are all.
	Missing  string
	Problems []model.Problem
}

// Claims reports whether the text is the JSON of a plan or state.
func Claims(text []byte) bool {
	keys := syntax.TopLevelKeys(text)
	has := func(key string) bool { return slices.Contains(keys, key) }
	return isRawState(has) || has("format_version") && !has("apiVersion") &&
		(has("planned_values") || has("resource_changes") || has("values") && has("terraform_version"))
}

// Read reads the text of a file.
func Read(name string, text []byte) Result {
	x := &reading{file: name, taken: map[string]bool{}, gone: map[string]bool{}}
	doc, err := syntax.ParseJSON(text)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		at := model.Span{File: name, Start: bad.Offset, End: min(bad.Offset+1, len(text))}
		x.Refuse(at, "not valid JSON: %s", bad.Message)
		return Result{Missing: name + " cannot be read", Problems: x.Problems}
	}
	isRaw := isRawState(func(key string) bool { return get(doc, key) != nil })
	if !x.supports(doc, isRaw) {
		return Result{Missing: name + " cannot be read", Problems: x.Problems}
	}
	configuration := get(get(doc, "configuration"), "root_module")
	x.root = newModule(configOf(configuration))
	x.variables = get(doc, "variables")
	if isRaw {
		x.raw(doc, map[string]*module{})
	} else {
		x.collect(doc)
	}
	return Result{
		Resources:  x.resources(),
		State:      isRaw || get(doc, "values") != nil,
		Configured: configuration != nil,
		Variables:  x.values(),
		Declared:   x.root.config.declared(),
		Missing:    x.missing(doc),
		Problems:   x.Problems,
	}
}

// missing says why there may be more resources. A plan of some targets, such as those
// of -target, calls itself not complete:
// https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
func (x *reading) missing(doc *syntax.Node) string {
	switch complete := get(doc, "complete"); {
	case len(x.Problems) > 0:
		return "a part of " + x.file + " cannot be read"
	case complete != nil && !isTrue(complete):
		return x.file + " is a plan of a part"
	default:
		return ""
	}
}

// reading is the state of reading one file.
type reading struct {
	attr.Reader
	file      string
	root      *module
	variables *syntax.Node
	instances []*instance
	// taken are the addresses of instances, and gone those of what the plan
	// deletes or moves.
	taken, gone map[string]bool
}

// supports reports whether the version of the format is one that this package
// knows. A reader must refuse other major versions:
// https://developer.hashicorp.com/terraform/internals/json-format#format-summary
func (x *reading) supports(doc *syntax.Node, isRaw bool) bool {
	version := get(doc, "format_version")
	major, _, _ := strings.Cut(text(version), ".")
	switch {
	case isRaw:
		return x.supportsRaw(doc)
	case version == nil:
		x.Refuse(x.span(doc), "neither a plan nor a state of Terraform")
	case major != "0" && major != "1":
		x.Refuse(x.span(version), "format_version: want 0 or 1, got %q", text(version))
	}
	return len(x.Problems) == 0
}

// values returns the values of the root module's variables.
func (x *reading) values() map[string]*attr.Value {
	out := map[string]*attr.Value{}
	for _, f := range fields(x.variables) {
		if v := get(f.Value, "value"); v != nil {
			out[f.Key.Value] = x.known(v)
		}
	}
	return out
}

func (x *reading) resources() []terraform.Resource {
	out := make([]terraform.Resource, len(x.instances))
	for i, of := range x.instances {
		out[i] = terraform.Resource{
			Data: of.data, Type: of.typ, Address: of.address, Exists: of.exists,
			Attributes: x.attributes(of), Alias: of.alias(), At: x.span(of.after),
		}
	}
	return out
}

func (x *reading) known(n *syntax.Node) *attr.Value { return attr.FromJSON(n, x.file, 0) }

func (x *reading) span(n *syntax.Node) model.Span {
	return model.Span{File: x.file, Start: n.Start, End: n.End}
}

// get returns the value of a field of an object, nil when there is none.
func get(n *syntax.Node, name string) *syntax.Node {
	all := fields(n)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Key.Value == name {
			return all[i].Value
		}
	}
	return nil
}

func fields(n *syntax.Node) []syntax.Field {
	if n == nil {
		return nil
	}
	return n.Fields
}

func items(n *syntax.Node) []*syntax.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// text returns the text of a scalar that is not null, else none.
func text(n *syntax.Node) string {
	if n == nil || n.Kind != syntax.Scalar || !n.Quoted && n.Value == "null" {
		return ""
	}
	return n.Value
}

func isTrue(n *syntax.Node) bool {
	return n != nil && n.Kind == syntax.Scalar && !n.Quoted && n.Value == "true"
}
