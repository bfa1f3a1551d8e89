package gitops

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// helmRelease is the part of a HelmRelease that says what is installed:
// https://fluxcd.io/flux/components/helm/helmreleases/
type helmRelease struct {
	Chart *struct {
		Spec helmChart `json:"spec"`
	} `json:"chart"`
	ChartRef        *reference     `json:"chartRef"`
	ReleaseName     string         `json:"releaseName"`
	TargetNamespace string         `json:"targetNamespace"`
	Values          map[string]any `json:"values"`
	ValuesFrom      []valuesFrom   `json:"valuesFrom"`
	PostRenderers   []any          `json:"postRenderers"`
	CommonMetadata  any            `json:"commonMetadata"`
	Suspend         bool           `json:"suspend"`
	KubeConfig      *kubeConfig    `json:"kubeConfig"`
}

func helmReleaseFields() []model.Path {
	return paths("metadata.name", "metadata.namespace", "spec.chart", "spec.chartRef", "spec.releaseName", "spec.targetNamespace",
		"spec.values", "spec.valuesFrom", "spec.postRenderers", "spec.commonMetadata", "spec.suspend", "spec.kubeConfig")
}

// helmChart names a chart: the template in a HelmRelease, and the HelmChart that
// is made from it.
type helmChart struct {
	Chart                    string    `json:"chart"`
	SourceRef                reference `json:"sourceRef"`
	ValuesFile               string    `json:"valuesFile"`
	ValuesFiles              []string  `json:"valuesFiles"`
	IgnoreMissingValuesFiles bool      `json:"ignoreMissingValuesFiles"`
}

type valuesFrom struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	ValuesKey  string `json:"valuesKey"`
	TargetPath string `json:"targetPath"`
	Optional   bool   `json:"optional"`
}

func (o *Objects) helmRelease(res *model.Resource) ([]Delivery, []Gap) {
	spec := model.Path{"spec"}
	at := spec.Child("chart", "spec", "chart")
	var h helmRelease
	if err := decode(res, spec, &h); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	if err := known(res, paths("spec.kubeConfig")...); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	if h.ChartRef != nil {
		at = spec.Child("chartRef")
	}
	d := Delivery{
		By: res.Ref, At: res.Locate(at, model.PartValue), Destination: h.KubeConfig.destination(), Tool: Helm,
		Namespace: h.TargetNamespace,
	}
	if d.Namespace == "" {
		d.Namespace = res.Ref.Namespace
	}
	if err := o.release(res, &h, &d); err != nil {
		return nil, []Gap{gap(res, at, d.Destination, err)}
	}
	return []Delivery{d}, nil
}

// release fills the delivery.
func (o *Objects) release(res *model.Resource, h *helmRelease, d *Delivery) error {
	chart, namespace, err := o.helmChart(res, h)
	if err != nil {
		return err
	}
	repo, err := o.gitRepository(chart.SourceRef, namespace)
	if err != nil {
		return err
	}
	if err := known(res, helmReleaseFields()...); err != nil {
		return err
	}
	switch {
	case h.Suspend:
		return errSuspended
	case len(h.PostRenderers) > 0:
		return errors.New("its postRenderers are not run")
	case h.CommonMetadata != nil:
		return errors.New("its commonMetadata is not added")
	}
	if d.Path, err = o.fluxFolder(repo, chart.Chart, res); err != nil {
		return err
	}
	if !o.isFile(path.Join(d.Path, "Chart.yaml")) {
		return fmt.Errorf("%s holds no chart", d.Path)
	}
	d.Chart = &Chart{Release: h.release(res.Ref.Name)}
	if err := o.chartDefaults(chart, repo, res, d); err != nil {
		return err
	}
	return o.releaseValues(res, h, d.Chart)
}

// helmChart is the chart of a release, and the namespace that its source is
// looked for in.
func (o *Objects) helmChart(res *model.Resource, h *helmRelease) (*helmChart, string, error) {
	switch {
	case h.Chart != nil && h.ChartRef != nil:
		return nil, "", errors.New("it names two charts")
	case h.Chart != nil:
		return &h.Chart.Spec, res.Ref.Namespace, known(res, paths("spec.chart", "metadata.namespace")...)
	case h.ChartRef == nil:
		return nil, "", errors.New("it names no chart")
	case h.ChartRef.Kind != "HelmChart":
		return nil, "", fmt.Errorf("the %s %s is not in this repository", h.ChartRef.Kind, h.ChartRef.Name)
	}
	if err := known(res, paths("spec.chartRef", "metadata.namespace")...); err != nil {
		return nil, "", err
	}
	source, err := o.fluxSource(*h.ChartRef, res.Ref.Namespace)
	if err != nil {
		return nil, "", err
	}
	var chart helmChart
	if err := errors.Join(known(source, paths("spec")...), decode(source, model.Path{"spec"}, &chart)); err != nil {
		return nil, "", fmt.Errorf("%s: %w", source.Ref, err)
	}
	return &chart, source.Ref.Namespace, nil
}

// release is the name of the release. Flux cuts a long one and adds a part of
// its hash: https://fluxcd.io/flux/components/helm/helmreleases/#release-name
func (h *helmRelease) release(name string) string {
	const longest, kept, hashed = 53, 40, 12
	switch {
	case h.ReleaseName != "":
		name = h.ReleaseName
	case h.TargetNamespace != "":
		name = h.TargetNamespace + "-" + name
	}
	if len(name) <= longest {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:kept] + "-" + hex.EncodeToString(sum[:])[:hashed]
}

// chartDefaults replaces the values of the chart by those files that the release
// names for them, in which the chart's own values.yaml counts only when it is
// listed: https://fluxcd.io/flux/components/source/helmcharts/#values-files
func (o *Objects) chartDefaults(chart *helmChart, repo *gitRepository, res *model.Resource, d *Delivery) error {
	names := chart.ValuesFiles
	if chart.ValuesFile != "" {
		names = append([]string{chart.ValuesFile}, names...)
	}
	for _, name := range names {
		file, err := o.fluxValuesFile(repo, name, res)
		if err != nil {
			return err
		}
		text, err := fs.ReadFile(o.fsys, file)
		switch {
		case errors.Is(err, fs.ErrNotExist) && chart.IgnoreMissingValuesFiles:
			continue
		case err != nil:
			return fmt.Errorf("the values file %s is not in this repository", name)
		}
		d.Chart.Values = append(d.Chart.Values, Values{File: file, Text: text})
	}
	if len(names) > 0 && len(d.Chart.Values) == 0 {
		return errors.New("none of its values files is in this repository")
	}
	if len(names) > 0 {
		d.Overlay = map[string][]byte{path.Join(d.Path, "values.yaml"): nil}
	}
	return nil
}

func (o *Objects) fluxValuesFile(repo *gitRepository, name string, res *model.Resource) (string, error) {
	clean, err := inside(fluxPath(name))
	if err != nil {
		return "", err
	}
	folder, err := o.fluxFolder(repo, path.Dir(clean), res)
	return path.Join(folder, path.Base(clean)), err
}

// releaseValues adds the values of ConfigMaps, in order, and then those that the
// release holds: https://fluxcd.io/flux/components/helm/helmreleases/#values
func (o *Objects) releaseValues(res *model.Resource, h *helmRelease, c *Chart) error {
	for i, from := range h.ValuesFrom {
		values, err := o.valuesFrom(from, res.Ref.Namespace)
		if err != nil {
			return fmt.Errorf("%s: %w", model.Path{"spec", "valuesFrom", strconv.Itoa(i)}, err)
		}
		c.Values = append(c.Values, values...)
	}
	if len(h.Values) == 0 {
		return nil
	}
	text, err := json.Marshal(h.Values)
	c.Values = append(c.Values, valuesIn(res, model.Path{"spec", "values"}, false, text))
	return err
}

// valuesFrom reads one source of values. One that is not in the input is not
// known to be absent, whether it is optional or not.
func (o *Objects) valuesFrom(from valuesFrom, namespace string) ([]Values, error) {
	if from.Kind != "ConfigMap" {
		return nil, fmt.Errorf("the %s %s is not read", from.Kind, from.Name)
	}
	if from.TargetPath != "" {
		return nil, errors.New("targetPath is not followed")
	}
	key := from.ValuesKey
	if key == "" {
		key = "values.yaml"
	}
	res, err := o.only(model.Ref{Kind: "ConfigMap", Namespace: namespace, Name: from.Name})
	if err != nil {
		return nil, err
	}
	if err := known(res, model.Path{"data", key}); err != nil {
		return nil, err
	}
	config, ok := res.Object.(*corev1.ConfigMap)
	if !ok {
		return nil, fmt.Errorf("%s cannot be read", res.Ref)
	}
	text, ok := config.Data[key]
	switch {
	case !ok && from.Optional:
		return nil, nil
	case !ok:
		return nil, fmt.Errorf("%s has no key %s", res.Ref, key)
	case placeholder.In(text):
		return nil, fmt.Errorf("%s of %s is not known", key, res.Ref)
	}
	var mapping map[string]any
	if err := yaml.Unmarshal([]byte(text), &mapping); err != nil {
		return nil, fmt.Errorf("%s of %s holds no values", key, res.Ref)
	}
	return []Values{valuesIn(res, model.Path{"data", key}, true, []byte(text))}, nil
}

// textsOf writes trees as YAML, which is how a kustomization holds patches.
func textsOf(trees []map[string]any) ([]any, error) {
	var out []any
	for _, t := range trees {
		text, err := yaml.Marshal(t)
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}
