package helm

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxDepth bounds charts within charts.
const maxDepth = 16

// chart builds a chart of its files, and the charts it depends on. Subcharts are
// added one by one and not by Helm, so that it is known which file is whose, and one
// that is broken takes no other with it.
func (x *loading) chart(f *folder, depth int) *chart.Chart {
	if depth > maxDepth {
		x.lost(f, chartFile, "charts are nested deeper than 16")
		return nil
	}
	var own []*archive.BufferedFile
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if !strings.HasPrefix(name, "charts/") {
			own = append(own, &archive.BufferedFile{Name: name, Data: f.files[name].text})
		}
	}
	c, err := loader.LoadFiles(own)
	if err != nil {
		x.broken(f, err)
		return nil
	}
	for _, file := range slices.Concat(c.Templates, c.Files) {
		x.origins[file] = f.files[file.Name]
	}
	x.folders[c.Raw[0]] = f
	for _, name := range f.below("charts") {
		x.subchart(c, f, name, depth)
	}
	x.neighbours(c, f, depth)
	return c
}

// subchart adds one entry of charts/. Like Helm it passes over hidden ones.
func (x *loading) subchart(c *chart.Chart, f *folder, name string, depth int) {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return
	}
	inner := path.Join("charts", name)
	packed, isFile := f.files[inner]
	switch {
	case isFile && path.Ext(name) == ".tgz":
		sub, err := x.unpack(packed, x.packedAt(c, f, name))
		if err != nil {
			x.lost(f, inner, "the chart cannot be unpacked: "+err.Error())
			return
		}
		x.add(c, sub, depth)
	case !isFile && f.files[path.Join(inner, chartFile)] != nil:
		x.add(c, f.sub(inner), depth)
	}
}

func (x *loading) add(c *chart.Chart, f *folder, depth int) {
	if sub := x.chart(f, depth+1); sub != nil {
		c.AddDependency(sub)
	}
}

// packedAt is the place that stands for what lies in an archive: its entry among the
// dependencies, the longest name of those that the name of the file begins with.
func (x *loading) packedAt(c *chart.Chart, f *folder, name string) model.Span {
	if !f.stand.IsZero() {
		return f.stand
	}
	best := ""
	for _, d := range c.Metadata.Dependencies {
		if d != nil && strings.HasPrefix(name, d.Name) && len(d.Name) > len(best) {
			best = d.Name
		}
	}
	at := f.dependency(best)
	at.Inexact = true
	return at
}

// neighbours adds the dependencies that lie elsewhere in the tree, as if they had
// been put into charts/ already.
// https://helm.sh/docs/helm/helm_dependency/
func (x *loading) neighbours(c *chart.Chart, f *folder, depth int) {
	for _, d := range c.Metadata.Dependencies {
		rel, isLocal := strings.CutPrefix(d.Repository, "file://")
		if !isLocal || !f.stand.IsZero() || holds(c, d.Name) {
			continue
		}
		dir := path.Join(f.name, rel)
		if path.IsAbs(rel) || !fs.ValidPath(dir) || depth >= maxDepth {
			continue
		}
		if _, err := fs.Stat(x.fsys, path.Join(dir, chartFile)); err != nil {
			continue
		}
		if neighbour := x.folder(dir); neighbour != nil {
			x.add(c, neighbour, depth)
		}
	}
}

func holds(c *chart.Chart, name string) bool {
	return slices.ContainsFunc(c.Dependencies(), func(sub *chart.Chart) bool { return sub.Name() == name })
}

// missing says which dependencies are enabled and not there. It is asked when those
// that are disabled have been removed.
func (x *loading) missing(c *chart.Chart) {
	for _, d := range c.Metadata.Dependencies {
		if holds(c, d.Name) {
			continue
		}
		at := x.folders[c.Raw[0]].dependency(d.Name)
		message := fmt.Sprintf("the dependency %s is not in charts/: run helm dependency build", d.Name)
		x.problem(at, message)
		x.unforeseen(fmt.Sprintf("the dependency %s of the chart %s is not there", d.Name, c.Name()))
		x.incomplete = true
	}
	for _, sub := range c.Dependencies() {
		x.missing(sub)
	}
}

// dependency is the place of the entry that brings a chart, by its alias or its name,
// or else the first line of Chart.yaml.
func (f *folder) dependency(name string) model.Span {
	for _, file := range []string{chartFile, "requirements.yaml"} {
		o := f.files[file]
		if o == nil {
			continue
		}
		root, err := syntax.ParseYAML(o.text)
		if err != nil {
			continue
		}
		list := root.Find([]string{"dependencies"})
		if list == nil {
			continue
		}
		for _, item := range list.Items {
			if n := effectiveName(item); n != nil && n.Value == name {
				return o.line(item.Start)
			}
		}
	}
	if o := f.files[chartFile]; o != nil {
		return o.line(0)
	}
	return model.Span{File: path.Join(f.name, chartFile)}
}

func effectiveName(entry *syntax.Node) *syntax.Node {
	if alias := entry.Find([]string{"alias"}); alias != nil && alias.Value != "" {
		return alias
	}
	return entry.Find([]string{"name"})
}

// broken says why Helm does not load a chart, at the line where YAML is not valid.
func (x *loading) broken(f *folder, err error) {
	message := err.Error()
	for _, name := range []string{chartFile, "requirements.yaml", valuesFile, "Chart.lock", "requirements.lock"} {
		if !strings.Contains(message, "cannot load "+name) {
			continue
		}
		if o := f.files[name]; o != nil {
			at, why := yamlProblem(o, errors.Unwrap(err))
			x.lostAt(f, at, why)
			return
		}
	}
	x.lost(f, chartFile, message)
}

// yamlProblem is where, and why, a file cannot be read as YAML.
func yamlProblem(o *origin, err error) (model.Span, string) {
	_, bad := syntax.ParseYAML(o.text)
	if e, ok := errors.AsType[*syntax.Error](bad); ok {
		return o.line(e.Offset), "not valid YAML: " + e.Message
	}
	return o.line(0), clean(err.Error())
}

// lost says that a chart is left out, and why.
func (x *loading) lost(f *folder, name, message string) {
	at := model.Span{File: path.Join(f.name, name)}
	if o := f.files[name]; o != nil {
		at = o.line(0)
	}
	if !f.stand.IsZero() {
		at = f.stand
	}
	x.lostAt(f, at, message)
}

func (x *loading) lostAt(f *folder, at model.Span, message string) {
	x.problem(at, message)
	x.unforeseen("the chart " + f.name + " is not rendered")
	x.incomplete = true
}

// checkVersion says that a chart is not made for the version that it is rendered for.
func (x *loading) checkVersion(c *chart.Chart, f *folder) {
	if want := c.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, kubeVersion) {
		x.note(path.Join(f.name, chartFile), fmt.Sprintf("the chart wants Kubernetes %s and is rendered for %s", want, kubeVersion))
	}
}
