package loader

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// builder makes objects of folders that are no plain manifests.
type builder struct {
	in     *input
	layout *layout
	reader *manifest.Reader
	o      Options
	// used are the files of values that a chart is rendered with.
	used map[string]bool
	// rendered counts the renderings of charts.
	rendered int
}

// kustomizations builds those of the input that no other one of it refers to. Files
// that a build reads are not read as objects again. Of what cannot be built, the
// files are read as they are.
func (b *builder) kustomizations(ctx context.Context) ([]*unit, error) {
	roots := b.layout.roots(b.o.Clusters)
	results := make([]kustomize.Result, len(roots))
	err := parallel(ctx, len(roots), func(i int) { results[i] = kustomize.Build(b.in.fsys, roots[i].dir, b.reader) })
	if err != nil {
		return nil, err
	}
	var out []*unit
	var built, failed []*kustomization
	for i, k := range roots {
		u := b.unit(k.file, results[i])
		u.dir, u.cluster = k.dir, k.cluster
		out = append(out, u)
		if results[i].Failed != nil {
			failed = append(failed, k.kustomization)
			continue
		}
		built = append(built, k.kustomization)
		for _, name := range results[i].Used {
			b.layout.aside[name] = true
		}
	}
	b.layout.keepUnbuilt(built, failed)
	return out, nil
}

// unit is what a build makes, at a place of the tree.
func (b *builder) unit(at string, r kustomize.Result) *unit {
	b.in.remember(r.Texts)
	return &unit{
		at: at, resources: r.Fragment.Resources, opaque: r.Fragment.Opaque, problems: r.Fragment.Problems, notes: r.Fragment.Notes,
	}
}

// remember keeps the texts of files that objects are made of.
func (in *input) remember(texts map[string][]byte) {
	for name, text := range texts {
		in.built[name] = true
		if _, known := in.texts[name]; !known {
			in.texts[name] = text
		}
	}
}

// charts renders those of the input: with the values of each cluster that the user
// names and that holds them, and else with the values for all.
func (b *builder) charts(ctx context.Context) ([]*unit, error) {
	type job struct {
		dir, cluster string
		values       []helm.Values
		set          []string
	}
	var jobs []job
	var asParts []*unit
	parts := b.parts()
	for _, dir := range b.layout.charts {
		file := path.Join(dir, chartFile)
		switch {
		case !b.in.found[file]:
			continue
		case parts[dir]:
			note := model.Note{File: dir, Message: "Helm chart: rendered as a part of the charts that depend on it"}
			asParts = append(asParts, &unit{at: file, dir: dir, notes: []model.Note{note}})
			continue
		}
		named := false
		for _, c := range b.o.Clusters {
			if c.holds(file) {
				named = true
				jobs = append(jobs, job{dir, c.Name, b.valuesFor(dir, slices.Concat(b.o.Values, c.Values)), slices.Concat(b.o.Set, c.Set)})
			}
		}
		if !named {
			jobs = append(jobs, job{dir, "", b.valuesFor(dir, b.o.Values), b.o.Set})
		}
	}
	out := make([]*unit, len(jobs))
	texts := make([]map[string][]byte, len(jobs))
	err := parallel(ctx, len(jobs), func(i int) {
		j := jobs[i]
		r := rendering{fsys: b.in.fsys, dir: j.dir, reader: b.reader}
		out[i] = r.unit(ctx, helm.Options{Values: j.values, Set: j.set})
		out[i].at, out[i].dir, out[i].cluster, texts[i] = path.Join(j.dir, chartFile), j.dir, j.cluster, r.texts
		out[i].isSettled = len(j.values)+len(j.set) > 0
	})
	for _, t := range texts {
		b.in.remember(t)
	}
	b.rendered = len(jobs)
	return append(out, asParts...), err
}

// idle says which values of the user's no chart is rendered with.
func (b *builder) idle() []model.Note {
	files, set := slices.Clone(b.o.Values), len(b.o.Set)
	for _, c := range b.o.Clusters {
		files, set = append(files, c.Values...), set+len(c.Set)
	}
	var out []model.Note
	for _, name := range files {
		if !b.used[name] {
			message := "Helm values: no chart of the input is rendered with them"
			if _, err := fs.Stat(b.in.fsys, name); err != nil {
				message = "Helm values: no such file"
			}
			out = append(out, model.Note{File: name, Message: message})
		}
	}
	if set > 0 && b.rendered == 0 {
		out = append(out, model.Note{File: ".", Message: "Helm: no chart of the input is rendered with the values that are set"})
	}
	return out
}

// parts are the charts that another chart of the input brings in from a folder beside
// it: with the values of that one, and not with their own alone.
func (b *builder) parts() map[string]bool {
	out := map[string]bool{}
	for _, dir := range b.layout.charts {
		text, err := b.in.text(path.Join(dir, chartFile))
		if err != nil || !b.in.found[path.Join(dir, chartFile)] {
			continue
		}
		var about struct {
			Dependencies []struct{ Repository string }
		}
		_ = yaml.Unmarshal(text, &about) // a chart that cannot be read is a problem of its own
		for _, d := range about.Dependencies {
			if beside, ok := strings.CutPrefix(d.Repository, "file://"); ok {
				out[path.Join(dir, beside)] = true
			}
		}
	}
	return out
}

// valuesFor reads the files of values that are for the chart: one that lies in the
// folder of a chart is for that chart alone.
func (b *builder) valuesFor(dir string, files []string) []helm.Values {
	var out []helm.Values
	for _, name := range files {
		if owner, ok := b.chartAround(name); ok && owner != dir {
			continue
		}
		b.used[name] = true
		text, err := b.in.text(name)
		if err != nil {
			b.in.unreadable(name, err)
			continue
		}
		out = append(out, helm.Values{File: name, Text: text})
	}
	return out
}

// chartAround is the innermost folder around a file that is a chart.
func (b *builder) chartAround(name string) (string, bool) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if _, err := fs.Stat(b.in.fsys, path.Join(dir, chartFile)); err == nil {
			return dir, true
		}
		if dir == "." {
			return "", false
		}
	}
}

// rendering renders one chart.
type rendering struct {
	fsys   fs.FS
	dir    string
	reader *manifest.Reader
	texts  map[string][]byte
}

// unit is what the chart renders to. Without values of the user's, files of values
// that lie beside the chart's own may each be the one that is used, and what they
// do not agree on is unknown.
func (r *rendering) unit(ctx context.Context, o helm.Options) *unit {
	first := r.render(ctx, o)
	if len(o.Values) > 0 || len(o.Set) > 0 {
		return first
	}
	all := []*unit{first}
	names := []string{"values.yaml"}
	alternatives, unread := r.alternatives()
	for _, v := range alternatives {
		all = append(all, r.render(ctx, helm.Options{Values: []helm.Values{v}}))
		names = append(names, relative(r.dir, v.File))
	}
	out := first
	if len(all) > 1 {
		out = r.common(all, names)
	}
	out.notes = append(out.notes, unread...)
	return out
}

// common is what those renderings agree on that have the fewest problems: values
// that do not suffice to render the chart are not used alone.
func (r *rendering) common(all []*unit, names []string) *unit {
	fewest := len(slices.MinFunc(all, func(a, b *unit) int { return cmp.Compare(len(a.problems), len(b.problems)) }).problems)
	var usable []*unit
	var used []string
	var notes []model.Note
	for i, u := range all {
		if len(u.problems) > fewest {
			file := path.Join(r.dir, names[i])
			notes = append(notes, model.Note{File: file, Message: "Helm: these values alone do not render the chart: " + u.problems[0].Message})
			continue
		}
		usable = append(usable, u)
		used = append(used, names[i])
	}
	out := *usable[0]
	out.opaque = nil
	var renderings [][]*model.Resource
	for _, u := range usable {
		renderings = append(renderings, u.resources)
		out.opaque = append(out.opaque, u.opaque...)
	}
	resources, doubtful := agreed(renderings)
	files := strings.Join(used, ", ")
	why := fmt.Sprintf("what the chart %s makes depends on which of its files of values is used: %s", title(r.dir), files)
	for _, ref := range doubtful {
		if v, ok := manifest.Possible(ref, why); ok {
			out.opaque = append(out.opaque, v)
		}
	}
	if what := disagreement(out.resources, resources, doubtful); what != "" {
		message := fmt.Sprintf("Helm chart: %s do not agree, and %s: --values, or a cluster of the config, chooses", files, what)
		notes = append(notes, model.Note{File: r.dir, Message: message})
	}
	out.resources, out.notes = resources, slices.Concat(out.notes, notes)
	return &out
}

// disagreement says what is lost of the first of several renderings in what all agree
// on. It is empty when they make the same.
func disagreement(first, common []*model.Resource, doubtful []model.Ref) string {
	if len(doubtful) > 0 {
		slices.SortFunc(doubtful, model.Ref.Compare)
		named := doubtful[:min(len(doubtful), 3)]
		var names []string
		for _, ref := range named {
			names = append(names, ref.String())
		}
		if more := len(doubtful) - len(named); more > 0 {
			names = append(names, plural(more, "other"))
		}
		return strings.Join(names, ", ") + " may be there or not"
	}
	unknown := func(resources []*model.Resource) (n int) {
		for _, r := range resources {
			n += len(r.Unknown)
		}
		return n
	}
	if unknown(common) > unknown(first) {
		return "what differs is unknown"
	}
	return ""
}

// alternatives are the files of values beside the chart's own, and in the folders of
// the chart that are not Helm's.
func (r *rendering) alternatives() (found []helm.Values, unread []model.Note) {
	for _, name := range r.filesOfValues(r.dir, true) {
		if name == path.Join(r.dir, "values.yaml") {
			continue
		}
		text, err := readFile(r.fsys, name)
		if err != nil {
			unread = append(unread, model.Note{File: name, Message: "Helm values: not read: " + reason(err)})
			continue
		}
		found = append(found, helm.Values{File: name, Text: text})
	}
	return found, unread
}

func (r *rendering) filesOfValues(dir string, below bool) []string {
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil {
		return nil // the chart was read, so nobody can have removed the folder
	}
	var out []string
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		ext := path.Ext(name)
		switch {
		case e.IsDir() && below && !slices.Contains([]string{"templates", "charts", "crds", "ci"}, e.Name()):
			out = append(out, r.filesOfValues(name, false)...)
		case e.Type().IsRegular() && (ext == ".yaml" || ext == ".yml") && strings.Contains(e.Name(), "values"):
			out = append(out, name)
		}
	}
	return out
}

// render is one rendering.
func (r *rendering) render(ctx context.Context, o helm.Options) *unit {
	result := helm.Load(ctx, r.fsys, r.dir, o, r.reader)
	if r.texts == nil {
		r.texts = map[string][]byte{}
	}
	out := &unit{opaque: result.Opaque, problems: result.Problems, notes: result.Notes}
	maps.Copy(r.texts, result.Texts)
	for _, v := range o.Values {
		if v.At == nil {
			r.texts[v.File] = v.Text
		}
	}
	for _, p := range result.Parts {
		out.resources = append(out.resources, p.Fragment.Resources...)
		out.opaque = append(out.opaque, p.Fragment.Opaque...)
		out.problems = append(out.problems, p.Fragment.Problems...)
		out.notes = append(out.notes, p.Fragment.Notes...)
	}
	return out
}
