package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// applicationSpec is the part of an Application that says what is installed:
// https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
type applicationSpec struct {
	Source      *source     `json:"source"`
	Sources     []source    `json:"sources"`
	Hydrator    any         `json:"sourceHydrator"`
	Destination destination `json:"destination"`
}

type destination struct {
	Server    string `json:"server"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type source struct {
	RepoURL        string          `json:"repoURL"`
	Path           string          `json:"path"`
	TargetRevision string          `json:"targetRevision"`
	Chart          string          `json:"chart"`
	Ref            string          `json:"ref"`
	Helm           *argoHelm       `json:"helm"`
	Kustomize      *argoKustomize  `json:"kustomize"`
	Directory      *argoDirectory  `json:"directory"`
	Plugin         *map[string]any `json:"plugin"`
}

// application is the state of reading one Application.
type application struct {
	*Objects
	res  *model.Resource
	spec applicationSpec
	// destination is empty for the cluster that the Application itself is in.
	destination string
	deliveries  []Delivery
	gaps        []Gap
}

func (o *Objects) application(res *model.Resource) ([]Delivery, []Gap) {
	a := &application{Objects: o, res: res}
	spec := model.Path{"spec"}
	if err := known(res, paths("metadata.name", "spec.destination", "spec.sourceHydrator")...); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	if err := decode(res, spec, &a.spec); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	var err error
	if a.destination, err = a.spec.Destination.cluster(); err != nil {
		return nil, []Gap{gap(res, spec.Child("destination"), "", err)}
	}
	a.read(spec)
	return a.deliveries, a.gaps
}

func (a *application) read(spec model.Path) {
	switch {
	case a.spec.Hydrator != nil:
		a.gap(spec.Child("sourceHydrator"), errors.New("a hydrated source is not read"))
	case len(a.spec.Sources) > 0:
		// With sources, source counts for nothing:
		// https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
		for i := range a.spec.Sources {
			a.source(&a.spec.Sources[i], spec.Child("sources", strconv.Itoa(i)))
		}
	case a.spec.Source != nil:
		a.source(a.spec.Source, spec.Child("source"))
	default:
		a.gap(spec, errors.New("it names no source"))
	}
}

// cluster tells the cluster that the Application is in, which is "", from others.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters
func (d destination) cluster() (string, error) {
	const here, hereByName = "https://kubernetes.default.svc", "in-cluster"
	switch {
	case d.Server == "" && d.Name == "":
		return "", errors.New("it names no cluster")
	case d.Server != "" && d.Name != "":
		return "", errors.New("it names a cluster twice")
	case d.Name == hereByName, strings.TrimSuffix(d.Server, "/") == here:
		return "", nil
	default:
		return d.Name + d.Server, nil
	}
}

func (a *application) gap(at model.Path, err error) {
	a.gaps = append(a.gaps, gap(a.res, at, a.destination, err))
}

// source reads one source, which lies at a path of the Application.
func (a *application) source(s *source, at model.Path) {
	if s.Ref != "" && s.Path == "" && s.Chart == "" {
		return // It only lends files to other sources.
	}
	if err := a.knownSource(at); err != nil {
		a.gap(at, err)
		return
	}
	d, err := a.delivery(s, at)
	if err != nil {
		a.gap(at.Child("path"), err)
		return
	}
	d.At = a.res.Locate(at.Child("path"), model.PartValue)
	if d.Tool == Plain {
		a.plain(s, at, d)
		return
	}
	a.deliveries = append(a.deliveries, d)
}

// knownSource returns an error for a part of the source that is not fixed. A
// values file of another source begins with a dollar sign, and is no placeholder.
func (a *application) knownSource(at model.Path) error {
	for _, u := range a.res.Unknown {
		if !u.Covers(at) && !at.Covers(u) {
			continue
		}
		text, _ := valueAt(tree(a.res), u).(string)
		if len(u) == len(at)+3 && u[len(at)+1] == "valueFiles" && a.isReference(text) {
			continue
		}
		return notKnown(u)
	}
	return nil
}

func (a *application) delivery(s *source, at model.Path) (Delivery, error) {
	root, dir, err := a.folder(s)
	if err != nil {
		return Delivery{}, err
	}
	if err := a.overrides(dir); err != nil {
		return Delivery{}, err
	}
	d := Delivery{By: a.res.Ref, Source: a.res.Source, Destination: a.destination, Path: dir, Namespace: a.spec.Destination.Namespace}
	d.Tool, err = a.tool(s, dir)
	if err != nil {
		return Delivery{}, err
	}
	switch d.Tool {
	case Helm:
		d.Chart, err = a.chart(s, at, root, dir, &d)
	case Kustomize:
		d.Overlay, d.Written, err = a.kustomized(s.Kustomize, dir, at.Child("kustomize"))
	default:
	}
	return d, err
}

func (a *application) folder(s *source) (root, dir string, err error) {
	switch {
	case s.Chart != "":
		return "", "", fmt.Errorf("the chart %s is not in this repository", s.Chart)
	case s.Path == "":
		return "", "", errors.New("it names no folder")
	case strings.HasPrefix(s.RepoURL, "oci://"):
		return "", "", fmt.Errorf("%s is no git repository", s.RepoURL)
	}
	if err := a.repo.isThis(s.RepoURL); err != nil {
		return "", "", err
	}
	if err := a.repo.revision(s.TargetRevision); err != nil {
		return "", "", err
	}
	return a.repo.find(s.RepoURL, s.Path, a.file())
}

// overrides returns an error when files beside the manifests change the options:
// https://argo-cd.readthedocs.io/en/stable/user-guide/parameters/#store-overrides-in-git
func (a *application) overrides(dir string) error {
	for _, name := range []string{".argocd-source.yaml", ".argocd-source-" + a.res.Ref.Name + ".yaml"} {
		if a.isFile(path.Join(dir, name)) {
			return fmt.Errorf("what %s overrides is not read", name)
		}
	}
	return nil
}

func (o *Objects) isFile(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(o.fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// tool is the one that a source names, or else the one whose file is there:
// https://argo-cd.readthedocs.io/en/stable/user-guide/tool_detection/
func (a *application) tool(s *source, dir string) (Tool, error) {
	isChart := a.isFile(path.Join(dir, "Chart.yaml"))
	kustomization := a.kustomizationFile(dir)
	named := 0
	for _, is := range []bool{s.Helm != nil, s.Kustomize != nil, s.Directory != nil, s.Plugin != nil} {
		if is {
			named++
		}
	}
	switch {
	case named > 1:
		return "", errors.New("it names two tools")
	case s.Plugin != nil:
		return "", errors.New("a plugin makes its objects")
	case s.Helm != nil && !isChart:
		return "", fmt.Errorf("%s holds no chart", dir)
	case s.Kustomize != nil && kustomization == "":
		return "", fmt.Errorf("%s holds no kustomization", dir)
	case s.Directory != nil:
		return Plain, nil
	case named == 0 && isChart && kustomization != "":
		return "", fmt.Errorf("%s holds a chart and a kustomization", dir)
	case isChart && s.Kustomize == nil:
		return Helm, nil
	case kustomization != "":
		return Kustomize, nil
	default:
		return Plain, nil
	}
}
