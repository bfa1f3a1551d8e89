package helm

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxTrials bounds how many values are changed to find the one that a template prints.
const maxTrials = 16

// setting is a value as one file gives it.
type setting struct {
	path model.Path
	key  model.Span
	at   model.Span
	text string
}

// settings are the values that a chart is rendered with, each where it is given last:
// in the files that were handed in, or else in those of the charts.
type settings struct {
	*loading
	program *program
	all     func() []setting
	// without holds what templates render to when one value is another, by its path.
	mu      sync.Mutex
	without map[string]func() map[string]string
}

func (x *loading) settings(p *program) *settings {
	s := &settings{loading: x, program: p, without: map[string]func() map[string]string{}}
	s.keepAll(p.chart)
	s.all = sync.OnceValue(func() []setting { return s.list(p.chart) })
	return s
}

// keepAll makes the files of values of the charts ones that spans may point to.
func (s *settings) keepAll(c *chart.Chart) {
	if f := s.folders[c.Raw[0]]; f != nil && f.files[valuesFile] != nil {
		s.keep(f.files[valuesFile].file())
	}
	for _, sub := range c.Dependencies() {
		s.keepAll(sub)
	}
}

func (s *settings) list(c *chart.Chart) []setting {
	var out []setting
	seen := map[string]bool{}
	add := func(o *origin, prefix model.Path, place func(model.Path) model.Span) {
		root, err := syntax.ParseYAML(o.text)
		if err != nil || root == nil {
			return
		}
		walkScalars(root, prefix, func(at model.Path, key, n *syntax.Node) {
			if name := at.String(); !seen[name] {
				seen[name] = true
				one := setting{path: at, at: o.span(n.Start, n.End), text: n.Value}
				switch {
				case place != nil:
					one.at = place(at)
					one.key = one.at
				case key != nil:
					one.key = o.span(key.Start, key.End)
				}
				out = append(out, one)
			}
		})
	}
	for i := len(s.options.Values) - 1; i >= 0; i-- {
		v := s.options.Values[i]
		add(newOrigin(v.File, v.Text), nil, v.At)
	}
	s.ofCharts(c, nil, func(o *origin, prefix model.Path) { add(o, prefix, nil) })
	return out
}

func (s *settings) ofCharts(c *chart.Chart, prefix model.Path, add func(*origin, model.Path)) {
	if f := s.folders[c.Raw[0]]; f != nil && f.files[valuesFile] != nil {
		add(f.files[valuesFile], prefix)
	}
	for _, sub := range c.Dependencies() {
		s.ofCharts(sub, prefix.Child(sub.Name()), add)
	}
}

// walkScalars visits the scalars of a tree, with the key of each that has one.
func walkScalars(n *syntax.Node, at model.Path, visit func(at model.Path, key, n *syntax.Node)) {
	for _, f := range n.Fields {
		below := at.Child(f.Key.Value)
		if f.Value.Kind == syntax.Scalar {
			visit(below, f.Key, f.Value)
			continue
		}
		walkScalars(f.Value, below, visit)
	}
	for i, item := range n.Items {
		below := at.Child(strconv.Itoa(i))
		if item.Kind == syntax.Scalar {
			visit(below, nil, item)
			continue
		}
		walkScalars(item, below, visit)
	}
}

// behind finds the value that a template prints at a place of an object: the one whose
// change changes it. There is none where several do.
func (s *settings) behind(at place, path model.Path, part model.Part) (model.Span, bool) {
	text, ok := at.scalar(at.text, path)
	if !ok || text == "" {
		return model.Span{}, false
	}
	var found []setting
	trials := 0
	for _, one := range s.all() {
		if !mayPrint(one, text) || s.value(one.path) != one.text {
			continue
		}
		if trials++; trials > maxTrials {
			return model.Span{}, false
		}
		again, ok := at.scalar(s.renderedWithout(one)[at.unit.name], path)
		if !ok || again != text {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		return model.Span{}, false
	}
	if name := path[len(path)-1]; part == model.PartKey && found[0].path[len(found[0].path)-1] == name {
		return found[0].key, true
	}
	return found[0].at, true
}

// mayPrint reports whether a text may be made of a value: it is that value, or holds it.
func mayPrint(one setting, text string) bool {
	const shortest = 3 // shorter ones are in many texts
	return one.text == text || len(one.text) >= shortest && strings.Contains(text, one.text)
}

// value is what a path of the values stands for, as text.
func (s *settings) value(at model.Path) string {
	value := s.program.values["Values"]
	for _, elem := range at {
		if m, ok := asMap(value); ok {
			value = m[elem]
			continue
		}
		list, _ := value.([]any)
		i, err := strconv.Atoi(elem)
		if err != nil || i < 0 || i >= len(list) {
			return ""
		}
		value = list[i]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// renderedWithout is what the templates render to when one value is another.
func (s *settings) renderedWithout(one setting) map[string]string {
	s.mu.Lock()
	name := one.path.String()
	texts, ok := s.without[name]
	if !ok {
		texts = sync.OnceValue(func() map[string]string {
			p := *s.program
			p.values = copiedMap(p.values)
			change(p.values["Values"], one.path)
			r, err := p.render(context.Background(), plain, 0)
			if err != nil {
				return nil
			}
			return r.texts
		})
		s.without[name] = texts
	}
	s.mu.Unlock()
	return texts()
}

// change makes the value at a path another one.
func change(value any, at model.Path) {
	last := len(at) - 1
	for i, elem := range at {
		if m, ok := asMap(value); ok {
			if i == last {
				m[elem] = varied(m[elem])
			}
			value = m[elem]
			continue
		}
		list, _ := value.([]any)
		n, err := strconv.Atoi(elem)
		if err != nil || n < 0 || n >= len(list) {
			return
		}
		if i == last {
			list[n] = varied(list[n])
		}
		value = list[n]
	}
}

// place is an object in what a template renders to.
type place struct {
	unit   *unit
	text   string
	number int
	prefix model.Path
}

// scalar is the text at a path of the object, if a rendering of the template has it.
func (at place) scalar(text string, in model.Path) (string, bool) {
	documents, _ := manifest.Documents(&manifest.File{Name: path.Base(at.unit.name), Text: []byte(text)})
	if at.number >= len(documents) || len(in) == 0 {
		return "", false
	}
	root, _ := documents[at.number].Tree()
	n := root.Find(at.prefix.Child(in...))
	if n == nil || n.Kind != syntax.Scalar {
		return "", false
	}
	return n.Value, true
}
