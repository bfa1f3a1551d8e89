package gitops

import (
	"fmt"
	"io/fs"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	argoGroup      = "argoproj.io"
	kustomizeGroup = "kustomize.toolkit.fluxcd.io"
	helmGroup      = "helm.toolkit.fluxcd.io"
	sourceGroup    = "source.toolkit.fluxcd.io"
)

// Kinds are the kinds that a reader of manifests must keep for New. ConfigMaps
// are needed besides, which it always keeps.
func Kinds() []model.GroupKind {
	return []model.GroupKind{
		{Group: argoGroup, Kind: "Application"},
		{Group: argoGroup, Kind: "ApplicationSet"},
		{Group: kustomizeGroup, Kind: "Kustomization"},
		{Group: helmGroup, Kind: "HelmRelease"},
		{Group: sourceGroup, Kind: "GitRepository"},
		{Group: sourceGroup, Kind: "HelmChart"},
	}
}

// Tool is what turns a folder into objects.
type Tool string

// The tools.
const (
	Helm      Tool = "helm"
	Kustomize Tool = "kustomize"
	Plain     Tool = "plain"
)

// Delivery is a folder of the repository that is installed into a cluster.
type Delivery struct {
	// By is the object that installs it. Of an ApplicationSet it is the
	// Application that this generates.
	By model.Ref
	// Source is that of the object, or of its template.
	Source model.Source
	// At is where the folder is named.
	At model.Span
	// Destination is empty for the cluster that the object itself is in, and else
	// a name or an address of another one.
	Destination string
	// Path is the folder, clean and inside of the tree.
	Path string
	Tool Tool
	// Namespace is that of objects which name none; empty is the default one.
	Namespace string
	// Chart holds the options of a chart, and is nil for other tools.
	Chart *Chart
	// Files are the manifests of plain YAML, sorted, and nil for other tools.
	Files []string
	// Overlay holds the text of files that Argo CD or Flux writes before the
	// folder is built, by their path; FS lays them over the tree.
	Overlay map[string][]byte
	// Written tells which parts of a kustomization in Overlay the object holds. The
	// others are as they are in the file of the tree.
	Written []Written
}

// WrittenAt returns the path in the object of what lies at a path of the kustomization
// in Overlay. When the object did not write it, ok is false.
func (d Delivery) WrittenAt(path model.Path) (at model.Path, ok bool) {
	for _, w := range d.Written { // a later part replaces an earlier one
		if w.In.Covers(path) {
			at, ok = w.At.Child(path[len(w.In):]...), true
		}
	}
	return at, ok
}

// Chart is how a chart is installed.
type Chart struct {
	Release string
	// Values are laid over the values of the chart, the last one winning.
	Values []Values
	// Set and SetString are what --set and --set-string of Helm take. They win
	// over Values, and SetString over Set.
	Set, SetString []string
}

// Values is the text of one source of values, and the file that it stands in.
type Values struct {
	File string
	Text []byte
	// At returns the place of a value, or of the nearest one around it that stands there.
	// It is nil where the text is that of the whole file.
	At func(model.Path) model.Span
}

// valuesIn are values that stand at a path of an object: as they are, or as one text, of
// which the place is that of the whole.
func valuesIn(res *model.Resource, path model.Path, isText bool, text []byte) Values {
	return Values{File: res.Locate(nil, model.PartValue).File, Text: text, At: func(in model.Path) model.Span {
		if !isText {
			return res.Locate(path.Child(in...), model.PartValue)
		}
		at := res.Locate(path, model.PartValue)
		at.Inexact = true
		return at
	}}
}

// Gap is something that an object may install and that is not known.
type Gap struct {
	By model.Ref
	At model.Span
	// Destination is as that of a Delivery: a gap of another cluster says nothing
	// about this one. It is empty when nobody knows the cluster.
	Destination string
	// Reason completes the sentence "not followed: …".
	Reason string
	// Touched are the folders, clean and inside of the tree, that the object installs
	// with options of its own: what stands in them need not be what is installed. A star
	// stands for a part of a name that is not known.
	Touched []string
}

// Objects are the objects of one cluster, and the tree that they are written in.
// They are immutable and safe for concurrent use.
type Objects struct {
	fsys fs.FS
	repo repository
	// named are the objects that others refer to.
	named map[model.Ref][]*model.Resource
}

// New takes the resources of one cluster; kinds that are not asked for are
// passed over.
func New(fsys fs.FS, resources []*model.Resource) *Objects {
	o := &Objects{fsys: fsys, named: map[model.Ref][]*model.Resource{}}
	for _, res := range resources {
		if res.Ref.Group == sourceGroup || res.Ref.GroupKind() == (model.GroupKind{Kind: "ConfigMap"}) {
			o.named[res.Ref] = append(o.named[res.Ref], res)
		}
	}
	o.repo = identify(fsys, o.mentions(resources))
	return o
}

// Of returns what one object installs, and what it may install besides. Objects
// of other kinds install nothing.
func (o *Objects) Of(res *model.Resource) ([]Delivery, []Gap) {
	deliveries, gaps := o.of(res)
	for i := range gaps {
		gaps[i].Touched = o.touched(res)
	}
	return deliveries, gaps
}

func (o *Objects) of(res *model.Resource) ([]Delivery, []Gap) {
	if tree(res) == nil {
		return nil, nil
	}
	switch res.Ref.GroupKind() {
	case model.GroupKind{Group: argoGroup, Kind: "Application"}:
		return o.application(res)
	case model.GroupKind{Group: argoGroup, Kind: "ApplicationSet"}:
		return o.applicationSet(res)
	case model.GroupKind{Group: kustomizeGroup, Kind: "Kustomization"}:
		return o.kustomization(res)
	case model.GroupKind{Group: helmGroup, Kind: "HelmRelease"}:
		return o.helmRelease(res)
	default:
		return nil, nil
	}
}

// only returns the object of a name, unless there are several that differ.
func (o *Objects) only(ref model.Ref) (*model.Resource, error) {
	all := o.named[ref]
	if len(all) == 0 {
		return nil, fmt.Errorf("%s is not in the input", ref)
	}
	for _, other := range all[1:] {
		if !reflect.DeepEqual(other.Object, all[0].Object) {
			return nil, fmt.Errorf("the input holds several of %s", ref)
		}
	}
	return all[0], nil
}

// tree is the decoded object, or nil.
func tree(res *model.Resource) map[string]any {
	if u, ok := res.Object.(*unstructured.Unstructured); ok && u != nil {
		return u.Object
	}
	return nil
}
