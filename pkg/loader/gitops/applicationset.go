package gitops

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// maxApplications bounds what one ApplicationSet generates.
const maxApplications = 1000

// applicationSetSpec is the part of an ApplicationSet that says which
// Applications it generates:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/
type applicationSetSpec struct {
	Generators        []generator    `json:"generators"`
	GoTemplate        bool           `json:"goTemplate"`
	GoTemplateOptions []string       `json:"goTemplateOptions"`
	Template          map[string]any `json:"template"`
	TemplatePatch     string         `json:"templatePatch"`
}

// applicationSet is the state of reading one ApplicationSet.
type applicationSet struct {
	*Objects
	res       *model.Resource
	spec      applicationSetSpec
	templates templating
	gaps      []Gap
}

// generated is an Application before it is read.
type generated struct {
	res *model.Resource
	err error
}

func (o *Objects) applicationSet(res *model.Resource) ([]Delivery, []Gap) {
	s := &applicationSet{Objects: o, res: res}
	spec := model.Path{"spec"}
	if err := errors.Join(s.settled(), decode(res, spec, &s.spec)); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	if s.spec.TemplatePatch != "" {
		return nil, []Gap{gap(res, spec.Child("templatePatch"), "", errors.New("its templatePatch is not applied"))}
	}
	s.templates = templating{isGo: s.spec.GoTemplate, options: s.spec.GoTemplateOptions}
	return s.read(s.applications())
}

// settled returns an error for what is unknown and no placeholder. Placeholders
// are looked for in what is generated: there, templates are filled in.
func (s *applicationSet) settled() error {
	if err := known(s.res, paths("metadata.name", "metadata.namespace", "spec.goTemplate", "spec.goTemplateOptions", "spec.templatePatch")...); err != nil {
		return err
	}
	for _, u := range s.res.Unknown {
		isAsked := slices.ContainsFunc(paths("spec.generators", "spec.template"), func(p model.Path) bool { return p.Covers(u) || u.Covers(p) })
		text, _ := valueAt(tree(s.res), u).(string)
		if isAsked && !placeholder.In(text) {
			return notKnown(u)
		}
	}
	return nil
}

// applications generates the Applications, up to a limit.
func (s *applicationSet) applications() []generated {
	var out []generated
	for i, g := range s.spec.Generators {
		at := model.Path{"spec", "generators", strconv.Itoa(i)}
		sets, err := s.params(&g, nil)
		if err != nil {
			s.gaps = append(s.gaps, gap(s.res, at, "", err))
			continue
		}
		for _, params := range sets {
			if len(out) == maxApplications {
				s.gaps = append(s.gaps, gap(s.res, at, "", fmt.Errorf("it generates more than %d Applications", maxApplications)))
				return out
			}
			out = append(out, s.generate(filled(g.template(), s.spec.Template), params))
		}
	}
	return out
}

// generate fills in the template. Without parameters Argo CD takes it as it is.
func (s *applicationSet) generate(template any, params map[string]any) generated {
	body := template
	if len(params) > 0 {
		var err error
		if body, err = s.templates.render(template, params); err != nil {
			return generated{err: err}
		}
	}
	object, _ := body.(map[string]any)
	u := &unstructured.Unstructured{Object: object}
	name, _ := valueAt(object, model.Path{"metadata", "name"}).(string)
	ref := model.Ref{Group: argoGroup, Kind: "Application", Namespace: s.res.Ref.Namespace, Name: name}
	return generated{res: &model.Resource{
		Ref: ref, Object: u, Source: inTemplate{s.res}, Unknown: placeholder.Paths(object),
	}}
}

// read reads the Applications. Argo CD generates none that has the name of
// another.
func (s *applicationSet) read(list []generated) ([]Delivery, []Gap) {
	times := map[string]int{}
	for _, g := range list {
		if g.err == nil && !g.res.IsUnknown("metadata", "name") {
			times[g.res.Ref.Name]++
		}
	}
	var out []Delivery
	for _, g := range list {
		switch {
		case g.err != nil:
			s.gaps = append(s.gaps, gap(s.res, model.Path{"spec", "template"}, "", g.err))
		case g.res.Ref.Name == "":
			s.gaps = append(s.gaps, gap(g.res, nil, "", errors.New("it generates an Application without a name")))
		case times[g.res.Ref.Name] > 1:
			s.gaps = append(s.gaps, gap(g.res, nil, "", errors.New("another Application that is generated has its name")))
		default:
			deliveries, gaps := s.application(g.res)
			out = append(out, deliveries...)
			s.gaps = append(s.gaps, gaps...)
		}
	}
	return out, s.gaps
}

// inTemplate locates the parts of a generated Application in the template.
type inTemplate struct{ res *model.Resource }

func (t inTemplate) File() string { return t.Extent().File }

// Locate returns the span of a part of the template.
func (t inTemplate) Locate(path model.Path, part model.Part) (model.Span, bool) {
	if t.res.Source == nil {
		return model.Span{}, false
	}
	return t.res.Source.Locate(model.Path{"spec", "template"}.Child(path...), part)
}

func (t inTemplate) Extent() model.Span {
	if t.res.Source == nil {
		return model.Span{}
	}
	return t.res.Source.Extent()
}

// filled is a template of a generator, with the empty parts taken from the one
// of the ApplicationSet:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/#generator-templates
func filled(own, common map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range common {
		out[key] = value
	}
	for key, value := range own {
		below, isMap := value.(map[string]any)
		base, _ := out[key].(map[string]any)
		switch {
		case isMap:
			out[key] = filled(below, base)
		case !isEmpty(value):
			out[key] = value
		}
	}
	return out
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case []any:
		return len(v) == 0
	default:
		return false
	}
}

// selects reports whether a selector of a generator takes a set of parameters,
// of which it sees those that are text.
func selects(selector *metav1.LabelSelector, params map[string]any) (bool, error) {
	if selector == nil {
		return true, nil
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return false, errors.New("its selector is not valid")
	}
	set := texts{}
	set.flatten("", params)
	for _, text := range set {
		if placeholder.In(text) {
			return false, errors.New("what its selector compares is not known")
		}
	}
	return s.Matches(set), nil
}

// texts are parameters by their path, as labels.
type texts map[string]string

func (t texts) flatten(prefix string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			t.flatten(strings.TrimPrefix(prefix+"."+key, "."), item)
		}
	case []any:
		for i, item := range v {
			t.flatten(prefix+"."+strconv.Itoa(i), item)
		}
	case nil:
	default:
		t[prefix] = fmt.Sprint(v)
	}
}

// Has, Get and Lookup make texts a set of labels.
func (t texts) Has(label string) bool { _, ok := t[label]; return ok }

// Get returns the text of a parameter.
func (t texts) Get(label string) string { return t[label] }

// Lookup returns the text of a parameter, and whether there is one.
func (t texts) Lookup(label string) (string, bool) { text, ok := t[label]; return text, ok }
