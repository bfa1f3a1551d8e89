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
	// Complete declares that nothing else is in any cluster but those that had
	// to be guessed.
	Complete bool
	// Kinds are kept besides those that have a Go type, as
	// *unstructured.Unstructured.
	Kinds []model.GroupKind
	// Progress is called with the documents read so far. It may be nil and
	// must be safe for concurrent use.
	Progress func(done, total int)
}

// ClusterConfig is a cluster that the user names.
type ClusterConfig struct {
	Name string
	// Paths are files, folders or globs relative to the root.
	Paths []string
	// Complete declares that nothing else is in the cluster.
	Complete bool
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
	l := newLayout(in)
	content, err := read(ctx, in, l.manifests(), o)
	if err != nil {
		return Result{}, fmt.Errorf("load: %w", err)
	}
	content.addTerraform(in, manifest.NewReader(o.Kinds))
	content.opaque = append(content.opaque, l.opaque()...)
	for _, name := range in.unread {
		content.opaque = append(content.opaque, unreadable(name))
	}
	l.markPatched(content.resources)
	content.markChanged()
	out := Result{
		Clusters: clusters(content, in.given, o),
		Problems: slices.Concat(in.problems, content.problems),
		Notes:    slices.Concat(in.notes(), l.notes(), content.notes),
		Files:    Files{in.texts},
	}
	for _, name := range sortedKeys(in.texts) {
		out.Comments = append(out.Comments, comment.In(name, in.texts[name])...)
	}
	slices.SortFunc(out.Problems, model.Problem.Compare)
	out.Problems = slices.Compact(out.Problems)
	slices.SortFunc(out.Notes, model.Note.Compare)
	out.Notes = slices.Compact(out.Notes)
	return out, nil
}
