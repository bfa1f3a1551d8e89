package helm

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/strvals"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// values merges what was given with the values of the charts, and removes the
// subcharts that these disable. What templates see is the result.
func (x *loading) values(c *chart.Chart, f *folder) (common.Values, bool) {
	given, ok := x.given(f)
	if !ok {
		return nil, false
	}
	values, err := x.coalesce(c, given)
	if err != nil {
		x.lost(f, chartFile, clean(err.Error()))
		return nil, false
	}
	if merged, err := values.Table("Values"); err == nil {
		x.validate(c, merged, nil, f)
	}
	return values, true
}

// given merges the values that were handed in.
func (x *loading) given(f *folder) (map[string]any, bool) {
	out := map[string]any{}
	for _, v := range x.options.Values {
		o := newOrigin(v.File, v.Text)
		values, err := loader.LoadValues(bytes.NewReader(o.text))
		if err != nil {
			x.files[v.File] = o
			at, why := yamlProblem(o, err)
			x.lostAt(f, at, why)
			return nil, false
		}
		out = loader.MergeMaps(out, values)
	}
	return out, x.assign(f, out, "--set", x.options.Set, strvals.ParseInto) &&
		x.assign(f, out, "--set-string", x.options.SetString, strvals.ParseIntoString)
}

func (x *loading) assign(f *folder, values map[string]any, flag string, assignments []string, parse func(string, map[string]any) error) bool {
	for _, s := range assignments {
		if err := parse(s, values); err != nil {
			x.lost(f, chartFile, fmt.Sprintf("%s %s: %v", flag, s, err))
			return false
		}
	}
	return true
}

func (x *loading) coalesce(c *chart.Chart, given map[string]any) (common.Values, error) {
	if err := chartutil.ProcessDependencies(c, given); err != nil {
		return nil, err
	}
	release := common.ReleaseOptions{
		Name: x.options.Release, Namespace: x.options.Namespace, Revision: 1, IsInstall: true,
	}
	if release.Name == "" {
		release.Name = c.Name()
	}
	known, err := capabilities()
	if err != nil {
		return nil, err
	}
	return util.ToRenderValuesWithSchemaValidation(c, given, release, known, true)
}

// validate checks the values of a chart and of its subcharts against their schemas.
// Helm would fetch what a schema refers to, from the network or from any file.
func (x *loading) validate(c *chart.Chart, values map[string]any, at model.Path, top *folder) {
	if c.Schema != nil {
		x.validateOne(c, values, at, top)
	}
	for _, sub := range c.Dependencies() {
		if inner, ok := values[sub.Name()].(map[string]any); ok {
			x.validate(sub, inner, at.Child(sub.Name()), top)
		}
	}
}

func (x *loading) validateOne(c *chart.Chart, values map[string]any, at model.Path, top *folder) {
	o := x.folders[c.Raw[0]].files[schemaFile]
	schema, err := compile(c.Schema)
	if err != nil {
		x.note(o.file(), "the values are not validated: "+clean(err.Error()))
		return
	}
	bad, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(values))
	if !ok {
		return
	}
	for _, cause := range leaves(bad) {
		x.problem(x.valueAt(top, x.folders[c.Raw[0]], at, cause.InstanceLocation), violation(cause))
	}
}

func compile(text []byte) (_ *jsonschema.Schema, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	const url = "chart:///values.schema.json"
	if err := compiler.AddResource(url, parsed); err != nil {
		return nil, err
	}
	return compiler.Compile(url)
}

// noLoader loads nothing: a schema is all in its file.
type noLoader struct{}

// Load implements jsonschema.URLLoader.
func (noLoader) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not fetched", url) }

// leaves are the violations that have no other for their cause.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var out []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		out = append(out, leaves(cause)...)
	}
	return out
}

func violation(e *jsonschema.ValidationError) string {
	_, why, _ := strings.Cut(e.Error(), ": ")
	subject := "the values"
	if len(e.InstanceLocation) > 0 {
		subject = model.Path(e.InstanceLocation).String()
	}
	return fmt.Sprintf("%s: %s (%s)", subject, clean(why), schemaFile)
}

// valueAt is where a value of a chart is written: in the last of the files given that
// has it, in the values of the chart at the top, or in its own. at leads from the
// values of the top chart to those of this one.
func (x *loading) valueAt(top, own *folder, at model.Path, inner []string) model.Span {
	full := at.Child(inner...)
	var files []*origin
	for _, v := range slices.Backward(x.options.Values) {
		files = append(files, newOrigin(v.File, v.Text))
	}
	if o := top.files[valuesFile]; o != nil {
		files = append(files, o)
	}
	for _, o := range files {
		if span, ok := o.value(full); ok {
			x.files[o.name] = o
			return span
		}
	}
	if o := own.files[valuesFile]; o != nil {
		if span, ok := o.value(inner); ok {
			return span
		}
		return o.line(0)
	}
	return model.Span{File: path.Join(own.name, schemaFile)}
}

func (o *origin) value(at []string) (model.Span, bool) {
	root, err := syntax.ParseYAML(o.text)
	if err != nil || root == nil {
		return model.Span{}, false
	}
	n := root.FindKey(at)
	if n == nil {
		return model.Span{}, false
	}
	return o.line(n.Start), true
}

// clean puts a message of several lines into one.
func clean(message string) string { return strings.Join(strings.Fields(message), " ") }
