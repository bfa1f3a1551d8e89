package loader

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

// planAt is what the JSON of a plan or state says.
type planAt struct {
	name string
	tfplan.Result
}

// terraformRoot is a root module.
type terraformRoot struct {
	dir string
	// declared are the addresses of what it makes.
	declared []string
	// planned is set when a plan or state of it is among the files.
	planned bool
}

// addTerraform adds what the folders of configuration make, each with the plan or
// state that was made of it.
func (c *content) addTerraform(in *input, reader *manifest.Reader) {
	source := tfhcl.NewSource(in.configurationIn)
	roots := in.terraformRoots(source)
	for _, p := range c.plans {
		resources := p.Resources
		if root := rootOf(p, roots); root != nil {
			root.planned = true
			written, _ := source.Load(root.dir, tfhcl.Inputs{Values: p.Variables})
			resources = terraform.Merge(resources, written)
		}
		if p.Missing != "" {
			resources = append(slices.Clip(resources), terraform.Unread(model.Span{File: p.name}, p.Missing)...)
		}
		c.addResources(p.name, resources, reader)
	}
	for _, root := range roots {
		if !root.planned {
			resources, notes := source.Load(root.dir, in.inputs(root.dir))
			c.notes = append(c.notes, notes...)
			c.addResources(in.configuration[root.dir], resources, reader)
		}
	}
	c.problems = append(c.problems, source.Problems()...)
}

// addResources adds what the resources of one origin make, of AWS and of
// Kubernetes.
func (c *content) addResources(origin string, resources []terraform.Resource, reader *manifest.Reader) {
	c.add(origin, tfkubernetes.Load(origin, resources, reader), true)
	c.patches = append(c.patches, tfkubernetes.Patches(resources)...)
	for _, chart := range tfkubernetes.Charts(resources) {
		c.touched = append(c.touched, touch{
			pattern: path.Join(path.Dir(origin), chart.Path), by: &unit{at: origin}, why: chart.Address + " installs it with values of its own",
		})
	}
	aws, problems := terraform.Load(origin, resources)
	c.problems = append(c.problems, problems...)
	if !aws.IsEmpty() {
		c.add(origin, model.Fragment{AWS: aws}, true)
	}
}

// terraformRoots are the folders with configuration that no other one calls as a
// module, sorted.
func (in *input) terraformRoots(source *tfhcl.Source) []*terraformRoot {
	called := map[string]bool{}
	for dir := range in.configuration {
		for _, to := range source.Calls(dir) {
			called[to] = called[to] || to != dir
		}
	}
	var out []*terraformRoot
	for _, dir := range slices.Sorted(maps.Keys(in.configuration)) {
		if declared := source.Declared(dir); !called[dir] && len(declared) > 0 {
			out = append(out, &terraformRoot{dir: dir, declared: declared})
		}
	}
	return out
}

// rootOf finds the configuration that a plan or state was made of: it declares all
// that there is, and lies in the same folder or is the only such.
func rootOf(p planAt, roots []*terraformRoot) *terraformRoot {
	var out []*terraformRoot
	for _, root := range roots {
		isDeclared := func(r terraform.Resource) bool {
			_, found := slices.BinarySearch(root.declared, declaredAs(r))
			return found
		}
		switch {
		case !all(p.Resources, isDeclared):
		case root.dir == path.Dir(p.name):
			return root
		default:
			out = append(out, root)
		}
	}
	if len(out) != 1 {
		return nil
	}
	return out[0]
}

func all(resources []terraform.Resource, f func(terraform.Resource) bool) bool {
	return len(resources) > 0 && !slices.ContainsFunc(resources, func(r terraform.Resource) bool { return !f(r) })
}

// declaredAs is the resource or the module of the root module that an instance
// belongs to.
func declaredAs(r terraform.Resource) string {
	parts := strings.SplitN(r.Address, ".", 4)
	n := 2
	if parts[0] == "data" {
		n = 3
	}
	name, _, _ := strings.Cut(strings.Join(parts[:min(n, len(parts))], "."), "[")
	return name
}

// inputs tells of the variables of a root module. Of the files of values in or
// below it that Terraform reads only on demand, the one that the user names
// counts; else nobody knows which does.
func (in *input) inputs(dir string) tfhcl.Inputs {
	files := slices.DeleteFunc(slices.Clone(in.chosen), func(name string) bool { return !within(dir, name) })
	isChosen := len(files) == 1
	if len(files) == 0 {
		files = slices.DeleteFunc(slices.Clone(in.values), func(name string) bool { return !within(dir, name) })
	}
	out := tfhcl.Inputs{Doubts: map[string]string{}}
	for _, name := range files {
		text, err := in.text(name)
		switch {
		case err != nil:
			in.unreadable(name, err)
		case isChosen:
			out.Chosen, out.ChosenName = text, name
		default:
			for _, variable := range tfhcl.Assigned(name, text) {
				out.Doubts[variable] = name
			}
		}
	}
	return out
}

// configurationIn reads the files of a folder that Terraform would. The folder may
// lie anywhere in the tree that may be trusted.
func (in *input) configurationIn(dir string) (map[string][]byte, error) {
	entries, err := fs.ReadDir(in.fsys, dir)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller asks for fs.ErrNotExist
	}
	out := map[string][]byte{}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !tfhcl.IsConfiguration(name) || !e.Type().IsRegular() {
			continue
		}
		text, err := in.text(name)
		if err != nil {
			return nil, err
		}
		out[e.Name()] = text
	}
	return out, nil
}
