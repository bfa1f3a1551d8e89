package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// argoHelm are the options of a chart:
// https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
type argoHelm struct {
	ReleaseName             string         `json:"releaseName"`
	Namespace               string         `json:"namespace"`
	ValueFiles              []string       `json:"valueFiles"`
	IgnoreMissingValueFiles bool           `json:"ignoreMissingValueFiles"`
	Values                  string         `json:"values"`
	ValuesObject            map[string]any `json:"valuesObject"`
	Parameters              []parameter    `json:"parameters"`
	FileParameters          []any          `json:"fileParameters"`
	KubeVersion             string         `json:"kubeVersion"`
	APIVersions             []string       `json:"apiVersions"`
}

type parameter struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	ForceString bool   `json:"forceString"`
}

// chart reads the options of a chart. The order in which they win is
// https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-value-precedence
func (a *application) chart(s *source, at model.Path, root, dir string, d *Delivery) (*Chart, error) {
	c := &Chart{Release: a.res.Ref.Name}
	h := s.Helm
	if h == nil {
		return c, nil
	}
	if h.ReleaseName != "" {
		c.Release = h.ReleaseName
	}
	if h.Namespace != "" && h.Namespace != d.Namespace {
		return nil, errors.New("its chart is rendered for another namespace than it is installed in")
	}
	if err := h.unread(); err != nil {
		return nil, err
	}
	var err error
	if c.Values, err = a.valueFiles(h, root, dir); err != nil {
		return nil, err
	}
	inline, err := h.inline()
	if err != nil {
		return nil, err
	}
	if len(inline) > 0 {
		isText := h.ValuesObject == nil
		field := map[bool]string{true: "values", false: "valuesObject"}[isText]
		c.Values = append(c.Values, valuesIn(a.res, at.Child("helm", field), isText, inline))
	}
	c.set(h.Parameters)
	return c, nil
}

// unread returns an error for the options that are not followed.
func (h *argoHelm) unread() error {
	switch {
	case len(h.FileParameters) > 0:
		return errors.New("helm.fileParameters are not read")
	case h.KubeVersion != "":
		return errors.New("helm.kubeVersion is not passed on")
	case len(h.APIVersions) > 0:
		return errors.New("helm.apiVersions are not passed on")
	default:
		return nil
	}
}

// inline is the text of the values that stand in the Application. An object
// wins over a text, which then counts for nothing.
func (h *argoHelm) inline() ([]byte, error) {
	if h.ValuesObject == nil {
		return []byte(h.Values), nil
	}
	return json.Marshal(h.ValuesObject)
}

// set adds the parameters. Of two with one name the last one counts.
func (c *Chart) set(parameters []parameter) {
	for i, p := range parameters {
		isAgain := func(q parameter) bool { return q.Name == p.Name && q.ForceString == p.ForceString }
		if slices.ContainsFunc(parameters[i+1:], isAgain) {
			continue
		}
		text := p.Name + "=" + escapeCommas(p.Value)
		if p.ForceString {
			c.SetString = append(c.SetString, text)
			continue
		}
		c.Set = append(c.Set, text)
	}
}

// escapeCommas keeps Helm from reading several values, as Argo CD does: in a
// list in braces commas stay as they are.
func escapeCommas(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var b strings.Builder
	for i := range len(value) {
		if value[i] == ',' && (i == 0 || value[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

func (a *application) valueFiles(h *argoHelm, root, dir string) ([]Values, error) {
	var out []Values
	for _, name := range h.ValueFiles {
		file, err := a.valueFile(name, root, dir)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(a.fsys, file)
		switch {
		case err == nil:
			out = append(out, Values{File: file, Text: text})
		case strings.ContainsAny(name, "*?["):
			return nil, fmt.Errorf("which files %s names depends on the release of Argo CD", name)
		case !h.IgnoreMissingValueFiles || !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("the values file %s is not in this repository", name)
		}
	}
	return out, nil
}

// valueFile resolves the name of a values file: of the repository when it begins
// with a slash, of another source with a dollar sign, and else of the chart.
func (a *application) valueFile(name, root, dir string) (string, error) {
	if strings.Contains(name, "://") {
		return "", fmt.Errorf("the values file %s is not in this repository", name)
	}
	if strings.HasPrefix(name, "$") {
		return a.referenced(name)
	}
	file := path.Join(dir, name)
	if strings.HasPrefix(name, "/") {
		file = path.Join(root, name)
	}
	return file, within(root, file)
}

func within(root, file string) error {
	if _, err := inside(file); err != nil {
		return err
	}
	if root != "." && !strings.HasPrefix(file, root+"/") {
		return fmt.Errorf("the path %q leaves the repository", file)
	}
	return nil
}

// isReference reports whether the name of a values file begins with the name of
// a source, and is known otherwise.
func (a *application) isReference(name string) bool {
	ref, rest, found := strings.Cut(name, "/")
	isRef := func(s source) bool { return s.Ref != "" && "$"+s.Ref == ref }
	return found && slices.ContainsFunc(a.spec.Sources, isRef) && !placeholder.In(rest)
}

// referenced resolves a values file of another source, which may be this same
// repository: https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
func (a *application) referenced(name string) (string, error) {
	ref, rest, _ := strings.Cut(name, "/")
	i := slices.IndexFunc(a.spec.Sources, func(s source) bool { return "$"+s.Ref == ref })
	if i < 0 {
		return "", fmt.Errorf("no source has the name %s", ref)
	}
	s := a.spec.Sources[i]
	if err := a.repo.revision(s.TargetRevision); err != nil {
		return "", err
	}
	folder, err := inside(path.Dir(path.Join(".", rest)))
	if err != nil {
		return "", err
	}
	root, _, err := a.repo.find(s.RepoURL, folder, a.file())
	if err != nil {
		return "", err
	}
	file := path.Join(root, rest)
	return file, within(root, file)
}

func (a *application) file() string { return a.res.Locate(nil, model.PartValue).File }
