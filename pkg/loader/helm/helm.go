package helm

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	chartFile  = "Chart.yaml"
	valuesFile = "values.yaml"
	schemaFile = "values.schema.json"
)

// maxTime bounds one rendering of a chart.
const maxTime = 10 * time.Second

// Options says how a chart is rendered: what `helm template` is given.
type Options struct {
	// Release is the name of the release, that of the chart when it is empty.
	Release string
	// Namespace is that of the release, to which objects belong that name none. When
	// it is empty, nobody knows it: objects that would be in it have none, and what
	// else depends on it is unknown.
	Namespace string
	// IsOpen is set when it is not known with which values the chart is installed. What
	// depends on any of them is then unknown, and what else they may bring.
	IsOpen bool
	// Values are merged in their order: later ones win.
	Values []Values
	// Set are assignments as --set takes them, SetString as --set-string does.
	Set, SetString []string
}

// Values are the values of one file, or those written in another object.
type Values struct {
	// File is the name that problems point to.
	File string
	Text []byte
	// At returns the place of a value where the text is no file: it is nil for one.
	At func(model.Path) model.Span
}

// Result is what a chart holds.
type Result struct {
	// Parts are sorted by file, and by name of the template within one.
	Parts    []Part
	Problems []model.Problem
	Notes    []model.Note
	// Opaque lists what the chart may add without showing it.
	Opaque []model.Opaque
	// Texts are the files that spans point to.
	Texts map[string][]byte
}

// Part is what one template, or one file of crds/, holds. File is the one that spans
// point to: the template, or Chart.yaml for what lies in an archive.
type Part struct {
	File     string
	Fragment model.Fragment
}

// Load renders the chart in a folder. The result depends on the files and options
// alone: what a template takes from chance, from the clock or from a cluster is
// unknown in its objects.
func Load(ctx context.Context, fsys fs.FS, dir string, o Options, reader *manifest.Reader) Result {
	x := newLoading(fsys, o, reader)
	x.load(ctx, path.Clean(dir))
	slices.SortStableFunc(x.out.Parts, func(a, b Part) int { return cmp.Compare(a.File, b.File) })
	slices.SortFunc(x.out.Problems, model.Problem.Compare)
	x.out.Problems = slices.Compact(x.out.Problems)
	slices.SortFunc(x.out.Notes, model.Note.Compare)
	x.out.Notes = slices.Compact(x.out.Notes)
	return x.out
}

// loading is the state of loading one chart with its subcharts.
type loading struct {
	fsys    fs.FS
	options Options
	reader  *manifest.Reader
	// budget is how many bytes may still be read.
	budget int
	// origins tells where the files of the charts come from.
	origins map[*common.File]*origin
	// folders tells where the charts come from, by the first of their raw files. Helm
	// copies a chart that has an alias, and its files stay.
	folders map[*common.File]*folder
	// files are those of the tree that were read, by name.
	files map[string]*origin
	// incomplete is set when templates are missing that others may include.
	incomplete bool
	out        Result
}

func newLoading(fsys fs.FS, o Options, reader *manifest.Reader) *loading {
	return &loading{
		fsys: fsys, options: o, reader: reader, budget: maxTotal, origins: map[*common.File]*origin{},
		folders: map[*common.File]*folder{}, files: map[string]*origin{}, out: Result{Texts: map[string][]byte{}},
	}
}

func (x *loading) load(ctx context.Context, dir string) {
	f := x.folder(dir)
	if f == nil {
		return
	}
	c := x.chart(f, 0)
	if c == nil {
		return
	}
	if c.Metadata.Type == "library" {
		x.note(dir, "library chart: it has no objects of its own")
		return
	}
	values, ok := x.values(c, f)
	if !ok {
		return
	}
	x.missing(c)
	x.checkVersion(c, f)
	x.render(ctx, c, values, f)
	x.definitions(c)
}

func (x *loading) problem(at model.Span, message string) {
	x.keep(at.File)
	x.out.Problems = append(x.out.Problems, model.Problem{At: at, Message: message})
}

// keep adds a file to those that spans point to.
func (x *loading) keep(file string) {
	if o := x.files[file]; o != nil && x.out.Texts[file] == nil {
		x.out.Texts[file] = slices.Concat(byteOrderMark[:o.skip], o.text)
	}
}

func (x *loading) note(file, message string) {
	x.out.Notes = append(x.out.Notes, model.Note{File: file, Message: message})
}

func (x *loading) unforeseen(why string) {
	x.out.Opaque = append(x.out.Opaque, manifest.Unforeseen(why))
}
