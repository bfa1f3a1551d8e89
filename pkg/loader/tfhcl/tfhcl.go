// Package tfhcl evaluates the configuration of Terraform without running it: the
// resources of a root module and of the modules that it calls, with variables,
// locals, count, for_each and dynamic blocks:
// https://developer.hashicorp.com/terraform/language
//
// What only an apply can tell, such as the identifier of a resource, is open and
// links to that resource. What depends on data sources, or on modules that are
// not among the files, is open too.
package tfhcl

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Files returns the content of the files of a folder by their names in it, those
// that IsConfiguration names. The error is fs.ErrNotExist when there is no such
// folder among the files that may be read.
type Files func(dir string) (map[string][]byte, error)

// IsConfiguration reports whether the name of a file is that of a file that
// Terraform reads by itself.
func IsConfiguration(name string) bool {
	return strings.HasSuffix(name, ".tf") || isVariables(name)
}

func isVariables(name string) bool {
	return name == "terraform.tfvars" || strings.HasSuffix(name, ".auto.tfvars")
}

// Root is a root module with all that it makes.
type Root struct {
	Resources []terraform.Resource
	// Declared are the addresses of the resources and module calls of the root
	// module, without instance keys, sorted.
	Declared []string
	Problems []model.Problem
	Notes    []model.Note
}

// Load evaluates the configuration of a folder as root module. Variables have
// the given values, else those of terraform.tfvars and *.auto.tfvars, else their
// defaults.
func Load(dir string, files Files, variables map[string]*attr.Value) Root {
	l := &loading{files: files, modules: map[string]*module{}}
	m := l.module(dir)
	if m == nil {
		return Root{}
	}
	inputs := m.given
	for name, v := range variables {
		inputs[name] = fromAttr(v)
	}
	l.installed = l.readInstalled(dir)
	root := &instance{module: m, load: l, inputs: inputs}
	l.emit(root)
	slices.SortFunc(l.notes, model.Note.Compare)
	return Root{Resources: l.resources, Declared: m.declared(), Problems: l.problems, Notes: slices.Compact(l.notes)}
}

// Calls returns the folders of the modules that a folder of configuration calls
// and that lie among the files.
func Calls(dir string, files Files) []string {
	l := &loading{files: files, modules: map[string]*module{}}
	m := l.module(dir)
	if m == nil {
		return nil
	}
	var out []string
	for _, c := range m.calls {
		if to, ok := local(dir, c.source); ok {
			out = append(out, to)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// loading is the state of one Load.
type loading struct {
	files     Files
	modules   map[string]*module
	installed map[string]string
	// references are what the placeholders in texts stand for.
	references []reference
	placed     map[reference]string
	resources  []terraform.Resource
	// modulesSeen is the number of instances of modules so far.
	modulesSeen int
	problems    []model.Problem
	notes       []model.Note
}

// module parses a folder once; nil when it has no configuration.
func (l *loading) module(dir string) *module {
	if m, done := l.modules[dir]; done {
		return m
	}
	l.modules[dir] = nil
	files, err := l.files(dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.problems = append(l.problems, model.Problem{At: model.Span{File: dir}, Message: err.Error()})
		}
		return nil
	}
	m, problems := parse(dir, files)
	l.problems = append(l.problems, problems...)
	if m.isEmpty() {
		return nil
	}
	l.modules[dir] = m
	return m
}

func (l *loading) note(file, format string, args ...any) {
	l.notes = append(l.notes, model.Note{File: file, Message: fmt.Sprintf(format, args...)})
}

// maxInstances is the number of instances of one resource that are looked at
// singly. Terraform itself is slow beyond.
const maxInstances = 1000

// maxResources is the number of resources of a root module that are looked at.
const maxResources = 50_000

// fromAttr turns a value that a plan states into one of the configuration.
func fromAttr(v *attr.Value) cty.Value {
	if v == nil {
		return cty.DynamicVal
	}
	switch v.Kind {
	case attr.Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case attr.String:
		return cty.StringVal(v.Text)
	case attr.Bool:
		return cty.BoolVal(v.Text == "true")
	case attr.Number:
		if n, err := cty.ParseNumberVal(v.Text); err == nil {
			return n
		}
	case attr.List:
		items := make([]cty.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = fromAttr(item)
		}
		return cty.TupleVal(items)
	case attr.Object:
		fields := map[string]cty.Value{}
		for _, f := range v.Fields {
			fields[f.Name] = fromAttr(f.Value)
		}
		return cty.ObjectVal(fields)
	}
	return cty.DynamicVal
}

// standIn is the module that stands for a well-known one; nil when there is none.
func (l *loading) standIn(string) *module { return nil }
