package cli

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/gitfs"
	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// diffSides are OLD and NEW.
type diffSides [2]diffSide

// diffSide is one of the two inputs that are compared.
type diffSide struct {
	in     *input
	loaded loader.Result
	// ignored are paths that are left out besides those of the config.
	ignored []string
	close   func()
}

// openSides opens what the command line names.
func (e *env) openSides(ctx context.Context, args []string, o *diffOptions) (*diffSides, error) {
	if o.base != "" {
		return e.openBase(ctx, args, o.base)
	}
	before, err := e.open(args[:1])
	if err != nil {
		return nil, err
	}
	after, err := e.open(args[1:])
	if err != nil {
		before.close()
		return nil, err
	}
	return &diffSides{{in: before, close: before.close}, {in: after, close: after.close}}, nil
}

// openBase opens paths of a git work tree as they are in a revision, and as
// they are.
func (e *env) openBase(ctx context.Context, args []string, revision string) (*diffSides, error) {
	after, err := e.open(args)
	if err != nil {
		return nil, err
	}
	tree, err := gitfs.Open(ctx, after.root, revision)
	if err != nil {
		after.close()
		return nil, usagef("--base: %w", err)
	}
	before := &input{cwd: after.cwd, root: after.root, fsys: tree}
	for _, p := range after.paths {
		if isIn(tree, p) {
			before.paths = append(before.paths, p)
			continue
		}
		e.warn("%s is not in %s, and is taken as empty there", after.display(p), revision)
	}
	sides := &diffSides{{in: before, close: tree.Close}, {in: after, close: after.close}}
	for _, module := range tree.Submodules() {
		// What the tree does not hold cannot be compared with what is checked out.
		sides[reachdiff.New].ignored = append(sides[reachdiff.New].ignored, "/"+escapeIgnore(module)+"/")
		if slices.ContainsFunc(after.paths, func(p string) bool { return p == "." || strings.HasPrefix(module, p+"/") }) {
			e.warn("%s is a submodule, and is not compared", report.Printable(after.display(module)))
		}
	}
	return sides, nil
}

// isIn reports whether a path, or what a glob matches, is in a tree.
func isIn(tree fs.FS, name string) bool {
	if _, err := fs.Stat(tree, name); err == nil {
		return true
	}
	hits, err := doublestar.Glob(tree, name, doublestar.WithNoFollow())
	return err == nil && len(hits) > 0
}

// escapeIgnore writes a path as a pattern of .gitignore that matches it alone.
func escapeIgnore(name string) string {
	var out strings.Builder
	for _, r := range name {
		if strings.ContainsRune(`\*?[]!# `, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func (s *diffSides) close() {
	for _, side := range s {
		side.close()
	}
}

// load reads both sides. Each has the config that lies beside it, since folders
// and their config move together, unless the command line names one.
func (s *diffSides) load(ctx context.Context, o *diffOptions, p *progress) error {
	for i := range s {
		side := &s[i]
		holder := side.in
		if o.config != "" && o.base != "" {
			holder = s[reachdiff.New].in
		}
		cfg, err := o.read(holder)
		if err != nil {
			return err
		}
		if err := side.load(ctx, cfg, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *diffSide) load(ctx context.Context, cfg config.Config, p *progress) error {
	if len(s.in.paths) == 0 {
		return nil // nothing of it is in the revision
	}
	cfg.IgnorePaths = slices.Concat(cfg.IgnorePaths, s.ignored)
	var err error
	s.loaded, err = s.in.load(ctx, cfg, kept{kinds: graph.GenericKinds()}, p)
	return err
}

// named returns the cluster of that name, which may be given relative to the
// folder of the side; nil when there is none.
func (s *diffSide) named(name string) *model.Snapshot {
	for _, c := range s.loaded.Clusters {
		if c.Scope().Name == name {
			return c
		}
	}
	for _, c := range s.loaded.Clusters {
		if len(s.in.paths) == 1 && c.Scope().Name == path.Join(s.in.paths[0], name) {
			return c
		}
	}
	return nil
}
