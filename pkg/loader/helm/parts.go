package helm

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// render executes the templates and reads what they render to.
func (x *loading) render(ctx context.Context, c *chart.Chart, values common.Values, f *folder) {
	p := x.program(c, values)
	first, err := p.render(ctx, plain, 0)
	if err != nil {
		x.lost(f, chartFile, clean(err.Error()))
		return
	}
	x.failures(p, first)
	if first.asked {
		x.note(f.name, "templates look objects up in the cluster: rendered as if there were none")
	}
	other := first.texts
	if x.options.IsOpen {
		x.unforeseen("the values of the chart " + f.name + " are not known")
	}
	if first.asks > 0 || first.open || x.options.IsOpen {
		other = nil
		if second, err := p.render(ctx, plain, 1); err == nil {
			other = second.texts
		}
	}
	given := x.settings(p)
	// The positions are asked for when the context of the load may be gone.
	marks := sync.OnceValue(func() map[string]string {
		r, err := p.render(context.WithoutCancel(ctx), marked, 0)
		if err != nil {
			return nil
		}
		return r.texts
	})
	for i, u := range p.units {
		text, ok := first.texts[u.name]
		if !ok || !isManifest(u.name) {
			continue
		}
		pageOf := sync.OnceValue(func() *page { return newPage(u, i, text, marks()[u.name]) })
		again, isKnown := other[u.name]
		if x.options.IsOpen && isOptional(c, u.name) {
			again, isKnown = "", false
		}
		x.part(&sheet{unit: u, text: text, again: again, isKnown: isKnown, page: pageOf, given: given})
	}
}

// isOptional reports whether a template is of a subchart that values switch on or off.
func isOptional(c *chart.Chart, template string) bool {
	return slices.ContainsFunc(c.Metadata.Dependencies, func(d *chart.Dependency) bool {
		return d != nil && (d.Condition != "" || len(d.Tags) > 0) &&
			strings.HasPrefix(template, path.Join(c.ChartFullPath(), "charts", cmp.Or(d.Alias, d.Name))+"/")
	})
}

// isManifest reports whether what a template renders to is sent to the cluster.
func isManifest(name string) bool { return path.Base(name) != "NOTES.txt" }

// sheet is a rendered template.
type sheet struct {
	unit *unit
	text string
	// again is the text in the second turn of chance, if there is one.
	again   string
	isKnown bool
	page    func() *page
	given   *settings
}

// part reads what a template renders to.
func (x *loading) part(s *sheet) {
	o := s.unit.origin
	out := x.content(o, s.text)
	s.translate(&out.Fragment)
	if !s.isKnown || s.again != s.text {
		x.doubt(s, out)
	}
	for _, r := range out.Resources {
		x.namespaced(r)
		r.Source = source{r.Source, o.file(), s.page, s.behind(r, out.places[r])}
	}
	if out.isAny || len(out.Opaque) > 0 {
		x.keep(o.file())
		x.out.Parts = append(x.out.Parts, Part{File: o.file(), Fragment: out.Fragment})
	}
}

// content is what a rendered text holds.
type content struct {
	model.Fragment
	// isAny is set when there is a document or a problem.
	isAny bool
	// documents are those that the resources stand in, one for each.
	documents []*manifest.Document
	places    map[*model.Resource]standing
}

// standing is the document of a rendered text that a resource stands in, and its number.
type standing struct {
	document *manifest.Document
	number   int
}

// content reads the documents of a rendered text.
func (x *loading) content(o *origin, text string) *content {
	documents, problems := manifest.Documents(&manifest.File{Name: o.name, Text: []byte(text)})
	out := &content{
		Fragment: model.Fragment{Problems: problems}, isAny: len(documents)+len(problems) > 0, places: map[*model.Resource]standing{},
	}
	for number, d := range documents {
		if hook := hookOf(d); isElsewhere(hook) {
			x.note(o.name, fmt.Sprintf("an object of the hook %s is left out: it is in the cluster only while this runs", hook))
			continue
		}
		part := x.reader.Read(d)
		for _, r := range part.Resources {
			out.documents = append(out.documents, d)
			out.places[r] = standing{d, number}
		}
		out.Resources = append(out.Resources, part.Resources...)
		out.Problems = append(out.Problems, part.Problems...)
		out.Notes = append(out.Notes, part.Notes...)
		out.Opaque = append(out.Opaque, part.Opaque...)
	}
	return out
}

// behind finds the values that are printed in an object.
func (s *sheet) behind(r *model.Resource, at standing) func(model.Path, model.Part) (model.Span, bool) {
	extent := r.Source.Extent()
	return func(path model.Path, part model.Part) (model.Span, bool) {
		root, offset := at.document.Tree()
		return s.given.behind(place{s.unit, s.text, at.number, prefixOf(root, offset, extent)}, path, part)
	}
}

// translate lets problems point into the template.
func (s *sheet) translate(f *model.Fragment) {
	o := s.unit.origin
	for i, p := range f.Problems {
		f.Problems[i].At = s.page().span(p.At.Start, p.At.End)
	}
	for i, v := range f.Opaque {
		line, tail, ok := o.named(v.Why)
		if !ok {
			continue
		}
		at := s.page().span(lineStart(s.text, line), lineStart(s.text, line))
		f.Opaque[i].Why = fmt.Sprintf("%s:%d %s", o.name, 1+strings.Count(string(o.text[:max(0, at.Start-o.skip)]), "\n"), tail)
		if at.Inexact {
			f.Opaque[i].Why = o.name + " " + tail
		}
	}
}

// named takes a reason apart that names a line of the rendered text of the file.
func (o *origin) named(why string) (line int, tail string, ok bool) {
	rest, found := strings.CutPrefix(why, o.name+":")
	number, tail, cut := strings.Cut(rest, " ")
	line, err := strconv.Atoi(number)
	return line, tail, found && cut && err == nil
}

func lineStart(text string, line int) int {
	at := 0
	for range line - 1 {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return at
}

// namespaced gives an object without a namespace that of the release, if one is named.
// Of kinds that only a rule names it is not known whether they have one.
func (x *loading) namespaced(r *model.Resource) {
	gk := r.Ref.GroupKind()
	_, isGeneric := r.Object.(*unstructured.Unstructured)
	if x.options.Namespace == "" || isGeneric || r.Ref.Namespace != "" || gk.IsClusterScoped() || r.IsUnknown("metadata", "namespace") {
		return
	}
	r.Object.SetNamespace(x.options.Namespace)
	r.Ref.Namespace = x.options.Namespace
}

const hookKey = "helm.sh/hook"

// hookOf are the events at which Helm makes an object, if it is one of a hook.
func hookOf(d *manifest.Document) string {
	root, _ := d.Tree()
	if n := root.Find([]string{"metadata", "annotations", hookKey}); n != nil {
		return n.Value
	}
	return ""
}

// isElsewhere reports whether an object exists only while a release is tested, removed
// or rolled back. Those of an install or an upgrade stay until the next one, unless
// they say otherwise, and run in the cluster under its policies: they are kept.
// https://helm.sh/docs/topics/charts_hooks/
func isElsewhere(hook string) bool {
	if hook == "" {
		return false
	}
	for event := range strings.SplitSeq(hook, ",") {
		switch strings.TrimSpace(event) {
		case "test", "test-success", "test-failure", "pre-delete", "post-delete", "pre-rollback", "post-rollback":
		default:
			return false
		}
	}
	return true
}

// definitions reads the files of crds/ of a chart and its subcharts, which Helm does
// not render: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
func (x *loading) definitions(c *chart.Chart) {
	for _, crd := range c.CRDObjects() {
		o := x.origins[crd.File]
		if o == nil || !o.stand.IsZero() {
			continue
		}
		out := model.Fragment{}
		documents, problems := manifest.Documents(&manifest.File{Name: o.name, Text: slices.Concat(byteOrderMark[:o.skip], o.text)})
		out.Problems = problems
		for _, d := range documents {
			part := x.reader.Read(d)
			out.Resources = append(out.Resources, part.Resources...)
			out.Problems = append(out.Problems, part.Problems...)
			out.Notes = append(out.Notes, part.Notes...)
			out.Opaque = append(out.Opaque, part.Opaque...)
		}
		if len(documents) > 0 || len(problems) > 0 {
			x.keep(o.name)
			x.out.Parts = append(x.out.Parts, Part{File: o.name, Fragment: out})
		}
	}
}
