// Package loader turns files into clusters. It finds the files that the given
// paths name, sets aside what is no plain manifest and says so, reads all
// documents on all cores, and groups the resources into the clusters that are
// analysed together.
//
// The result depends on the files and options alone, not on the order of paths
// or the number of cores.
package loader

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/comment"
	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// StdinName is the file name of standard input in spans and problems.
const StdinName = "<stdin>"

// Options says what to load.
type Options struct {
	// Paths are files, folders or globs relative to the root, with slashes, or
	// "-" for standard input. Globs may hold "**".
	Paths []string
	// Stdin is the content of standard input.
	Stdin []byte
	// IgnorePaths are patterns in the syntax of .gitignore, relative to the root.
	IgnorePaths []string
	// Clusters are named by the user and win over any grouping. A cluster of
	// which one file is given is loaded as a whole.
	Clusters []ClusterConfig
	// Values are files of values for Helm, relative to the root, the last one
	// winning. One in the folder of a chart is for that chart, any other for all.
	Values []string
	// Set holds settings of values as --set of Helm takes them. They win over Values.
	Set []string
	// Complete declares that nothing else is in any cluster but those that had
	// to be guessed.
	Complete bool
	// Kinds are kept besides those that have a Go type, as
	// *unstructured.Unstructured.
	Kinds []model.GroupKind
	// AllKinds keeps objects of every kind, and each object as it was written.
	AllKinds bool
	// Progress is called with the documents read so far. It may be nil and
	// must be safe for concurrent use.
	Progress func(done, total int)
}

func (o Options) reader() *manifest.Reader {
	if o.AllKinds {
		return manifest.NewReaderOfAll()
	}
	return manifest.NewReader(slices.Concat(o.Kinds, gitops.Kinds()))
}

// ClusterConfig is a cluster that the user names.
type ClusterConfig struct {
	Name string
	// Paths are files, folders or globs relative to the root.
	Paths []string
	// Complete declares that nothing else is in the cluster.
	Complete bool
	// Values and Set are as in Options, and come after those.
	Values, Set []string
}

// Result is what was loaded. Clusters are sorted by name within their origin:
// first those of the config in its order, then standard input, then the rest.
// Problems and notes are sorted.
type Result struct {
	Clusters []*model.Snapshot
	Problems []model.Problem
	Notes    []model.Note
	// Comments are those that are addressed to ekslint.
	Comments []model.Comment
	Files    Files
}

// Files holds the text of every file that was read. The zero Files is empty.
type Files struct{ text map[string][]byte }

// Text returns the content of a file. It must not be changed.
func (f Files) Text(name string) ([]byte, bool) {
	text, ok := f.text[name]
	return text, ok
}

// NoInputError is a given path that names nothing.
type NoInputError struct{ Path string }

// Error implements error.
func (e *NoInputError) Error() string { return e.Path + ": no such file or folder" }

// Load reads the paths below fsys, the tree that may be trusted. What cannot be
// read is a problem of the result; the error is for a path that names nothing
// (*NoInputError) and for a cancelled context.
func Load(ctx context.Context, fsys fs.FS, o Options) (Result, error) {
	in, err := find(fsys, o)
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("load: %w", err)
	}
	content, err := understand(ctx, in, o)
	if err != nil {
		return Result{}, fmt.Errorf("load: %w", err)
	}
	out := Result{
		Clusters: clusters(content, in.given, o),
		Problems: slices.Concat(in.problems, content.problems),
		Notes:    slices.Concat(in.notes(), content.notes),
		Files:    Files{in.texts},
	}
	for _, name := range sortedKeys(in.texts) {
		for _, c := range comment.In(name, in.texts[name]) {
			c.Built = in.built[name]
			out.Comments = append(out.Comments, c)
		}
	}
	slices.SortFunc(out.Problems, model.Problem.Compare)
	out.Problems = slices.Compact(out.Problems)
	slices.SortFunc(out.Notes, model.Note.Compare)
	out.Notes = slices.Compact(out.Notes)
	return out, nil
}

// understand makes objects of the input: it builds what has to be built, reads what
// is left, and follows what the objects install.
func understand(ctx context.Context, in *input, o Options) (*content, error) {
	l := newLayout(in)
	reader := o.reader()
	b := &builder{in: in, layout: l, reader: reader, o: o, used: map[string]bool{}}
	built, err := b.kustomizations(ctx)
	if err != nil {
		return nil, err
	}
	content, err := read(ctx, in, l.manifests(), reader, o.Progress)
	if err != nil {
		return nil, err
	}
	charts, err := b.charts(ctx)
	if err != nil {
		return nil, err
	}
	content.addTerraform(in, reader)
	for _, o := range l.opaque() {
		content.obscure(o)
	}
	for _, name := range in.unread {
		content.obscure(unreadable(name))
	}
	for _, name := range in.blindLinks() {
		content.obscure(opaqueAt{name, manifest.Unforeseen("the symbolic link " + name + " is not followed")})
	}
	l.markPatched(content.resources())
	content.units = b.deliver(ctx, slices.Concat(content.units, built, charts), content.touched)
	content.markChanged()
	for _, u := range content.units {
		content.problems = append(content.problems, u.problems...)
		content.notes = append(content.notes, u.notes...)
	}
	content.notes = slices.Concat(content.notes, l.notes(), b.idle())
	return content, nil
}
