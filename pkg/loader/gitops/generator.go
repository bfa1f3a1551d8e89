package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// generator makes sets of parameters:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/
type generator struct {
	List     *listGenerator        `json:"list"`
	Git      *gitGenerator         `json:"git"`
	Matrix   *nestedGenerator      `json:"matrix"`
	Merge    *nestedGenerator      `json:"merge"`
	Selector *metav1.LabelSelector `json:"selector"`

	// What these generate is nowhere in a repository.
	Clusters                *any `json:"clusters"`
	SCMProvider             *any `json:"scmProvider"`
	PullRequest             *any `json:"pullRequest"`
	Plugin                  *any `json:"plugin"`
	ClusterDecisionResource *any `json:"clusterDecisionResource"`
}

type listGenerator struct {
	Elements     []map[string]any `json:"elements"`
	ElementsYAML string           `json:"elementsYaml"`
	Template     map[string]any   `json:"template"`
}

type nestedGenerator struct {
	Generators []generator    `json:"generators"`
	MergeKeys  []string       `json:"mergeKeys"`
	Template   map[string]any `json:"template"`
}

// template is the one that the generator brings along, or nil.
func (g *generator) template() map[string]any {
	switch {
	case g.List != nil:
		return g.List.Template
	case g.Git != nil:
		return g.Git.Template
	case g.Matrix != nil:
		return g.Matrix.Template
	case g.Merge != nil:
		return g.Merge.Template
	default:
		return nil
	}
}

// params returns the sets of parameters of a generator. outer are those of a
// generator before it in a matrix, which its own fields may use.
func (s *applicationSet) params(g *generator, outer map[string]any) ([]map[string]any, error) {
	if outer != nil {
		filled, err := s.interpolated(g, outer)
		if err != nil {
			return nil, err
		}
		g = filled
	}
	sets, err := s.generated(g)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, params := range sets {
		ok, err := selects(g.Selector, params)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, params)
		}
	}
	return out, nil
}

func (s *applicationSet) generated(g *generator) ([]map[string]any, error) {
	switch {
	case g.List != nil:
		return s.list(g.List)
	case g.Git != nil:
		return s.git(g.Git)
	case g.Matrix != nil:
		return s.matrix(g.Matrix.Generators)
	case g.Merge != nil:
		return s.merge(g.Merge)
	case g.Clusters != nil:
		return nil, errors.New("the clusters that Argo CD knows are not in the input")
	case g.SCMProvider != nil:
		return nil, errors.New("the repositories of an organisation are not in the input")
	case g.PullRequest != nil:
		return nil, errors.New("open pull requests are not in the input")
	case g.Plugin != nil:
		return nil, errors.New("a plugin generates its parameters")
	case g.ClusterDecisionResource != nil:
		return nil, errors.New("the clusters that another object decides on are not in the input")
	default:
		return nil, errors.New("it has no generator that is known")
	}
}

// interpolated fills the parameters of another generator into this one.
func (s *applicationSet) interpolated(g *generator, outer map[string]any) (*generator, error) {
	raw, err := json.Marshal(g)
	if err != nil {
		return nil, err
	}
	var tree, filled any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	if filled, err = s.templates.render(tree, outer); err != nil {
		return nil, err
	}
	out := &generator{}
	return out, convert(filled, out)
}

// list takes the elements as they are, or from a text.
func (s *applicationSet) list(g *listGenerator) ([]map[string]any, error) {
	out := g.Elements
	if g.ElementsYAML != "" {
		var more []map[string]any
		if placeholder.In(g.ElementsYAML) || yaml.Unmarshal([]byte(g.ElementsYAML), &more) != nil {
			return nil, errors.New("its elementsYaml is not known")
		}
		out = append(out[:len(out):len(out)], more...)
	}
	if s.spec.GoTemplate {
		return out, nil
	}
	flat := make([]map[string]any, len(out))
	for i, element := range out {
		var err error
		if flat[i], err = textElement(element); err != nil {
			return nil, err
		}
	}
	return flat, nil
}

// textElement is an element of a list for templates that take text alone. Argo
// CD refuses all else but the mapping values.
func textElement(element map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(element)) {
		value := element[key]
		values, isMap := value.(map[string]any)
		_, isText := value.(string)
		switch {
		case isText:
			out[key] = value
		case isMap && key == "values":
			for name, text := range values {
				out["values."+name] = text
			}
		default:
			return nil, fmt.Errorf("%s of an element is no text", key)
		}
	}
	return out, nil
}

func (t texts) params() map[string]any {
	out := make(map[string]any, len(t))
	for key, text := range t {
		out[key] = text
	}
	return out
}

// matrix combines each set of the first generator with each of the second:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Matrix/
func (s *applicationSet) matrix(generators []generator) ([]map[string]any, error) {
	if len(generators) != 2 {
		return nil, errors.New("a matrix combines two generators")
	}
	first, err := s.params(&generators[0], nil)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, outer := range first {
		second, err := s.params(&generators[1], outer)
		if err != nil {
			return nil, err
		}
		for _, inner := range second {
			both, err := s.combine(outer, inner)
			if err != nil {
				return nil, err
			}
			if out = append(out, both); len(out) > maxApplications {
				return out, nil
			}
		}
	}
	return out, nil
}

// combine joins two sets. Without Go templates they may not disagree.
func (s *applicationSet) combine(outer, inner map[string]any) (map[string]any, error) {
	if s.spec.GoTemplate {
		return over(outer, inner), nil
	}
	for _, key := range slices.Sorted(maps.Keys(inner)) {
		value := inner[key]
		if other, ok := outer[key]; ok && !reflect.DeepEqual(other, value) {
			return nil, fmt.Errorf("both generators of its matrix have the parameter %s", key)
		}
	}
	return over(outer, inner), nil
}

// over lays one set of parameters over another.
func over(base, top map[string]any) map[string]any {
	out := make(map[string]any, len(base)+len(top))
	for key, value := range base {
		out[key] = value
	}
	for key, value := range top {
		a, aIsMap := out[key].(map[string]any)
		b, bIsMap := value.(map[string]any)
		if aIsMap && bIsMap {
			value = over(a, b)
		}
		out[key] = value
	}
	return out
}

// merge lays the sets of later generators over those of the first that agree
// with them in the merge keys:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Merge/
func (s *applicationSet) merge(g *nestedGenerator) ([]map[string]any, error) {
	if len(g.Generators) < 2 || len(g.MergeKeys) == 0 {
		return nil, errors.New("a merge needs two generators and a key")
	}
	base, err := s.params(&g.Generators[0], nil)
	if err != nil {
		return nil, err
	}
	if _, err := byKey(base, g.MergeKeys); err != nil {
		return nil, err
	}
	for i := range g.Generators[1:] {
		sets, err := s.params(&g.Generators[i+1], nil)
		if err != nil {
			return nil, err
		}
		tops, err := byKey(sets, g.MergeKeys)
		if err != nil {
			return nil, err
		}
		for j, params := range base {
			if top, ok := tops[keyOf(params, g.MergeKeys)]; ok {
				base[j] = over(params, top)
			}
		}
	}
	return base, nil
}

func byKey(sets []map[string]any, keys []string) (map[string]map[string]any, error) {
	out := make(map[string]map[string]any, len(sets))
	for _, params := range sets {
		key := keyOf(params, keys)
		if _, again := out[key]; again || placeholder.In(key) {
			return nil, fmt.Errorf("%s do not tell its parameters apart", strings.Join(keys, ", "))
		}
		out[key] = params
	}
	return out, nil
}

// keyOf is the value of the merge keys in a set.
func keyOf(params map[string]any, keys []string) string {
	flat := texts{}
	flat.flatten("", params)
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = fmt.Sprintf("%q", flat[key])
	}
	return strings.Join(values, ",")
}
