package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
)

// unit is one template file of a chart or a subchart.
type unit struct {
	// name is what Helm calls it: the path of the chart by names, then that in the chart.
	name, base string
	origin     *origin
	// trees are what the file defines, itself among them, each with the calls of the meter.
	trees []*parse.Tree
	// marked are the trees with markers in that of the file itself, and written is what
	// the markers stand for.
	marked  []*parse.Tree
	written []written
	// broken is why the file cannot be parsed.
	broken error
}

// isPartial reports whether nobody renders the file by itself.
func (u *unit) isPartial() bool { return strings.HasPrefix(path.Base(u.name), "_") }

// program are the templates of a chart with its subcharts, parsed, in Helm's order: of
// two definitions of the same name the later one wins, and that of a parent comes later.
type program struct {
	units  []*unit
	chart  *chartv2.Chart
	values common.Values
	// isOpen is set when no value is known.
	isOpen bool
}

func (x *loading) program(c *chartv2.Chart, values common.Values) *program {
	p := &program{chart: c, values: values, isOpen: x.options.IsOpen}
	x.units(p, c)
	slices.SortFunc(p.units, func(a, b *unit) int {
		return cmp.Or(cmp.Compare(strings.Count(b.name, "/"), strings.Count(a.name, "/")), cmp.Compare(b.name, a.name))
	})
	for i, u := range p.units {
		u.parse(i)
	}
	return p
}

func (x *loading) units(p *program, c *chartv2.Chart) {
	base := c.ChartFullPath()
	for _, t := range c.Templates {
		if c.Metadata.Type == "library" && !strings.HasPrefix(path.Base(t.Name), "_") {
			continue
		}
		p.units = append(p.units, &unit{
			name: path.Join(base, t.Name), base: path.Join(base, "templates"), origin: x.origins[t],
		})
	}
	for _, sub := range c.Dependencies() {
		x.units(p, sub)
	}
}

func (u *unit) parse(index int) {
	if len(u.origin.text) > maxTemplate {
		u.broken = errors.New("the template is larger than 1 MiB")
		return
	}
	u.trees, u.broken = parseText(u.name, string(u.origin.text))
	for _, tree := range u.trees {
		if tree.Name == u.name && !strings.Contains(string(u.origin.text), markBegin) {
			marks := marker{file: index, text: string(u.origin.text)}
			u.marked = append(u.marked, &parse.Tree{Name: tree.Name, ParseName: tree.ParseName, Root: marks.list(tree.Root)})
			u.written = marks.written
			continue
		}
		u.marked = append(u.marked, tree)
	}
}

// parseText returns what a text defines, with calls of the meter.
func parseText(name, text string) ([]*parse.Tree, error) {
	trees, err := parse.Parse(name, text, "", "", vocabulary())
	if err != nil {
		return nil, err
	}
	var out []*parse.Tree
	for _, key := range slices.Sorted(maps.Keys(trees)) {
		meterTree(trees[key])
		out = append(out, trees[key])
	}
	return out, nil
}

// vocabulary are the functions by name, as parsing needs them.
var vocabulary = sync.OnceValue(func() map[string]any {
	out := functions(&chance{})
	for _, name := range []string{
		"include", "tpl",
		// https://pkg.go.dev/text/template#hdr-Functions
		"and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println", "urlquery",
		"eq", "ge", "gt", "le", "lt", "ne",
	} {
		out[name] = name
	}
	return out
})

// rendering is one execution of all templates.
type rendering struct {
	meter
	chance
	texts map[string]string
	// failures are the errors of templates that could not be rendered.
	failures map[string]error
}

// form says which trees of a program are executed.
type form func(*unit) []*parse.Tree

func plain(u *unit) []*parse.Tree  { return u.trees }
func marked(u *unit) []*parse.Tree { return u.marked }

// render executes the templates. What a template does to the values is seen by those
// after it, as with Helm, and by no other rendering.
//
// The goroutine ends soon after the deadline, as the meter is asked on each round of
// a loop. Within one call of a function it is not: then it is left behind.
func (p *program) render(ctx context.Context, trees form, turn int) (*rendering, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	done := make(chan *rendering, 1)
	go func() {
		r := &rendering{
			meter: meter{expired: ctx.Err}, chance: chance{turn: turn}, texts: map[string]string{}, failures: map[string]error{},
		}
		defer func() { done <- r }()
		defer func() {
			if v := recover(); v != nil {
				r.failures[""] = fmt.Errorf("%v", v)
			}
		}()
		r.run(p, trees)
	}()
	select {
	case r := <-done:
		return r, r.failures[""]
	case <-ctx.Done():
	}
	return nil, &limitError{fmt.Sprintf("rendering takes more than %v", maxTime)}
}

func (r *rendering) run(p *program, trees form) {
	set := r.bind(template.New("gotpl").Option("missingkey=zero").Funcs(functions(&r.chance)))
	for _, u := range p.units {
		for _, tree := range trees(u) {
			// The error is for a name that is empty, which none is.
			_, _ = set.AddParseTree(tree.Name, tree)
		}
	}
	values := copiedMap(p.values)
	if own, ok := asMap(values["Values"]); ok {
		r.fillOpen(p.chart, own)
		if p.isOpen && r.turn > 0 {
			vary(own)
		}
	}
	r.fillNamespace(values)
	if known, ok := values["Capabilities"].(*common.Capabilities); ok {
		values["Capabilities"] = &cluster{known, &r.chance}
	}
	scopes := map[string]map[string]any{}
	scope(p.chart, values, scopes)
	for _, u := range p.units {
		if u.isPartial() || u.broken != nil {
			continue
		}
		data := scopes[u.base]
		data["Template"] = common.Values{"Name": u.name, "BasePath": u.base}
		r.nesting = 0
		out := output{meter: &r.meter}
		if err := set.ExecuteTemplate(&out, u.name, data); err != nil {
			r.failures[u.name] = err
			continue
		}
		r.texts[u.name] = withoutNil(out.String())
	}
}

// withoutNil removes what text/template writes for a value that is not there.
func withoutNil(text string) string { return strings.ReplaceAll(text, "<no value>", "") }

// scope builds what the templates of each chart see, by the folder of its templates.
// https://helm.sh/docs/chart_template_guide/builtin_objects/
func scope(c *chartv2.Chart, values common.Values, out map[string]map[string]any) map[string]any {
	metadata := map[string]any{}
	files := files{}
	if about, err := chart.NewAccessor(c); err == nil {
		metadata = about.MetadataAsMap()
		files = newFiles(about.Files())
	}
	metadata["IsRoot"] = c.IsRoot()
	subcharts := map[string]any{}
	data := map[string]any{
		"Chart": metadata, "Files": files, "Release": values["Release"], "Capabilities": values["Capabilities"],
		"Values": common.Values{}, "Subcharts": subcharts,
	}
	if c.IsRoot() {
		data["Values"] = values["Values"]
	} else if own, err := values.Table("Values." + c.Name()); err == nil {
		data["Values"] = own
	}
	for _, sub := range c.Dependencies() {
		subcharts[sub.Name()] = scope(sub, data, out)
	}
	out[path.Join(c.ChartFullPath(), "templates")] = data
	return data
}

// copied is a value whose maps and lists are its own.
func copied(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return copiedMap(v)
	case common.Values:
		return common.Values(copiedMap(v))
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copied(item)
		}
		return out
	default:
		return value
	}
}

func copiedMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, item := range m {
		out[key] = copied(item)
	}
	return out
}

// bind adds the functions that need the set of templates, to a set that is its own.
func (r *rendering) bind(set *template.Template) *template.Template {
	return set.Funcs(template.FuncMap{
		enterName: r.enter, leaveName: r.leave, stepName: r.step, unsetName: r.unset,
		"include": func(name string, data any) (string, error) { return r.include(set, name, data) },
		"tpl":     func(text string, data any) (string, error) { return r.tpl(set, text, data) },
	})
}

func (r *rendering) include(set *template.Template, name string, data any) (string, error) {
	if set.Lookup(name) == nil {
		return "", &noTemplateError{name}
	}
	out := output{meter: &r.meter}
	err := set.ExecuteTemplate(&out, name, data)
	return out.String(), err
}

// tpl renders a text, in which everything that is defined around it can be included,
// and what it defines itself nowhere else.
func (r *rendering) tpl(parent *template.Template, text string, data any) (string, error) {
	if len(text) > maxTemplate {
		return "", errTooLong
	}
	trees, err := parseText(parent.Name(), text)
	if err != nil {
		return "", err
	}
	set, err := parent.Clone()
	if err != nil {
		return "", err
	}
	set = r.bind(set.Option("missingkey=zero"))
	top := set.New(parent.Name())
	for _, tree := range trees {
		if _, err := top.AddParseTree(tree.Name, tree); err != nil {
			return "", err
		}
	}
	out := output{meter: &r.meter}
	err = top.Execute(&out, data)
	return withoutNil(out.String()), err
}
