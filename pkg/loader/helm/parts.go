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
	"github.com/ekslint/ekslint/pkg/loader/syntax"
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

// part reads the documents of a rendered template.
func (x *loading) part(s *sheet) {
	o := s.unit.origin
	documents, problems := manifest.Documents(&manifest.File{Name: o.name, Text: []byte(s.text)})
	out := model.Fragment{Problems: problems}
	others := s.others(len(documents))
	for i, d := range documents {
		if hook := hookOf(d); isElsewhere(hook) {
			x.note(o.name, fmt.Sprintf("an object of the hook %s is left out: it is in the cluster only while this runs", hook))
			continue
		}
		part := x.reader.Read(d)
		for _, r := range part.Resources {
			s.unknown(r, d, others, i)
			x.namespaced(r)
			r.Source = source{r.Source, o.file(), s.page, s.behind(r, d, i)}
		}
		out.Resources = append(out.Resources, part.Resources...)
		out.Problems = append(out.Problems, part.Problems...)
		out.Notes = append(out.Notes, part.Notes...)
		out.Opaque = append(out.Opaque, part.Opaque...)
	}
	s.translate(&out)
	if len(documents) > 0 || len(out.Problems) > 0 {
		x.keep(o.file())
		x.out.Parts = append(x.out.Parts, Part{File: o.file(), Fragment: out})
	}
}

// behind finds the values that are printed in an object.
func (s *sheet) behind(r *model.Resource, d *manifest.Document, number int) func(model.Path, model.Part) (model.Span, bool) {
	extent := r.Source.Extent()
	return func(path model.Path, part model.Part) (model.Span, bool) {
		root, offset := d.Tree()
		return s.given.behind(place{s.unit, s.text, number, prefixOf(root, offset, extent)}, path, part)
	}
}

// translate lets problems point into the template.
func (s *sheet) translate(f *model.Fragment) {
	o := s.unit.origin
	for i, p := range f.Problems {
		f.Problems[i].At = s.page().span(p.At.Start, p.At.End)
	}
	// The reason names the line of what cannot be read.
	for i, v := range f.Opaque {
		rest, found := strings.CutPrefix(v.Why, o.name+":")
		number, tail, cut := strings.Cut(rest, " ")
		line, err := strconv.Atoi(number)
		if !found || !cut || err != nil {
			continue
		}
		at := s.page().span(lineStart(s.text, line), lineStart(s.text, line))
		f.Opaque[i].Why = fmt.Sprintf("%s:%d %s", o.name, 1+strings.Count(string(o.text[:max(0, at.Start-o.skip)]), "\n"), tail)
		if at.Inexact {
			f.Opaque[i].Why = o.name + " " + tail
		}
	}
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

// others are the documents in the second turn of chance, or nil when they are the same.
// When there are more or fewer of them, none can be told from another.
func (s *sheet) others(count int) []*manifest.Document {
	if s.isKnown && s.again == s.text {
		return nil
	}
	documents, _ := manifest.Documents(&manifest.File{Name: s.unit.origin.name, Text: []byte(s.again)})
	if len(documents) != count {
		return make([]*manifest.Document, count)
	}
	return documents
}

// unknown adds the paths whose values differ in the second turn of chance.
func (s *sheet) unknown(r *model.Resource, d *manifest.Document, others []*manifest.Document, i int) {
	if others == nil {
		return
	}
	if others[i] == nil {
		r.Unknown = []model.Path{{}}
		return
	}
	a, offset := d.Tree()
	b, _ := others[i].Tree()
	prefix := prefixOf(a, offset, r.Source.Extent())
	for _, path := range differing(a, b, nil) {
		switch {
		case prefix.Covers(path):
			r.Unknown = append(r.Unknown, path[len(prefix):])
		case path.Covers(prefix):
			r.Unknown = append(r.Unknown, model.Path{})
		}
	}
	if r.Object.GetNamespace() == "" {
		// It is in the namespace of the release, wherever that is.
		r.Unknown = slices.DeleteFunc(r.Unknown, func(p model.Path) bool { return slices.Equal(p, model.Path{"metadata", "namespace"}) })
	}
	slices.SortFunc(r.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
	r.Unknown = slices.CompactFunc(r.Unknown, func(a, b model.Path) bool { return slices.Equal(a, b) })
}

// prefixOf leads from the root of a document to the object that has an extent: to an
// element of a list, or nowhere.
func prefixOf(root *syntax.Node, offset int, extent model.Span) model.Path {
	var out model.Path
	root.Walk(func(path []string, n *syntax.Node) bool {
		isIt := n.Start+offset == extent.Start && n.End+offset == extent.End && n.Kind == syntax.Mapping
		if isIt && out == nil {
			out = slices.Clone(path)
		}
		return out == nil && n.Start+offset <= extent.Start
	})
	return out
}

// differing are the paths whose values are not the same in both trees.
func differing(a, b *syntax.Node, at model.Path) []model.Path {
	if a == nil || b == nil || a.Kind != b.Kind || len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) || len(at) > 64 {
		return []model.Path{at}
	}
	var out []model.Path
	if a.Kind == syntax.Scalar && (a.Value != b.Value || a.Tag != b.Tag || a.Quoted != b.Quoted) {
		out = append(out, at)
	}
	for i, field := range a.Fields {
		other := b.Fields[i]
		if field.Key.Value != other.Key.Value {
			return []model.Path{at}
		}
		out = append(out, differing(field.Value, other.Value, at.Child(field.Key.Value))...)
	}
	for i, item := range a.Items {
		out = append(out, differing(item, b.Items[i], at.Child(strconv.Itoa(i)))...)
	}
	return out
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
