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
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// Files returns the content of the files of a folder by their names in it, those
// that IsConfiguration names. The error is fs.ErrNotExist when there is no such
// folder among the files that may be read.
type Files func(dir string) (map[string][]byte, error)

// Source is the configuration of a tree of files. Each folder is parsed once. It is
// not safe for concurrent use.
type Source struct {
	files    Files
	modules  map[string]*module
	problems []model.Problem
}

// NewSource returns the configuration that files hold.
func NewSource(files Files) *Source { return &Source{files: files, modules: map[string]*module{}} }

// Problems are those of the files that were parsed so far.
func (s *Source) Problems() []model.Problem { return s.problems }

// Calls returns the folders of the modules that a folder of configuration calls
// by a path, sorted.
func (s *Source) Calls(dir string) []string {
	var out []string
	if m := s.module(dir); m != nil {
		for _, c := range m.calls {
			if to, ok := local(dir, c.source); ok {
				out = append(out, to)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Declared returns the addresses of the resources and module calls of a folder of
// configuration, without instance keys, sorted.
func (s *Source) Declared(dir string) []string {
	m := s.module(dir)
	if m == nil {
		return nil
	}
	return m.declared()
}

// Inputs are what is known of the variables of a root module besides its own files.
type Inputs struct {
	// Values are those that the module was planned with.
	Values map[string]*attr.Value
	// Chosen is the text of the *.tfvars file that the user names, if any, and
	// ChosenName the name of that file.
	Chosen     []byte
	ChosenName string
	// Doubts are the files that may set a variable, as *.tfvars do that nobody
	// reads by itself, by the name of the variable.
	Doubts map[string]string
}

// Assigned are the names of the variables that the text of a file of values sets.
func Assigned(name string, text []byte) []string {
	body, _ := parseFile(text, name)
	return slices.Sorted(maps.Keys(body.Attributes))
}

// Load evaluates the configuration of a folder as root module and returns the
// resources that it makes, and what was not looked at. Variables have the values of
// the inputs, first those of a plan, else those of terraform.tfvars and *.auto.tfvars, else their
// defaults.
func (s *Source) Load(dir string, in Inputs) ([]terraform.Resource, []model.Note) {
	m := s.module(dir)
	if m == nil {
		return nil, nil
	}
	l := &loading{Source: s, root: dir, placed: map[reference]string{}}
	l.installed = l.readInstalled(dir)
	inputs := maps.Clone(m.given)
	for name, file := range in.Doubts {
		inputs[name] = open("var." + name + ", which " + file + " may set")
	}
	chosen, _ := parseFile(in.Chosen, in.ChosenName)
	readValues(chosen, inputs)
	for name, v := range in.Values {
		inputs[name] = fromAttr(v)
	}
	l.emit(&instance{module: m, load: l, inputs: inputs})
	slices.SortFunc(l.notes, model.Note.Compare)
	return l.resources, slices.Compact(l.notes)
}

// module parses a folder once; nil when it has no configuration.
func (s *Source) module(dir string) *module {
	if m, done := s.modules[dir]; done {
		return m
	}
	s.modules[dir] = nil
	files, err := s.files(dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.problems = append(s.problems, model.Problem{At: model.Span{File: dir}, Message: err.Error()})
		}
		return nil
	}
	m, problems := parse(dir, files)
	s.problems = append(s.problems, problems...)
	if !m.isEmpty() {
		s.modules[dir] = m
	}
	return s.modules[dir]
}

// loading is the state of one Load.
type loading struct {
	*Source
	// root is the folder of the root module.
	root string
	// installed are the folders of modules by their path in modules.json.
	installed map[string]string
	// references are what the placeholders in texts stand for.
	references []reference
	placed     map[reference]string
	resources  []terraform.Resource
	// modulesSeen is the number of instances of modules so far.
	modulesSeen int
	// blocks is the number of blocks that dynamic made of one resource so far.
	blocks int
	notes  []model.Note
}

func (l *loading) note(file, format string, args ...any) {
	l.notes = append(l.notes, model.Note{File: file, Message: fmt.Sprintf(format, args...)})
}

// maxInstances is the number of instances of one resource that are looked at
// singly. Terraform itself is slow beyond.
const maxInstances = 1000

// maxBlocks is the number of blocks of one resource that dynamic makes.
const maxBlocks = 20_000

// maxResources is the number of resources of a root module that are looked at.
const maxResources = 50_000

// fromAttr turns a value that a plan states into one of the configuration.
func fromAttr(v *attr.Value) cty.Value {
	if v == nil {
		return cty.DynamicVal
	}
	switch v.Kind {
	case attr.Absent, attr.Open:
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
